"""Why an epoch may not go yet, in words. Needs Django, and views that are up to date."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.app.clock import now_us
from releve.hospital.standing import belonging_now, statements_now
from releve.islands.exchange.state import Exchange, read_exchange
from releve.journal.folder import Log, own_log
from releve.journal.opening import HeadRow
from releve.journal.reader import LogReader
from releve.record.tables import Act
from releve.web.audit.reading import glasses_in
from releve.web.words import counted

__all__ = ["Confirmed", "Reason", "archive_confirmed", "reasons_against"]

FRESH_US = 60_000_000  # what another island holds was heard of within this time


class Reason(NamedTuple):
    """One reason: its word for scripts, and the sentence for people."""

    code: str
    text: str


class Confirmed(NamedTuple):
    """An archive that two managers confirmed, and where it lies."""

    manifest: bytes
    where: str
    entry: str


def reasons_against(data: Path, log: Log) -> list[Reason]:
    """Return all that keeps this epoch here, but for the proof."""
    own = own_log(data)
    if log.origin != own.origin:
        return [Reason("foreign", f"{log.name} was written by another island: it is dropped there")]
    if log.epoch >= own.epoch:
        return [Reason("open", f"{log.name} is still being written: roll it first")]
    with LogReader(log.path) as reader:
        head, opened_us = reader.head(), reader.opened().opened_at_us
        closed_us = reader.get(head.size - 1).recorded_at_us
    found = []
    if owed := _acts_owed(log):
        found.append(
            Reason(
                "owed",
                f"{counted(owed, 'act')} of care in it still owed to applications that were cut: hand them "
                "back first",
            )
        )
    open_glasses = [
        glass
        for glass in glasses_in(data)
        if glass.review is None and opened_us <= glass.fact.at_us <= closed_us
    ]
    if open_glasses:
        found.append(
            Reason(
                "audit",
                f"{len(open_glasses):,} break-glass of that time wait for a review: review them first",
            )
        )
    if archive_confirmed(log, head) is None:
        found.append(
            Reason(
                "archive",
                "no archive of it was confirmed by two managers: `releve epochs archive`, then `confirm`",
            )
        )
    return found + _reasons_of_peers(read_exchange(data), own.origin, log, head)


def archive_confirmed(log: Log, head: HeadRow) -> Confirmed | None:
    """Return the archive of this epoch that two managers confirmed, None without one."""
    for one in statements_now():
        if one.kind != "islands.archived.1" or not one.counts or one.island != log.origin:
            continue
        said = one.body
        if (said["epoch"], said["size"], _bytes(said["root"])) == (log.epoch, head.size, head.root):
            return Confirmed(_bytes(said["manifest"]), said["where"], one.place)
    return None


def _bytes(text: str) -> bytes:
    return msgspec.convert(text, bytes, builtin_types=())


def _acts_owed(log: Log) -> int:
    acts = Act.objects.filter(entry__startswith=f"{log.name}#").exclude(applications=None)
    return acts.exclude(applications="[]").count()


def _reasons_of_peers(exchange: Exchange | None, own: str, log: Log, head: HeadRow) -> list[Reason]:
    """Return which islands lack entries of it, or may have said things that are not known here yet."""
    found = []
    for origin, island in sorted(belonging_now().islands.items()):
        if origin == own or island.joined is None:
            continue
        copy = exchange.copies.get(log.name, {}).get(origin) if exchange is not None else None
        if copy is None or copy.size < head.size:
            held = copy.size if copy is not None else 0
            found.append(
                Reason(
                    "peer",
                    f"{island.name} holds {held:,} of its {counted(head.size, 'entry')}: let it pull first",
                )
            )
        state = exchange.peers.get(origin) if exchange is not None else None
        reached = state.reached_us if state is not None else None
        behind = any(
            one.behind
            for name, one in (exchange.logs if exchange else {}).items()
            if name.startswith(f"{origin}/")
        )
        if reached is None or now_us() - reached > FRESH_US or behind:
            found.append(
                Reason(
                    "behind", f"{island.name} may have recorded what is not here yet: let this island pull"
                )
            )
    return found
