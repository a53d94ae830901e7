"""What holds of a machine when everything that was said of it is put together, whatever island said it. Pure.

Two reports that had not seen one another stand side by side until a person settles; until then the machine counts as
the less advanced of the two. A machine that is said to be returned without image hash and report is *claimed*: it is
shown so and counts where it stood before.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from releve.record.crossed import Saying, standing
from releve.restoration.fleet.facts import STATES, MachineKind, State

__all__ = [
    "Evidence", "MachineNow", "Step", "machine_now", "missing_steps", "needs_image", "next_state", "rank",
]  # fmt: skip

# A server is cleaned where it stands: nobody carries it to a workshop.
NOT_FOR_SERVERS: frozenset[State] = frozenset({"collected"})


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one machine, as it was said. `log` and `index` are the entry's place, `at` when it happened."""

    act: str
    to: State
    at: int
    log: str
    index: int
    seen: tuple[str, ...] = ()
    image_sha256: str = ""
    report: str = ""
    report_sha256: str = ""
    withdrawn: bool = False


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What proves that a machine is clean: the SHA-256 of its image, the scanner's report, both of this round."""

    image_sha256: str = ""
    report: str = ""

    def lacks(self, kind: MachineKind) -> tuple[str, ...]:
        """Return what is missing before the machine may be returned: "image", "report"."""
        found = []
        if needs_image(kind) and not self.image_sha256:
            found.append("image")
        if not self.report:
            found.append("report")
        return tuple(found)


class MachineNow(msgspec.Struct, frozen=True, kw_only=True):
    """One machine as it counts now. `state` is "" while nobody said anything of it.

    `standing` are the acts that stand; `two` the states that stand side by side, empty when they agree; `claimed` says
    that a return without evidence was told; `evidence` is that of the present round.
    """

    state: State | str = ""
    since: int | None = None
    standing: tuple[str, ...] = ()
    two: tuple[State, ...] = ()
    claimed: bool = False
    evidence: Evidence = Evidence()
    last_at: int | None = None


def rank(state: str) -> int:
    """Return how far a state is, -1 for none."""
    return STATES.index(state) if state in STATES else -1


def needs_image(kind: MachineKind) -> bool:
    """Tell whether a machine of this kind has a disk that is imaged: a printer has firmware, and its report."""
    return kind in ("workstation", "server")


def next_state(state: str, kind: MachineKind) -> State | None:
    """Return the step that usually follows; None after the last.

    >>> next_state("isolated", "workstation"), next_state("isolated", "server"), next_state("returned", "server")
    ('collected', 'wiped', None)
    """
    for following in STATES[rank(state) + 1 :]:
        if not (kind == "server" and following in NOT_FOR_SERVERS):
            return following
    return None


def missing_steps(state: str, to: State, kind: MachineKind) -> tuple[State, ...]:
    """Return the steps between, which somebody must say were done or were not.

    >>> missing_steps("suspect", "reimaged", "server")
    ('isolated', 'wiped')
    """
    # Before the first word every machine is suspect: nobody is asked whether that was done.
    first = max(rank(state), 0) + 1
    return tuple(one for one in STATES[first : rank(to)] if not (kind == "server" and one in NOT_FOR_SERVERS))


def machine_now(
    steps: Iterable[Step], *, kind: MachineKind = "workstation", reports: Mapping[str, str]
) -> MachineNow:
    """Return how a machine stands. `reports`: SHA-256 of each report that is here, by its act."""
    live = sorted(
        (step for step in steps if not step.withdrawn), key=lambda one: (one.at, one.log, one.index)
    )
    if not live:
        return MachineNow()
    by_act = {step.act: step for step in live}
    left = standing(
        Saying(entry=one.act, log=one.log, index=one.index, about="", words={}, seen=one.seen) for one in live
    )
    ends = sorted((by_act[one.entry] for one in left), key=lambda one: (one.at, one.log, one.index))
    counted = [_counted(end, by_act, kind, reports) for end in ends]
    # Side by side: nobody counts a machine further than the more careful of the two.
    least = min(counted, key=lambda one: rank(one.state))
    told = tuple(dict.fromkeys(end.to for end in ends))
    return MachineNow(
        state=least.state,
        since=least.since,
        standing=tuple(end.act for end in ends),
        two=told if len(told) > 1 else (),
        claimed=any(one.claimed for one in counted),
        evidence=least.evidence,
        last_at=max(step.at for step in live),
    )


class _Counted(msgspec.Struct, frozen=True, kw_only=True):
    state: State
    since: int | None
    evidence: Evidence
    claimed: bool


def _counted(
    end: Step, by_act: Mapping[str, Step], kind: MachineKind, reports: Mapping[str, str]
) -> _Counted:
    """Return what a machine counts as when this step is the last word."""
    evidence, state, since, claimed = Evidence(), "suspect", None, False
    for step in _told_before(end, by_act):
        evidence = _carried(evidence, step, reports)
        claimed = step.to == "returned" and bool(evidence.lacks(kind))
        if not claimed:
            state, since = step.to, step.at
    return _Counted(state=state, since=since, evidence=evidence, claimed=claimed)  # type: ignore[arg-type]


def _told_before(end: Step, by_act: Mapping[str, Step]) -> Sequence[Step]:
    """Return all that this step had seen, directly or not, each after what it had seen itself; this step last.

    By what was seen and not by the hour: an hour is typed, and a slip of it must not undo a proof.
    """
    order: list[Step] = []
    met: set[str] = set()
    waiting: list[tuple[Step, bool]] = [(end, False)]
    while waiting:
        step, leaving = waiting.pop()
        if leaving:
            order.append(step)
        elif step.act not in met:
            met.add(step.act)
            waiting.append((step, True))
            seen = (by_act[act] for act in step.seen if act in by_act)
            waiting += [
                (one, False)
                for one in sorted(seen, key=lambda one: (one.at, one.log, one.index), reverse=True)
            ]
    return order


def _carried(before: Evidence, step: Step, reports: Mapping[str, str]) -> Evidence:
    """Return the evidence after a step: what proves a disk proves nothing of the same disk wiped again."""
    again = rank(step.to) <= rank("reimaged")
    known = step.report if step.report and reports.get(step.report) == step.report_sha256 else ""
    return Evidence(
        image_sha256=step.image_sha256 or ("" if again else before.image_sha256),
        report=known or ("" if again else before.report),
    )
