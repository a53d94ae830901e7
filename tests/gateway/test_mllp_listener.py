"""The listener over real sockets: acknowledged only when durable, in order, whatever the others do."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from gateway_certificates import make_certificates
from mllp_island import OwnedRecorder, island, message

from releve.gateway.settings import AllowList, Listen, TlsFiles
from releve.journal.errors import DraftRefused, RecorderGone, StorageFull


def test_an_answer_leaves_only_after_the_entry_is_durable() -> None:
    """A sender deletes what we acknowledge: an answer before the disk is a lost patient after a power cut."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True)) as here:
            sender = await here.sender()
            await sender.send(message("M1"))
            await here.until(lambda: here.recorder.waiting)

            with pytest.raises(TimeoutError):
                await sender.answer(0.2)
            here.recorder.release()

            assert await sender.answer() == [b"MSA", b"AA", b"M1"]
            assert [draft.body for draft in here.recorder.drafts] == [message("M1")]
            assert here.recorder.drafts[0].kind == "message.hl7v2"
            assert here.recorder.drafts[0].source == "mllp:127.0.0.1"

    asyncio.run(story())


def test_two_messages_in_one_write_are_kept_together_and_answered_in_order() -> None:
    """Two of the peers we measured answer the first only; the sender then waits for ever."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True)) as here:
            sender = await here.sender()
            await sender.send(message("M1"), message("M2"))
            await here.until(lambda: len(here.recorder.waiting) == 2)

            here.recorder.release(newest_first=True)

            assert [await sender.answer(), await sender.answer()] == [
                [b"MSA", b"AA", b"M1"],
                [b"MSA", b"AA", b"M2"],
            ]

    asyncio.run(story())


def test_what_follows_a_large_document_is_not_recorded_before_it() -> None:
    """Inside a log the index rules: a correction that stands before what it corrects is lost."""

    async def story() -> None:
        async with island() as here:
            large = message("M2") + b"OBX|1|ED|||" + b"QUJD" * 30_000 + b"\r"
            sender = await here.sender()
            await sender.send(message("M1"), large, message("M3"), large, message("M5"))

            codes = [(await sender.answer())[1:3] for _ in range(5)]

            assert codes == [[b"AA", name] for name in (b"M1", b"M2", b"M3", b"M2", b"M5")]
            assert [draft.body for draft in here.recorder.drafts] == [
                message("M1"),
                large,
                message("M3"),
                large,
                message("M5"),
            ]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("accept", "application", "code"),
    [
        ("", "", b"AA"),
        ("AL", "NE", b"CA"),
        ("AL", "AL", b"CA"),
        ("SU", "", b"CA"),
        ("ER", "AL", b"AA"),
        ("NE", "AL", b"AA"),
        ("NE", "NE", b"AA"),
    ],
)
def test_the_code_is_the_one_the_message_asks_for(accept: str, application: str, code: bytes) -> None:
    """In enhanced mode a sender that gets AA instead of CA repeats the message all night."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(message("M1", accept=accept, application=application))

            assert await sender.answer() == [b"MSA", code, b"M1"]

    asyncio.run(story())


def test_what_has_no_header_is_kept_and_answered() -> None:
    """A recorder must not lose what it does not understand, nor make its sender repeat it for ever."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            await sender.send(b"PID|1||800123")

            answer = await sender.answer()

            assert answer[:3] == [b"MSA", b"AA", b""]
            assert here.recorder.drafts[0].body == b"PID|1||800123"

    asyncio.run(story())


def test_with_a_full_disk_the_message_stays_with_its_sender() -> None:
    """By default no answer and a closed connection: every interface engine then keeps the message in its queue."""

    async def story() -> None:
        async with island(refusal_pause_seconds=0.05) as here:
            here.recorder.failure = StorageFull("no room")
            sender = await here.sender()
            await sender.send(message("M1"), message("M2"))

            assert await sender.closed() == b""

            here.recorder.failure = None
            again = await here.sender()
            await again.send(message("M1"))
            assert await again.answer() == [b"MSA", b"AA", b"M1"]
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def test_with_a_full_disk_a_refusal_is_sent_where_the_hospital_chose_so() -> None:
    """Some engines raise an alarm only on AR; the connection then stays open."""

    async def story() -> None:
        async with island(when_full="reject") as here:
            here.recorder.failure = StorageFull("no room")
            sender = await here.sender()
            await sender.send(message("M1"), message("M2", accept="AL"))

            first, second = await sender.answer(), await sender.answer()
            here.recorder.failure = None
            await sender.send(message("M3"))

            assert [first[1:3], second[1:3]] == [[b"AR", b"M1"], [b"CR", b"M2"]]
            assert (await sender.answer())[1:3] == [b"AA", b"M3"]

    asyncio.run(story())


def test_a_message_the_journal_can_never_take_is_refused_in_words() -> None:
    """Closing without answer would make its sender repeat it until someone stops the interface."""

    async def story() -> None:
        async with island() as here:
            here.recorder.failure = DraftRefused("body: expected less")
            sender = await here.sender()
            await sender.send(message("M1"))

            answer = await sender.answer()

            assert answer[1:3] == [b"AR", b"M1"]
            assert b"limits" in answer[3]

    asyncio.run(story())


def test_when_nobody_knows_whether_it_was_stored_nothing_is_acknowledged() -> None:
    """The sender repeats; twice in the journal is a nuisance, not at all is a patient."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True), refusal_pause_seconds=0.05) as here:
            sender = await here.sender()
            await sender.send(message("M1"), message("M2"), message("M3"))
            await here.until(lambda: len(here.recorder.waiting) == 3)
            (_, first), (_, second), (_, third) = here.recorder.waiting
            third.set_result(_receipt())
            second.set_exception(RecorderGone("recorder: expected an answer"))
            first.set_result(_receipt())

            rest = await sender.closed()

            # M3 is durable, but its answer must not stand in the place of M2's.
            assert rest.count(b"MSA|") == 1
            assert b"MSA|AA|M1" in rest
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def _receipt() -> object:
    from releve.journal.entry import Receipt

    return Receipt("test", 1, 0, 0)


