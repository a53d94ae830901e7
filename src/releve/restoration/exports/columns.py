"""The CSV files of a case and their columns. Pure data; `docs/reference/restoration-catalogue.md` says the same."""

from typing import Any, get_args

import msgspec

from releve.restoration.case import (
    Application,
    Calendar,
    CalendarException,
    Coverage,
    Impact,
    Need,
    Person,
    PublishedDate,
    Resource,
    Service,
    Share,
    Skill,
    Task,
    TaskKind,
    TaskState,
    Weekday,
    Window,
    WorkingHours,
)
from releve.restoration.exports.cells import Column

__all__ = ["CASE_KEYS", "TABLES", "Table"]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One file: the list of the case it holds, or a list within the lines of another one.

    `owner` is the column that names the line it belongs to; `fields` are columns called otherwise than their field.
    """

    file: str
    list: str
    struct: Any
    columns: tuple[Column, ...]
    within: str = ""
    owner: str = ""
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    needed: bool = False  # the field has no default


def _text(name: str, *, required: bool = False) -> Column:
    return Column(name, "text", required)


def _needs(name: str, kind: str = "text") -> Column:
    return Column(name, kind, required=True)


_ID = _needs("id")
_SPAN = (_needs("from_hour", "integer"), _needs("to_hour", "integer"))  # of a day
_DATED = (_needs("from_hour", "hour"), _needs("to_hour", "hour"))  # since the start


def _lines_of(
    owner: str,
    path: str,
    file: str,
    struct: Any,
    *columns: Column,
    renamed: dict[str, str] | None = None,
    needed: bool = False,
) -> Table:
    """Return the file of a list within the lines of another (`people.windows`); each line begins with its owner."""
    outer, within = path.split(".")
    return Table(
        file=file, list=outer, within=within, owner=owner, struct=struct, columns=(_needs(owner), *columns),
        fields=renamed or {}, needed=needed,
    )  # fmt: skip


CASE_KEYS: tuple[Column, ...] = (
    _text("name"),
    Column("starts_at", "moment"),
    _text("zone"),
    Column("now", "integer"),
    Column("task_sigma", "number"),
    Column("application_sigma", "number"),
    Column("kind_sigma", "number"),
    Column("common_sigma", "number"),
    Column("reinfection_probability", "number"),
    Column("reinfection_after_days", "number"),
)

# A list comes before the lists within it.
TABLES: tuple[Table, ...] = (
    Table(file="calendars.csv", list="calendars", struct=Calendar, columns=(_ID, _text("name"))),
    _lines_of(
        "calendar",
        "calendars.week",
        "calendar_hours.csv",
        WorkingHours,
        Column("days", "days", required=True, allowed=get_args(Weekday)),
        *_SPAN,
    ),
    _lines_of(
        "calendar",
        "calendars.exceptions",
        "calendar_exceptions.csv",
        CalendarException,
        *_DATED,
        Column("works", "boolean"),
        _text("name"),
    ),
    Table(file="skills.csv", list="skills", struct=Skill, columns=(_ID, _text("name"))),
    Table(
        file="people.csv",
        list="people",
        struct=Person,
        columns=(
            _ID,
            _text("name"),
            Column("kind", "choice", allowed=("staff", "expert", "vendor")),
            Column("skills", "ids"),
            _text("calendar"),
            Column("no_show_probability", "number"),
        ),
    ),
    _lines_of("person", "people.windows", "windows.csv", Window, *_DATED),
    _lines_of("person", "people.absences", "absences.csv", Window, *_DATED),
    Table(
        file="resources.csv",
        list="resources",
        struct=Resource,
        columns=(_ID, _text("name"), _needs("units", "integer")),
    ),
    Table(
        file="applications.csv",
        list="applications",
        struct=Application,
        columns=(
            _ID,
            _text("name"),
            Column("kind", "choice", allowed=("application", "technical", "workstations")),
            Column("tier", "integer"),
            _text("owner"),
            Column("spread", "number"),
        ),
    ),
    _lines_of(
        "application",
        "applications.needs",
        "needs.csv",
        Need,
        _needs("needs"),
        _text("before"),
        renamed={"needs": "application"},
    ),
    Table(
        file="tasks.csv",
        list="tasks",
        struct=Task,
        columns=(
            _ID,
            _needs("application"),
            Column("kind", "choice", allowed=get_args(TaskKind)),
            _text("name"),
            _needs("work_hours", "integer"),
            Column("after", "ids"),
            Column("team", "team"),
            Column("uses", "uses"),
            _text("calendar"),
            Column("not_before", "hour"),
            _text("evidence"),
            Column("fail_probability", "number"),
            Column("rework", "ids"),
            Column("spread", "number"),
        ),
    ),
    Table(
        file="services.csv",
        list="services",
        struct=Service,
        columns=(_ID, _text("name"), Column("requires", "ids"), Column("patients_per_day", "number")),
    ),
    _lines_of(
        "service", "services.shares", "shares.csv", Share, _needs("application"), _needs("share", "number")
    ),
    _lines_of(
        "service",
        "services.impact",
        "impacts.csv",
        Impact,
        _needs("from_day", "number"),
        _needs("per_day", "number"),
        needed=True,
    ),
    _lines_of(
        "service",
        "services.coverage",
        "coverage.csv",
        Coverage,
        _needs("from_day", "number"),
        _needs("share", "number"),
    ),
    Table(
        file="states.csv",
        list="states",
        struct=TaskState,
        columns=(
            _needs("task"),
            Column("started", "integer"),
            Column("ended", "integer"),
            Column("people", "ids"),
            Column("remaining_hours", "integer"),
            Column("blocked_until", "integer"),
        ),
    ),
    Table(
        file="published.csv",
        list="published",
        struct=PublishedDate,
        columns=(Column("kind", "choice", allowed=("application", "service")), _ID, _needs("p80", "integer")),
    ),
)
