"""Carrying a stick between two islands, in three actions, by somebody who never did."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.islands.exchange.peers import Peer
from releve.islands.held import Held, held_now, own_size, short_name
from releve.web.database import data_folder
from releve.web.shell import now_ms

__all__ = ["Receiver", "receivers_of", "stick"]


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """An island a stick can be carried to: entries of ours it holds by its own signature, and how many it lacks."""

    peer: Peer
    short: str
    holds: int
    lacks: int
    at_ms: int | None  # when it signed for them; None: never


@require_GET
def stick(request: HttpRequest) -> HttpResponse:
    """Return the page; it is printed beforehand, and read beside the machine."""
    held, at_ms = held_now(), now_ms()
    context: dict[str, Any] = {
        "receivers": receivers_of(held, own_size()),
        "known": held.knows(at_ms),
        "known_ms": held.exchange.at_us // 1000 if held.exchange else None,
        "data": str(data_folder()),
    }
    return render(request, "islands/stick.html", context)


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
