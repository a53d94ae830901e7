"""The feed speaks MLLP as real applications do: one message at a time, again when no answer came."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest

from releve.codecs.hl7v2.acknowledge import acknowledgement
from releve.codecs.mllp import FrameReader, frame
from releve.exercise.day import Fed, feed_and_cut
from releve.exercise.diary import Diary, read_diary, write_diary
from releve.exercise.feed import Address, Feeder, Pace, parse_target, start_for
from releve.exercise.truth import Truth
from releve.exercise.world import Emission

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
AT_ONCE = Pace(start_us=0, speed=0.0)


def message(feed: str, number: int) -> Emission:
    """A small message of a feed."""
    text = f"MSH|^~\\&|{feed}|CHX|RELEVE|ILOT|20261121031000||ADT^A08^ADT_A01|{feed}{number}|T|2.5\rPID|1||{number}\r"
    return Emission(number, feed, text.encode())


class Island:
    """A tiny MLLP server: keeps what it received, answers as told."""

    def __init__(self, answer: Callable[[int, bytes], bytes | None]) -> None:
        self.received: list[bytes] = []
        self.half_frames = 0
        self.connections = 0
        self._answer = answer
        self.where = Address("127.0.0.1", 0)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Island"]:
        """Listen on a port chosen by the kernel."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.where = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        async with server:
            yield self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        frames = FrameReader()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                for raw in frames.receive(data):
                    self.received.append(raw)
                    answer = self._answer(len(self.received), raw)
                    if answer is None:
                        writer.transport.abort()
                        return
                    if answer:
                        writer.write(frame(answer))
                        await writer.drain()
        self.half_frames += bool(frames.pending_bytes)
        writer.close()


def accepts(_: int, raw: bytes) -> bytes:
    """Say AA to everything."""
    return acknowledgement(raw, code="AA", sent_at=NOW, control_id="R1")


def send(island: Island, emissions: Iterator[Emission], pace: Pace = AT_ONCE, **options: object) -> Feeder:
    """Send everything and return the feeder."""

    async def play() -> Feeder:
        async with island.listening():
            feeder = Feeder(emissions, island.where, pace, **options)  # type: ignore[arg-type]
            await asyncio.wait_for(feeder.run(), 30)
            return feeder

    return asyncio.run(play())


def test_each_feed_has_its_connection_and_its_order() -> None:
    """An island tells applications apart by their connections, and trusts the order inside one."""
    island = Island(accepts)
    emissions = [message("AB"[number % 2], number) for number in range(100)]

    feeder = send(island, iter(emissions))

    assert (feeder.counts.sent, feeder.counts.acknowledged, feeder.counts.repeated) == (100, 100, 0)
    assert island.connections == 2
    for feed in "AB":
        wanted = [emission.payload for emission in emissions if emission.feed_code == feed]
        assert [raw for raw in island.received if b"|" + feed.encode() + b"|" in raw] == wanted


def test_what_was_not_answered_is_sent_again() -> None:
    """A sender that forgets at a broken link loses the message that nobody will miss until morning."""
    told: list[Emission] = []
    island = Island(lambda count, raw: None if count in (3, 7) else accepts(count, raw))
    emissions = [message("A", number) for number in range(10)]

    feeder = send(island, iter(emissions), acknowledged=told.append)

    assert told == emissions
    assert feeder.counts.repeated == 2
    assert [island.received.count(emission.payload) for emission in emissions].count(2) == 2
    assert set(island.received) == {emission.payload for emission in emissions}


def test_an_answer_that_names_another_message_counts_for_nothing() -> None:
    """An acknowledgement of something else must not make a lost message look safe."""

    def answers(count: int, raw: bytes) -> bytes | None:
        return accepts(count, message("A", 999).payload if count == 2 else raw)

    island = Island(answers)

    async def play() -> Feeder:
        async with island.listening():
            feeder = Feeder(iter([message("A", 1), message("A", 2)]), island.where, AT_ONCE)
            running = asyncio.create_task(feeder.run())
            await asyncio.sleep(0.3)
            assert feeder.counts.acknowledged == 1
            feeder.cut()
            await asyncio.wait_for(running, 10)
            return feeder

    feeder = asyncio.run(play())

    assert feeder.counts.mismatched == 1
    assert feeder.counts.acknowledged == 1
    assert [emission.at_us for emission in feeder.in_flight.values()] == [2]


def test_a_refusal_is_counted_and_the_next_message_goes_on() -> None:
    """One message an island cannot take must not stop the laboratory."""
    island = Island(
        lambda count, raw: acknowledgement(
            raw, code="AR" if count == 1 else "AA", sent_at=NOW, control_id="R"
        )
    )

    feeder = send(island, (message("A", number) for number in range(3)))

    assert (feeder.counts.refused, feeder.counts.acknowledged) == (1, 2)


def test_the_cut_comes_while_messages_are_on_the_wire() -> None:
    """The night is only a test if it falls between a message and its answer, and inside a frame."""
    told: list[Emission] = []

    def answers(count: int, raw: bytes) -> bytes:
        return accepts(count, raw) if count < 20 else b""  # then the island says nothing any more

    island = Island(answers)

    async def play() -> Feeder:
        async with island.listening():
            feeder = Feeder(
                (message("AB"[n % 2], n) for n in range(500)), island.where, AT_ONCE, acknowledged=told.append
            )
            running = asyncio.create_task(feeder.run())
            await asyncio.sleep(0.3)
            feeder.cut()
            await asyncio.wait_for(running, 10)
            await asyncio.sleep(0.1)
            return feeder

    feeder = asyncio.run(play())

    assert feeder.is_cut
    assert len(told) == feeder.counts.acknowledged == 19
    assert 1 <= len(feeder.in_flight) <= 2
    assert island.half_frames >= 1


