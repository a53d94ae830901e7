"""What every page says about the island: its mode, how far its knowledge goes, what time it is, where one can go.

The shell does not know applications, feeds or declarations: `releve.app` hands in one function with `set_provider`,
called once a request. Rooms put themselves in the navigation with a `NAV` list in their `urls.py`.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import module_has_submodule

from releve.web import words
from releve.web.database import setting
from releve.web.elsewhere import elsewhere_now

__all__ = [
    "Mode", "NavItem", "Shell", "for_templates", "now_ms", "set_provider", "shell_of", "zone_of",
]  # fmt: skip

Mode = Literal["watch", "downtime", "recovery"]

_log = logging.getLogger("releve.web")


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The state of the island as every page shows it. Instants are UTC milliseconds.

    `data_until_ms` is the latest message of the feeds that concern the page, None when nothing was ever received.
    `heard_though_cut_since_ms` is since when an application is cut whose feed goes on all the same: what comes from it
    looks fresh, and is not what the hospital works with. `overdue` says that the silence is longer than is usual at
    this hour. `waiting` counts what was entered here and is not yet on another island. `cannot_record` is why nothing
    can be written ("" when it can): "recorder", "disk".
    `to_confirm` counts what a colleague's session recorded in this person's name and she has not confirmed yet.
    `writes` are the kinds of places that stand in for what is cut: another application, a department of Relève, the
    numbered forms on paper. `down_all` tells that no application is left ("here": wherever the page speaks of; "in
    places": in some wards of it), so that nobody is sent to "the others".
    """

    hospital: str = ""
    island: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    now_ms: int
    mode: Mode = "watch"
    since_ms: int | None = None
    down: int = 0
    down_all: Literal["", "here", "in places"] = ""
    silent: int = 0
    silent_since_ms: int | None = None
    data_until_ms: int | None = None
    heard_though_cut_since_ms: int | None = None
    overdue: bool = False
    exercise: bool = False
    waiting: int = 0
    to_confirm: int = 0
    cannot_record: Literal["", "recorder", "disk"] = ""
    writes: frozenset[Literal["application", "releve", "paper"]] = frozenset()

    @property
    def write_place(self) -> Literal["", "application", "releve", "paper", "several"]:
        """Where one writes what was written in an application that is cut; "" when nothing of a ward was."""
        return "several" if len(self.writes) > 1 else next(iter(self.writes), "")

    @property
    def silence_seconds(self) -> int | None:
        """How long since the last data, None when there never was any."""
        return None if self.data_until_ms is None else max(0, (self.now_ms - self.data_until_ms) // 1000)

    @property
    def mode_seconds(self) -> int | None:
        """How long this mode has lasted."""
        return None if self.since_ms is None else max(0, (self.now_ms - self.since_ms) // 1000)

    @property
    def clock_is_doubled(self) -> bool:
        """Whether it is the hour that happens twice: the page then leaves the clock to the server."""
        return words.NBSP in words.hour(self.now_ms, self.zone)


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """An entry of the navigation, by `order`: hospital 10, wards 20, find 30, feeds 40, cut 50, crisis 60.

    `roles` are those who see it (empty: everybody signed in); `within` are further address names that count as here.
    """

    label: Any  # a lazy translation
    url_name: str
    order: int
    roles: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()


def now_ms() -> int:
    """Return the present moment, UTC milliseconds. The only clock of the pages."""
    return time.time_ns() // 1_000_000


def _bare(request: HttpRequest | None) -> Shell:
    """Return what is known without any view: enough for an error page."""
    return Shell(
        hospital=setting("RELEVE_HOSPITAL_NAME"),
        island=setting("RELEVE_ISLAND"),
        zone=ZoneInfo(settings.TIME_ZONE),
        now_ms=now_ms(),
        exercise=setting("RELEVE_EXERCISE"),
    )


_provider: Callable[[HttpRequest | None], Shell] = _bare


def _zone_of_shell(request: HttpRequest | None) -> ZoneInfo:
    return shell_of(request).zone


_zone: Callable[[HttpRequest | None], ZoneInfo] = _zone_of_shell


def set_provider(
    provider: Callable[[HttpRequest | None], Shell] | None,
    zone: Callable[[HttpRequest | None], ZoneInfo] | None = None,
) -> None:
    """Take the functions that say the state of the island, and its zone alone; None goes back to the bare one."""
    global _provider, _zone
    _provider = provider or _bare
    _zone = zone or _zone_of_shell


def zone_of(request: HttpRequest | None) -> ZoneInfo:
    """Return the hospital's zone. A form that is answered with an address asks for no more of the shell."""
    try:
        return _zone(request)
    except Exception:
        _log.exception("the hospital's zone cannot be read; the one of the settings is taken")
        return ZoneInfo(settings.TIME_ZONE)


def shell_of(request: HttpRequest | None) -> Shell:
    """Return the state shown on the page of this request, computed once.

    When it cannot be had (views being built, database gone) the page still comes out, with what is known without.
    """
    kept: Shell | None = getattr(request, "_releve_shell", None)
    if kept is not None:
        return kept
    try:
        shell = _provider(request)
    except Exception:
        _log.exception("the state of the island cannot be read; pages are shown without it")
        shell = _bare(request)
    if request is not None:
        request._releve_shell = shell  # type: ignore[attr-defined]
    return shell


@cache
def _items() -> tuple[NavItem, ...]:
    found: list[NavItem] = []
    for room in apps.get_app_configs():
        if room.name.startswith("releve.") and module_has_submodule(room.module, "urls"):
            found.extend(getattr(import_module(f"{room.name}.urls"), "NAV", ()))
    return tuple(sorted(found, key=lambda item: item.order))


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    from releve.web.access import may_open_page

    person = getattr(request, "person", None)
    if person is None:
        return []
    match = request.resolver_match
    here = match.view_name if match else ""
    shown = []
    for item in _items():
        if (item.roles and person.role not in item.roles) or not may_open_page(person, item.url_name):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        shown.append(
            {"label": item.label, "url": url, "current": here == item.url_name or here in item.within}
        )
    return shown


def for_templates(request: HttpRequest) -> dict[str, Any]:
    """Return what `base.html` and the components read: shell, elsewhere, person, nav, theme."""
    return {
        "shell": SimpleLazyObject(lambda: shell_of(request)),
        "person": getattr(request, "person", None),
        "elsewhere": SimpleLazyObject(elsewhere_now),
        "nav": SimpleLazyObject(lambda: _navigation(request)),
        "theme": getattr(request, "theme", ""),
        "audit": getattr(request, "audit", None),
    }
