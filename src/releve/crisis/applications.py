"""The applications by status: what each does for care, where it is down, since when, where one writes instead."""

from collections.abc import Iterable, Sequence

import msgspec

from releve.bedside.horizon import Freshness
from releve.bedside.now import IslandNow
from releve.hospital.care import CARE_FUNCTIONS, care_function
from releve.hospital.map import Application, Directory
from releve.hospital.status import Place, State, Statuses, StatusLine, WriteHere, where_to_write
from releve.hospital.writing import OPEN_DEPARTMENTS

__all__ = [
    "ApplicationLine", "application_lines", "by_care", "places_of", "touches_care", "written_at",
]  # fmt: skip

# What reaches care only through other applications: networks, accounts, servers, money.
_BEHIND = frozenset(
    {
        "authenticate", "network", "host", "back-up", "protect", "integrate", "workplace", "building", "code", "bill",
        "buy", "account", "pay", "roster", "inform",
    }
)  # fmt: skip


class ApplicationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One application as the hospital sees it; `wards` are those where it has this status since `since_ms`."""

    application: Application
    status: State
    wards: tuple[str, ...]
    since_ms: int | None
    confirmed: bool
    next_ms: int | None
    feed: Freshness | None

    def everywhere(self, directory: Directory) -> bool:
        """Tell whether it has this status in every ward it serves."""
        return len(self.wards) == len(self.application.wards or directory.wards)


def touches_care(application: Application) -> bool:
    """Tell whether somebody at a bedside notices at once that it is gone."""
    return any(code not in _BEHIND for code in application.care_functions)


def by_care(directory: Directory) -> tuple[list[Application], list[Application]]:
    """Return the applications in the order of the care functions, and those without direct effect on care."""
    order = {code: rank for rank, code in enumerate(CARE_FUNCTIONS)}
    near: list[Application] = []
    behind: list[Application] = []
    for application in directory.map.applications:
        (near if touches_care(application) else behind).append(application)
    near.sort(key=lambda one: min((order.get(code, 999) for code in one.care_functions), default=999))
    return near, behind


def application_lines(now: IslandNow) -> list[ApplicationLine]:
    """Return one line for each application, status and hour it began that is not *live* somewhere; down first.

    Cut at 03:10 in one ward and at 03:40 in another, it stands in two lines: one hour for both would be wrong in one.
    """
    directory = now.directory
    feeds = {fresh.feed.application: fresh for fresh in now.feeds}
    found: list[ApplicationLine] = []
    named = {code for said in now.said if not said.withdrawn for code in said.applications}
    near, behind = by_care(directory)
    for application in (*near, *behind):
        if application.code not in named:
            continue
        groups: dict[tuple[State, int], list[StatusLine]] = {}
        for ward in application.wards or directory.wards:
            line = now.statuses.at(application.code, ward)
            if line.status != "live" or line.next_change_us is not None:
                groups.setdefault((line.status, (line.since_us or 0) // 60_000_000), []).append(line)
        for (status, _), lines in sorted(groups.items(), key=lambda group: group[0][1]):
            starts = [line.since_us // 1000 for line in lines if line.since_us is not None]
            changes = [line.next_change_us // 1000 for line in lines if line.next_change_us is not None]
            found.append(
                ApplicationLine(
                    application=application,
                    status=status,
                    wards=tuple(line.ward for line in lines),
                    since_ms=min(starts, default=None),
                    confirmed=all(line.confirmed for line in lines),
                    next_ms=min(changes, default=None),
                    feed=feeds.get(application.code),
                )
            )
    rank = {"down": 0, "restored": 1, "live": 2}
    return sorted(found, key=lambda line: rank[line.status])


def written_at(
    functions: Iterable[str], wards: Sequence[str], directory: Directory, statuses: Statuses
) -> list[WriteHere]:
    """Return the distinct places where these wards write these functions, in the order of the functions."""
    found: dict[tuple[str, str, str], WriteHere] = {}
    for function in functions:
        for ward in wards:
            here = where_to_write(function, ward, directory, statuses, OPEN_DEPARTMENTS)
            found.setdefault((function, here.kind, here.code), here)
    return list(found.values())


def at_bedside(application: Application) -> list[str]:
    """Return the care functions of an application that a ward writes itself."""
    return [code for code in application.care_functions if care_function(code).at_ward]


def places_of(wards: Sequence[str], directory: Directory) -> list[Place]:
    """Return these wards said shortest: the whole hospital, whole buildings, single wards."""
    left = set(wards)
    if left >= set(directory.wards):
        return [Place(kind="all")]
    places = []
    for building in directory.map.buildings:
        own = [ward.code for ward in directory.wards_of(building.code)]
        if own and left.issuperset(own):
            places.append(Place(kind="building", code=building.code))
            left.difference_update(own)
    return [*places, *(Place(kind="ward", code=code) for code in wards if code in left)]
