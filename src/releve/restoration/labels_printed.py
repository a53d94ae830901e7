"""That labels of machines or tasks were printed: which, where, by whom. The journal keeps it; no page shows it."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from releve.journal.entry import Entry
from releve.views.reading import Context, NotRead

__all__ = ["LABELS_KIND", "LabelsPrinted", "read_labels"]

LABELS_KIND = "restoration.labels.1"


class LabelsPrinted(msgspec.Struct, frozen=True, kw_only=True, tag=LABELS_KIND):
    """Labels sent to a label printer, or that it would not take: some of those may be out too. When: UTC ms.

    `symbols` are the signs in the order they came out: a scan of one leads to its machine or task. `digest` is the
    SHA-256 of what was sent; `error` is in words, for the person who waits for the labels.
    """

    symbols: tuple[str, ...]
    printer: str
    digest: str
    outcome: Literal["printed", "failed"]
    printed_at_ms: int
    by: str
    by_name: str = ""
    error: str = ""


_decoder = msgspec.msgpack.Decoder(LabelsPrinted)


def read_labels(entry: Entry, context: Context) -> Iterable[Any]:
    """Return nothing, or that the entry cannot be read."""
    try:
        _decoder.decode(entry.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return []
