"""What every page of this room needs to know first: who acts, which wards write here, what a person is called."""

from collections.abc import Sequence

import msgspec
from django.http import HttpRequest
from django.utils.translation import get_language

from releve.departments.admissions.beds import WardBeds, beds_of
from releve.departments.admissions.rules import Who, may_write
from releve.hospital.map import Ward
from releve.record.chart import Here, here_of
from releve.web.accounts.people import Person as Reader

__all__ = ["Desk", "desk_of"]

FUNCTION = "admit"
CARING = ("inpatient", "critical", "emergency", "day", "theatre")


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The reader at her screen. `wards` are those where she may write now; `elsewhere` where one writes otherwise.

    `past` are wards that wrote here once and no longer do: what was done then is still taken, on a page that asks for
    it (`late`), whose forms check the hour.
    """

    reader: Reader
    who: Who
    here: Here
    wards: tuple[Ward, ...]
    elsewhere: tuple[tuple[Ward, str], ...] = ()
    past: frozenset[str] = frozenset()
    late: bool = False

    @property
    def open(self) -> bool:
        """Something may be written here by her now."""
        return bool(self.wards)

    def writes(self, ward: str) -> bool:
        """Return whether movements of this ward are written here now."""
        return self.here.opening(FUNCTION, ward).open or (self.late and ward in self.past)

    def place(self, ward: str) -> str:
        """Return the name of the one place where this ward writes its movements."""
        return self.here.opening(FUNCTION, ward).where.label(get_language() or "fr")

    def home(self, asked: str = "") -> Ward | None:
        """Return the ward to propose: the one asked for, her own, where people arrive, else the first."""
        by_code = {ward.code: ward for ward in self.wards}
        for code in (asked, *self.reader.wards):
            if code in by_code:
                return by_code[code]
        arrivals = [ward for ward in self.wards if ward.kind == "emergency"]
        return next(iter((*arrivals, *self.wards)), None)

    def beds(self, first: str = "", *, wards: Sequence[Ward] | None = None) -> dict[str, WardBeds]:
        """Return the beds where she may put somebody, the ward `first` before the others."""
        listed = sorted(self.wards if wards is None else wards, key=lambda ward: ward.code != first)
        return beds_of(listed, self.here.directory, self.reader)


def desk_of(request: HttpRequest) -> Desk:
    """Return who acts, and where.

    Raises:
        Http404: no map of the hospital is known yet.
    """
    here = here_of(request)
    reader: Reader = request.person  # type: ignore[attr-defined]
    who = Who(account=reader.code, role=reader.role, wards=reader.wards)
    caring = [ward for ward in here.directory.map.wards if ward.kind in CARING]
    mine = [ward for ward in caring if may_write(who, (ward.code,)) is None]
    language = get_language() or "fr"
    openings = [(ward, here.opening(FUNCTION, ward.code)) for ward in mine]
    closed = [ward.code for ward, opening in openings if not opening.open]
    past = frozenset(code for code in closed if _wrote_here(here, code))
    late = "late" in request.GET
    return Desk(
        reader=reader,
        who=who,
        here=here,
        past=past,
        late=late,
        wards=tuple(ward for ward, opening in openings if opening.open or (late and ward.code in past)),
        elsewhere=tuple(
            (ward, opening.where.label(language)) for ward, opening in openings if not opening.open
        ),
    )


def _wrote_here(here: Here, ward: str) -> bool:
    """Return whether this ward wrote its movements here at the beginning of any cut that is still remembered."""
    moments = {said.effective_us // 1000 + 1 for said in here.said if said.status == "down"}
    return any(here.timing(FUNCTION, ward, moment).accepted for moment in sorted(moments))
