"""Who may prescribe, and what is refused: state and command give a word of yes, or a refusal. Pure.

Source: Code de la santé publique R5132-3 (who prescribes), R4311-7 (a nurse acts on a written, dated, signed order),
L4151-4 (midwives); a told order is read back and signed afterwards.
"""

from collections.abc import Iterable, Mapping

import msgspec

from releve.web.refusal import Refusal

__all__ = [
    "ACTORS", "COUNTERSIGNERS", "PHARMACISTS", "PRESCRIBERS", "REFUSALS", "SECONDS", "SWITCHERS", "Decision",
    "Refusal", "Signature", "conflicts", "may_act_on", "overridden", "second_refusal", "signature", "unsigned",
]  # fmt: skip

PRESCRIBERS = frozenset({"physician", "midwife"})
# They write down what a prescriber told by telephone; it then waits for a signature.
TOLD = frozenset({"nurse", "pharmacist"})
ACTORS = PRESCRIBERS | TOLD
PHARMACISTS = frozenset({"pharmacist"})
COUNTERSIGNERS = PRESCRIBERS
SECONDS = frozenset({"physician", "midwife", "nurse", "pharmacist"})
SWITCHERS = frozenset({"physician", "pharmacist"})

REFUSALS = (
    "not-your-role", "told-by-needed", "read-back-needed", "changed-meanwhile", "not-running", "not-suspended",
    "reason-needed", "second-needed", "second-is-first", "second-may-not", "nothing-to-sign", "decide-each",
)  # fmt: skip

_FROM: Mapping[str, frozenset[str]] = {
    "change": frozenset({"active", "suspended"}),
    "stop": frozenset({"active", "suspended"}),
    "suspend": frozenset({"active"}),
    "resume": frozenset({"suspended"}),
}


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """An order that may be written; `awaits`: on somebody's word, to be signed afterwards."""

    awaits: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """An act on a line as conflicts are seen: where it stands, and the entry it was decided on."""

    act: str
    place: str
    decided_on: str


def signature(role: str, *, told_by: str, read_back: bool) -> Signature | Refusal:
    """Return whether somebody of this role orders herself, or writes down what she was told.

    >>> signature("midwife", told_by="", read_back=False).awaits, signature("nurse", told_by="", read_back=False).code
    (False, 'told-by-needed')
    """
    if role in PRESCRIBERS:
        return Signature(awaits=False)
    if role not in TOLD:
        return Refusal(code="not-your-role")
    if not told_by.strip():
        return Refusal(code="told-by-needed", field="told_by")
    if not read_back:
        return Refusal(code="read-back-needed", field="read_back")
    return Signature(awaits=True)


def may_act_on(what: str, *, status: str, place: str, decided_on: str) -> Refusal | None:
    """Return why this cannot be done to a line in this state; `place` is its row, `decided_on` what the form showed."""
    if place != decided_on:
        return Refusal(code="changed-meanwhile")
    allowed = _FROM.get(what)
    if allowed is not None and status not in allowed:
        return Refusal(code="not-suspended" if what == "resume" else "not-running")
    return None


def overridden(warnings: Iterable[str], reasons: Mapping[str, str]) -> tuple[Refusal, ...]:
    """Return a refusal for each warning that is passed over without a reason."""
    return tuple(
        Refusal(code="reason-needed", field=f"why.{key}")
        for key in dict.fromkeys(warnings)
        if len(reasons.get(key, "").strip()) < 3
    )


def second_refusal(*, first: str, second: str | None, role: str) -> Refusal | None:
    """Return why this person cannot be the second one; None when she can."""
    if second is None:
        return Refusal(code="second-needed", field="second")
    if second == first:
        return Refusal(code="second-is-first", field="second")
    return None if role in SECONDS else Refusal(code="second-may-not", field="second")


def conflicts(decisions: Iterable[Decision]) -> tuple[tuple[Decision, ...], ...]:
    """Return the acts that were decided on the same state by people who had not seen one another's.

    The last group goes away when somebody decides again, having seen them. Given in the order they are folded.
    """
    acts = list(decisions)
    answered = {act.decided_on for act in acts if act.decided_on}
    groups: dict[str, list[Decision]] = {}
    for act in acts:
        if act.decided_on:
            groups.setdefault(act.decided_on, []).append(act)
    return tuple(
        tuple(group)
        for group in groups.values()
        if len(group) > 1 and not any(act.place in answered for act in group)
    )


def unsigned(acts: Iterable[tuple[str, bool, tuple[str, ...]]]) -> tuple[str, ...]:
    """Return the acts that still wait for a signature; each is given as act, awaits, acts that it signs."""
    listed = list(acts)
    signed = {act for _, _, signs in listed for act in signs}
    return tuple(act for act, awaits, _ in listed if awaits and act not in signed)
