"""`releve init` and `releve serve`, as scripts and service managers meet them."""

import contextlib
import http.client
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from living_island import READY, LivingIsland, Visitor, copy_of, lived, releve, send, wait_until

LASTING = ("recorder", "gateway", "fold", "web")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[LivingIsland]:
    """Return an island that was started once for what asks little of it, with an environment that lies about it."""
    island = copy_of(made, tmp_path_factory.mktemp("served") / "data")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RELEVE_EXERCISE", "0")
        island.serve()
    yield island
    island.close()


def test_serve_says_ready_once_it_takes_messages(served: LivingIsland) -> None:
    """Scripts wait for that line."""
    assert READY.fullmatch(served.ready.rstrip("\n"))
    answers = send(served, list(lived(0.5))[:3])
    assert all(b"MSA|AA|" in answer for answer in answers)


def test_a_second_serve_on_the_same_folder_refuses_in_words_and_harms_nothing(served: LivingIsland) -> None:
    """Two hands at 3 a.m. start it twice."""
    before = served.processes()

    second = releve("serve", "--data", str(served.data), "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0")

    assert second.returncode == 1
    assert "expected no other `releve serve` on it; one is running" in second.stderr
    assert second.stdout == ""
    after = served.processes()
    assert [after[name] for name in LASTING] == [before[name] for name in LASTING]
    assert b"MSA|AA|" in send(served, [next(lived(0.5, seed=2))])[0]


def test_fhir_is_taken_where_the_island_is_served(served: LivingIsland) -> None:
    """Tests that choose the addresses themselves stayed green while every island answered 404."""
    door = http.client.HTTPConnection(*served.http, timeout=20)
    wait_until(lambda: Visitor(served).answers("/fhir/metadata"), "the capabilities")

    door.request(
        "POST",
        "/fhir/Patient",
        '{"resourceType": "Patient", "identifier": [{"value": "F1"}]}',
        {"Content-Type": "application/fhir+json"},
    )

    answer = door.getresponse()
    assert answer.status == 201
    assert b"OperationOutcome" in answer.read()
    door.close()


def test_an_exercise_island_says_so_on_its_pages_whatever_the_environment_says(served: LivingIsland) -> None:
    """The mark comes from the journal, not from how the process was started."""
    visitor = Visitor(served)
    assert "EXERCICE" in wait_until(lambda: visitor.get("/sign-in/")[1], "the page to sign in")


def test_serve_stops_without_leaving_a_child(served: LivingIsland) -> None:
    """A service manager that has waited ten seconds kills."""
    assert len(served.family()) >= 6  # itself, recorder, gateway, fold, web and its workers

    seconds = served.stop()

    assert seconds < 10
    assert served.family() == []


def test_init_leaves_a_folder_alone_that_holds_something(tmp_path: Path, made: Path) -> None:
    """The wrong path in a script must not cost a hospital its journal."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("not ours")
    for folder in (other, made):
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

        refused = releve("init", "--data", str(folder), "--hospital", "demo")

        assert refused.returncode == 1
        assert "expected an empty or new folder" in refused.stderr
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("folder", ["absent", "empty", "other"])
def test_serve_refuses_a_folder_that_is_no_island(tmp_path: Path, folder: str) -> None:
    """It says what it expected, and makes nothing there."""
    data = tmp_path / folder
    if folder != "absent":
        data.mkdir()
    if folder == "other":
        (data / "letter.txt").write_text("not ours")
    before = sorted(tmp_path.rglob("*"))

    refused = releve("serve", "--data", str(data), "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0")

    assert refused.returncode == 1
    assert "releve init" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_an_address_that_is_taken_is_said_in_words(island: LivingIsland, tmp_path: Path) -> None:
    """`serve` must not try for ever behind a silent screen."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        for option in ("--http", "--mllp"):
            other = "--mllp" if option == "--http" else "--http"

            refused = releve(
                "serve", "--data", str(island.data), option, where, other, "127.0.0.1:0", seconds=30
            )

            assert refused.returncode == 1
            assert f"{where}: expected a free address of this machine" in refused.stderr
            assert "Traceback" not in refused.stderr
    assert island.family() == []


@pytest.mark.parametrize("exercise", ["key", "settings", "first entry"])
def test_an_exercise_island_never_becomes_real(island: LivingIsland, exercise: str) -> None:
    """Sheets without EXERCICE beside real ones: somebody gives an invented dose."""
    key = next((island.data / "keys").glob("*.1.key"))
    settings = island.data / "releve.toml"
    assert "exercise: yes" in key.read_text()
    if exercise == "key":
        key.write_text(key.read_text().replace("exercise: yes", "exercise: no"))
    elif exercise == "settings":
        settings.write_text(settings.read_text().replace("[island]", "[island]\nexercise = false"))
    else:
        flip_mark(next(island.data.glob("journal/*/1.sqlite3")))

    refused = releve(
        "serve", "--data", str(island.data), "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", seconds=30
    )

    assert refused.returncode == 1
    assert "exercise" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
    assert island.family() == []


def flip_mark(log: Path) -> None:
    """Make the stored first entry say that this is no exercise."""
    import sqlite3

    from releve.journal.entry import RAW, Unpacker, decode, encode

    with contextlib.closing(sqlite3.connect(log)) as database:
        ((stored,),) = database.execute("SELECT stored FROM entry WHERE idx = 0").fetchall()
        envelope = decode(stored)
        body = Unpacker(b"").unpack(envelope)
        changed = body.replace(b"\xa8exercise\xc3", b"\xa8exercise\xc2")
        assert changed != body, "expected the mark in the first entry"
        forged = encode(msgspec.structs.replace(envelope, encoding=RAW, size=len(changed), body=changed))
        database.execute("UPDATE entry SET stored = ? WHERE idx = 0", (forged,))
        database.commit()
