"""The hospital map in force: the last one told here or signed by two managers, whatever others say.

A map decides who lies where and where each ward writes: an island that was taken over must not redraw the others.
"""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from releve.hospital.facts import MAP_KIND, read_map
from releve.hospital.map import HospitalMap
from releve.journal.power import Statement, nonce_of, signers
from releve.views.acts import Act, acts_of
from releve.views.reading import Context
from releve.web.accounts import fold as accounts
from releve.web.accounts.facts import ManagersNamed, ManagersRemoved
from releve.web.accounts.managers import Managers, counted, decide
from releve.web.database import origin_of

__all__ = ["MapMissing", "latest_body", "latest_map", "managers_of"]


class MapMissing(Exception):
    """No map was ever imported on this island."""


def latest_map(data: Path) -> HospitalMap:
    """Return the map in force, read from the journal.

    Raises:
        MapMissing: none was imported; `releve hospital import DIR --data DATA` does it.
    """
    acts = acts_of(data, (MAP_KIND, *accounts.MANAGERS_KINDS))
    told = [act for act in acts if act.entry.kind == MAP_KIND and not act.entry.redacted]
    own = origin_of(data)  # None: logs without a key, looked at by somebody: nothing here is another's
    if own is not None and any(act.log.partition("/")[0] != own for act in told):
        statements = [
            Statement(act.place, signers(MAP_KIND, act.entry.body), nonce_of(act.entry.body)) for act in told
        ]
        signed = counted(statements, managers_of(acts, own))
        told = [act for act in told if act.log.partition("/")[0] == own or act.place in signed]
    if not told:
        raise MapMissing("no hospital map: expected one imported by `releve hospital import DIR --data DATA`")
    return read_map(told[-1].entry.body).map


def managers_of(acts: Sequence[Act], own: str | None) -> Managers:
    """Return the managers that count on the island `own`, by what these acts say of them."""
    words = []
    for act in acts:
        if act.entry.kind not in accounts.MANAGERS_KINDS:
            continue
        context = Context(zone=ZoneInfo("UTC"), namespace="", log=act.log, index=act.entry.index)
        words += [
            accounts.word_of(fact, act.place)
            for fact in accounts.read(act.entry, context)
            if isinstance(fact, ManagersNamed | ManagersRemoved)
        ]
    return decide(words, own)


def latest_body(data: Path, kind: str) -> bytes | None:
    """Return the body of the act of a kind that was recorded last, None when there is none."""
    found = acts_of(data, (kind,))
    return found[-1].entry.body if found else None
