"""What a receipt adds when a number that somebody typed does not fit its register: it warns, it never blocks.

The number is not said again: sessions and pages' messages hold no patient's value.
"""

from django.utils.translation import gettext

from releve.codecs.identifiers.said import doubts_said

__all__ = ["with_doubts"]


def with_doubts(what: str, *texts: str) -> str:
    """Return what was recorded, and which kind of number in these texts is to be read again."""
    registers = dict.fromkeys(one.register for text in texts for one in doubts_said(text))
    told = {
        "FINESS": gettext("the FINESS number does not fit its key: read it again"),
        "RPPS": gettext("the RPPS number does not fit its key: read it again"),
    }
    return ". ".join([what, *(told[one] for one in registers)])
