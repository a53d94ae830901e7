"""What the journal holds against what the pages show: nothing may be lost between the two without a word."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Sum

from releve.hospital.tables import FeedHour, Sender
from releve.journal.folder import logs
from releve.journal.store import LogReader
from releve.views.tables import NotUnderstood, Position

__all__ = ["Figures", "care_acts_since", "figures"]

HOUR_MS = 3_600_000
# What is recorded beside care: it never stands in the way of taking a declaration back.
BESIDE_CARE = (
    "admissions.numbers.",
    "journal.",
    "account.",
    "crisis.",
    "paper.",
    "hospital.",
    "message.",
    "initial.",
)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of messages and entries. `today` is since midnight in the hospital's zone."""

    messages: int
    today: int
    recorded: int
    folded: int
    not_understood: int

    @property
    def waiting(self) -> int:
        """Entries that are safe in the journal and not yet on the pages."""
        return max(0, self.recorded - self.folded)


def figures(data: Path, *, now_ms: int, zone: ZoneInfo) -> Figures:
    """Return the counts of the island in `data`."""
    local = datetime.fromtimestamp(now_ms / 1000, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    hour = -(-int(midnight.timestamp() * 1000) // HOUR_MS)
    recorded = 0
    for log in logs(data):
        with LogReader(log.path) as reader:
            recorded += reader.size
    return Figures(
        messages=Sender.objects.aggregate(n=Sum("messages"))["n"] or 0,
        today=FeedHour.objects.filter(hour__gte=hour).aggregate(n=Sum("messages"))["n"] or 0,
        recorded=recorded,
        folded=sum(Position.objects.values_list("index", flat=True)),
        not_understood=NotUnderstood.objects.count(),
    )


def care_acts_since(data: Path, at_us: int) -> int:
    """Return how many acts of care any log on this disk recorded since (UTC microseconds).

    The journal itself is asked, not the list of acts in the views: an act of which this version knows nothing, or
    that is not folded yet, counts too. A doubt keeps the declaration.
    """
    found = 0
    for log in logs(data):
        with LogReader(log.path) as reader:
            start = 0
            while acts := reader.read(start, 500, lane="act"):
                found += sum(
                    act.recorded_at_us >= at_us and not act.kind.startswith(BESIDE_CARE) for act in acts
                )
                start = acts[-1].index + 1
    return found
