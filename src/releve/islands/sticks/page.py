"""Carrying a stick between two islands, led by the screen: plug it in, press one button, take it out."""

from collections import Counter
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.live import digest
from releve.islands.exchange.peers import Peer
from releve.islands.held import Held, held_now, own_size, short_name
from releve.islands.sticks.media import Medium
from releve.islands.sticks.request import Carry, Kind, Request, read_carry, read_request, write_request
from releve.islands.sticks.words import CarryWords, complaint_words, stop_words
from releve.islands.sticks.writing import LAST
from releve.web.access import needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key
from releve.web.database import data_folder
from releve.web.shell import now_ms

__all__ = ["Receiver", "Stick", "receivers_of", "stick", "stick_live", "stick_read", "stick_write"]

CARRIES = ("it", "crisis")
STALE_MS = 10_000  # the carrier writes twice a second: after this it is dead, or a stick holds it up
SHOWN_MS = 12 * 3_600_000  # how long the end of a job is shown


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """An island a stick can be carried to: entries of ours it holds by its own signature, and how many it lacks."""

    peer: Peer
    short: str
    holds: int
    lacks: int
    at_ms: int | None  # when it signed for them; None: never


class From(msgspec.Struct, frozen=True, kw_only=True):
    """What one other island wrote on a stick: how many exports, how many not taken in yet, how many not finished."""

    name: str
    exports: int
    fresh: int
    torn: int


