"""The simulated world: what happens next, the hour, chance, and the outlets through which applications speak."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from releve.exercise.tales import Tale
from releve.hospital.map import Feed, HospitalMap

MINUTE = 60
HOUR = 3600
DAY = 86400

# Letters that the older charsets of hospital senders lack, as those senders write them.
_PLAINER = {
    "Œ": "OE", "œ": "oe", "Ÿ": "Y", "ÿ": "y", "Š": "S", "š": "s", "Ž": "Z", "ž": "z", "€": "EUR", "’": "'", "–": "-",
    "…": "...", "≥": ">=", "≤": "<=", "µ": "u", "Ł": "L", "ł": "l", "\u202f": " ",
}  # fmt: skip


def _lacking(codec: str) -> dict[int, str]:
    """Return the letters to write plainer in a charset: those it lacks, and no other."""
    return {ord(letter): plain for letter, plain in _PLAINER.items() if not letter.encode(codec, "ignore")}


# One message in 250 waits in an outbound queue and arrives behind younger ones; one in 600 is sent twice.
LATE_SHARE = 0.004
TWICE_SHARE = 0.0016


class Emission(NamedTuple):
    """A message as it leaves an application; `tells` is what it truly says, for `Truth`."""

    at_us: int
    feed_code: str
    payload: bytes
    tells: tuple[Tale, ...] = ()

    @property
    def at(self) -> datetime:
        """When it leaves, in UTC."""
        return datetime.fromtimestamp(self.at_us / 1_000_000, UTC)


class Stamps:
    """Instants (seconds since 1970) as HL7 writes them, in the hospital's zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._offsets: dict[int, int] = {}
        self._dates: dict[int, str] = {}

    def _local(self, at: int) -> tuple[int, int]:
        hour = at // HOUR  # offsets change only on the hour
        offset = self._offsets.get(hour)
        if offset is None:
            delta = datetime.fromtimestamp(hour * HOUR, self._zone).utcoffset()
            offset = self._offsets[hour] = int(delta.total_seconds()) if delta else 0
        return divmod(at + offset, DAY)

    def date(self, at: int) -> str:
        """Return YYYYMMDD."""
        return self._date(self._local(at)[0])

    def _date(self, day: int) -> str:
        text = self._dates.get(day)
        if text is None:
            text = self._dates[day] = datetime.fromtimestamp(day * DAY, UTC).strftime("%Y%m%d")
        return text

    def minute(self, at: int) -> str:
        """Return YYYYMMDDHHMM."""
        day, second = self._local(at)
        return f"{self._date(day)}{second // 3600:02d}{second // 60 % 60:02d}"

    def second(self, at: int) -> str:
        """Return YYYYMMDDHHMMSS."""
        day, second = self._local(at)
        return f"{self._date(day)}{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"

    def zoned(self, at: int) -> str:
        """Return YYYYMMDDHHMMSS+0100, which stays true in the doubled hour of October."""
        text = self.second(at)
        offset = self._offsets[at // HOUR]
        sign = "-" if offset < 0 else "+"
        return f"{text}{sign}{abs(offset) // 3600:02d}{abs(offset) // 60 % 60:02d}"

    def second_of_day(self, at: int) -> int:
        """Return the seconds since midnight on the wall clock."""
        return self._local(at)[1]

    def at_clock(self, at: int, hour: float, days: int = 0) -> int:
        """Return the instant of `hour` o'clock on the day of `at`, `days` later (or earlier)."""
        day, _ = self._local(at)
        wanted = (day + days) * DAY + int(hour * HOUR)
        guess = wanted - self._offset(at)
        return wanted - self._offset(guess)

    def _offset(self, at: int) -> int:
        self._local(at)
        return self._offsets[at // HOUR]


class Outlet:
    """The sending end of one feed: names, charset and control ids of its application."""

    def __init__(self, feed: Feed, *, charset: str, run: str, stamps: Stamps, zoned: bool = False) -> None:
        self.feed = feed
        self.code = feed.code
        self.codec = {"8859/1": "iso8859-1", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8"}[charset]
        self._plainer = _lacking(self.codec)
        self.stamp = stamps.zoned if zoned else stamps.second
        self._sender = rf"MSH|^~\&|{feed.sending_application}|{feed.sending_facility}|RELEVE|ILOT|"
        self._locale = f"|||||FRA|{charset}|FR"
        self._run = run
        self._sent = 0

    def header(self, kind: str, at: int, version: str) -> str:
        """Return the MSH of the next message; T in MSH-11, for everybody here is invented."""
        self._sent += 1
        control_id = f"{self._run}{self._sent:08d}"
        return f"{self._sender}{self.stamp(at)}||{kind}|{control_id}|T|{version}{self._locale}"

    def encode(self, text: str) -> bytes:
        """Return the message in the charset it declares; letters the charset lacks are written plainer."""
        try:
            return text.encode(self.codec)
        except UnicodeEncodeError:
            return text.translate(self._plainer).encode(self.codec, "replace")


class World:
    """Events in order of time. `now` is in seconds since 1970; nothing reads a clock."""

    def __init__(self, hospital: HospitalMap, *, seed: int, start: int) -> None:
        self.hospital = hospital
        self.rng = Random(seed)
        self.stamps = Stamps(hospital.zone)
        self.start = start  # life is full from here; before, only what explains the patients already in bed
        self.now = start
        # A second run in the same island must not reuse numbers: they carry the run.
        self.run_number = (start // MINUTE + seed * 7919) % 10_000
        self._agenda: list[tuple[int, int, Callable[..., object], tuple[Any, ...]]] = []
        self._serial = 0
        self._leaving: list[Emission] = []
        self._last_us = 0
        self.late = 0
        self.twice = 0

    @property
    def settled(self) -> bool:
        """Whether life is full; before that, the world only lays down the past of its patients."""
        return self.now >= self.start

    def at(self, when: int, action: Callable[..., object], *arguments: Any) -> None:
        """Let `action` happen at `when`, never in the past."""
        self._serial += 1
        heappush(self._agenda, (int(when), self._serial, action, arguments))

    def after(self, seconds: float, action: Callable[..., object], *arguments: Any) -> None:
        """Let `action` happen in `seconds`."""
        self.at(self.now + int(seconds), action, *arguments)

    def send(
        self,
        outlet: Outlet,
        kind: str,
        segments: str,
        *tells: Tale,
        version: str = "2.5",
        prompt: bool = False,
    ) -> None:
        """Send a message now, or seldom late, or twice; `segments` are what follows MSH, CR between them."""
        text = f"{outlet.header(kind, self.now, version)}\r{segments}\r"
        payload = outlet.encode(text)
        if self.now >= self.start and not prompt:
            chance = self.rng.random()
            if chance < LATE_SHARE:
                self.late += 1
                self.after(
                    self.rng.randint(4 * MINUTE, 75 * MINUTE), self._deliver, outlet.code, payload, tells
                )
                return
            if chance > 1 - TWICE_SHARE:
                self.twice += 1
                self.after(self.rng.randint(2, 20 * MINUTE), self._deliver, outlet.code, payload, tells)
        self._deliver(outlet.code, payload, tells)

    def _deliver(self, feed_code: str, payload: bytes, tells: tuple[Tale, ...]) -> None:
        self._last_us = max(self._last_us + 1, self.now * 1_000_000)
        self._leaving.append(Emission(self._last_us, feed_code, payload, tells))

    def run(self, until: int | None = None) -> Iterator[Emission]:
        """Yield what is sent, in order of time, until the instant `until` (or as long as anything happens)."""
        agenda = self._agenda
        while agenda and (until is None or agenda[0][0] <= until):
            when, _, action, arguments = heappop(agenda)
            self.now = when
            action(*arguments)
            if self._leaving:
                leaving, self._leaving = self._leaving, []
                yield from leaving

    # Chance, in the words of the people it happens to

    def chance(self, share: float) -> bool:
        """Return True in `share` of the cases."""
        return self.rng.random() < share

    def count(self, mean: float) -> int:
        """Return how many of something happen when `mean` happen on average (Poisson)."""
        total, events = 0.0, 0
        while mean > 0:
            total += self.rng.expovariate(1.0)
            if total > mean:
                break
            events += 1
        return events
