"""A day of the hospital, fed to one island or shared out among several, and cut in mid-flight."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from releve.exercise.feed import Address, Counts, Feeder, Pace
from releve.exercise.truth import Truth
from releve.exercise.world import Emission

__all__ = ["DayFailed", "Fed", "feed_and_cut"]

_IN_FLIGHT = 2


class DayFailed(Exception):
    """The day ended before it could be cut."""


@dataclass
class Fed:
    """What one island was given: counted, what it acknowledged by SHA-256, and what was on the lines at the cut."""

    counts: Counts = field(default_factory=Counts)
    acknowledged: Counter[bytes] = field(default_factory=Counter)
    in_flight: list[Emission] = field(default_factory=list)


async def feed_and_cut(
    emissions: Iterable[Emission],
    where: Address,
    *,
    start_us: int,
    cut_us: int,
    truth: Truth,
    steps: Callable[[int, int], None],
) -> Fed:
    """Send what is dated before `cut_us`, break the lines while messages are in flight, return what became of it.

    Raises:
        DayFailed: something was sent, but nothing was on any line when the day ended.
    """
    fed = Fed()
    cuts: list[asyncio.Task[None]] = []

    def cut_soon(before: int) -> None:
        # Not at a quiet moment: while several lines wait for their answers; and not before the day has left.
        if not cuts:
            cutting = feeder.cut_when_busy(_IN_FLIGHT, after=before)
            cuts.append(asyncio.get_running_loop().create_task(cutting))

    def day() -> Iterator[Emission]:
        held: Emission | None = None
        before = 0
        for emission in emissions:
            if held is not None:
                if held.at_us >= cut_us:
                    cut_soon(before)
                yield held
                before += 1
            held = emission
        if held is not None:
            cut_soon(
                before
            )  # a small hospital may say nothing after the hour of the cut: its last word is cut
            yield held

    def acknowledged(emission: Emission) -> None:
        truth.remember(emission)
        fed.acknowledged[hashlib.sha256(emission.payload).digest()] += 1
        if feeder.counts.acknowledged % 200 == 0:
            share = (emission.at_us - start_us) / (cut_us - start_us)
            steps(int(100 * min(1.0, max(0.0, share))), 100)

    feeder = Feeder(day(), where, Pace(start_us=start_us, speed=0.0), acknowledged=acknowledged)
    fed.counts = await feeder.run()
    if not feeder.is_cut and fed.counts.sent:
        raise DayFailed("feed: expected the day to be cut, but it ended before")
    fed.in_flight = list(feeder.in_flight.values())
    return fed
