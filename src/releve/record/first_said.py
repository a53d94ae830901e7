"""The first of several places that says something. Pure."""

from releve.codecs.hl7v2.reader import NULL, Segment

__all__ = ["first_said"]


def first_said(segment: Segment, *addresses: str) -> str | None:
    """Return the first of these places that says something; neither an empty place nor the HL7 null does.

    For numbers, codes and words that name a row: two rows named by the null would be one.
    """
    for address in addresses:
        text = segment[address]
        if text is not None and text is not NULL:
            return text
    return None
