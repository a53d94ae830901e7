"""Who a person is, as this reader may know it: her names, or the cover name of a confidential stay.

Pure but for the rows it reads from. A cover hides what names somebody (names, birth date, numbers, address, people to
call) and what tells why she is here (reason, physician, results, reports, requests, appointments); what keeps her safe
(allergies, alerts, treatment) stays, for whoever works with her must see it.
"""

from collections.abc import Mapping

import msgspec

from releve.bedside.census import Present
from releve.hospital.map import Directory
from releve.record.tables import Person as PersonRow
from releve.web.access import needs_cover
from releve.web.accounts.people import Person

__all__ = ["Traits", "claimed", "confidential_of", "is_covered", "traits_of", "wards_in_charge"]


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """Identity as a page writes it. `covered`: everything else is empty and `name` is the cover name."""

    covered: bool
    name: str  # birth name, or cover name
    given: str = ""
    used: str = ""  # name in use, only when it differs
    sex: str | None = None
    birth_date: str | None = None
    doubt: str = ""  # provisional, doubtful, fictitious… or ""

    @property
    def spoken(self) -> str:
        """The name in one line, as titles need it."""
        return f"{self.name} {self.given}".strip()


def confidential_of(present: Present, directory: Directory | None) -> str:
    """Return why this stay is confidential, or "": as said of the stay, of the person, or of the whole ward."""
    if present.confidential:
        return present.confidential
    ward = present.encounter.ward
    if directory is not None and ward is not None and ward in directory.map.confidential.wards:
        return f"ward {ward}"
    return ""


def wards_in_charge(present: Present) -> tuple[str | None, ...]:
    """Return the wards whose people know who this is: accommodation, care, medical."""
    stay = present.encounter
    return stay.ward, stay.care_ward, stay.medical_ward, stay.attributed_to


def is_covered(present: Present, reader: Person | None, directory: Directory | None) -> bool:
    """Tell whether this reader sees the stay under its cover name."""
    return needs_cover(
        reader, confidential=confidential_of(present, directory), wards=wards_in_charge(present)
    )


def traits_of(row: PersonRow, *, cover: str = "") -> Traits:
    """Return the identity to write; `cover` is the cover name when it must be used."""
    if cover:
        return Traits(covered=True, name=cover)
    used = row.used_name or ""
    status = (row.identity_status or "").upper()
    doubts = row.doubts
    doubt = ""
    if "FICT" in doubts:
        doubt = "fictitious"
    elif "DOUB" in doubts:
        doubt = "doubtful"
    elif status == "PROV":
        doubt = "provisional"
    return Traits(
        covered=False,
        name=row.birth_name or used,
        given=row.given_name or row.given_names or "",
        used=used if row.birth_name and used and used != row.birth_name else "",
        sex=row.sex,
        birth_date=row.birth_date,
        doubt=doubt,
    )


def claimed(words: Mapping[str, str]) -> Traits:
    """Return the identity that one correction states, by the fields of its words."""
    name, used = words.get("birth_name", ""), words.get("used_name", "")
    return Traits(
        covered=False,
        name=name or used,
        given=words.get("given_name", ""),
        used=used if name and used != name else "",
        sex=words.get("sex") or None,
        birth_date=words.get("birth_date") or None,
        doubt="doubtful",
    )
