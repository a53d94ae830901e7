"""Who may see what, by role and ward: one table, `REACH`, held against docs/reference/access.md by a test.

A role reaches all wards, its own wards only, or no patient at all. Beyond one's own wards a page asks for a reason and
opens: care is never refused for a ward's sake. What may be *written* is decided by each room's rules; a confidential
stay keeps its cover name outside the wards in charge.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Literal, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from releve.web.accounts.people import Person

__all__ = [
    "ADMITTING",
    "AUDITOR_PAGES",
    "CARE",
    "FILES_OF_A_WARD",
    "REACH",
    "Reach",
    "Wards",
    "can_see_patient",
    "in_charge_of",
    "manages_accounts",
    "may_open_page",
    "needs_cover",
    "needs_reason",
    "needs_role",
    "public",
]

Wards = Literal["all", "own", "none"]


class Reach(NamedTuple):
    """Which wards' boards and which patients' pages a role opens without saying why."""

    boards: Wards
    patients: Wards


# Those who come to the patient wherever she is (pharmacy, imaging, laboratory, admissions, crisis) serve all wards.
# A physician called to another ward looks at its board first; the file of one patient there is opened with a reason.
REACH: dict[str, Reach] = {
    "nurse": Reach("own", "own"),
    "midwife": Reach("own", "own"),
    "assistant": Reach("own", "own"),
    "physician": Reach("all", "own"),
    "pharmacist": Reach("all", "all"),
    "radiographer": Reach("all", "all"),
    "laboratory": Reach("all", "all"),
    "clerk": Reach("all", "all"),
    "crisis": Reach("all", "all"),
    "it": Reach("none", "none"),
    "auditor": Reach("none", "none"),
    "other": Reach("none", "none"),
}
NOBODY = Reach("none", "none")

# Who takes part in care, admission included: Code de la santé publique, L1110-4 (équipe de soins).
CARE = frozenset(role for role, reach in REACH.items() if reach.patients != "none")

# All that an auditor opens besides what stands open to everybody: who looks at everybody's reading reads no patient.
AUDITOR_PAGES = frozenset(
    {
        "audit",
        "audit-export",
        "audit-glass",
        "audit-review",
        "change-code",
        "change-pin",
        "choose",
        "home",
        "lock",
        "post",
        "shell",
        "sign-in",
        "sign-out",
    }
)


def can_see_patient(person: Person | None) -> bool:
    """Tell whether this person's role opens patients' pages at all."""
    return person is not None and person.role in CARE


# Pages of a ward that hold its patients' files, not only who lies where: opened like a patient's page.
FILES_OF_A_WARD = frozenset(
    {
        "handover",
        "handover-file",
        "handover-take",
        "pack-document",
        "ward-doses",
        "ward-sheet",
        "ward-sheet-file",
        "ward-to-sign",
    }
)
# Whoever admits a person brings her into a ward: there is no ward to be beyond yet.
ADMITTING = frozenset({"admit-known"})


def needs_reason(person: Person, *, wards: Iterable[str | None], patient: bool) -> bool:
    """Tell whether this page lies beyond her wards and is opened with a reason only.

    `wards` are all in charge: the ward of a board; of a patient those of her stay, none when nobody said. A physician
    whose account names no ward is on duty for the whole house.
    """
    reach = REACH.get(person.role, NOBODY)
    bound = reach.patients if patient else reach.boards
    if bound != "own" or (person.role == "physician" and not person.wards):
        return False
    return not any(in_charge_of(person, ward) for ward in wards)


def may_open_page(person: Person, page: str) -> bool:
    """Tell whether this role opens a page at all, before any room's own rule; `page` is the name of its address."""
    return person.role != "auditor" or page in AUDITOR_PAGES


def in_charge_of(person: Person | None, ward: str | None) -> bool:
    """Tell whether this person works in the ward (UF code); nobody is in charge of an unknown ward."""
    return person is not None and ward is not None and ward in person.wards


def needs_cover(person: Person | None, *, confidential: str | None, wards: tuple[str | None, ...]) -> bool:
    """Tell whether a stay must be shown under its cover name to this person.

    `confidential` is why it is (None or "" when it is not); `wards` are all wards in charge of the stay:
    accommodation, care, medical.
    """
    return bool(confidential) and not any(in_charge_of(person, ward) for ward in wards)


def manages_accounts(person: Person | None) -> bool:
    """Tell whether this person may create, disable and release accounts."""
    return person is not None and person.role == "it"


_View = Callable[..., HttpResponse]


def needs_role(*roles: str) -> Callable[[_View], _View]:
    """Return a decorator that opens a page to these roles only."""

    def decorate(view: _View) -> _View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person: Person | None = getattr(request, "person", None)
            if person is None or person.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def public(view: _View) -> _View:
    """Mark a page that opens without signing in (sign-in, first administrator, language)."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
