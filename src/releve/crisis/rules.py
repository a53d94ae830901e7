"""Who may declare a cut, confirm it, take it back: a state and a command give facts or a refusal in words. Pure."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import msgspec

from releve.crisis.facts import CutConfirmed, CutDeclared, CutWithdrawn, Reason
from releve.hospital.map import Directory
from releve.hospital.status import EVERYWHERE, Place, State, StatusDeclaration
from releve.web.refusal import Refusal

__all__ = [
    "CARERS", "CODES", "DECLARERS", "MANAGERS", "Declared", "Refusal", "Who", "check_choice", "confirm", "declare",
    "is_known", "may_declare", "simplest", "withdraw",
]  # fmt: skip

# Roles that may speak for the whole hospital, two of them together; a carer may speak for her own wards.
MANAGERS = frozenset({"crisis", "it", "physician", "pharmacist"})
CARERS = frozenset({"nurse", "midwife"})
DECLARERS = MANAGERS | CARERS
# A cut cannot have begun further back than this: earlier is a slip of the keyboard (microseconds).
PAST_US_MAX = 31 * 86_400 * 1_000_000
FUTURE_US_MAX = 14 * 86_400 * 1_000_000
# The clock of the person who types may be a minute ahead of the island's.
CLOCKS_US = 60_000_000

_NOTHING: Mapping[str, str] = MappingProxyType({})

# Every reason to say no; the page holds a sentence for each (`releve.crisis.refusals`).
CODES = (
    "no-application", "unknown-application", "no-place", "unknown-place", "since-unreadable", "since-ambiguous",
    "since-too-old", "since-in-the-future", "switch-unreadable", "switch-before",
    "switch-too-far", "recorded-restore", "no-reason", "not-your-wards", "not-your-role", "second-needed",
    "second-or-alone", "second-needed-to-return", "second-is-first", "second-may-not", "already-confirmed",
    "already-withdrawn", "already-recorded", "gate-open", "signature-needed",
)  # fmt: skip


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The person acting."""

    account: str
    role: str
    wards: tuple[str, ...] = ()


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration as the rules need it."""

    id: str
    by: str
    places: tuple[Place, ...]
    confirmed_by: str = ""
    withdrawn: bool = False
    recorded_since: int = 0  # acts of care recorded since it was declared


def declare(
    *,
    who: Who,
    second: Who | None,
    alone: bool,
    applications: Collection[str],
    places: Collection[Place],
    status: State,
    since_us: int | None,
    now_us: int,
    reason: Reason | None,
    note: str,
    directory: Directory,
    switch_us: int | None = None,
    owing: Collection[str] = (),
    said: Collection[StatusDeclaration] = (),
    withheld: Mapping[str, str] = _NOTHING,
) -> CutDeclared | tuple[Refusal, ...]:
    """Return the declaration, or every reason why it cannot be made.

    `alone` says that nobody else is there: it makes an unconfirmed declaration, for her own wards only. Bringing
    an application back is never that urgent: it always takes two. `said`: what is known to be declared now.
    """
    refusals = [
        *check_choice(
            who=who, applications=applications, places=places, status=status, since_us=since_us, now_us=now_us,
            reason=reason, directory=directory, switch_us=switch_us, owing=owing, withheld=withheld,
        )
    ]  # fmt: skip
    own = bool(places) and not _wider_than_own(who, places, directory)
    if second is not None and second.account == who.account:
        refusals.append(Refusal(code="second-is-first", field="second"))
    elif second is not None and places and not may_declare(second, places, directory):
        refusals.append(Refusal(code="second-may-not", field="second"))
    elif second is None and status != "down":
        refusals.append(Refusal(code="second-needed-to-return", field="second"))
    elif second is None and places and not (alone and own):
        refusals.append(Refusal(code="second-or-alone" if own else "second-needed", field="second"))
    if refusals or since_us is None or reason is None:
        return tuple(refusals)
    return CutDeclared(
        applications=tuple(sorted(set(applications))),
        places=simplest(places, directory),
        status=status,
        since_us=since_us,
        reason=reason,
        note=note.strip(),
        by=who.account,
        second=second.account if second else "",
        switch_us=switch_us if status == "restored" else None,
        answers=_answered(said, applications) if status != "down" else (),
    )


def _answered(said: Collection[StatusDeclaration], applications: Collection[str]) -> tuple[str, ...]:
    wanted = set(applications)
    return tuple(
        sorted(
            one.id
            for one in said
            if one.status == "down" and not one.withdrawn and wanted & set(one.applications)
        )
    )


def check_choice(
    *,
    who: Who,
    applications: Collection[str],
    places: Collection[Place],
    status: State,
    since_us: int | None,
    now_us: int,
    reason: Reason | None,
    directory: Directory,
    switch_us: int | None = None,
    owing: Collection[str] = (),
    withheld: Mapping[str, str] = _NOTHING,
) -> Iterable[Refusal]:
    """Yield what is wrong with what is declared, before anybody stands by it.

    `owing` are the applications under which something was recorded here that they have not received. `withheld` are
    those that the plan of the restoration brings back and that wait for a "gate" or a "signature".
    """
    if not applications:
        yield Refusal(code="no-application", field="applications")
    elif any(directory.application(code) is None for code in applications):
        yield Refusal(code="unknown-application", field="applications")
    if not places:
        yield Refusal(code="no-place", field="places")
    elif any(not is_known(place, directory) for place in places):
        yield Refusal(code="unknown-place", field="places")
    # An announced switch is a plan: stopping on purpose, or coming back at an hour that was told.
    planned = status != "down" or reason == "planned"
    if since_us is None:
        yield Refusal(code="since-unreadable", field="since")
    elif since_us < now_us - PAST_US_MAX:
        yield Refusal(code="since-too-old", field="since")
    elif since_us > now_us + (FUTURE_US_MAX if planned else CLOCKS_US):
        yield Refusal(code="since-in-the-future", field="since")
    if status == "restored" and switch_us is not None:
        if since_us is not None and switch_us < since_us:
            yield Refusal(code="switch-before", field="switch")
        elif switch_us > now_us + FUTURE_US_MAX:
            yield Refusal(code="switch-too-far", field="switch")
    if status == "live" and set(applications) & set(owing):
        # What was done meanwhile has not gone back: it is restored, and its account is open.
        yield Refusal(code="recorded-restore", field="status")
    waits = {withheld[code] for code in applications if code in withheld} if status != "down" else set()
    if "gate" in waits:
        # What may still be infected is not given back to the wards: the evidence is recorded under Restoration.
        yield Refusal(code="gate-open", field="applications")
    if "signature" in waits:
        yield Refusal(code="signature-needed", field="applications")
    if reason is None:
        yield Refusal(code="no-reason", field="reason")
    if who.role not in DECLARERS:
        yield Refusal(code="not-your-role", field="places")
    elif places and not may_declare(who, places, directory):
        yield Refusal(code="not-your-wards", field="places")


def confirm(*, who: Who, declared: Declared, directory: Directory) -> CutConfirmed | Refusal:
    """Return the confirmation by a second person."""
    if declared.withdrawn:
        return Refusal(code="already-withdrawn")
    if declared.confirmed_by:
        return Refusal(code="already-confirmed")
    if declared.by == who.account:
        return Refusal(code="second-is-first", field="second")
    if not may_declare(who, declared.places, directory):
        return Refusal(code="second-may-not", field="second")
    return CutConfirmed(declaration=declared.id, by=who.account)


def withdraw(
    *, who: Who, second: Who | None, declared: Declared, reason: str, directory: Directory
) -> CutWithdrawn | Refusal:
    """Return the withdrawal: only while nothing was recorded under the declaration.

    What two people declared takes two people to withdraw: one stolen code must not send thirty wards back to
    applications that are down.
    """
    if declared.withdrawn:
        return Refusal(code="already-withdrawn")
    if declared.recorded_since:
        return Refusal(code="already-recorded")
    if who.account != declared.by and not may_declare(who, declared.places, directory):
        return Refusal(code="not-your-wards")
    if second is not None and second.account == who.account:
        return Refusal(code="second-is-first", field="second")
    if second is not None and not may_declare(second, declared.places, directory):
        return Refusal(code="second-may-not", field="second")
    if second is None and declared.confirmed_by:
        return Refusal(code="second-needed", field="second")
    return CutWithdrawn(
        declaration=declared.id,
        by=who.account,
        reason=reason.strip(),
        second=second.account if second else "",
    )


def may_declare(who: Who, places: Collection[Place], directory: Directory) -> bool:
    """Tell whether this person may speak for these places: managers for all, carers for their own wards."""
    if who.role in MANAGERS:
        return True
    return who.role in CARERS and not _wider_than_own(who, places, directory)


def simplest(places: Collection[Place], directory: Directory) -> tuple[Place, ...]:
    """Return the same places said once: the whole hospital alone, no ward beside its building, in one order."""
    if any(place.kind == "all" for place in places):
        return (EVERYWHERE,)
    buildings = {place.code for place in places if place.kind == "building"}
    kept = {
        place
        for place in places
        if place.kind == "building"
        or (building := directory.building_of(place.code)) is None
        or building.code not in buildings
    }
    return tuple(sorted(kept, key=lambda place: (place.kind, place.code)))


def is_known(place: Place, directory: Directory) -> bool:
    """Tell whether the map holds this place."""
    if place.kind == "all":
        return not place.code
    if place.kind == "building":
        return place.code in directory.buildings
    return directory.ward(place.code) is not None


def _wider_than_own(who: Who, places: Collection[Place], directory: Directory) -> bool:
    for place in places:
        if place.kind == "ward" and place.code in who.wards:
            continue
        wards = [ward.code for ward in directory.wards_of(place.code)] if place.kind == "building" else []
        if not wards or any(code not in who.wards for code in wards):
            return True
    return False
