"""Why a rule says no, as forms show it. Pure: every room's `rules.py` answers with it."""

import msgspec

__all__ = ["Refusal"]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why not: `code` names the sentence (the room has the words), `field` where it is to be mended, "" for the form.

    A room whose sentences need more (bounds, questions) extends it.
    """

    code: str
    field: str = ""
