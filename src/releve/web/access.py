"""Who may see and write what, by role and ward. The journal's rules say the rest (two signatures, statuses).

In part A every signed-in person who takes part in care sees the wards; a confidential stay keeps its cover name
outside the ward in charge.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from releve.web.accounts.people import Person

__all__ = [
    "CARE",
    "can_see_patient",
    "in_charge_of",
    "manages_accounts",
    "needs_cover",
    "needs_role",
    "public",
]

# Who takes part in care, admission included: Code de la santé publique, L1110-4 (équipe de soins).
CARE = frozenset(
    {
        "nurse",
        "physician",
        "pharmacist",
        "radiographer",
        "laboratory",
        "clerk",
        "crisis",
        "midwife",
        "assistant",
    }
)


def can_see_patient(person: Person | None) -> bool:
    """Tell whether this person's role opens patients' pages at all."""
    return person is not None and person.role in CARE


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
