"""The parts of the night in which an island is taken: who is told what, the cable, and what its owner may try."""

import contextlib
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "islands"))

from carried import introduce, isle

from releve.exercise.attacker import Attacker, acts, forge, merges, stolen_copy
from releve.exercise.demo import demo_hospital
from releve.exercise.engine import share_out, wards_of_islands
from releve.exercise.feed import Address
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.night import smaller
from releve.exercise.plug import Plug
from releve.exercise.taken_morning import TakenResult
from releve.exercise.tales import Moved
from releve.islands.exchange.layout import checkpoint_path
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.source import HttpsSource, SourceGone
from releve.journal.entry import Submission
from releve.journal.folder import log_path, open_writer
from releve.journal.reader import LogReader

ADMISSION = (
    "MSH|^~\\&|GAM|CHV|RELEVE||20261120100000||ADT^A01|{0}|P|2.5\rEVN||20261120100000\r"
    "PID|||{0}^^^CHV^PI||LE GOFF^ANNE^^^^^L||19450714|F\r"
)
MOMENT_US = 1_795_227_000_000_000


def test_each_message_goes_to_the_island_of_its_patients_ward() -> None:
    """A ward whose island is told nothing of its patients sees an empty board in the morning."""
    hospital = demo_hospital()
    wards = wards_of_islands(hospital, ("a", "b", "c"))
    life = HospitalLife(
        smaller(hospital, 60), seed=3, start=datetime(2026, 11, 20, 8, tzinfo=UTC), occupancy=0.93
    )
    emissions = list(life.run(2.0))

    shared = share_out(emissions, wards)

    assert sorted(ward for kept in wards.values() for ward in kept) == sorted(
        ward.code for ward in hospital.wards
    )
    assert sum(map(len, shared.values())) == len(emissions)
    for origin, told in shared.items():
        assert told
        moved = {tale.ward for one in told for tale in one.tells if isinstance(tale, Moved) and tale.ward}
        assert moved <= set(wards[origin])


def test_a_pulled_cable_carries_nothing_and_a_tapped_one_leads_to_somebody_else() -> None:
    """What stands on one island only is what the cable did not carry."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        plug = Plug(Address(*first.getsockname()))
        try:
            near = socket.create_connection(plug.address, timeout=5)
            far, _ = first.accept()
            near.sendall(b"night")
            assert far.recv(5) == b"night"
            plug.lead_to(None)
            assert _rest(near) == b""
            assert _rest(socket.create_connection(plug.address, timeout=5)) == b""
            plug.lead_to(Address(*second.getsockname()))
            again = socket.create_connection(plug.address, timeout=5)
            there, _ = second.accept()
            there.sendall(b"other")
            assert again.recv(5) == b"other"
            for one in (near, far, again, there):
                one.close()
        finally:
            plug.close()
    with pytest.raises(OSError):
        socket.create_connection(plug.address, timeout=1).close()


def test_whoever_owns_an_island_shows_each_other_one_another_history(tmp_path: Path) -> None:
    """Both stories are signed by the real key: an exercise whose forgeries fail by themselves proves nothing."""
    a, b, c = (isle(tmp_path, origin) for origin in "abc")
    introduce(a, b, c)
    dose = {
        "type": "dose.given.1", "act": "x", "person": "CHV:801", "dose_value": "5", "label": "Paracétamol",
    }  # fmt: skip
    with contextlib.closing(open_writer(c.data)) as writer:
        bodies = [ADMISSION.format(number).encode() for number in (801, 802)]
        writer.append([Submission("message.hl7v2", body, "mllp:10.0.0.5") for body in bodies], MOMENT_US)
        body = msgspec.msgpack.encode(dose)
        writer.append([Submission("dose.given.1", body, "web", "nurse", None, ("CHV:801",))], MOMENT_US)
        honest = writer.size
        stolen = stolen_copy(c.data, tmp_path / "stolen")
    told = {origin: stolen_copy(stolen, tmp_path / f"told-{origin}") for origin in "ab"}

    (false_dose,) = acts(stolen, 9)
    (false_merge,) = merges(stolen, 9)
    assert forge(told["a"], [false_dose, false_merge]) == 2
    assert forge(told["b"], [false_merge]) == 1

    forged = msgspec.msgpack.decode(false_dose.body)
    assert (forged["dose_value"], forged["person"]) == ("50", "CHV:801")
    assert forged["act"] != "x"
    assert b"ADT^A40" in false_merge.body
    assert b"PID|||801^^^CHV^PI" in false_merge.body
    assert b"MRG|802^^^CHV^PI" in false_merge.body
    attacker = Attacker(stolen)
    attacker.shows.update(told)
    address = f"127.0.0.1:{attacker.address.port}"
    try:
        for one, more in ((a, 2), (b, 1)):
            source = HttpsSource(address, origin="c", certificate=c.identity.certificate_pem, data=one.data)
            peers = read_peers(one.data)
            assert peers is not None
            Puller(one.data, peers).pull_from(source, "c")
            source.close()
            with LogReader(log_path(one.data, "c", 1)) as reader:
                assert reader.size == honest + more
        stranger = isle(tmp_path, "d")
        asks = HttpsSource(address, origin="c", certificate=c.identity.certificate_pem, data=stranger.data)
        with pytest.raises(SourceGone):
            asks.get(checkpoint_path("c", 1), 1 << 14)
    finally:
        attacker.close()


def test_the_summary_names_what_died_with_the_island_and_fails_on_any_forgery() -> None:
    """The number of acts to be typed again from paper is what the crisis cell needs first."""
    good = TakenResult(
        sent=12, acknowledged=10, identical=10, pages=9, packs=3, acts=20, accounted=17, lost_with_island=3, kept=4,
        forged=30, reborn=True, views_equal=True,
    )  # fmt: skip

    assert good.succeeded
    assert "lost with island C: 3 acts" in good.text()
    assert (good.as_dict()["islands"], good.as_dict()["lost_with_island"]) == (3, 3)
    for change in (
        {"identical": 9}, {"lost": 1}, {"accounted": 16}, {"forged_in_force": 1}, {"reborn": False},
        {"views_equal": False}, {"kept": 0}, {"forged": 0}, {"problems": ["x"]},
    ):  # fmt: skip
        bad = TakenResult(**{**vars(good), **change})
        assert not bad.succeeded, change


def _rest(line: socket.socket) -> bytes:
    with contextlib.closing(line), contextlib.suppress(ConnectionError):
        return line.recv(10)
    return b""
