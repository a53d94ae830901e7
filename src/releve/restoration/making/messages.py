"""What is asked of the process that makes a plan, and what it answers."""

import msgspec

from releve.restoration.case import Case
from releve.restoration.facts import CareReturned, Dated, Lengths
from releve.restoration.plan import Plan

__all__ = ["Answer", "Failed", "Made", "Request"]

RUNS = 2000


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `base`: the plan in force, kept as far as it can be; None: a plan from nothing.

    `by_hand`: a plan that somebody made, kept as it is.
    `what_if`: JSON of events that are tried. `told`: of tasks under way, the hour at which it was last said how much
    remains.
    """

    case: Case
    seconds: float
    seed: int = 1
    base: Plan | None = None
    by_hand: Plan | None = None
    what_if: str = ""
    told: dict[str, int] = {}
    runs: int = RUNS


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and what goes with it. `case_digest` is that of the case it was made for."""

    plan: Plan
    case_digest: str
    dates: tuple[Dated, ...]
    returned: tuple[CareReturned, ...]
    runs: int
    moved: str = ""
    why: str = ""
    left_out: tuple[str, ...] = ()  # problems, as `catalogue.sentences.kept` writes them
    seconds: float = 0.0
    learned: Lengths | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no plan: a code of `PlanFailed`, and where to look."""

    reason: str
    places: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of output."""

    done: float | None = None
    step: str = ""
    made: Made | None = None
    failed: Failed | None = None
