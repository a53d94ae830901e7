"""Batches over MLLP: an entry a message, one answer for all of them, and none that calls kept what is not."""

from __future__ import annotations

import asyncio

import pytest
from mllp_island import Island, OwnedRecorder, island, message

from releve.codecs.hl7v2.batch import FRAME_MESSAGES_MAX
from releve.journal.entry import Receipt
from releve.journal.errors import DraftRefused, RecorderGone, StorageFull

BHS = b"BHS|^~\\&|LABO|CHU|RELEVE|GHT|20261121031000||NUIT||B77\r"
# What an MDM with a scan weighs: it becomes a blob, and its entry waits for the bytes to be on the disk.
LARGE = message("G2") + b"OBX|1|ED|||" + b"QUJD" * 30_000 + b"\r"


def of(person: str) -> bytes:
    """Return an admission of another patient, with its own control id."""
    return message(f"M{person}").replace(b"800123", b"80012" + person.encode())


THREE = [of("1"), of("2"), of("3")]


def batch(*messages: bytes, count: int | str | None = None, header: bytes = BHS) -> bytes:
    """Return the messages in the envelope of a batch; `count` is BTS-1, when it is not the true one."""
    announced = str(len(messages) if count is None else count).encode()
    return header + b"".join(messages) + b"BTS|" + announced + b"\r"


def acknowledged(block: bytes) -> list[tuple[bytes, bytes]]:
    """Return code and control id of every acknowledgement of an answer."""
    found = [segment.split(b"|") for segment in block.split(b"\r") if segment.startswith(b"MSA")]
    return [(fields[1], fields[2]) for fields in found]


def kept(here: Island) -> list[bytes]:
    """Return the bodies of the entries."""
    return [draft.body for draft in here.recorder.drafts]


@pytest.mark.parametrize(
    "frame",
    [
        batch(*THREE),
        batch(*THREE, count=""),
        b"\xef\xbb\xbf" + batch(*THREE),
        BHS.replace(b"BHS", b"FHS") + batch(*THREE) + b"FTS|1\r",
        BHS.replace(b"BHS", b"FHS") + b"".join(THREE) + b"FTS|1\r",
        BHS.replace(b"BHS", b"FHS") + batch(*THREE[:1]) + batch(*THREE[1:]) + b"FTS|2\r",
    ],
)
def test_three_patients_in_a_batch_are_three_entries_and_one_answer(frame: bytes) -> None:
    """A laboratory that sends each quarter of an hour in a batch had all its results listed, and none on a board."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(frame, message("M9"))

            block = await sender.block()

            assert kept(here)[:3] == THREE
            assert {draft.kind for draft in here.recorder.drafts} == {"message.hl7v2"}
            begun, *_, ended, rest = block.split(b"\r")
            fields = begun.split(b"|")
            assert fields[:6] == [b"BHS", b"^~\\&", b"RELEVE", b"GHT", b"LABO", b"CHU"]
            assert fields[10]
            assert fields[11] == b"B77"
            assert (ended, rest) == (b"BTS|3", b"")
            assert acknowledged(block) == [(b"AA", b"M1"), (b"AA", b"M2"), (b"AA", b"M3")]
            assert await sender.answer() == [b"MSA", b"AA", b"M9"]
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def test_a_batch_is_answered_once_all_of_it_is_durable() -> None:
    """Its sender deletes the whole batch: acknowledged after the first message, the others go with a power cut."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True)) as here:
            sender = await here.sender()
            await sender.send(batch(*THREE))
            await here.until(lambda: len(here.recorder.waiting) == 3)
            _, _, (_, last) = here.recorder.waiting
            for _, future in here.recorder.waiting[:2]:
                future.set_result(_receipt())

            with pytest.raises(TimeoutError):
                await sender.block(0.2)
            last.set_result(_receipt())

            assert [code for code, _ in acknowledged(await sender.block())] == [b"AA"] * 3

    asyncio.run(story())


def test_messages_of_a_batch_stand_in_its_order_around_a_large_one() -> None:
    """A correction that stands before what it corrects is lost."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(message("M1"), batch(THREE[0], LARGE, THREE[2]), message("M5"))

            assert await sender.answer() == [b"MSA", b"AA", b"M1"]
            assert [name for _, name in acknowledged(await sender.block())] == [b"M1", b"G2", b"M3"]
            assert await sender.answer() == [b"MSA", b"AA", b"M5"]
            assert kept(here) == [message("M1"), THREE[0], LARGE, THREE[2], message("M5")]

    asyncio.run(story())


def test_a_control_id_that_comes_twice_is_two_messages() -> None:
    """Some senders number per batch, or not at all: the second patient is not the first one again."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            twins = [body.replace(b"|M1|", b"|M|").replace(b"|M2|", b"|M|") for body in THREE[:2]]
            await sender.send(batch(*twins))

            assert acknowledged(await sender.block()) == [(b"AA", b"M")] * 2
            assert kept(here) == twins

    asyncio.run(story())


