"""An act that a colleague's session carried here is confirmed or contested by its author. Pure.

It is sealed to its author, so that it was made in a session of hers is proven; that she meant it, only she can say.
What she says is an entry of its own: the act stays as it was recorded, whatever the answer, and so does each answer.
When she is away, or has contested it, somebody in charge in its ward looks into it and says what holds (`ActSettled`):
that is her own word, in her own name, beside the author's and never instead of it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from releve.journal.entry import Draft, Entry
from releve.views.reading import Context, NotRead, Row
from releve.web.refusal import Refusal

__all__ = [
    "ANSWER_KINDS", "ActConfirmed", "ActContested", "ActSettled", "answer_given", "carrier_in", "draft_of_answer",
    "read_answer", "refuse_answer", "refuse_settling",
]  # fmt: skip

ANSWER_KINDS = ("act.confirmed.1", "act.contested.1", "act.settled.1")
REASON_CHARS_MAX = 200
# Who may look into an act of a colleague who is away: those who answer for a ward's care.
SETTLERS = frozenset({"nurse", "midwife", "physician"})


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`act` is the form's own key, `answers` the key of the act that was carried. `happened_at` is UTC ms."""

    act: str
    person: str
    answers: str
    happened_at: int
    by: str
    by_name: str = ""


class ActConfirmed(_Answer, frozen=True, kw_only=True, tag="act.confirmed.1"):
    """Its author says that she did it."""


class ActContested(_Answer, frozen=True, kw_only=True, tag="act.contested.1"):
    """Its author says that it is not so, and why. It withdraws nothing: what stands is put right in its own room."""

    reason: str


class ActSettled(_Answer, frozen=True, kw_only=True, tag="act.settled.1"):
    """Somebody in charge in the act's ward looked into it: whether it holds, and what she saw or did."""

    holds: bool
    reason: str


Answer = ActConfirmed | ActContested | ActSettled
_decoder = msgspec.msgpack.Decoder(Answer)
_encode = msgspec.msgpack.Encoder().encode


def carrier_in(entered: str) -> str:
    """Return the account of whoever's session carried an act, "" when its author sent it herself.

    `entered` is an entry's source, as `releve.web.outbox.late.source_of` writes it.

    >>> carrier_in("outbox:10.0.0.7;clock=1;offset=2;by=hvidal"), carrier_in("screen:10.0.0.7")
    ('hvidal', '')
    """
    head, _, carrier = entered.rpartition(";by=")
    return carrier if head.startswith("outbox:") else ""


def refuse_answer(*, author: str, person: str, contests: bool, reason: str) -> Refusal | None:
    """Return why this person may not answer for the act of `author` (accounts), None when she may."""
    if author != person:
        return Refusal(code="author")
    if contests and not reason.strip():
        return Refusal(code="reason", field="reason")
    return None


def refuse_settling(
    *, author: str, carrier: str, person: str, role: str, in_charge: bool, reason: str
) -> Refusal | None:
    """Return why this person may not say what holds of an act of `author` that `carrier` brought, None when she may.

    Neither of the two judges it: the one has her own answer, the other would vouch for herself.
    """
    if role not in SETTLERS or not in_charge:
        return Refusal(code="ward")
    if person in (author, carrier):
        return Refusal(code="third")
    if not reason.strip():
        return Refusal(code="looked", field="reason")
    return None


def draft_of_answer(answer: Answer) -> Draft:
    """Return the entry that holds the answer; author and source are filled where it is recorded."""
    return Draft(
        kind=str(type(answer).__struct_config__.tag),
        body=_encode(answer),
        source="",
        occurred_at_us=answer.happened_at * 1000,
        subjects=(answer.person,),
    )


def read_answer(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what its author says of an act."""
    try:
        return [_decoder.decode(entry.body)]
    except msgspec.MsgspecError:
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]


def answer_given(answer: Answer, context: Context) -> Iterable[Row]:
    """One row for each answer: whoever changes her mind takes nothing back that she said before."""
    columns = {
        "answers": answer.answers,
        "contested": not answer.holds if isinstance(answer, ActSettled) else isinstance(answer, ActContested),
        "settles": isinstance(answer, ActSettled),
        "reason": getattr(answer, "reason", "") or None,
        "happened_at": answer.happened_at,
        "by": answer.by,
        "by_name": answer.by_name or None,
    }
    return [Row("record_act_answer", f"{answer.person}/{answer.act}", columns)]
