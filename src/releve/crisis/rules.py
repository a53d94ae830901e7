"""Who may declare a cut, confirm it, take it back: a state and a command give facts or a refusal in words. Pure."""

from collections.abc import Collection

import msgspec

from releve.crisis.facts import CutConfirmed, CutDeclared, CutWithdrawn, Reason
from releve.hospital.map import Directory
from releve.hospital.status import Place, State

__all__ = ["MANAGERS", "Declared", "Refusal", "Who", "confirm", "declare", "withdraw"]

# Roles that may speak for the whole hospital; any carer may speak for her own wards.
MANAGERS = frozenset({"crisis", "it", "physician", "pharmacist"})
# A cut cannot have begun further back than this: earlier is a slip of the keyboard (microseconds).
PAST_US_MAX = 31 * 86_400 * 1_000_000
FUTURE_US_MAX = 14 * 86_400 * 1_000_000


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why not: `code` names the sentence (the page has the words), `field` where it is to be mended."""

    code: str
    field: str = ""


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
    recorded_since: int = 0  # acts of care recorded here since, in its places


def declare(
    *,
    who: Who,
    second: Who | None,
    applications: Collection[str],
    places: Collection[Place],
    status: State,
    since_us: int | None,
    now_us: int,
    reason: Reason | None,
    note: str,
    directory: Directory,
) -> CutDeclared | tuple[Refusal, ...]:
    """Return the declaration, or every reason why it cannot be made."""
    refusals: list[Refusal] = []
    if not applications:
        refusals.append(Refusal(code="no-application", field="applications"))
    elif any(directory.application(code) is None for code in applications):
        refusals.append(Refusal(code="unknown-application", field="applications"))
    if not places:
        refusals.append(Refusal(code="no-place", field="places"))
    elif any(not _known(place, directory) for place in places):
        refusals.append(Refusal(code="unknown-place", field="places"))
    if since_us is None:
        refusals.append(Refusal(code="since-unreadable", field="since"))
    elif since_us < now_us - PAST_US_MAX:
        refusals.append(Refusal(code="since-too-old", field="since"))
    elif since_us > (
        now_us + 60_000_000 if status == "down" and reason != "planned" else now_us + FUTURE_US_MAX
    ):
        refusals.append(Refusal(code="since-in-the-future", field="since"))
    if reason is None:
        refusals.append(Refusal(code="no-reason", field="reason"))
    if second is not None and second.account == who.account:
        refusals.append(Refusal(code="second-is-first", field="second"))
    if second is not None and second.account != who.account and not _may_confirm(second, places, directory):
        refusals.append(Refusal(code="second-may-not", field="second"))
    if places and not may_declare(who, places, directory):
        refusals.append(Refusal(code="not-your-wards", field="places"))
    elif second is None and who.role in MANAGERS and _wider_than_own(who, places, directory):
        refusals.append(Refusal(code="second-needed", field="second"))
    if refusals or since_us is None or reason is None:
        return tuple(refusals)
    return CutDeclared(
        applications=tuple(sorted(applications)),
        places=tuple(places),
        status=status,
        since_us=since_us,
        reason=reason,
        note=note.strip(),
        by=who.account,
        second=second.account if second else "",
    )


def confirm(*, who: Who, declared: Declared, directory: Directory) -> CutConfirmed | Refusal:
    """Return the confirmation by a second person."""
    if declared.withdrawn:
        return Refusal(code="already-withdrawn")
    if declared.confirmed_by:
        return Refusal(code="already-confirmed")
    if declared.by == who.account:
        return Refusal(code="second-is-first")
    if not _may_confirm(who, declared.places, directory):
        return Refusal(code="second-may-not")
    return CutConfirmed(declaration=declared.id, by=who.account)


def withdraw(*, who: Who, declared: Declared, reason: str, directory: Directory) -> CutWithdrawn | Refusal:
    """Return the withdrawal: only while nothing was recorded under the declaration."""
    if declared.withdrawn:
        return Refusal(code="already-withdrawn")
    if declared.recorded_since:
        return Refusal(code="already-recorded")
    if not (who.account == declared.by or _may_confirm(who, declared.places, directory)):
        return Refusal(code="not-your-wards")
    return CutWithdrawn(declaration=declared.id, by=who.account, reason=reason.strip())


def may_declare(who: Who, places: Collection[Place], directory: Directory) -> bool:
    """Tell whether this person may speak for these places: managers for all, others for their own wards."""
    return who.role in MANAGERS or not _wider_than_own(who, places, directory)


def _may_confirm(who: Who, places: Collection[Place], directory: Directory) -> bool:
    return may_declare(who, places, directory)


def _wider_than_own(who: Who, places: Collection[Place], directory: Directory) -> bool:
    for place in places:
        if place.kind == "ward" and place.code in who.wards:
            continue
        wards = [ward.code for ward in directory.wards_of(place.code)] if place.kind == "building" else []
        if not wards or any(code not in who.wards for code in wards):
            return True
    return False


def _known(place: Place, directory: Directory) -> bool:
    if place.kind == "all":
        return True
    if place.kind == "building":
        return place.code in directory.buildings
    return directory.ward(place.code) is not None
