"""The ward that the address of a page names: known to the map, or known by those who lie there."""

from typing import NamedTuple

from django.http import Http404, HttpRequest

from releve.bedside.census import Present, present_in
from releve.bedside.now import IslandNow, island_now

__all__ = ["WardNow", "ward_or_404"]


class WardNow(NamedTuple):
    """A ward at this moment: what it is called, who is present, the island it was read on."""

    name: str
    present: list[Present]
    now: IslandNow


def ward_or_404(request: HttpRequest, code: str) -> WardNow:
    """Return the ward of an address; one that the map does not know is called by its code.

    Raises:
        Http404: no map was folded yet, or neither the map nor anybody present knows this ward.
    """
    now = island_now(request)
    if now is None:
        raise Http404
    present = present_in(code)
    ward = now.directory.ward(code)
    if ward is None and not present:
        raise Http404
    return WardNow(ward.name if ward is not None else code, present, now)
