"""How far our knowledge goes: the last message of each feed, and whether its silence is longer than usual.

`freshness_of` is pure; `feeds_now` reads the senders from the views.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from releve.hospital.map import Directory, Feed
from releve.hospital.status import Statuses, StatusLine
from releve.hospital.tables import Sender
from releve.hospital.writing import opening
from releve.views.prepared import Fixed

__all__ = [
    "BOARD_FUNCTIONS", "Freshness", "Horizon", "Source", "empty_is_known", "feeds_now", "freshness_of",
    "horizon_of", "nothing_yet", "sources_of", "ward_horizon",
]  # fmt: skip

# What a board shows, by the care function that brings it.
BOARD_FUNCTIONS = (
    "identity", "admit", "prescribe", "administer", "order-laboratory", "results-laboratory", "order-imaging",
    "results-imaging", "document", "appoint",
)  # fmt: skip

DAY_HOURS = range(7, 21)  # hospital time; the rest is night


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """One feed, as heard."""

    feed: Feed
    last_at: int | None  # UTC ms of the last message recorded; None: never heard
    usual_seconds: int  # silence that is still usual at this hour
    silent: bool  # heard before, and quiet for longer than usual
    first_at: int | None = None  # UTC ms of the first: what came before was never heard here
    messages: int = 0
    not_understood: int = 0
    clock_ms: int | None = None
    senders: tuple[str, ...] = ()  # ids of `hospital_sender`
    address: str = ""

    @property
    def never(self) -> bool:
        """Nothing was ever heard from it."""
        return self.last_at is None


class Horizon(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of its data: until when, and what is silent."""

    until_ms: int | None
    silent: tuple[Freshness, ...]
    silent_since_ms: int | None


def freshness_of(feed: Feed, senders: Iterable[Sender], *, now_ms: int, zone: ZoneInfo) -> Freshness:
    """Return how fresh a feed is; `senders` are those the map gives to it."""
    heard = [sender for sender in senders if sender.last_at is not None]
    last = max((sender.last_at or 0 for sender in heard), default=None)
    hour = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).hour
    usual = feed.silence_day_seconds if hour in DAY_HOURS else feed.silence_night_seconds
    newest = max(heard, key=lambda sender: sender.last_at or 0, default=None)
    return Freshness(
        feed=feed,
        last_at=last,
        usual_seconds=usual,
        silent=last is not None and now_ms - last > usual * 1000,
        first_at=min((sender.first_at for sender in heard if sender.first_at is not None), default=None),
        messages=sum(sender.messages for sender in heard),
        not_understood=sum(sender.not_understood for sender in heard),
        clock_ms=newest.clock_ms if newest is not None else None,
        senders=tuple(sender.id for sender in heard),
        address=(newest.address or "") if newest is not None else "",
    )


_senders: Fixed[Sender] = Fixed(Sender.objects.all)


def feeds_now(directory: Directory, *, now_ms: int) -> tuple[list[Freshness], list[Sender]]:
    """Return every feed of the map with its freshness, and the senders that nobody announced."""
    zone = ZoneInfo(directory.map.zone)
    by_feed: dict[str, list[Sender]] = {}
    strangers: list[Sender] = []
    for sender in _senders():
        feed = directory.feed_for(sender.application or "", sender.facility or "", sender.address or "")
        if feed is None:
            strangers.append(sender)
        else:
            by_feed.setdefault(feed.code, []).append(sender)
    fresh = [
        freshness_of(feed, by_feed.get(feed.code, ()), now_ms=now_ms, zone=zone)
        for feed in directory.map.feeds
    ]
    return fresh, strangers


