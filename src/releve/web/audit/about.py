"""Which patient or ward an address is about. Addresses name them by `handle`, `ward`, or `ward/<code>`, in every room.

The wards in charge of a patient are the record's to say: it hands the function in with `set_whereabouts`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import ResolverMatch

from releve.web.access import FILES_OF_A_WARD
from releve.web.opaque import open_handle

__all__ = ["About", "Whereabouts", "about_of", "patients_of_ward", "set_whereabouts"]


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """A patient's key that stands for all linked ones, and the wards in charge of her (none when nobody said)."""

    patient: str
    wards: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a page is about: a patient with the wards in charge of her, or a ward's board, or neither."""

    patient: str = ""
    ward: str = ""
    wards: tuple[str, ...] = ()
    is_file: bool = False  # it shows what is in a patient's file, not only who lies where

    @property
    def is_somebody(self) -> bool:
        """Whether it is about a patient or a ward at all."""
        return bool(self.patient or self.ward)


def _unknown(patient: str) -> Whereabouts:
    return Whereabouts(patient=patient, wards=())


def _no_one(ward: str) -> tuple[str, ...]:
    return ()


_whereabouts: Callable[[str], Whereabouts] = _unknown
_patients: Callable[[str], tuple[str, ...]] = _no_one


def set_whereabouts(
    whereabouts: Callable[[str], Whereabouts] | None, patients: Callable[[str], tuple[str, ...]] | None
) -> None:
    """Take the functions that say which wards are in charge of a patient, and who is in a ward."""
    global _whereabouts, _patients
    _whereabouts, _patients = whereabouts or _unknown, patients or _no_one


def about_of(request: HttpRequest, match: ResolverMatch) -> About:
    """Return what the page at this address is about."""
    kwargs: dict[str, Any] = match.kwargs
    handle = kwargs.get("handle")
    if isinstance(handle, str):
        key = open_handle(handle)
        if key is not None:
            found = _whereabouts(key)
            return About(patient=found.patient, wards=found.wards, is_file=True)
    ward = kwargs.get("ward") or (kwargs.get("code") if "ward/<str:code>" in match.route else None)
    if not ward:
        return About()
    return About(ward=str(ward), wards=(str(ward),), is_file=match.view_name in FILES_OF_A_WARD)


def patients_of_ward(ward: str) -> tuple[str, ...]:
    """Return the keys of the patients a ward's board names."""
    return _patients(ward)
