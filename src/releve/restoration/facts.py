"""What can be said of the restoration. Pure; bodies are MessagePack of these structs, `tag` is the entry's kind.

Moments are UTC microseconds; hours are those of the case that a plan was made for (see `case.py`). `seen` names the
reports that stood on the screen (ORIGIN/EPOCH#INDEX): what it does not name, it had not seen, and both stand then.
"""

from typing import Literal

import msgspec

__all__ = [
    "ApplicationSigned", "CareReturned", "DatedHours", "DatesPublished", "Dated", "EvidenceKept", "Lengths", "LineSaid",
    "LinesSaid", "PlanAdopted", "PlanAsked", "PlanFailed", "PlanMade", "PublishedMoment", "Reported", "RestorationFact",
    "TaskReported", "What",
]  # fmt: skip

What = Literal[
    "case", "calendar", "skill", "person", "resource", "dates", "application", "task", "service", "uncertainty"
]  # fmt: skip
Reported = Literal["started", "done", "late", "blocked", "undone"]


class LineSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the catalogue, as JSON of the struct of `case.py`; None: it is taken out.

    Of *case*: `id` is "case", the value holds `name`, `zone` and, where hours are counted from a date, `starts_at`.
    """

    what: What
    id: str
    value: str | None = None


class DatedHours(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From one date to another somebody is away or only then there, a calendar closed or worked: UTC milliseconds.

    A line of its own: the rest of a catalogue counts its hours from the cut, these keep their dates whenever it comes.
    """

    id: str
    kind: Literal["away", "there", "closed", "worked"]
    whom: str  # the person; of *closed* and *worked* the calendar
    from_ms: int
    to_ms: int
    name: str = ""  # why, such as a holiday


class LinesSaid(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.lines.1"):
    """These lines of the catalogue are so from here on; the others stay as they are."""

    lines: tuple[LineSaid, ...]
    come_from: str = "screen"  # screen, file, map, fleet
    note: str = ""
    by: str
    by_name: str = ""


class PlanAsked(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.plan-asked.1"):
    """Somebody asks for a plan. `base`: the entry of the plan it is made again from; `what_if`: JSON of what is tried,
    for a plan that nobody adopts by mistake.

    `plan`: JSON of a plan made by hand by `made_by`, from that of `base`, its hours counted from `starts_at_us`. It is
    kept as it is; what is asked for is its forecast.
    """

    seconds: float
    seed: int = 1
    base: str = ""
    what_if: str = ""
    label: str = (
        ""  # what is tried in words; said by older versions, now from `what_if` in the reader's language
    )
    plan: str = ""
    starts_at_us: int = 0
    made_by: str = ""
    by: str
    by_name: str = ""


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """When an application or a service is back, by the forecast: hours by which it is with 50, 80 and 95 %."""

    kind: Literal["application", "service"]
    id: str
    p50: float
    p80: float
    p95: float


class CareReturned(msgspec.Struct, frozen=True, kw_only=True):
    """What is back of the whole after each day, from hour 0 on, with 50, 80 and 95 %: in the measure's own unit."""

    measure: Literal["applications", "services", "patients"]
    p50: tuple[float, ...]
    p80: tuple[float, ...]
    p95: tuple[float, ...]


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """What finished tasks taught: how many had ended, and by kind what estimates are multiplied by."""

    ended: int
    kinds: dict[str, float]


class PlanMade(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.plan.1"):
    """A plan, whole, with its forecast. `plan` is JSON of `plan.Plan`, `starts_at_us` hour 0 of its case.

    `moved`: JSON of what moved since the plan it was made from, and why. `why`: JSON of each application, why it is
    back when it is and what another order would cost.
    """

    asked: str  # entry of the request; empty: made by a command
    plan: str
    starts_at_us: int
    now_hour: int
    case_digest: str
    dates: tuple[Dated, ...] = ()
    returned: tuple[CareReturned, ...] = ()  # empty: made before this was computed
    runs: int = 0
    moved: str = ""
    why: str = ""
    what_if: str = ""
    # What could not be planned: JSON of problems, told in the reader's language.
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    by_hand: str = ""  # who made it, where no planner did
    learned: Lengths | None = None  # what the finished tasks taught its forecast; None: none had ended


class PlanFailed(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.plan-failed.1"):
    """A request that gave no plan. `reason`: problems, too-long, broke, no-catalogue; `places`: where to look."""

    asked: str
    reason: str
    places: tuple[str, ...] = ()


class PlanAdopted(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.adopted.1"):
    """This plan (its entry) is in force from here on.

    `despite`: what the checker found of a plan made by hand, listed and agreed to by whoever puts it in force: each a
    rule and a place, such as "double-booking people[P1]".
    """

    plan: str
    despite: tuple[str, ...] = ()
    by: str
    by_name: str = ""
    note: str = ""


class PublishedMoment(msgspec.Struct, frozen=True, kw_only=True):
    """The P80 that was announced of an application or a service."""

    kind: Literal["application", "service"]
    id: str
    p80_us: int


class DatesPublished(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.published.1"):
    """These dates were announced, from the forecast of this plan (its entry)."""

    plan: str
    dates: tuple[PublishedMoment, ...]
    to: str = ""  # who was told: "chefs de service", "presse"
    by: str
    by_name: str = ""


class TaskReported(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.task.1"):
    """What somebody says of a task. `late` keeps it under way with so many hours of work that remain.

    A gate is done only with evidence: words, or a file that was kept (`attachment`: the entry of `EvidenceKept`,
    `sha256` of its content).
    """

    task: str
    state: Reported
    at_us: int
    remaining_hours: int | None = None
    until_us: int | None = None  # of *blocked*: not before
    reason: str = ""
    evidence: str = ""
    attachment: str = ""
    sha256: str = ""
    people: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    by: str
    by_name: str = ""
    told_by: str = ""  # who told whoever recorded it


class EvidenceKept(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.evidence.1"):
    """A file kept as evidence: its body stands in the blob store under its own SHA-256."""

    name: str
    media_type: str
    content: bytes


class ApplicationSigned(msgspec.Struct, frozen=True, kw_only=True, tag="restoration.signed.1"):
    """A named person stands by it that this application may be in service again; `words` say on what ground."""

    application: str
    words: str
    by: str
    by_name: str
    role: str


RestorationFact = (
    LinesSaid | PlanAsked | PlanMade | PlanFailed | PlanAdopted | DatesPublished | TaskReported | EvidenceKept
    | ApplicationSigned
)  # fmt: skip
