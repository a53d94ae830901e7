"""The chart a department's page stands in: `releve.bedside` hands it down, for no room looks up.

A page of a department writes::

    chart = chart_of(request, handle)                 # Http404 when nobody is known by it, or it may not be seen
    return chart_page(request, chart, "prescribing/line.html", form=form)

and its template begins with `{% extends chart.template %}` and fills `{% block sections %}`.
"""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from releve.hospital.map import Directory
from releve.hospital.status import StatusDeclaration, Statuses
from releve.hospital.writing import Opening, Timing, opening, timing

__all__ = ["Chart", "Here", "chart_of", "chart_page", "here_of", "set_chart_provider"]


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """The island at this moment, as a page needs it: map, what is down, the hour."""

    directory: Directory
    statuses: Statuses
    said: tuple[StatusDeclaration, ...]
    now_ms: int

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return ZoneInfo(self.directory.map.zone)

    def opening(self, function: str, ward: str) -> Opening:
        """Return whether this ward writes here for a care function."""
        return opening(function, ward, self.directory, self.statuses)

    def was_open(self, function: str, ward: str) -> bool:
        """Tell whether this ward ever wrote here for a care function: what was done then may still be entered."""
        carriers = {one.code for one in self.directory.applications_carrying(function, ward)}
        return any(
            said.status == "down" and not said.withdrawn and carriers & set(said.applications)
            for said in self.said
        )

    def timing(self, function: str, ward: str, happened_ms: int) -> Timing:
        """Return whether what was done at `happened_ms` may be recorded now."""
        return timing(
            function,
            ward,
            self.directory,
            self.said,
            happened_us=happened_ms * 1000,
            now_us=self.now_ms * 1000,
        )


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One person as a department's page needs her. `persons` are all linked numbers, `person` the one that stands.

    `ward`, `bed` and `visit` are "" when unknown; `covered` says that this reader sees a cover name.
    `context` is what the banner and the tabs need; `template` what a page extends.
    """

    handle: str
    person: str
    persons: tuple[str, ...]
    visit: str
    ward: str
    bed: str
    present: bool
    covered: bool
    here: Here
    template: str
    context: Mapping[str, Any]


_chart: Callable[[HttpRequest, str], Chart | None] | None = None
_here: Callable[[HttpRequest], Here | None] | None = None


def set_chart_provider(
    chart: Callable[[HttpRequest, str], Chart | None] | None,
    here: Callable[[HttpRequest], Here | None] | None,
) -> None:
    """Take the functions that say who a page is about, and how the island is."""
    global _chart, _here
    _chart, _here = chart, here


def here_of(request: HttpRequest) -> Here:
    """Return the island at this moment.

    Raises:
        Http404: no map of the hospital is known yet.
    """
    found = _here(request) if _here is not None else None
    if found is None:
        raise Http404
    return found


def chart_of(request: HttpRequest, handle: str) -> Chart:
    """Return the person of an address; `handle` is what `releve.web.opaque.seal` made of her key.

    Raises:
        Http404: nobody is known by it.
        PermissionDenied: this reader may not open her page.
    """
    found = _chart(request, handle) if _chart is not None else None
    if found is None:
        raise Http404
    return found


def chart_page(
    request: HttpRequest, chart: Chart, template: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Return a page that stands under the person's banner; `tab` names the tab that is lit."""
    return render(request, template, {**chart.context, "chart": chart, **more}, status=status)
