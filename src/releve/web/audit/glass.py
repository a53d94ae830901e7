"""Going beyond one's wards: what the session keeps of it, for how long, and what the page says.

The session holds no patient's key, only a keyed digest: sessions are not the journal.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from releve.web.audit.about import About
from releve.web.shell import now_ms

__all__ = ["GLASS_MS", "REASONS", "Mark", "close_all", "mark_of", "open_glass"]

GLASS_MS = 12 * 3600 * 1000  # a long shift
# A form that was begun in time is still taken: what is typed in it must not be lost to a clock.
_FORM_MS = 30 * 60 * 1000
REASONS = ("emergency", "advice", "replacing", "moving", "other")
_KEY = "glass"
_MOST = 60  # patients and wards opened in one session; the oldest is asked again


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An open glass as its pages show it."""

    reason: str
    until_ms: int
    scope: str


def _digest(kind: str, value: str) -> str:
    key = settings.SECRET_KEY.encode()[:64]
    return blake2b(f"{kind}:{value}".encode(), key=key, digest_size=12).hexdigest()


def open_glass(request: HttpRequest, *, scope: str, subject: str, reason: str) -> int:
    """Note in the session that this patient or ward is open; return until when, UTC milliseconds."""
    until = now_ms() + GLASS_MS
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    kept[_digest(scope, subject)] = [until, reason, scope]
    request.session[_KEY] = dict(sorted(kept.items(), key=lambda item: -int(item[1][0]))[:_MOST])
    return until


def mark_of(request: HttpRequest, about: About) -> Mark | None:
    """Return the glass under which this page is open, None when there is none."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if not kept:
        return None
    last = now_ms() - (_FORM_MS if request.method == "POST" else 0)
    asked = [("patient", about.patient)] if about.patient else []
    asked += [("ward", ward) for ward in about.wards if ward]
    for scope, subject in asked:
        found = kept.get(_digest(scope, subject))
        if found and int(found[0]) > last:
            return Mark(reason=str(found[1]), until_ms=int(found[0]), scope=scope)
    return None


def close_all(request: HttpRequest) -> None:
    """End what is open: whoever comes back to a locked screen says again why."""
    if _KEY in request.session:
        del request.session[_KEY]
