"""How the islands stand: one panel each, what is known of it, what would be lost with it, what to do by hand."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from releve.bedside.live import digest
from releve.bedside.now import island_now
from releve.crisis.number_ranges import ranges_now
from releve.hospital.map import Directory
from releve.islands.compared import Compared, compared_now
from releve.islands.exchange.peers import Peer
from releve.islands.exchange.state import Copy, PeerState, Refused
from releve.islands.held import Held, held_now, own_size, short_name, step_of, suspicions
from releve.islands.standing_words import RefusalWords, refusal_words, trouble_words
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.reader import LogReader
from releve.web.database import data_folder, setting
from releve.web.elsewhere import Step
from releve.web.shell import now_ms

__all__ = ["Panel", "islands", "islands_live", "loss_of_own", "panel_of"]

REFUSED_SHOWN = 20


class HeldLog(msgspec.Struct, frozen=True, kw_only=True):
    """How far one log is held somewhere. `at_ms` of its last signed state there, None when it is not there."""

    log: str
    size: int
    missing: int | None = None
    at_ms: int | None = None
    coming: int = 0


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was refused, with its words."""

    refused: Refused
    at_ms: int
    words: RefusalWords
    through: str  # the island or stick that handed it over


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One other island. Instants are UTC milliseconds.

    `lost_since_ms`: what it wrote since then exists only there; None with `step` "in-step": nothing does.
    """

    peer: Peer
    short: str
    step: Step
    since_ms: int | None
    state: PeerState | None
    reached_ms: int | None
    trouble: str
    theirs: tuple[HeldLog, ...]  # its logs, here
    ours: HeldLog | None  # our log, there
    lost_since_ms: int | None
    lost_seconds: int | None
    against: tuple[RefusedLine, ...]
    wards: tuple[str, ...]
    cut: tuple[tuple[str, int, str], ...]  # epoch, entries, mode
    views: Compared | None = None

    @property
    def gone(self) -> bool:
        """Whether nothing is asked of it any more."""
        return not self.peer.is_asked


def _ward_names(codes: tuple[str, ...], directory: Directory | None) -> tuple[str, ...]:
    found = []
    for code in codes:
        ward = directory.ward(code) if directory is not None else None
        found.append(ward.name if ward is not None else code)
    return tuple(found)


def panel_of(peer: Peer, held: Held, at_ms: int, directory: Directory | None) -> Panel:
    """Return what is known of one island."""
    exchange = held.exchange
    step, since_ms = step_of(held, peer, at_ms)
    state = exchange.peers.get(peer.origin) if exchange else None
    theirs: list[HeldLog] = []
    last: list[int] = []
    copies = exchange.copies if exchange else {}
    for name, log in sorted((exchange.logs if exchange else {}).items()):
        if name.rpartition("/")[0] != peer.origin:
            continue
        at = log.checkpoint_us // 1000 if log.checkpoint_us is not None else None
        theirs.append(HeldLog(log=name, size=log.size, missing=log.behind, at_ms=at, coming=log.coming))
        last += [at] if at is not None else []
        # What another island holds more of it is not lost with it either. For what is held here too the others sign
        # again and again, long after it fell silent: that says nothing of its last minutes.
        others = [copy for holder, copy in copies.get(name, {}).items() if holder != peer.origin]
        last += [copy.at_us // 1000 for copy in others if copy.size > log.size]
    lost = max(last, default=None) if step != "in-step" else None
    reached_ms = state.reached_us // 1000 if state is not None and state.reached_us is not None else None
    if reached_ms is None and not peer.is_asked:
        # Who is asked no more is not told of any more either; it was heard as long as its journal came.
        reached_ms = max((log.at_ms for log in theirs if log.at_ms is not None), default=None)
    cuts = tuple(
        (epoch, cut.size, cut.mode) for epoch, cut in sorted(peer.cuts.items(), key=lambda one: int(one[0]))
    )
    return Panel(
        peer=peer,
        short=short_name(peer),
        step=step,
        since_ms=since_ms,
        state=state,
        reached_ms=reached_ms,
        trouble=trouble_words(state.trouble) if state is not None and state.trouble else "",
        theirs=tuple(theirs),
        ours=_ours_at(peer, copies),
        lost_since_ms=lost,
        lost_seconds=max(0, (at_ms - lost) // 1000) if lost is not None else None,
        against=tuple(_refused_lines(suspicions(peer, exchange, at_ms), held)),
        wards=_ward_names(peer.wards, directory),
        cut=cuts,
        views=compared_now(data_folder(), held.peers.own).get(peer.origin) if held.peers else None,
    )


def _ours_at(peer: Peer, copies: dict[str, dict[str, Copy]]) -> HeldLog | None:
    own = own_size()
    if own is None:
        return None
    name, size = own
    copy = copies.get(name, {}).get(peer.origin)
    if copy is None:
        return HeldLog(log=name, size=0, missing=size)
    return HeldLog(log=name, size=copy.size, missing=max(0, size - copy.size), at_ms=copy.at_us // 1000)


def _refused_lines(refused: list[Refused], held: Held) -> list[RefusedLine]:
    names = {peer.origin: peer.name or short_name(peer) for peer in held.peers.peers} if held.peers else {}
    return [
        RefusedLine(
            refused=one,
            at_ms=one.at_us // 1000,
            words=refusal_words(one.what),
            through=names.get(one.from_, one.from_),
        )
        for one in refused
    ]


def loss_of_own(held: Held) -> tuple[int, int | None]:
    """Return how many entries written here, in any epoch, are on no other island, and when the first was (ms)."""
    if held.peers is None:
        return 0, None
    others = {peer.origin for peer in held.peers.peers if peer.is_asked}
    alone, first = 0, None
    for log in logs(data_folder()):
        if log.origin != held.peers.own:
            continue
        copies = held.exchange.copies.get(log.name, {}) if held.exchange else {}
        safe = max((copy.size for holder, copy in copies.items() if holder in others), default=0)
        try:
            with LogReader(log.path) as reader:
                size = reader.size
                if safe >= size:
                    continue
                alone += size - safe
                at_ms = reader.get(safe).recorded_at_us // 1000
        except (JournalError, OSError):
            continue
        first = at_ms if first is None else min(first, at_ms)
    return alone, first


def _context(request: HttpRequest) -> dict[str, Any]:
    held, at_ms = held_now(), now_ms()
    now = island_now(request)
    directory = now.directory if now is not None else None
    peers = held.peers.peers if held.peers is not None else ()
    panels = [panel_of(peer, held, at_ms, directory) for peer in peers]
    alone, alone_since_ms = loss_of_own(held) if peers else (0, None)
    # What is held against nobody in particular (a stick, an island that left) is shown all the same.
    shown = {id(line.refused) for panel in panels for line in panel.against}
    refused = sorted(held.exchange.refused if held.exchange else (), key=lambda one: -one.at_us)
    others = [one for one in refused if id(one) not in shown][:REFUSED_SHOWN]
    # Those of an island that is gone are nobody's until people decide: each survivor would call them its own.
    taken = {ward for panel in panels for ward in panel.peer.wards}
    own_wards = (
        [ward.name for code, ward in directory.wards.items() if code not in taken] if directory else []
    )
    return {
        "own": held.peers.own.upper() if held.peers else "",
        "own_name": setting("RELEVE_ISLAND"),
        "own_wards": own_wards if taken else [],
        "own_size": (own_size() or ("", None))[1],
        "panels": panels,
        "known": held.knows(at_ms) and not held.broken,
        "broken": held.broken,
        "known_ms": held.exchange.at_us // 1000 if held.exchange else None,
        "alone": alone,
        "alone_since_ms": alone_since_ms,
        "alone_seconds": max(0, (at_ms - alone_since_ms) // 1000) if alone_since_ms is not None else None,
        "refused": _refused_lines(others, held),
        "suspect": [panel for panel in panels if panel.step == "suspect"],
        "numbers": ranges_now(data_folder()),
        "stick": _address("island-stick"),
    }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@require_GET
def islands(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    return render(request, "islands/islands.html", _context(request))


@require_GET
def islands_live(request: HttpRequest) -> HttpResponse:
    """Return the part that changes, or 304 when it is what the page shows already."""
    body = render_to_string("islands/parts/islands.html", {**_context(request), "oob": True}, request=request)
    etag = f'"{digest(body)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return HttpResponse(body, headers={"ETag": etag})
