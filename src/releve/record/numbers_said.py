"""What is said of a number that somebody typed and that does not fit its register: it warns, it never blocks.

The number is not said again: sessions and pages' messages hold no patient's value.
"""

from collections.abc import Iterable

from django.utils.translation import gettext

from releve.codecs.identifiers.said import doubts_said

__all__ = ["doubt_in", "with_doubts"]


def with_doubts(what: str, *texts: str) -> str:
    """Return what was recorded, and which kind of number in these texts is to be read again."""
    told = {
        "FINESS": gettext("the FINESS number does not fit its key: read it again"),
        "RPPS": gettext("the RPPS number does not fit its key: read it again"),
    }
    return ". ".join([what, *(told[one] for one in _registers(texts))])


def doubt_in(text: str) -> str:
    """Return why a text is to be read again before it is recorded, "" for nothing."""
    told = {
        "FINESS": gettext("The FINESS number in it does not fit its key."),
        "RPPS": gettext("The RPPS number in it does not fit its key."),
    }
    return " ".join(told[one] for one in _registers([text]))


def _registers(texts: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(one.register for text in texts for one in doubts_said(text))
