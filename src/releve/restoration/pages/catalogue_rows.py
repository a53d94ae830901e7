"""The applications of the catalogue as its page lists them: in groups that fold, or those that a word finds."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import Application, Case
from releve.restoration.pages.troubles import Trouble

__all__ = ["Group", "Row", "found_by", "groups_of", "rows_of"]

# Fewer are read in one glance; nobody opens a fold to find three lines.
FOLDED_FROM = 25
NAMES: tuple[tuple[str, Any], ...] = (
    ("1", pgettext_lazy("applications", "The ground of all others")),
    ("2", pgettext_lazy("applications", "Common to several departments")),
    ("3", pgettext_lazy("applications", "Of one department")),
    ("workstations", _("Workstations, by ward")),
)


@dataclass(frozen=True)
class Row:
    """One application, as the catalogue lists it."""

    own: Application
    hours: int
    gate: bool
    care: list[str]
    troubles: int


@dataclass(frozen=True)
class Group:
    """Applications that stand together; `troubles`: how much of them is to be corrected."""

    code: str
    name: Any
    rows: list[Row] = field(default_factory=list)
    open: bool = False

    @property
    def troubles(self) -> int:
        """Return how many things are to be corrected."""
        return sum(row.troubles for row in self.rows)

    @property
    def hours(self) -> int:
        """Return the hours of work of all of them."""
        return sum(row.hours for row in self.rows)


def rows_of(case: Case, found: Sequence[Trouble]) -> list[Row]:
    """Return every application with what its tasks, its care and its problems say of it, ground first."""
    hours: Counter[str] = Counter()
    for task in case.tasks:
        hours[task.application] += task.work_hours
    gates = {task.application for task in case.tasks if task.kind == "gate"}
    care: dict[str, list[str]] = defaultdict(list)
    for service in case.services:
        for id_ in service.requires:
            care[id_].append(service.name or service.id)
    troubles = Counter(one.application for one in found)
    return [
        Row(
            own=one,
            hours=hours[one.id],
            gate=one.id in gates,
            care=care.get(one.id, []),
            troubles=troubles[one.id],
        )
        for one in sorted(case.applications, key=lambda each: (each.tier, (each.name or each.id).lower()))
    ]


def found_by(rows: Sequence[Row], asked: str) -> list[Row]:
    """Return the rows whose code, name, owner or care hold each of these words, whatever their accents."""
    wanted = [word for word in fold_name(asked).split("_") if word]

    def told(row: Row) -> str:
        return fold_name(" ".join((row.own.id, row.own.name, row.own.owner, *row.care)))

    return [row for row in rows if all(word in told(row) for word in wanted)]


def groups_of(rows: Sequence[Row], opened: str = "") -> list[Group]:
    """Return the rows in their groups; where there are many, only the group that is asked for is open."""
    of: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of[_group(row.own)].append(row)
    few = len(rows) < FOLDED_FROM
    return [
        Group(code=code, name=name, rows=of[code], open=few or code == opened)
        for code, name in NAMES
        if of[code]
    ]


def _group(own: Application) -> str:
    if own.kind == "workstations":
        return "workstations"
    return "1" if own.tier <= 1 else "2" if own.tier == 2 else "3"
