"""Each feed as people read it: its state in words of absence, its silence against habit, its rate, its 24 hours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from releve.bedside.horizon import Freshness
from releve.bedside.now import IslandNow
from releve.hospital.tables import FeedHour

__all__ = ["CLOCK_MS_MAX", "FeedLine", "Hours", "feed_lines", "hours_heard", "line_of", "rate"]

State = Literal["silent", "receiving", "later", "never"]
Hours = Mapping[str, Mapping[int, int]]  # sender -> hour since 1970 -> messages

HOUR_MS = 3_600_000
DAY_HOURS = 24
HABIT_DAYS = 14
# Beyond this the hours of two machines can no longer be compared by eye.
CLOCK_MS_MAX = 60_000
# A feed heard within this share of its usual silence, and these seconds, speaks now; later it is expected.
SPEAKS = 4
SPEAKS_SECONDS = 15 * 60


class FeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. `hours` are its messages of the last 24 hours, oldest first; `usual` those of an ordinary such hour."""

    fresh: Freshness
    state: State
    silence_seconds: int | None
    down: bool = False
    rate: int = 0  # messages in the last sixty minutes
    usual: int | None = None  # None: not known for a whole day yet
    hours: tuple[int, ...] = ()

    @property
    def clock_seconds(self) -> int | None:
        """How far the sender's clock is off, positive ahead; None while it agrees."""
        off = self.fresh.clock_ms
        return off // 1000 if off is not None and abs(off) > CLOCK_MS_MAX else None

    @property
    def clock_behind(self) -> int:
        """How far behind the sender's clock is, seconds; an old message sent late looks the same."""
        return max(0, -(self.clock_seconds or 0))

    @property
    def rank(self) -> tuple[int, float]:
        """The most worrying first: silent for longest against habit."""
        order = {"silent": 0, "later": 1, "receiving": 2, "never": 3}
        return order[self.state], -(self.silence_seconds or 0) / max(1, self.fresh.usual_seconds)


def hours_heard(now_ms: int) -> Hours:
    """Return the messages of every sender, hour by hour, over the days that make a habit."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    since = now_ms // HOUR_MS - HABIT_DAYS * DAY_HOURS
    for sender, hour, messages in FeedHour.objects.filter(hour__gte=since).values_list(
        "sender", "hour", "messages"
    ):
        found[sender][hour] = messages
    return found


def feed_lines(now: IslandNow, hours: Hours | None = None) -> list[FeedLine]:
    """Return every feed of the map, the most worrying first."""
    down = {fresh.feed.application for fresh in now.feeds if now.statuses.wards_down(fresh.feed.application)}
    lines = [
        line_of(fresh, hours or {}, now_ms=now.now_ms, down=fresh.feed.application in down)
        for fresh in now.feeds
    ]
    return sorted(lines, key=lambda line: line.rank)


def line_of(fresh: Freshness, hours: Hours, *, now_ms: int, down: bool = False) -> FeedLine:
    """Return one feed as it is read."""
    if fresh.last_at is None:
        return FeedLine(fresh=fresh, state="never", silence_seconds=None, down=down)
    silence = max(0, now_ms - fresh.last_at) // 1000
    state: State = "receiving"
    if fresh.silent:
        state = "silent"
    elif silence > min(fresh.usual_seconds / SPEAKS, SPEAKS_SECONDS):
        state = "later"
    heard: dict[int, int] = defaultdict(int)
    for sender in fresh.senders:
        for hour, messages in hours.get(sender, {}).items():
            heard[hour] += messages
    current = now_ms // HOUR_MS
    return FeedLine(
        fresh=fresh,
        state=state,
        silence_seconds=silence,
        down=down,
        rate=rate(heard, now_ms),
        usual=_usual(heard, current),
        hours=tuple(heard.get(hour, 0) for hour in range(current - DAY_HOURS + 1, current + 1)),
    )


def rate(heard: Mapping[int, int], now_ms: int) -> int:
    """Return the messages of the last sixty minutes, the part of the hour before taken in proportion.

    >>> rate({10: 60, 11: 5}, 11 * 3_600_000 + 900_000)  # a quarter past eleven
    50
    """
    current, passed = divmod(now_ms, HOUR_MS)
    return round(heard.get(current, 0) + heard.get(current - 1, 0) * (HOUR_MS - passed) / HOUR_MS)


def _usual(heard: Mapping[int, int], current: int) -> int | None:
    """Return what this hour of the day usually brings: the median over the days on which anything was heard."""
    if not heard or current - min(heard) < DAY_HOURS:
        return None
    days: Sequence[int] = [
        heard.get(current - DAY_HOURS * day, 0)
        for day in range(1, HABIT_DAYS + 1)
        if current - DAY_HOURS * day >= min(heard)
    ]
    return sorted(days)[len(days) // 2]