def horizon_of(feeds: Iterable[Freshness], *, statuses: Statuses | None = None, ward: str = "") -> Horizon:
    """Return how far the data of a page go.

    While an application is down in the ward: the latest message of the feeds of the applications that are down.
    Otherwise: the latest message of all, and which feeds are silent.
    """
    every = [fresh for fresh in feeds if not fresh.never]
    down = {line.application for line in statuses.down(ward)} if statuses is not None and ward else set()
    concerned = [fresh for fresh in every if fresh.feed.application in down] or every
    silent = tuple(fresh for fresh in every if fresh.silent or fresh.feed.application in down)
    return Horizon(
        until_ms=max((fresh.last_at or 0 for fresh in concerned), default=None),
        silent=silent,
        silent_since_ms=min((fresh.last_at or 0 for fresh in silent), default=None),
    )


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ward's data of one care function come from, and whether they may have changed since unheard.

    `feed` is None when the island receives none: such data are *not received*, never *none*.
    """

    function: str
    application: str = ""
    feed: Freshness | None = None
    down: bool = False
    cut_ms: int | None = None  # since when the application is said to be cut, while it is
    back_ms: int | None = None  # when the application was said to be back; before that one wrote elsewhere
    restored: bool = False  # back, and what was written elsewhere meanwhile is not given back to it yet
    here_ms: int | None = None  # since when this ward writes here for it, while it does

    @property
    def frozen(self) -> bool:
        """What is known may have changed: the application is down here, or its feed is silent."""
        return self.feed is not None and (self.down or self.feed.silent or self.feed.never)

    @property
    def awaited(self) -> bool:
        """Nothing was heard of it yet, and nobody says that it is cut: nothing known has grown old."""
        return self.feed is not None and self.feed.never and not self.down

    @property
    def still_heard(self) -> bool:
        """The application is said to be cut here, and its feed went on after that was said."""
        return self.cut_ms is not None and self.heard_ms is not None and self.heard_ms > self.cut_ms

    @property
    def heard_ms(self) -> int | None:
        """The latest message of the feed, UTC ms."""
        return self.feed.last_at if self.feed is not None else None


def sources_of(
    ward: str, directory: Directory, feeds: Collection[Freshness], statuses: Statuses
) -> dict[str, Source]:
    """Return for each function of a board the feed that brings it to this ward.

    The application made for the ward comes before the one for all; the first that has a feed counts.
    """
    by_application: dict[str, list[Freshness]] = {}
    for fresh in feeds:
        by_application.setdefault(fresh.feed.application, []).append(fresh)
    found: dict[str, Source] = {}
    for function in BOARD_FUNCTIONS:
        carriers = directory.applications_carrying(function, ward)
        carrier = next((one for one in carriers if one.code in by_application), None)
        if carrier is None:
            first = carriers[0].code if carriers else ""
            found[function] = Source(
                function=function,
                application=first,
                here_ms=_here_ms(function, first, ward, directory, statuses),
            )
            continue
        heard = max(by_application[carrier.code], key=lambda fresh: fresh.last_at or 0)
        line = statuses.at(carrier.code, ward)
        back = [at for at in (line.since_us, line.declared_us) if at is not None and line.status != "down"]
        found[function] = Source(
            function=function,
            application=carrier.code,
            feed=heard,
            down=line.status == "down",
            cut_ms=cut_said_ms(line),
            back_ms=max(back) // 1000 if back else None,
            restored=line.status == "restored",
            here_ms=_here_ms(function, carrier.code, ward, directory, statuses),
        )
    return found


def cut_said_ms(line: StatusLine) -> int | None:
    """Return when somebody had said that it is cut, None while nobody has."""
    said = [at for at in (line.since_us, line.declared_us) if at is not None]
    return max(said) // 1000 if line.status == "down" and said else None


def still_heard_since(feeds: Iterable[Freshness], lines: Iterable[StatusLine]) -> int | None:
    """Return since when an application is cut that is heard all the same, the one heard last; None when none is.

    `lines` are those of the applications that are down where the page speaks of.
    """
    cut: dict[str, StatusLine] = {}
    for line in lines:
        cut.setdefault(line.application, line)
    heard: list[tuple[int, int]] = []
    for fresh in feeds:
        if (here := cut.get(fresh.feed.application)) is None or (said_ms := cut_said_ms(here)) is None:
            continue
        if fresh.last_at is not None and fresh.last_at > said_ms:
            heard.append((fresh.last_at, here.since_us // 1000 if here.since_us is not None else said_ms))
    return max(heard)[1] if heard else None


def _here_ms(
    function: str, application: str, ward: str, directory: Directory, statuses: Statuses
) -> int | None:
    """Return since when a ward writes here: not before the cut was said, for until then nobody knew."""
    if not application or not opening(function, ward, directory, statuses).open:
        return None
    line = statuses.at(application, ward)
    said = [
        at for at in (line.since_us, line.declared_us if line.status == "down" else None) if at is not None
    ]
    return max(said) // 1000 if said else None


def nothing_yet(sources: Iterable[Source]) -> bool:
    """Tell whether nothing of these was received yet, while nobody says that they are cut."""
    announced = [source for source in sources if source.feed is not None]
    return bool(announced) and all(source.awaited for source in announced)


def empty_is_known(sources: Mapping[str, Source]) -> bool:
    """Tell whether a bed with nobody in it may be called free: somebody tells this island who comes and goes."""
    source = sources.get("admit")
    return source is not None and source.feed is not None and not source.feed.never


def ward_horizon(
    feeds: Collection[Freshness], statuses: Statuses, down: Collection[str], ward: str = ""
) -> int | None:
    """Return until when the data of a page go: `horizon_of`, and without a ward what is down anywhere counts."""
    if ward or not down:
        return horizon_of(feeds, statuses=statuses, ward=ward).until_ms
    concerned = [fresh for fresh in feeds if not fresh.never and fresh.feed.application in down]
    return max(
        (fresh.last_at or 0 for fresh in concerned or feeds if not fresh.never),
        default=None,
    )
