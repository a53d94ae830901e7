"""The declarations as people read them: what stands, what is over, who said it and who stood by it."""

from typing import Literal

import msgspec

from releve.bedside.now import IslandNow
from releve.crisis.rules import Declared
from releve.crisis.sentences import places_in_words
from releve.hospital.status import Place
from releve.hospital.tables import Declaration
from releve.web.tables import Account

__all__ = ["DeclarationLine", "declaration_lines", "line_for", "names_of"]


class DeclarationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One declaration. `people` are names where the account is known, else account codes."""

    row: Declaration
    applications: tuple[str, ...]  # names
    codes: tuple[str, ...]
    places: tuple[Place, ...]
    where: str
    state: Literal["stands", "announced", "over", "withdrawn", "claimed"]
    partly: bool  # another island said it by itself: beyond the wards it keeps it is only claimed
    by: str
    confirmed_by: str
    withdrawn_by: str
    log: str
    origin: str
    epoch: int
    index: int

    @property
    def stands(self) -> bool:
        """Whether it still makes the status of some ward, or will."""
        return self.state in ("stands", "announced")

    @property
    def as_declared(self) -> Declared:
        """The declaration as the rules need it; who recorded care since is for the caller to say."""
        return Declared(
            id=self.row.id,
            by=self.row.declared_by or "",
            places=self.places,
            confirmed_by=self.row.confirmed_by or "",
            withdrawn=self.row.withdrawn_by is not None,
        )


def declaration_lines(now: IslandNow) -> list[DeclarationLine]:
    """Return every declaration, the newest first."""
    rows = list(Declaration.objects.exclude(applications=None).order_by("-order"))
    standing = _standing(now)
    names = names_of(rows)
    return [line for row in rows if (line := _line(row, now, standing, names)) is not None]


def line_for(id_: str, now: IslandNow) -> DeclarationLine | None:
    """Return one declaration, None when there is none of this id."""
    row = Declaration.objects.exclude(applications=None).filter(id=id_).first()
    return _line(row, now, _standing(now), names_of([row])) if row is not None else None


def names_of(rows: list[Declaration]) -> dict[str, str]:
    """Return the names of those who declared, confirmed or withdrew, by account."""
    codes = {code for row in rows for code in (row.declared_by, row.confirmed_by, row.withdrawn_by) if code}
    return {
        account.id: f"{account.given or ''} {account.family or ''}".strip() or account.id
        for account in Account.objects.filter(id__in=codes)
    }


def _standing(now: IslandNow) -> set[str]:
    """Return the declarations that make the status of at least one application in one ward."""
    codes = {code for said in now.said if not said.withdrawn for code in said.applications}
    return {
        id_
        for code in codes
        for ward in now.directory.wards
        for id_ in now.statuses.at(code, ward).declarations
    }


def _line(
    row: Declaration, now: IslandNow, standing: set[str], names: dict[str, str]
) -> DeclarationLine | None:
    log, _, index = row.id.rpartition("#")
    origin, _, epoch = log.rpartition("/")
    if not epoch.isdecimal() or not index.isdecimal():
        return None
    codes = tuple(msgspec.json.decode(row.applications or "[]", type=tuple[str, ...]))
    places = msgspec.json.decode(row.places or "[]", type=tuple[Place, ...])
    said = next((one for one in now.said if one.id == row.id), None)
    only = said.wards_only if said is not None else None
    state: Literal["stands", "announced", "over", "withdrawn", "claimed"] = "over"
    if said.withdrawn if said is not None else row.withdrawn_by is not None:
        state = "withdrawn"
    elif only is not None and not any(place.covers(ward, now.directory) for place in places for ward in only):
        state = "claimed"
    elif (row.since_at or 0) > now.now_ms:
        state = "announced"
    elif row.id in standing:
        state = "stands"
    known = now.directory.applications
    return DeclarationLine(
        row=row,
        applications=tuple(known[code].name if code in known else code for code in codes),
        codes=codes,
        places=places,
        where=places_in_words(places, now.directory),
        state=state,
        partly=only is not None,
        by=_name(row.declared_by, names),
        confirmed_by=_name(row.confirmed_by, names),
        withdrawn_by=_name(row.withdrawn_by, names),
        log=log,
        origin=origin,
        epoch=int(epoch),
        index=int(index),
    )


def _name(code: str | None, names: dict[str, str]) -> str:
    return names.get(code or "", code or "")
