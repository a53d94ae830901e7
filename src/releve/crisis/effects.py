"""What a declaration will do at once, in figures, before anybody confirms it."""

from collections.abc import Collection, Iterable, Sequence

import msgspec
from django.contrib.sessions.models import Session

from releve.bedside.horizon import Freshness
from releve.bedside.now import IslandNow
from releve.hospital.care import WARD_FUNCTIONS
from releve.hospital.map import Directory
from releve.hospital.status import Place, State, StatusDeclaration, Statuses, where_to_write
from releve.hospital.writing import OPEN_DEPARTMENTS
from releve.web.database import setting
from releve.web.tables import Account

__all__ = ["Effects", "effects_of", "open_screens", "proposed_since", "wards_in"]

PREVIEW = "preview"


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a declaration. Functions are codes; `back` are those that are written in an application again."""

    wards: tuple[str, ...]
    packs: int  # wards whose pack is printed
    here: tuple[str, ...]  # functions written in Relève from then on
    paper: tuple[str, ...]  # functions written on the numbered forms
    back: tuple[str, ...]
    still: tuple[str, ...]  # functions that another application still carries
    frozen_ms: int | None  # up to when what the applications told is known
    lost_seconds: int | None  # between that and the declaration
    needed_by: tuple[str, ...]  # applications in service that need one of these
    announced: bool  # it takes effect later
    at_ms: int = 0  # when it does


def wards_in(places: Iterable[Place], directory: Directory) -> tuple[str, ...]:
    """Return the wards that these places cover, in the order of the map."""
    wanted = list(places)
    return tuple(code for code in directory.wards if any(place.covers(code, directory) for place in wanted))


def proposed_since(applications: Collection[str], feeds: Iterable[Freshness]) -> int | None:
    """Return when the last message of these applications came (UTC ms), None when none was ever heard."""
    heard = [
        fresh.last_at
        for fresh in feeds
        if fresh.feed.application in applications and fresh.last_at is not None
    ]
    return max(heard, default=None)


def effects_of(
    now: IslandNow,
    *,
    applications: Sequence[str],
    places: Sequence[Place],
    status: State,
    since_us: int,
    switch_us: int | None = None,
) -> Effects:
    """Return what changes between what stands now and what would stand."""
    directory = now.directory
    wards = wards_in(places, directory)
    now_us = now.now_ms * 1000
    said = StatusDeclaration(
        id=PREVIEW, applications=tuple(applications), places=tuple(places), status=status, since_us=since_us,
        declared_us=now_us, order_key=("~", 1 << 62), by=PREVIEW, switch_us=switch_us,
        answers=tuple(one.id for one in now.said),
    )  # fmt: skip
    # An announced switch is seen at its own hour.
    at_us = max(now_us, since_us, switch_us or 0)
    before = Statuses(now.said, directory, at_us=at_us)
    after = Statuses((*now.said, said), directory, at_us=at_us)
    here: dict[str, None] = {}
    paper: dict[str, None] = {}
    back: dict[str, None] = {}
    still: dict[str, None] = {}
    chosen = set(applications)
    for function in WARD_FUNCTIONS:
        carried = [one for one in directory.applications_carrying(function.code) if one.code in chosen]
        if not carried:
            continue
        for ward in wards:
            was = where_to_write(function.code, ward, directory, before, OPEN_DEPARTMENTS)
            will = where_to_write(function.code, ward, directory, after, OPEN_DEPARTMENTS)
            if will.kind == "releve" and was.kind != "releve":
                here[function.code] = None
            elif will.kind == "paper" and was.kind != "paper":
                paper[function.code] = None
            elif will.kind == "application" and was.kind != "application":
                back[function.code] = None
            elif will.kind == "application" and status == "down":
                still[function.code] = None
    heard = proposed_since(chosen, now.feeds)
    moved = bool(here or paper or back)
    needed = [
        one.code
        for one in directory.map.applications
        if one.code not in chosen and chosen.intersection(directory.needs_of(one.code))
    ]
    return Effects(
        wards=wards,
        packs=sum(1 for code in wards if directory.beds_of(code))
        if status == "down" and (moved or not back)
        else 0,
        here=tuple(here),
        paper=tuple(paper),
        back=tuple(back),
        still=tuple(still),
        frozen_ms=heard if status == "down" else None,
        lost_seconds=max(0, now.now_ms - heard) // 1000 if status == "down" and heard is not None else None,
        needed_by=tuple(needed) if status == "down" else (),
        announced=at_us > now_us,
        at_ms=at_us // 1000,
    )


def open_screens(wards: Collection[str], *, now_ms: int) -> int:
    """Return how many screens of this island are in use by people whose page would change.

    A screen counts while its person has not left it for longer than it takes to lock; people without a ward of
    their own see the whole hospital.
    """
    since = now_ms - setting("RELEVE_LOCK_MINUTES") * 60_000
    used: list[str] = []
    for session in Session.objects.order_by().iterator():
        said = session.get_decoded()
        if said.get("account") and not said.get("locked") and int(said.get("seen_ms", 0)) >= since:
            used.append(str(said["account"]))
    if not used:
        return 0
    wanted = set(wards)
    theirs = {
        account.id: set(account.ward_codes)
        for account in Account.objects.filter(id__in=set(used), state="active")
    }
    return sum(1 for code in used if code in theirs and (not theirs[code] or theirs[code] & wanted))