def test_a_frame_of_one_gibibyte_is_given_up_early() -> None:
    """Memory belongs to all senders; what arrived whole before is still answered."""

    async def story() -> None:
        async with island(frame_bytes_max=1_000_000) as here:
            sender = await here.sender()
            await sender.send(message("M1"))
            assert await sender.answer() == [b"MSA", b"AA", b"M1"]
            sent = 0

            async def flood() -> None:
                nonlocal sent
                await sender.send_raw(b"\x0bMSH|")
                for _ in range(1024):
                    await sender.send_raw(b"x" * 1_048_576)
                    sent += 1
                    assert here.listener.buffered_bytes <= 1_500_000

            with pytest.raises(ConnectionError):
                await flood()

            assert sent < 100
            assert len(here.recorder.drafts) == 1

    asyncio.run(story())


def test_half_frames_cannot_take_the_memory_of_all() -> None:
    """Forty senders stuck in the middle of a scan; the admissions desk must still get its answer."""

    async def story() -> None:
        async with island(buffer_bytes_max=1_000_000, frame_bytes_max=400_000) as here:
            stuck = [await here.sender() for _ in range(40)]
            for sender in stuck:
                await sender.send_raw(b"\x0bMSH|" + b"x" * 100_000)
            good = await here.sender()
            await good.send(message("M1"))

            assert await good.answer() == [b"MSA", b"AA", b"M1"]
            assert here.listener.buffered_bytes <= 1_300_000

    asyncio.run(story())


def test_reading_pauses_while_too_much_waits_for_the_disk_and_goes_on_after() -> None:
    """A disk that stands still for a minute must not fill the memory; nothing is lost, senders wait."""

    async def story() -> None:
        async with island(
            OwnedRecorder(hold=True), buffer_bytes_max=200_000, connection_bytes_max=100_000
        ) as here:
            senders = [await here.sender() for _ in range(4)]
            body = message("M") + b"NTE|1||" + b"x" * 20_000 + b"\r"
            tasks = [asyncio.create_task(sender.send(*[body] * 200)) for sender in senders]
            await here.until(lambda: here.listener.over_budget)
            await asyncio.sleep(0.1)
            held = here.listener.buffered_bytes
            # Each connection may have read one block of the kernel's more than its share.
            assert held < 200_000 + 4 * 300_000

            async def drain() -> None:
                while True:
                    here.recorder.release()
                    await asyncio.sleep(0.001)

            draining = asyncio.create_task(drain())
            for sender in senders:
                for _ in range(200):
                    assert (await sender.answer(20))[1] == b"AA"
            await asyncio.gather(*tasks)
            draining.cancel()
            assert len(here.recorder.drafts) == 800
            assert here.listener.buffered_bytes == 0

    asyncio.run(story())


def test_a_frame_that_never_ends_is_given_up_after_a_while() -> None:
    """One byte a minute keeps a connection for ever otherwise."""

    async def story() -> None:
        async with island(frame_seconds_max=0.5) as here:
            slow = await here.sender()
            await slow.send_raw(b"\x0bMSH|^~")

            assert await slow.closed(8) == b""

    asyncio.run(story())


def test_a_message_in_single_bytes_arrives_whole() -> None:
    """A serial line behind a converter sends like this; it is slow, not wrong."""

    async def story() -> None:
        async with island() as here:
            sender = await here.sender()
            for byte in b"\x0b" + message("M1") + b"\x1c\r":
                await sender.send_raw(bytes([byte]))

            assert await sender.answer() == [b"MSA", b"AA", b"M1"]
            assert here.recorder.drafts[0].body == message("M1")

    asyncio.run(story())


