"""Views on a table for tests: entries in, rows out, without journal, sockets or clock."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from releve.app.offers import OFFERS
from releve.journal.entry import Entry
from releve.record.fhir import patient_key_of
from releve.record.identity import identify
from releve.views.database import open_views
from releve.views.hashing import hash_of_views
from releve.views.interpreter import Interpreter, Situation
from releve.views.projector import Projector

PARIS = ZoneInfo("Europe/Paris")
LOG = "a/1"
# Saturday 21 November 2026, 03:10 in Paris.
NOW_US = 1_795_227_000_000_000
SITUATION = Situation(zone=PARIS, namespace="CHV", oid="1.2.250.1.1", authority_senders=frozenset({"GAM"}))


def hl7(*segments: str) -> bytes:
    """Return a message of these segments."""
    return ("\r".join(segments) + "\r").encode()


def adt(trigger: str, at: str, *segments: str, sender: str = "GAM", control: str = "1") -> bytes:
    """Return an ADT message said at `at` by the identity authority."""
    return hl7(
        f"MSH|^~\\&|{sender}|CHV|R|R|{at}||ADT^{trigger}|{control}|P|2.5|||||FRA|UNICODE UTF-8",
        f"EVN|{trigger}|{at}",
        *segments,
    )


def entry_of(
    body: bytes, index: int, *, kind: str = "message.hl7v2", recorded_us: int = NOW_US, log: str = LOG
) -> Entry:
    """Return an entry as the journal would give it."""
    origin, _, epoch = log.partition("/")
    return Entry(
        version=1, origin=origin, epoch=int(epoch), index=index, hlc=(recorded_us // 1000, 0), occurred_at_us=None,
        recorded_at_us=recorded_us, author="", recorder="t", source="mllp:127.0.0.1", kind=kind, subjects=(), body=body,
    )  # fmt: skip


class ViewsTable:
    """One generation of views and the entries it came from."""

    count = 0

    def __init__(self, folder: Path, situation: Situation = SITUATION) -> None:
        ViewsTable.count += 1
        self.connection = open_views(folder / f"views.{ViewsTable.count}.sqlite3", f"table{ViewsTable.count}")
        self.entries: dict[tuple[str, int], Entry] = {}
        interpreter = Interpreter(OFFERS, situation, identify, patient_key_of)
        self.projector = Projector(
            self.connection, OFFERS, interpreter, lambda log, index: self.entries[log, index]
        )

    def fold(self, bodies: Iterable[bytes | Entry], *, batch: int = 1000, log: str = LOG) -> None:
        """Fold these, in this order, as entries of one log; an `Entry` keeps what it says."""
        start = sum(1 for name, _ in self.entries if name == log)
        entries = [
            body if isinstance(body, Entry) else entry_of(body, start + place, log=log)
            for place, body in enumerate(bodies)
        ]
        for entry in entries:
            self.entries[log, entry.index] = entry
        for first in range(0, len(entries), batch):
            part = entries[first : first + batch]
            self.projector.take(log, part, position=part[-1].index + 1)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [tuple(row) for row in cursor.fetchall()]

    def hash(self) -> str:
        """Return the hash of what the views say."""
        return str(hash_of_views(self.connection)["hash"])

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
