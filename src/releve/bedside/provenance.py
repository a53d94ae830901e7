"""Where a line comes from, how old it is, whether it may have changed unheard, under which number it was said."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from django.db.models import Min

from releve.bedside.horizon import Freshness, cut_said_ms
from releve.bedside.now import IslandNow
from releve.hospital.standing import heeded, lines_now
from releve.hospital.tables import Declaration
from releve.record.carried import Carriage, carriages_of
from releve.record.tables import Person
from releve.web.elsewhere import island_of

__all__ = ["Origin", "Provenance", "suspected_attack_ms"]

HERE = ("releve", "screen:", "outbox:")  # how the source of an entry made on an island begins


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Provenance and age of one line. Instants are UTC ms."""

    name: str  # of the feed; "" when nobody announced the sender
    here: bool  # entered on an island
    island: str = ""  # which island it was entered or received on, when it is another one
    log: str = ""  # of the entry
    index: int | None = None
    recorded_at: int | None
    heard_ms: int | None = None  # the feed's last message
    still_heard: bool = False  # its application is said to be cut, and the feed goes on
    frozen: bool = False  # the feed is silent or its application is down: may have changed
    after_attack: bool = False  # received after the moment from which the attack is suspected
    way: Carriage | None = None  # a colleague's session brought it here
    beyond: str = ""  # the island it was said on, after the line up to which that one is trusted
    number: str = ""  # the linked number it was said under, when it is not the one shown


def suspected_attack_ms() -> int | None:
    """Return from when on an attack is suspected: the earliest "since" of what stands declared, or None."""
    standing = Declaration.objects.filter(reason="attack", id__in=heeded())
    return standing.aggregate(since=Min("since_at"))["since"]


class Provenance:
    """Answers for the lines of one person."""

    def __init__(self, now: IslandNow, ward: str, head: str, members: Sequence[Person]) -> None:
        self._by_sender: dict[str, list[Freshness]] = {}
        for fresh in now.feeds:
            self._by_sender.setdefault(fresh.feed.sending_application, []).append(fresh)
        # When each was said to be cut.
        self._down = {line.application: cut_said_ms(line) for line in now.statuses.down(ward)} if ward else {}
        self._head = head
        self._several = len(members) > 1
        self._persons = [member.id for member in members]
        self.attack_ms = suspected_attack_ms()
        self._belonging = lines_now()

    @cached_property
    def _ways(self) -> Mapping[str, Carriage]:
        return carriages_of(self._persons)

    def of(self, row: Any) -> Origin:
        """Return the provenance of a row of the views."""
        source = row.source or ""
        heard = max(self._by_sender.get(source, ()), key=lambda fresh: fresh.last_at or 0, default=None)
        recorded = row.recorded_at
        cut_ms = self._down.get(heard.feed.application) if heard is not None else None
        return Origin(
            name=heard.feed.name if heard is not None else "" if source.startswith(HERE) else source,
            here=source.startswith(HERE),
            island=island_of(row.log),
            log=row.log or "",
            index=row.index,
            recorded_at=recorded,
            heard_ms=heard.last_at if heard is not None else None,
            still_heard=heard is not None and cut_ms is not None and (heard.last_at or 0) > cut_ms,
            frozen=heard is not None and (heard.silent or heard.feed.application in self._down),
            # What people say here is not what an attacker's message may have said.
            after_attack=self.attack_ms is not None
            and recorded is not None
            and recorded > self.attack_ms
            and not source.startswith(HERE),
            way=self._ways.get(f"{row.log}#{row.index}") if source.startswith(HERE) else None,
            beyond=self._beyond(row.log or "", row.index),
            number=row.person.partition(":")[2] if self._several and row.person != self._head else "",
        )

    def _beyond(self, log: str, index: int | None) -> str:
        if not self._belonging.cuts or index is None or self._belonging.beyond(f"{log}#{index}") is None:
            return ""
        origin = log.partition("/")[0]
        island = self._belonging.islands.get(origin)
        return island.name if island is not None else origin