def test_even_a_quiet_hospital_is_cut_with_a_message_on_the_wire() -> None:
    """A cut between two messages would prove nothing, and a night without a cut even less."""

    async def play(emissions: list[Emission]) -> Feeder:
        island = Island(accepts)
        async with island.listening():
            feeder = Feeder(iter(emissions), island.where, AT_ONCE)
            cutting = asyncio.create_task(feeder.cut_when_busy(2))
            await asyncio.wait_for(asyncio.gather(feeder.run(), cutting), 10)
            return feeder

    one = asyncio.run(play([message("A", 1)]))
    many = asyncio.run(play([message("ABCD"[number % 4], number) for number in range(200)]))

    assert one.is_cut
    assert len(one.in_flight) == 1
    assert many.is_cut
    assert len(many.in_flight) >= 2


@pytest.mark.parametrize("said", [0, 1, 30, 90])
def test_a_hospital_of_three_patients_lives_its_day_before_it_is_cut(said: int) -> None:
    """All it says fits in what is read ahead: cut by what was read, such a night sent nothing and proved nothing."""
    cut_us = 1_000
    day = [message("ABC"[number % 3], number) for number in range(said)]
    evening = [message("ABC"[number % 3], cut_us + number) for number in range(6)] if said else []
    island = Island(accepts)

    async def play() -> Fed:
        async with island.listening():
            living = feed_and_cut(
                day + evening, island.where, start_us=0, cut_us=cut_us, truth=Truth(), steps=lambda *_: None
            )
            return await asyncio.wait_for(living, 10)

    fed = asyncio.run(play())

    assert fed.counts.sent >= said
    assert fed.counts.acknowledged >= said - 3  # one a line may be on it
    assert bool(fed.in_flight) == bool(said)


def test_messages_leave_when_their_hour_has_come() -> None:
    """At speed 60 an hour takes a minute; the past of the patients takes no time at all."""
    pace = Pace(start_us=1_000_000_000, speed=60.0)

    assert pace.wait(999_000_000, 0, 0.0) == 0.0
    assert pace.wait(1_000_000_000 + 3_600_000_000, 10, 0.0) == 60.0
    assert pace.wait(1_000_000_000 + 3_600_000_000, 10, 45.0) == 15.0
    assert Pace(start_us=0, rate=200.0).wait(10**15, 400, 1.5) == 0.5
    island = Island(accepts)
    feeder = send(island, (message("A", number) for number in range(20)), Pace(start_us=0, rate=100.0))
    assert feeder.counts.acknowledged == 20


@pytest.mark.parametrize(
    ("hours", "speed", "hours_before"),
    [(24, 1, 0), (24, 0, 24), (24, 60, 23.6), (1, 3600, 3599 / 3600), (5, 0.5, 0)],
)
def test_life_begins_so_early_that_it_never_overtakes_the_clock(
    hours: float, speed: float, hours_before: float
) -> None:
    """A stamp from tomorrow would stand above everything on a board."""
    now = 1_800_000_000_000_000

    start = start_for(now, hours=hours, speed=speed)

    assert (now - start) / 3_600_000_000 == pytest.approx(hours_before, abs=0.001)
    if speed:
        end_of_life = start + hours * 3_600_000_000
        end_on_the_clock = now + hours * 3_600_000_000 / speed
        assert end_of_life <= end_on_the_clock + 1_000_000


def test_what_was_answered_before_is_not_sent_again_after_a_restart(tmp_path: object) -> None:
    """`make run` the next morning goes on with the same patients instead of adding seven hundred."""
    from pathlib import Path

    folder = Path(str(tmp_path))
    diary = Diary(start_us=5, seed=1, speed=1.0, hospital="CH", began_us=5, settled={"A": 7, "B": 2})
    write_diary(folder / "life.json", diary)
    read = read_diary(folder / "life.json")
    assert read == diary
    assert read_diary(folder / "none.json") is None
    (folder / "torn.json").write_bytes(b'{"start_us": 1')
    assert read_diary(folder / "torn.json") is None
    island = Island(accepts)

    feeder = send(island, (message("AB"[number % 2], number) for number in range(20)), skip=diary.settled)

    assert feeder.counts.acknowledged == 11
    assert {raw.split(b"|")[9] for raw in island.received if b"|B|" in raw} == {
        f"B{n}".encode() for n in range(5, 20, 2)
    }


@pytest.mark.parametrize("text", ["", "2575", "island:", "island:x", "island:99999"])
def test_a_target_that_is_no_address_is_refused(text: str) -> None:
    """A typing mistake at night should be told before a day of messages goes nowhere."""
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_target(text)


def test_addresses_of_both_families_are_read() -> None:
    """Hospitals have both."""
    assert parse_target("10.0.0.5:2575") == Address("10.0.0.5", 2575)
    assert parse_target("[::1]:2575") == Address("::1", 2575)
