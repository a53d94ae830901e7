"""The lines of a board set one by one, so that a bed that changed does not set its whole ward again."""

import threading
from collections import OrderedDict
from hashlib import blake2b
from typing import Any

import msgspec
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from releve.bedside.board import BoardLine

__all__ = ["line_set"]

LINES_KEPT = 4_096  # beds × languages × readers' rights of a hospital, some 5 KiB each
_MINUTE_MS = 60_000


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return {name: kept for name, kept in vars(value).items() if name != "_state"}
    return repr(value)


_encode = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic").encode
_kept: OrderedDict[bytes, SafeString] = OrderedDict()
_lock = threading.Lock()


def line_set(line: BoardLine, context: dict[str, Any], *, language: str, now_ms: int) -> SafeString:
    """Return the row of a bed, set once for what it says, its `context`, the language and the minute."""
    shown = (line, context, language, now_ms // _MINUTE_MS, line.coach)
    key = blake2b(_encode(shown), digest_size=18).digest()
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    # Made of our own template, which has escaped every value.
    made = mark_safe(
        render_to_string("bedside/_board_line.html", {"line": line, "now_ms": now_ms, **context})
    )
    with _lock:
        _kept[key] = made
        while len(_kept) > LINES_KEPT:
            _kept.popitem(last=False)
    return made
