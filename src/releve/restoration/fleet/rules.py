"""Who may say what of machines: a state and a command give a fact, or why not in words. Pure.

No path leads to *returned* without evidence: every form, batch and command goes through `move`, and the fold does not
believe an entry that did not (`state.py`).
"""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from releve.restoration.fleet.facts import (
    STATES,
    BatchMade,
    MachineKind,
    MachinesMoved,
    State,
    StepsWithdrawn,
)
from releve.restoration.fleet.state import Evidence, MachineNow, missing_steps, rank
from releve.web.refusal import Refusal

__all__ = [
    "BATCH_MACHINES_MAX", "FLEET_ROLES", "Asked", "Command", "Moving", "RefusedMachine", "Subject", "image_of",
    "make_batch", "move", "withdraw",
]  # fmt: skip

# The network and workstation teams are `it`; the crisis cell orders the batches and may lend a hand with the scanner.
FLEET_ROLES = frozenset({"it", "crisis"})
# What one entry may move: a whole building in one word, and still an entry that reads in a moment.
BATCH_MACHINES_MAX = 5_000
REASON_CHARS_MAX = 300
# An hour typed longer ago is a slip of the keyboard; a minute ahead is another clock (ms).
PAST_MS_MAX = 120 * 86_400_000
CLOCKS_MS = 90_000

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as the rules need it: what it is, how it stands."""

    tag: str
    kind: MachineKind
    now: MachineNow
    listed: bool = True  # somebody described it: it is on the list of machines


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was attached: the act of its entry, its SHA-256."""

    act: str = ""
    sha256: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say of machines."""

    act: str
    role: str
    by: str
    by_name: str = ""
    to: str
    happened_at: int
    now_ms: int
    place: str = ""
    image_sha256: str = ""
    report: Asked = Asked()
    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reason: str = ""
    batch: str = ""
    settles: bool = False


class RefusedMachine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that this step is not recorded for: the code of the sentence, the steps nobody spoke of."""

    tag: str
    code: str
    steps: tuple[State, ...] = ()


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """What a command gives: the fact for the machines that may move, and the others with why.

    `fact` is None when none may. `refusals` are of the form, whatever the machine.
    """

    fact: MachinesMoved | None = None
    refused: tuple[RefusedMachine, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def image_of(text: str) -> str:
    """Return a SHA-256 as 64 small hexadecimal digits, "" when it is none; blanks and colons are what tools print.

    >>> image_of("AB" * 32) == "ab" * 32, image_of("sha256:" + "0" * 64) == "0" * 64, image_of("abc")
    (True, True, '')
    """
    bare = re.sub(r"[\s:]", "", text.casefold().removeprefix("sha256:"))
    return bare if _SHA256.fullmatch(bare) else ""


def move(command: Command, machines: Sequence[Subject]) -> Moving:
    """Return the fact for the machines that may make this step, and why the others may not."""
    refusals = tuple(_of_the_form(command, machines))
    if refusals:
        return Moving(refusals=refusals)
    to: State = command.to  # type: ignore[assignment]
    told: list[Subject] = []
    refused: list[RefusedMachine] = []
    for one in machines:
        why = _why_not(command, to, one)
        if why is None:
            told.append(one)
        else:
            refused.append(why)
    if not told:
        return Moving(refused=tuple(refused))
    seen = sorted({act for one in told for act in one.now.standing})
    between = {step for one in told for step in missing_steps(one.now.state, to, one.kind)}
    fact = MachinesMoved(
        act=command.act,
        happened_at=min(command.happened_at, command.now_ms),
        by=command.by,
        by_name=command.by_name,
        tags=tuple(one.tag for one in told),
        to=to,
        place=command.place.strip(),
        done=tuple(step for step in STATES if step in command.done and step in between),
        skipped=tuple(step for step in STATES if step in command.skipped and step in between),
        reason=command.reason.strip(),
        image_sha256=image_of(command.image_sha256),
        report=command.report.act,
        report_sha256=command.report.sha256,
        batch=command.batch,
        settles=command.settles,
        seen=tuple(seen),
    )
    return Moving(fact=fact, refused=tuple(refused))


def _of_the_form(command: Command, machines: Sequence[Subject]) -> list[Refusal]:
    found = []
    if command.role not in FLEET_ROLES:
        found.append(Refusal(code="not-your-role"))
    if not machines:
        found.append(Refusal(code="no-machine", field="tags"))
    if len(machines) > BATCH_MACHINES_MAX:
        found.append(Refusal(code="too-many", field="tags"))
    if command.to not in STATES:
        found.append(Refusal(code="no-step", field="to"))
    if command.image_sha256.strip() and not image_of(command.image_sha256):
        found.append(Refusal(code="image-unreadable", field="image_sha256"))
    if command.happened_at > command.now_ms + CLOCKS_MS:
        found.append(Refusal(code="in-the-future", field="happened_at"))
    elif command.happened_at < command.now_ms - PAST_MS_MAX:
        found.append(Refusal(code="too-old", field="happened_at"))
    if len(command.reason) > REASON_CHARS_MAX:
        found.append(Refusal(code="reason-long", field="reason"))
    if set(command.done) & set(command.skipped):
        found.append(Refusal(code="done-and-skipped", field="done"))
    return found


def _why_not(command: Command, to: State, one: Subject) -> RefusedMachine | None:
    now, reason = one.now, command.reason.strip()

    def no(code: str, steps: tuple[State, ...] = ()) -> RefusedMachine:
        return RefusedMachine(tag=one.tag, code=code, steps=steps)

    if not one.listed:
        return no("not-listed")
    if now.two and not command.settles:
        return no("two-reports")
    if now.two and not reason:
        return no("settle-reason")
    if to == now.state and not now.two and not now.claimed:
        return no("already")
    if rank(to) < rank(now.state) and not reason:
        return no("back-reason")
    if not now.two:
        between = missing_steps(now.state, to, one.kind)
        untold = tuple(step for step in between if step not in command.done and step not in command.skipped)
        if untold:
            return no("steps-between", untold)
        if set(between) & set(command.skipped) and not reason:
            return no("skip-reason")
    if to == "returned":
        lacks = _evidence_with(command, now).lacks(one.kind)
        if lacks:
            return no("no-evidence" if len(lacks) > 1 else f"no-{lacks[0]}")
    return None


def _evidence_with(command: Command, now: MachineNow) -> Evidence:
    """Return what would prove the machine clean once this command is recorded."""
    if now.two:
        # Which of the two rounds an earlier proof belongs to is what is in doubt: it is given anew.
        return Evidence(image_sha256=image_of(command.image_sha256), report=command.report.act)
    return Evidence(
        image_sha256=image_of(command.image_sha256) or now.evidence.image_sha256,
        report=command.report.act or now.evidence.report,
    )


def withdraw(
    *,
    act: str,
    role: str,
    by: str,
    by_name: str,
    now_ms: int,
    step: str,
    tags: Collection[str],
    told: Mapping[str, bool],
    reason: str,
) -> StepsWithdrawn | Refusal:
    """Return the correction of a step that is not true of these machines.

    `told`: the machines the step was recorded of, and whether it was withdrawn of them already.
    """
    if role not in FLEET_ROLES:
        return Refusal(code="not-your-role")
    wanted = tuple(sorted(tag for tag in tags if tag in told and not told[tag]))
    if not wanted:
        return Refusal(code="nothing-to-withdraw")
    if not reason.strip():
        return Refusal(code="withdraw-reason", field="reason")
    if len(reason) > REASON_CHARS_MAX:
        return Refusal(code="reason-long", field="reason")
    return StepsWithdrawn(
        act=act, happened_at=now_ms, by=by, by_name=by_name, step=step, tags=wanted, reason=reason.strip()
    )


def make_batch(
    *,
    act: str,
    role: str,
    by: str,
    by_name: str,
    now_ms: int,
    batch: str,
    name: str,
    tags: Sequence[str],
    known: Collection[str],
    closed: bool = False,
) -> BatchMade | tuple[Refusal, ...]:
    """Return a batch as it is from here on, or every reason why not. `known`: the machines on the list."""
    found = []
    if role not in FLEET_ROLES:
        found.append(Refusal(code="not-your-role"))
    if not name.strip():
        found.append(Refusal(code="no-name", field="name"))
    chosen = tuple(dict.fromkeys(tags))
    if not chosen and not closed:
        found.append(Refusal(code="no-machine", field="tags"))
    if len(chosen) > BATCH_MACHINES_MAX:
        found.append(Refusal(code="too-many", field="tags"))
    if any(tag not in known for tag in chosen):
        found.append(Refusal(code="not-listed", field="tags"))
    if found:
        return tuple(found)
    return BatchMade(
        act=act, happened_at=now_ms, by=by, by_name=by_name, batch=batch, name=name.strip()[:80], tags=chosen,
        closed=closed,
    )  # fmt: skip
