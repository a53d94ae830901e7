"""What the continuity pack of one ward says: frozen structs, filled by `gather`, printed by `render`.

Times are local texts, because paper is read by a clock on a wall: `2026-11-22T02:47`, and in the hour that
comes twice in autumn `2026-10-25T02:30A` then `…B` (`hours.local_text` writes them). Dates may be partial:
`1945`, `1945-07`, `1945-07-14`. None always means *not received*, never *none*.
Doses are exact decimals kept as text (`quantities.quantity` reads them) with their UCUM unit.
"""

from typing import Literal

import msgspec

LocalTime = str
LocalDate = str

SourceState = Literal[
    "live",  # complete up to `last`
    "frozen",  # its application is cut: known at `last`, may have changed
    "cut_heard",  # its application is said to be cut, and sent on until `last`: part of what was done may be missing
    "silent",  # nothing since `last`, longer than its habit at this hour: entries are missing
    "never",  # the island never receives this
]
AllergyState = Literal[
    "listed", "none_stated", "not_asked", "not_recorded", "unknown", "not_received", "unreadable"
]
AlertKind = Literal[
    "stated", "homonym", "newborn", "with_child", "unidentified", "after_attack", "confidential"
]
NameKind = Literal["real", "cover", "placeholder"]
Sex = Literal["F", "M", "U"]
LineMode = Literal[
    "scheduled", "prn", "continuous", "weekly", "monthly", "once", "unplaced", "suspended", "ended", "stopped"
]
DoseState = Literal["planned", "given", "omitted", "untraced"]
ResultFlag = Literal["high", "low", "critical_high", "critical_low", "abnormal", "critical"]
ResultState = Literal["final", "preliminary", "corrected"]
BedState = Literal["occupied", "free", "closed", "unknown"]
Medication = Literal[
    "fed",  # prescriptions reach the island: grids are printed
    "not_fed",  # they do not: said in words, no grid
    "printed",  # the hospital can only print them: the received prints are bound behind the sheets
]
Occasion = Literal["cut", "schedule", "demand"]
# The on-call list: none was given, it names nobody for these hours, it names somebody.
Roster = Literal["none", "over", "fed"]
# How the island that keeps the ward stands to the one that prints.
Apart = Literal["behind", "silent", "never", "suspect"]
WhereToWrite = Literal["paper", "island", "application"]


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """A dose in safe form: `0.5`, never `.5` nor `5.0`; `unit` is a UCUM code."""

    value: str
    unit: str


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """An age; `unit` is `a` (years), `mo`, `wk`, `day` or `hour`."""

    value: int
    unit: str


class Allergy(msgspec.Struct, frozen=True, kw_only=True):
    """One allergy as it was stated, word for word; `detail` says how grave, as entered."""

    text: str
    detail: str = ""
    source: str = ""
    date: LocalDate | None = None


