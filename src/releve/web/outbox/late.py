"""What a form says of itself when it waited in a browser: when it was done, by which clock."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

__all__ = ["Waited", "source_of", "takes_late", "waited"]


class Waited(NamedTuple):
    """An act that waited: pressed at `at_ms` (UTC ms by the island's clock), `clock_ms` by the workstation's own.

    `offset_ms` is what the browser last knew of the difference; `by` the account of whoever's browser session
    carried it here, when that was not its author.
    """

    at_ms: int
    clock_ms: int
    offset_ms: int
    by: str = ""


def waited(request: HttpRequest) -> Waited | None:
    """Return what this form says of its wait; None for a form that was sent at once.

    An act that waited was done before anything could be checked: a department marks it *not checked*.
    """
    post = request.POST
    if "outbox_at_ms" not in post:
        return None
    try:
        at_ms, clock_ms, offset_ms = (
            int(post[name]) for name in ("outbox_at_ms", "outbox_clock_ms", "outbox_offset_ms")
        )
    except (KeyError, ValueError):
        return None
    if not all(abs(value) < 1 << 52 for value in (at_ms, clock_ms, offset_ms)):
        return None
    return Waited(at_ms, clock_ms, offset_ms, getattr(request, "outbox_carried_by", ""))


def source_of(request: HttpRequest) -> str:
    """Return the source of an act entered on this screen: `screen:ADDRESS`, or `outbox:ADDRESS` and both clocks."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    wait = waited(request)
    if wait is None:
        return f"screen:{address}"
    carried = f";by={wait.by}" if wait.by else ""
    return f"outbox:{address};clock={wait.clock_ms};offset={wait.offset_ms}{carried}"


_View = Callable[..., HttpResponse]


def takes_late(view: _View) -> _View:
    """Mark a page whose form may wait in a browser, so that a colleague's session may carry it here.

    Without the mark an act that waited is taken from its author's own session only.
    """
    view.takes_late = True  # type: ignore[attr-defined]
    return view
