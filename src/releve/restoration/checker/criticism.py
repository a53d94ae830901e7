"""One criticism of a plan, in words and in numbers."""

from typing import Literal

import msgspec

__all__ = ["Criticism", "Severity"]

Severity = Literal["wrong", "weak", "note"]


class Criticism(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be said of one place of a plan.

    `wrong`: the plan cannot be carried out, or says what its own tasks deny. `weak`: it can, and loses care without
    a reason that shows. `note`: worth knowing. `rule` is one word for programs; `numbers` are those of the
    sentence, hours since the start unless their name says otherwise.
    """

    severity: Severity
    place: str  # such as tasks[PACS-3]
    rule: str
    sentence: str
    numbers: dict[str, float] = {}