class Allergies(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about allergies; nothing is ever inferred. `items` is filled only when `listed`.

    `source` and `date` belong to the answer when there is no list (who said "none known", and when).
    """

    state: AllergyState
    items: tuple[Allergy, ...] = ()
    source: str = ""
    date: LocalDate | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something to know at the door; `kind` other than `stated` brings its words from the catalogue."""

    kind: AlertKind = "stated"
    text: str = ""
    note: str = ""
    short: str = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure worth seeing beside the name (weight, filtration rate…); `value` None: not received."""

    label: str
    unit: str
    value: str | None = None
    at: LocalTime | None = None


class ResultLine(msgspec.Struct, frozen=True, kw_only=True):
    """One result, with the digits of the laboratory; `unit` is a UCUM code or the text received."""

    test: str
    value: str
    unit: str = ""
    range: str | None = None
    flag: ResultFlag | None = None
    at: LocalTime | None = None
    previous: str | None = None
    state: ResultState = "final"
    note: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list: a pending order, an instruction, an appointment, a contact."""

    text: str
    at: LocalTime | None = None
    note: str = ""


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """One dose of a line: the hour it was due (or given), and what is known of it."""

    at: LocalTime
    state: DoseState


class MedicationLine(msgspec.Struct, frozen=True, kw_only=True):
    """An active prescription line.

    `dose` None with `dose_text`: a dose that could not be read safely, printed as received and said so.
    `mode` other than `scheduled` prints `mode_words` across the grid; `unplaced` is a schedule received as
    text that nothing here may turn into hours; `suspended` and `stopped` lines are shown so that nobody looks for
    them. `blanks` are places to sign there.
    """

    name: str
    dose: Quantity | None = None
    dose_text: str = ""
    form: str = ""
    route: str = ""
    schedule: str = ""
    mode: LineMode = "scheduled"
    mode_words: str = ""
    blanks: int = 0
    high_alert: bool = False
    doses: tuple[Dose, ...] = ()
    last: LocalTime | None = None
    end: LocalTime | None = None
    note: str = ""


class PatientSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything printed about one present person.

    `key` is opaque and never printed. `name_kind` is `cover` when a confidential stay must not be named here:
    `name` and `given` then already hold the cover name. `contacts` None: not received.
    `last_change` is when anything on this sheet last changed.
    """

    key: str
    ipp: str = ""
    visit: str = ""
    bed: str = ""
    name: str  # the birth name; while it is not received the name in use
    given: str = ""
    used_name: str = ""  # the name in use, only where it is another
    name_kind: NameKind = "real"
    birth_name: str | None = None
    birth_date: LocalDate | None = None
    age: Age | None = None
    age_words: str = ""
    sex: Sex = "U"
    identity_status: str = ""
    admitted: LocalDate | None = None
    reason: str | None = None
    doctor: str = ""
    mother: str = ""
    last_change: LocalTime | None = None
    allergies: Allergies
    alerts: tuple[Alert, ...] = ()
    measures: tuple[Measure, ...] = ()
    results: tuple[ResultLine, ...] = ()
    pending: tuple[Item, ...] = ()
    plan: tuple[Item, ...] | None = ()
    appointments: tuple[Item, ...] | None = ()
    contacts: tuple[Item, ...] | None = ()
    lines: tuple[MedicationLine, ...] = ()


class SourceHorizon(msgspec.Struct, frozen=True, kw_only=True):
    """How far the data of one kind reach; `label` empty takes the catalogue's word for `key`.

    Keys with a word: identity, allergies, prescriptions, administrations, results, appointments, reports.
    """

    key: str
    state: SourceState
    last: LocalTime | None = None
    label: str = ""
    note: str = ""


class BedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One bed of the census; `patient` is the key of a sheet of the same pack."""

    id: str
    state: BedState
    patient: str | None = None
    note: str = ""


class MissingPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who stands in one list only; `name` is what may be printed (a cover name if need be)."""

    name: str
    ipp: str = ""
    bed: str = ""
    note: str = ""


class WritePlace(msgspec.Struct, frozen=True, kw_only=True):
    """The one place where this ward writes for one care function; `name` is the application or the form."""

    function: str
    place: WhereToWrite
    name: str = ""
    until: LocalTime | None = None


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on call; `role` is a code of the hospital map (`nurse`…) or plain words, bounds None when open."""

    role: str
    name: str
    number: str = ""
    start: LocalTime | None = None
    end: LocalTime | None = None


class PhoneLine(msgspec.Struct, frozen=True, kw_only=True):
    """A number that works without the information system."""

    who: str
    number: str
    note: str = ""


class IslandReach(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the island from any laptop: address, fingerprint of its certificate (SHA-256, hex)."""

    name: str
    address: str
    fingerprint: str
    others: tuple[str, ...] = ()
    network: str = ""


class ReceivedPrint(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that the hospital printed itself, kept and bound behind ours."""

    title: str
    received_at: LocalTime
    pages: int


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A shift that hands over; `name` empty takes the catalogue's word for `key` (N, M, S)."""

    key: str
    start: LocalTime
    end: LocalTime
    name: str = ""


class GridHour(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the administration grid: `2026-10-25T02A`; the first hour of a shift has a thick rule."""

    at: str
    shift: bool = False


class WardName(msgspec.Struct, frozen=True, kw_only=True):
    """A ward as people call it; `code` is the UF."""

    code: str
    name: str
    place: str = ""


class KeeperApart(msgspec.Struct, frozen=True, kw_only=True):
    """The island that keeps the ward, not in step with the one that prints; `since` None: nobody knows since when."""

    name: str
    step: Apart
    since: LocalTime | None = None


class WardPack(msgspec.Struct, frozen=True, kw_only=True):
    """The continuity pack of one ward, at one moment, in one language (`fr` or `en`).

    `id` numbers this printing. `grid` comes from `hours.grid_hours`: 24 columns, 23 or 25 on two nights a year.
    `census_at` None: no census was received, the lists could not be compared. `apart`: the island that keeps the ward
    while what it says does not come here; `data_at` is then no later than since when.
    """

    id: str
    language: str
    hospital: str
    ward: WardName
    data_at: LocalTime
    printed_at: LocalTime
    occasion: Occasion = "demand"
    cut_since: LocalTime | None = None
    exercise: bool = False
    medication: Medication = "fed"
    grid: tuple[GridHour, ...]
    sources: tuple[SourceHorizon, ...]
    beds: tuple[BedLine, ...]
    patients: tuple[PatientSheet, ...]
    shifts: tuple[Shift, ...] = ()
    writing: tuple[WritePlace, ...] = ()
    staff: tuple[Duty, ...] = ()
    roster: Roster = "none"
    phones: tuple[PhoneLine, ...] = ()
    reach: IslandReach | None = None
    apart: KeeperApart | None = None
    census_at: LocalTime | None = None
    only_in_view: tuple[MissingPerson, ...] = ()
    only_in_census: tuple[MissingPerson, ...] = ()
    prints: tuple[ReceivedPrint, ...] = ()
