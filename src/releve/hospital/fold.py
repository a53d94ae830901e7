"""The hospital's own entries become rows: the map in force, the last census. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.codecs.census import CensusError, read_census
from releve.hospital.facts import read_map
from releve.journal.entry import Entry
from releve.journal.power import nonce_of, signers
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "read_census_entry", "read_map_entry"]


class MapImported(msgspec.Struct, frozen=True, kw_only=True):
    """A map was told."""

    body: str
    signed_by: tuple[str, ...] = ()
    nonce: str = ""
    person: str = "hospital:map"


class CensusLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a census: who the hospital says is where."""

    ipp: str
    visit: str
    name: str
    birth_date: str
    ward: str
    bed: str
    taken_at: int
    person: str = ""


def read_map_entry(entry: Entry, context: Context) -> Iterable[MapImported]:
    """Return the map of an entry as JSON, for pages."""
    return [
        MapImported(
            body=msgspec.json.encode(read_map(entry.body).map).decode(),
            signed_by=signers(entry.kind, entry.body),
            nonce=nonce_of(entry.body),
        )
    ]


def fold_map(fact: MapImported, context: Context) -> Iterable[Row]:
    """One row for each map told: which is in force is decided when it is read, so any order gives the same."""
    columns = {
        "body": fact.body,
        "signed_by": msgspec.json.encode(fact.signed_by).decode(),
        "statement": fact.nonce or None,
    }
    return [Row("hospital_map", f"{context.log}#{context.index}", columns)]


def read_census_entry(entry: Entry, context: Context) -> Iterable[CensusLine | NotRead]:
    """Return the lines of a census file; those that cannot be read are said by line."""
    try:
        census = read_census(entry.body)
    except CensusError as error:
        yield NotRead(reason=f"census: {error}")
        return
    for problem in census.problems:
        yield NotRead(reason=f"census, {problem}")
    for line in census.rows:
        yield CensusLine(
            ipp=line.ipp,
            visit=line.encounter,
            name=" ".join(part for part in (line.family, line.given) if part),
            birth_date=line.birth_date,
            ward=line.ward,
            bed=line.bed,
            taken_at=context.recorded_at,
        )


def fold_census(fact: CensusLine, context: Context) -> Iterable[Row]:
    """One row for each line of each census: the newest is chosen where it is read, so any order gives the same."""
    columns = {
        "ipp": fact.ipp, "visit": fact.visit, "name": fact.name, "birth_date": fact.birth_date, "ward": fact.ward,
        "bed": fact.bed, "taken_at": fact.taken_at,
    }  # fmt: skip
    return [Row("hospital_census", f"{context.log}#{context.index}/{fact.ipp}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {MapImported: fold_map, CensusLine: fold_census}