def test_a_message_that_cannot_be_read_takes_no_other_along() -> None:
    """From the published samples: a header of six bytes in the middle of a batch."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(batch(THREE[0], b"MSH|^~\r", THREE[2]))

            assert acknowledged(await sender.block()) == [(b"AA", b"M1"), (b"AA", b""), (b"AA", b"M3")]
            assert kept(here) == [THREE[0], b"MSH|^~\r", THREE[2]]

    asyncio.run(story())


@pytest.mark.parametrize(
    "frame",
    [
        batch(*THREE, count=4),
        batch(*THREE, count="three"),
        BHS + b"".join(THREE),
        BHS.replace(b"BHS", b"FHS") + b"".join(THREE),
        BHS.replace(b"BHS", b"FHS") + batch(*THREE) + b"FTS|2\r",
        batch(*THREE) + message("M4"),
        BHS + b"PID|1||lost\r" + batch(*THREE, header=b""),
        b"".join(THREE),
        b"".join(THREE) + b"BTS|3\r",
        batch(*[b"MSH|^~\\&|A||||||ADT^A01|M1\r"] * (FRAME_MESSAGES_MAX + 1)),
    ],
)
def test_a_batch_that_does_not_add_up_is_kept_whole(frame: bytes) -> None:
    """Whose a line is cannot be told: it is one entry that nobody reads, and is listed (see the views)."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(frame)

            assert await sender.answer() == [b"MSA", b"AA", b"M1"]
            assert kept(here) == [frame]

    asyncio.run(story())


@pytest.mark.parametrize("failure", [DraftRefused("body: expected less"), StorageFull("no room")])
def test_where_one_message_is_refused_none_of_the_batch_is_called_kept(failure: Exception) -> None:
    """Engines that read the first acknowledgement alone would delete the batch, with the message that is not here."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True), when_full="reject") as here:
            sender = await here.sender()
            await sender.send(batch(THREE[0], message("M2", accept="AL"), THREE[2]), message("M9"))
            await here.until(lambda: len(here.recorder.waiting) == 4)
            (_, first), (_, second), (_, third), (_, after) = here.recorder.waiting
            first.set_result(_receipt())
            second.set_exception(failure)
            third.set_result(_receipt())
            after.set_result(_receipt())

            block = await sender.block()

            assert acknowledged(block) == [(b"AR", b"M1"), (b"CR", b"M2"), (b"AR", b"M3")]
            assert block.count(b"not stored whole") == 3
            assert await sender.answer() == [b"MSA", b"AA", b"M9"]

    asyncio.run(story())


def test_where_nobody_knows_of_one_message_the_batch_gets_no_answer() -> None:
    """Its sender sends all of it again; what is here then twice is one row on every board."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True), refusal_pause_seconds=0.05) as here:
            sender = await here.sender()
            await sender.send(batch(*THREE))
            await here.until(lambda: len(here.recorder.waiting) == 3)
            (_, first), (_, second), (_, third) = here.recorder.waiting
            first.set_result(_receipt())
            third.set_result(_receipt())
            second.set_exception(RecorderGone("recorder: expected an answer"))

            assert await sender.closed() == b""
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def test_each_message_of_a_batch_gets_the_code_it_asks_for() -> None:
    """In enhanced mode a sender that gets AA instead of CA repeats the message all night."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(batch(message("M1", accept="AL"), message("M2")))

            assert acknowledged(await sender.block()) == [(b"CA", b"M1"), (b"AA", b"M2")]

    asyncio.run(story())


ACK = b"MSH|^~\\&|LABO|CHU|DPI|CHU|20261121031000||ACK^A01^ACK|A1|P|2.5\rMSA|AA|42\r"


@pytest.mark.parametrize(
    "frame",
    [
        ACK,
        ACK.replace(b"ACK^A01^ACK", b"ACK"),
        ACK.replace(b"|P|2.5", b"|P|2.5|||AL|NE"),
        b"\r\n" + ACK,
        ACK.replace(b"^", b"!"),
        b"MSH|^~\\&|||||||ACK|A1\rMSA|AA|42\r",
    ],
)
def test_an_acknowledgement_is_kept_and_never_acknowledged(frame: bytes) -> None:
    """Two peers that answer every answer fill a night's disk with them."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(frame)
            await here.until(lambda: here.recorder.drafts)
            with pytest.raises(TimeoutError):
                await sender.block(0.2)

            await sender.send(frame, message("M2"))

            assert await sender.answer() == [b"MSA", b"AA", b"M2"]
            assert kept(here) == [frame, frame, message("M2")]
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def test_acknowledgements_in_a_batch_are_not_acknowledged_either() -> None:
    """The answer to a batch is a batch of them: ours, sent back to us, must end there."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(batch(ACK, ACK), batch(ACK, THREE[1]))

            assert acknowledged(await sender.block()) == [(b"AA", b"M2")]
            assert kept(here) == [ACK, ACK, ACK, THREE[1]]

    asyncio.run(story())


def test_an_acknowledgement_that_cannot_be_stored_is_not_answered_either() -> None:
    """A refusal would be an answer, too."""

    async def story() -> None:
        async with island(when_full="reject") as here:
            here.recorder.failure = StorageFull("no room")
            sender = await here.sender()
            await sender.send(ACK, message("M2"))

            assert (await sender.answer())[1:3] == [b"AR", b"M2"]

    asyncio.run(story())


def _receipt() -> Receipt:
    return Receipt("test", 1, 0, 0)