def test_a_thousand_connections_opened_and_left_harm_nobody() -> None:
    """Engines that forget to close; the one that speaks must not wait behind them."""

    async def story() -> None:
        async with island() as here:
            idle = [await here.sender() for _ in range(1000)]
            await here.until(lambda: here.listener.connections == 1000)
            good = await here.sender()
            await good.send(message("M1"))

            assert await good.answer() == [b"MSA", b"AA", b"M1"]
            for sender in idle:
                sender.close()
            await here.until(lambda: here.listener.connections == 1)

    asyncio.run(story())


def test_when_every_place_is_taken_the_one_silent_longest_gives_way() -> None:
    """Ten thousand connections opened and left must not lock the hospital out."""

    async def story() -> None:
        async with island(connections_max=5) as here:
            working = await here.sender()
            await working.send(message("M1"))
            await working.answer()
            silent = [await here.sender() for _ in range(4)]
            await here.until(lambda: here.listener.connections == 5)

            newcomer = await here.sender()
            await newcomer.send(message("M2"))

            assert await newcomer.answer() == [b"MSA", b"AA", b"M2"]
            assert await silent[0].closed() == b""
            await working.send(message("M3"))
            assert await working.answer() == [b"MSA", b"AA", b"M3"]

    asyncio.run(story())


def test_a_sender_that_closes_its_half_still_gets_its_answers() -> None:
    """Some engines say all they have, shut their half down and wait."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True)) as here:
            sender = await here.sender()
            await sender.send(message("M1"), message("M2"))
            sender.end()
            await here.until(lambda: len(here.recorder.waiting) == 2)
            await asyncio.sleep(0.05)

            here.recorder.release()

            rest = await sender.closed()
            assert rest.count(b"MSA|AA|") == 2

    asyncio.run(story())


def test_stopping_answers_what_is_durable_and_accepts_nothing_more() -> None:
    """An update of the island in daylight: no message is left in doubt."""

    async def story() -> None:
        async with island(OwnedRecorder(hold=True)) as here:
            sender = await here.sender()
            await sender.send(message("M1"))
            await here.until(lambda: here.recorder.waiting)

            stopping = asyncio.create_task(here.listener.stop())
            await asyncio.sleep(0.05)
            here.recorder.release()
            await stopping

            assert b"MSA|AA|M1" in await sender.closed()
            with pytest.raises(OSError):
                await here.sender()

    asyncio.run(story())


def test_an_address_that_is_not_on_the_list_is_turned_away(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever can write into the journal can put a false allergy on a board."""

    async def story() -> None:
        async with island(allow=("10.0.0.0/8", "192.168.1.7")) as here:
            sender = await here.sender()

            assert await sender.closed() == b""
            assert here.recorder.drafts == []
        async with island(allow=("127.0.0.1",)) as here:
            sender = await here.sender()
            await sender.send(message("M1"))
            assert (await sender.answer())[1] == b"AA"

    asyncio.run(story())
    assert "127.0.0.1: connection refused: address not on the allow-list" in caplog.text


def test_an_ipv4_sender_on_an_ipv6_socket_is_the_same_sender() -> None:
    """The list says 10.1.2.3; a dual-stack socket shows ::ffff:10.1.2.3."""
    allow = AllowList(("10.1.2.0/24", "fe80::/10"))

    assert allow.admits("::ffff:10.1.2.3")
    assert allow.admits("fe80::1%eth0")
    assert not allow.admits("10.1.3.1")
    assert not allow.admits("unknown")
    with pytest.raises(ValueError, match="entry 2"):
        AllowList(("10.0.0.1", "hospital"))


def test_with_tls_only_a_sender_with_our_certificate_is_heard(tmp_path: Path) -> None:
    """Over a shared network, the certificate is the only thing that says who speaks."""
    files = make_certificates(tmp_path)
    client = ssl.create_default_context(cafile=files.authority)
    stranger = ssl.create_default_context(cafile=files.authority)
    client.load_cert_chain(files.client, files.client_key)
    tls = TlsFiles(certificate=files.server, key=files.server_key, client_authorities=files.authority)

    async def story() -> None:
        async with island(tls=tls, listen=(Listen(port=0, tls=True),)) as here:
            sender = await here.sender(ssl=client, server_hostname="localhost")
            await sender.send(message("M1"), message("M2"))
            assert (await sender.answer())[1:3] == [b"AA", b"M1"]
            assert (await sender.answer())[1:3] == [b"AA", b"M2"]

            async def without_certificate() -> None:
                unknown = await here.sender(ssl=stranger, server_hostname="localhost")
                await unknown.send(message("M3"))
                await unknown.answer()

            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await without_certificate()
            plain = await here.sender()
            await plain.send(message("M4"))
            await plain.closed(15)

            assert len(here.recorder.drafts) == 2

    asyncio.run(story())


def test_a_broken_sender_is_told_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """A log drowned by one machine hides everything else."""

    async def story() -> None:
        async with island(allow=("10.0.0.1",)) as here:
            for _ in range(50):
                await (await here.sender()).closed()

    asyncio.run(story())
    assert caplog.text.count("not on the allow-list") == 1
