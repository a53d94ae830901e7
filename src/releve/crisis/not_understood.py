"""What was received and not understood: counted by kind and reason, and each entry as it came."""

from pathlib import Path

import msgspec
from django.db.models import Count, Max, Min

from releve.codecs.hl7v2.reader import Message, MessageError
from releve.journal.entry import Entry
from releve.views.carried import entry_at
from releve.views.tables import NotUnderstood

__all__ = ["SHOWN_BYTES_MAX", "Group", "Place", "Received", "groups", "place_of", "received"]

GROUPS_MAX = 60
NEWEST_EACH = 5
# A page is for reading: a long document is shown by its beginning, and says so.
SHOWN_BYTES_MAX = 64 * 1024


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands in the journal."""

    origin: str
    epoch: int
    index: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Entries not understood for the same reason. `newest` are the last ones, latest first."""

    kind: str
    reason: str
    source: str
    count: int
    first_at: int | None
    last_at: int | None
    newest: tuple[tuple[Place, int | None], ...]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it came: `lines` of text, control characters made visible, `cut` when it is longer than shown."""

    entry: Entry
    charset: str
    lines: tuple[str, ...]
    cut: bool


def groups() -> list[Group]:
    """Return what was not understood by kind, reason and sender, the most frequent first."""
    found = (
        NotUnderstood.objects.values("kind", "reason", "source")
        .annotate(count=Count("id"), first_at=Min("recorded_at"), last_at=Max("recorded_at"))
        .order_by("-count", "kind", "reason")[:GROUPS_MAX]
    )
    lines = []
    for row in found:
        same = NotUnderstood.objects.filter(kind=row["kind"], reason=row["reason"], source=row["source"])
        newest = same.order_by("-recorded_at", "-index").values_list("id", "recorded_at")[:NEWEST_EACH]
        lines.append(
            Group(
                kind=row["kind"] or "",
                reason=row["reason"] or "",
                source=row["source"] or "",
                count=row["count"],
                first_at=row["first_at"],
                last_at=row["last_at"],
                newest=tuple((place, at) for id_, at in newest if (place := place_of(id_)) is not None),
            )
        )
    return lines


def place_of(id_: str) -> Place | None:
    """Return the place that an id "ORIGIN/EPOCH#INDEX" names.

    >>> place_of("a/1#42").index
    42
    """
    log, _, index = id_.rpartition("#")
    origin, _, epoch = log.rpartition("/")
    if not origin or not epoch.isdecimal() or not index.isdecimal():
        return None
    return Place(origin=origin, epoch=int(epoch), index=int(index))


def received(data: Path, place: Place) -> Received | None:
    """Return the entry at a place as people can read it, None when no log on this disk holds it."""
    entry = entry_at(data, f"{place.origin}/{place.epoch}", place.index)
    if entry is None:
        return None
    body = entry.body[:SHOWN_BYTES_MAX]
    charset = _charset(entry)
    text = body.decode(charset, "backslashreplace")
    lines = text.replace("\r\n", "\r").replace("\n", "\r").split("\r")
    if lines and not lines[-1]:
        lines.pop()
    return Received(
        entry=entry,
        charset=charset,
        lines=tuple(_visible(line) for line in lines),
        cut=len(entry.body) > SHOWN_BYTES_MAX,
    )


def _charset(entry: Entry) -> str:
    """Return the codec to show an entry with: what the message declares where it can, else what fits its bytes."""
    declared = ""
    if entry.kind.endswith(".hl7v2"):
        try:
            declared = Message(entry.body).charset_declared or ""
        except MessageError:
            declared = ""
    codecs = {"8859/1": "cp1252", "8859/15": "iso8859-15"}
    if declared in codecs:
        return codecs[declared]
    try:
        entry.body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


# Tabs stay; anything else that a screen would swallow is written as its code, as on paper.
_CONTROLS = {code: f"⟦U+{code:04X}⟧" for code in (*range(9), *range(10, 32), *range(127, 160))}


def _visible(line: str) -> str:
    return line.translate(_CONTROLS)
