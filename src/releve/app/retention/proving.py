"""The proof that an epoch can go: the views folded without it say the same of all that still matters. Needs Django.

A fresh generation is folded beside the live one from what would be left. Every row of every carried subject, and every
row of no subject, must be the same in both: same key, same values, told by the same entry. Of who is carried in part,
every row that is needed must be there, and no row that is not the same.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from releve.app.clock import now_us
from releve.app.folding import ENTRIES_BULK, Folder
from releve.app.generation import positions_of
from releve.app.retention.mattering import Mattering, mattering
from releve.app.retention.needed import Key, needed_rows
from releve.hospital.in_force import latest_map
from releve.islands.exchange.whole import write_whole
from releve.journal.errors import FolderError
from releve.views.columns import PersonRow, Told
from releve.views.database import (
    generation_in_force,
    new_generation,
    open_views,
    rebuild_lock,
    remove_generation,
    remove_orphans,
    views_lock,
    views_models,
)
from releve.views.hashing import MODULUS, row_hash

__all__ = ["Proof", "proved", "read_proof"]

_AT_ONCE = 2000
Show = Callable[[str, int, int], None]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What folding without these logs gave; `differs` counts, by table, the subjects whose rows are not the same."""

    without: tuple[str, ...]
    holds: bool
    at_us: int
    entries: int  # folded, of the logs that stay
    subjects: int  # compared
    persons: int
    persons_known: int
    rows: int
    differs: dict[str, int]
    seconds: float


class _Rows(NamedTuple):
    hashes: dict[str, int]  # by subject, "" for rows of none
    rows: int
    apart: dict[str, tuple[str, int]]  # of those carried in part: by id, whose it is and its hash


def proof_path(data: Path, log: str) -> Path:
    """Return where the last proof about a log stands."""
    return data / "retention" / f"{log.replace('/', '.')}.json"


def read_proof(data: Path, log: str) -> Proof | None:
    """Return the last proof about a log, None without one."""
    try:
        return msgspec.json.decode(proof_path(data, log).read_bytes(), type=Proof)
    except (OSError, msgspec.DecodeError, ValueError):
        return None


@contextlib.contextmanager
def proved(
    data: Path, without: frozenset[str], *, now_ms: int, recent_days: int, show: Show, in_part: bool = False
) -> Iterator[tuple[Proof, Path]]:
    """Yield the proof about logs (ORIGIN/EPOCH) and the generation folded without them, removed unless put in force.

    The right to make another generation is held meanwhile.

    Raises:
        RebuildRunning, JournalError.
    """
    began = time.monotonic()
    with rebuild_lock(data):
        remove_orphans(data)
        live = generation_in_force(data)
        if live is None:
            raise FolderError("views: expected some to compare with; start the island or rebuild them")
        path = new_generation(data)
        folder = Folder(data, path, latest_map(data), alias=f"proof{path.stem}", without=without)
        connection = open_views(live, "live")
        try:
            total = folder.behind()
            # Never beyond the live views: both must hold the same when they are compared.
            while folder.step(ENTRIES_BULK, positions_of(connection)):
                show("folding", total - folder.behind(), total)
            with views_lock(data):
                while folder.step(ENTRIES_BULK, positions_of(connection)):
                    pass
                entries = sum(folder.positions.values())
                matter = mattering(without, now_ms=now_ms, recent_days=recent_days, in_part=in_part)
                must = needed_rows(connection, matter.in_part, now_ms=now_ms) if matter.in_part else {}
                differs, rows = _compare(connection, folder.connection, matter, must, show)
            folder.close()
            proof = Proof(
                without=tuple(sorted(without)), holds=not differs, at_us=now_us(), entries=entries,
                subjects=len(matter.subjects),
                persons=matter.persons, persons_known=matter.persons_known, rows=rows, differs=differs,
                seconds=round(time.monotonic() - began, 1),
            )  # fmt: skip
            for log in without:
                kept = proof_path(data, log)
                kept.parent.mkdir(mode=0o700, exist_ok=True)
                write_whole(kept, msgspec.json.encode(proof))
            yield proof, path
        finally:
            connection.close()
            folder.abandon()
            if generation_in_force(data) != path.resolve():
                remove_generation(path)


def _compare(
    live: Any, fresh: Any, matter: Mattering, must: dict[Key, str], show: Show
) -> tuple[dict[str, int], int]:
    """Return how many subjects differ in each table that is not the same, and how many rows were compared.

    Of those who are carried in part, all that is needed must be there, and nothing that is not the same.
    """
    differs: dict[str, int] = {}
    rows = 0
    tables = [
        model for model in views_models() if issubclass(model, Told) and model._meta.app_label != "views"
    ]
    needed: dict[str, dict[str, str]] = {}
    for (table, key), person in must.items():
        needed.setdefault(table, {})[key] = person
    # Who was restated and has just ceased to matter is no fault, as long as what came back of her is the same.
    whole = matter.subjects - matter.in_part if matter.in_part else None
    for done, model in enumerate(tables):
        table = model._meta.db_table
        there = _rows(fresh, model, None, whole, None)
        here = _rows(live, model, matter.subjects, whole, there.apart.keys())
        rows += here.rows
        # Of the fresh views everything counts: somebody who is not carried must not come back in part.
        changed = {
            one for one in {*here.hashes, *there.hashes} if here.hashes.get(one) != there.hashes.get(one)
        }
        changed |= {
            person for key, (person, hashed) in there.apart.items() if here.apart.get(key) != (person, hashed)
        }
        changed |= {person for key, person in needed.get(table, {}).items() if key not in there.apart}
        if changed:
            differs[table] = len(changed)
        show("comparing", done + 1, len(tables))
    return differs, rows


def _rows(
    connection: Any,
    model: Any,
    subjects: frozenset[str] | None,
    whole: frozenset[str] | None,
    wanted: Collection[str] | None,
) -> _Rows:
    """Return the rows of a table: of `subjects` (None: of everybody) as one hash each.

    `whole`: who is carried whole; the rows of all other persons stand apart, those of `wanted` (None: all). None:
    everybody is.
    """
    table = model._meta.db_table
    columns = sorted(field.column for field in model._meta.local_fields if field.column)
    person = columns.index("person") if issubclass(model, PersonRow) else None
    key = columns.index("id")
    names = ", ".join(f'"{column}"' for column in columns)
    hashes: dict[str, int] = {}
    apart: dict[str, tuple[str, int]] = {}
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
        while found := cursor.fetchmany(_AT_ONCE):
            for values in found:
                subject = values[person] or "" if person is not None else ""
                is_apart = whole is not None and subject and subject not in whole
                if is_apart and wanted is not None and values[key] not in wanted:
                    continue
                if not is_apart and subject and subjects is not None and subject not in subjects:
                    continue
                hashed = row_hash(table, dict(zip(columns, values, strict=True)))
                if is_apart:
                    apart[values[key]] = subject, hashed
                else:
                    hashes[subject] = (hashes.get(subject, 0) + hashed) % MODULUS
                count += 1
    return _Rows(hashes, count, apart)