class Stick(msgspec.Struct, frozen=True, kw_only=True):
    """A stick that is plugged in, with what lies on it."""

    medium: Medium
    own: int  # exports this island wrote to their end
    begun: int  # exports this island began and did not finish
    others: tuple[From, ...]

    @property
    def fresh(self) -> int:
        """Exports of other islands that were not taken in yet."""
        return sum(one.fresh + one.torn for one in self.others)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be taken, with its words; `of`: the island that wrote it."""

    words: CarryWords
    of: str


@require_GET
def stick(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    return _page(request)


@require_GET
def stick_live(request: HttpRequest) -> HttpResponse:
    """Return the part that changes, or 304 when it is what the page shows already."""
    body = render_to_string("islands/parts/stick.html", _context(request), request=request)
    # The form's own keys are made anew each time: what the page shows is what counts.
    etag = f'"{digest(repr(_shown(data_folder(), now_ms())))}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return HttpResponse(body, headers={"ETag": etag})


@require_POST
@needs_role(*CARRIES)
def stick_write(request: HttpRequest) -> HttpResponse:
    """Ask that a stick be written: what the others lack, or everything."""
    return _ask(request, "write")


@require_POST
@needs_role(*CARRIES)
def stick_read(request: HttpRequest) -> HttpResponse:
    """Ask that what a stick brings be taken in: what is new on it, or everything once more."""
    return _ask(request, "read")


def _ask(request: HttpRequest, kind: Kind) -> HttpResponse:
    data, person = data_folder(), request.person  # type: ignore[attr-defined]
    asker: Person = person
    key = f"{asker.code}.{request.POST.get('act_key', '')[:64] or new_key()}"
    before = read_request(data)
    if before is not None and before.key == key:
        return redirect("island-stick")
    carry = read_carry(data)
    if carry is None or now_ms() - carry.at_us // 1000 > STALE_MS:
        return _page(
            request, gettext("The part of Relève that writes sticks does not answer. Nothing was done.")
        )
    if (carry.job is not None and not carry.job.ending) or (before is not None and _waits(before, carry)):
        return _page(request, gettext("A stick is being worked on. Wait until it may be taken out."))
    path = request.POST.get("stick", "")
    if path not in {medium.path for medium in carry.media}:
        return _page(request, gettext("That stick is not plugged in any more. Plug it in, then press again."))
    try:
        write_request(
            data,
            Request(
                key=key,
                kind=kind,
                path=path,
                since="" if request.POST.get("all") else LAST,
                asked_us=now_ms() * 1000,
                by=asker.code,
            ),
        )
    except OSError:
        return _page(request, gettext("The disk of this island is full or failing. Nothing was done."))
    return redirect("island-stick")


def _waits(asked: Request, carry: Carry) -> bool:
    """Tell whether something was asked for that the carrier has not begun yet."""
    return carry.job is None or carry.job.request.key != asked.key


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    return render(request, "islands/stick.html", _context(request, problem), status=422 if problem else 200)


def _context(request: HttpRequest, problem: str = "") -> dict[str, Any]:
    held, at_ms = held_now(), now_ms()
    person: Person = request.person  # type: ignore[attr-defined]
    return {
        "receivers": receivers_of(held, own_size()),
        "known": held.knows(at_ms),
        "known_ms": held.exchange.at_us // 1000 if held.exchange else None,
        "data": str(data_folder()),
        "may_carry": person.role in CARRIES,
        "problem": problem,
        **_shown(data_folder(), at_ms),
    }


def _shown(data: Any, at_ms: int) -> dict[str, Any]:
    """Return what the part that changes shows."""
    carry, asked, held = read_carry(data), read_request(data), held_now()
    own = held.peers.own if held.peers is not None else ""
    answers = carry is not None and at_ms - carry.at_us // 1000 <= STALE_MS
    job = carry.job if carry is not None else None
    running = job is not None and not job.ending
    waiting = carry is not None and asked is not None and _waits(asked, carry)
    if job is not None and job.ending and at_ms - job.ended_us // 1000 > SHOWN_MS:
        job = None
    names = {peer.origin: peer.name or short_name(peer) for peer in held.peers.peers} if held.peers else {}
    sticks = [_stick(medium, own, names) for medium in carry.media] if carry is not None and answers else []
    return {
        "answers": answers,
        "busy": running or waiting,
        "job": job if not waiting else None,
        "job_stick": job.request.path.rpartition("/")[2] if job is not None else "",
        "job_asked_ms": job.request.asked_us // 1000 if job is not None else None,
        "job_ended_ms": job.ended_us // 1000 if job is not None else None,
        "plugged": job is not None and any(one.medium.path == job.request.path for one in sticks),
        "percent": 100 * job.done // job.total if job is not None and job.total else None,
        "stop": stop_words(job.trouble) if job is not None and job.trouble else None,
        "complaints": [
            Line(words=complaint_words(one.code), of=names.get(one.of, one.of))
            for one in (job.complaints if job is not None else ())
        ],
        "sticks": sticks,
    }


def _stick(medium: Medium, own: str, names: dict[str, str]) -> Stick:
    exports, fresh, torn = Counter[str](), Counter[str](), Counter[str]()
    for one in medium.lying:
        exports[one.origin] += 1
        fresh[one.origin] += one.whole and not one.read
        torn[one.origin] += not one.whole
    return Stick(
        medium=medium,
        own=exports[own] - torn[own],
        begun=torn[own],
        others=tuple(
            From(name=names.get(name, name.upper()), exports=count, fresh=fresh[name], torn=torn[name])
            for name, count in sorted(exports.items())
            if name != own
        ),
    )


def receivers_of(held: Held, own: tuple[str, int] | None) -> list[Receiver]:
    """Return the islands a stick is sealed for, those that lack most first."""
    log, size = own if own is not None else ("", 0)
    copies = held.exchange.copies.get(log, {}) if held.exchange is not None else {}
    found = []
    for peer in held.peers.peers if held.peers is not None else ():
        if not peer.recipient or not peer.is_asked:
            continue
        copy = copies.get(peer.origin)
        holds = min(copy.size, size) if copy is not None else 0
        found.append(
            Receiver(
                peer=peer,
                short=short_name(peer),
                holds=holds,
                lacks=size - holds,
                at_ms=copy.at_us // 1000 if copy is not None else None,
            )
        )
    return sorted(found, key=lambda one: (-one.lacks, one.peer.origin))
