"""The day when an island is suspect, in plain words: what to look at, what is safe, what to unplug, who decides."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.bedside.now import island_now
from releve.islands.held import held_now
from releve.islands.islands_page import Panel, panel_of
from releve.web.shell import now_ms

__all__ = ["suspect"]


@require_GET
def suspect(request: HttpRequest) -> HttpResponse:
    """Return the page, with what is known of each island now: it is printed before it is needed."""
    held, at_ms = held_now(), now_ms()
    now = island_now(request)
    directory = now.directory if now is not None else None
    panels = [panel_of(peer, held, at_ms, directory) for peer in held.peers.peers] if held.peers else []
    # Who copies the commands as they stand must not cut off an island that is well while another is not.
    asked = [panel for panel in panels if not panel.gone]
    example = min(asked, key=lambda panel: (panel.step != "suspect", panel.step != "silent"), default=None)
    epoch, size = _newest(example) if example is not None else ("1", 0)
    context: dict[str, Any] = {
        "panels": panels,
        "cut_epoch": epoch,
        "cut_size": size,
        "cut_next": str(int(epoch) + 1),
        "example": example,
        "known": held.knows(at_ms),
        "known_ms": held.exchange.at_us // 1000 if held.exchange else None,
    }
    return render(request, "islands/suspect.html", context)


def _newest(panel: Panel) -> tuple[str, int]:
    """Return the newest epoch of an island held here and its entries: where a cut line could lie at the latest."""
    logs = [log for log in panel.theirs if not log.log.rpartition("/")[0].endswith("-audit")]
    if not logs:
        return max(panel.peer.epochs, key=int, default="1"), 0
    last = max(logs, key=lambda log: int(log.log.rpartition("/")[2]))
    return last.log.rpartition("/")[2], last.size
