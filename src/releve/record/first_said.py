"""The first of several places that says something. Pure."""

from releve.codecs.hl7v2.reader import NULL, Segment
from releve.views.numbers import entity

__all__ = ["first_said", "number_said"]


def first_said(segment: Segment, *addresses: str) -> str | None:
    """Return the first of these places that says something; neither an empty place nor the HL7 null does.

    For numbers, codes and words that name a row: two rows named by the null would be one.
    """
    for address in addresses:
        text = segment[address]
        if text is not None and text is not NULL:
            return text
    return None


def number_said(segment: Segment | None, *fields: str) -> str | None:
    """Return the first of these fields (EI) that holds a number, with its namespace or else its universal id."""
    for field in fields:
        number = first_said(segment, f"{field}.1") if segment is not None else None
        if segment is not None and number:
            return entity(number, first_said(segment, f"{field}.2", f"{field}.3"))
    return None
