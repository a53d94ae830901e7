"""`releve ca`: an authority that browsers trust, bound to the hospital's own names."""

import json
import shutil
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from releve.app.certificate import certificate_paths, fingerprint
from releve.app.commands.ca import app
from releve.app.island import make_island
from releve.exercise.demo import demo_hospital

RUNNER = CliRunner()
PASSPHRASE = "marée-haute-à-Étretat"
KNOWN = {"RELEVE_CA_PASSPHRASE": PASSPHRASE}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an island with an authority, made once for these tests."""
    data = tmp_path_factory.mktemp("ca") / "data"
    make_island(data, hospital=demo_hospital(seed=1), exercise=True, origin="a", name="A", accounts=[])
    told = RUNNER.invoke(app, ["init", "--name", "releve.chv.example", "--data", str(data)], env=KNOWN)
    assert told.exit_code == 0, told.output
    assert PASSPHRASE not in told.output
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it that a test may change."""
    shutil.copytree(made, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    return tmp_path / "data"


def run(*words: str, env: dict[str, str] | None = None) -> dict:
    """Return the JSON of a command that succeeds."""
    told = RUNNER.invoke(app, [*words, "--json"], env=KNOWN if env is None else env)
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout.strip().splitlines()[-1])


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str:
    """Return "" when both agree, otherwise why the client, or the server, went away."""
    listener = socket.create_server(("127.0.0.1", 0))
    refused: list[str] = []

    def answer() -> None:
        connection, _ = listener.accept()
        try:
            with server.wrap_socket(connection, server_side=True) as channel:
                channel.recv(1)
        except OSError as error:
            refused.append(f"server: {error}")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        with (
            socket.create_connection(listener.getsockname(), timeout=5) as plain,
            client.wrap_socket(plain, server_hostname=name) as channel,
        ):
            channel.send(b"x")
            thread.join(5)
    except OSError as error:
        return f"client: {error}"
    finally:
        listener.close()
    return refused[0] if refused else ""


def serving(data: Path) -> ssl.SSLContext:
    """Return the context of a server with what the island serves with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate_paths(data))
    return context


def test_a_machine_that_trusts_the_authority_opens_the_island_without_a_warning(data: Path) -> None:
    """People who learn to click warnings away will click the attacker's away too."""
    before = fingerprint(data)
    result = run("issue", "releve.chv.example", "ilot-a.releve.chv.example", "10.4.0.20", "--data", str(data))
    trusting = ssl.create_default_context(cafile=str(data / "keys" / "ca" / "ca.crt"))

    assert {"releve.chv.example", "10.4.0.20", "127.0.0.1", "localhost"} <= set(result["names"])
    for name in ("releve.chv.example", "ilot-a.releve.chv.example", "10.4.0.20", "localhost", "127.0.0.1"):
        assert shake_hands(serving(data), trusting, name) == "", name
    assert "CERTIFICATE_VERIFY_FAILED" in shake_hands(
        serving(data), ssl.create_default_context(), "localhost"
    )
    assert "match" in shake_hands(serving(data), trusting, "autre.chv.example")
    assert fingerprint(data) != before
    assert fingerprint(data) == result["fingerprint"]


def test_the_authority_speaks_for_the_hospital_only(data: Path) -> None:
    """Stolen from an island, it must not open the bank, nor the webmail, of whoever trusted it."""
    for name in ("www.banque.example", "8.8.8.8", "evil-releve.chv.example", "chv.example"):
        told = RUNNER.invoke(app, ["issue", name, "--data", str(data)], env=KNOWN)
        assert told.exit_code == 1, name
        assert name in told.output
    assert not (data / "keys" / "ca" / "server.crt").exists()


def test_a_forged_certificate_outside_its_names_is_refused_by_the_client_itself(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is in the certificate, not in this program: a thief has his own program."""
    monkeypatch.setattr("releve.app.authority.outside", lambda authority, names: [])
    monkeypatch.setattr("releve.app.commands.ca.outside", lambda authority, names: [])
    run("issue", "www.banque.example", "--data", str(data))
    trusting = ssl.create_default_context(cafile=str(data / "keys" / "ca" / "ca.crt"))

    assert "permitted subtree violation" in shake_hands(serving(data), trusting, "www.banque.example")


def test_a_sender_shows_its_certificate_and_others_are_not_heard(data: Path, tmp_path: Path) -> None:
    """The listener takes messages about patients: a laptop on the same switch must not write them."""
    result = run("issue", "--client", "labo", "--out", str(tmp_path / "labo"), "--data", str(data))
    run("issue", "--data", str(data))
    server = serving(data)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(data / "keys" / "ca" / "ca.crt")
    known = ssl.create_default_context(cafile=str(tmp_path / "labo" / "releve-ca.crt"))
    unknown = ssl.create_default_context(cafile=str(tmp_path / "labo" / "releve-ca.crt"))
    known.load_cert_chain(tmp_path / "labo" / "labo.crt", tmp_path / "labo" / "labo.pem")

    assert [Path(path).name for path in result["files"]] == ["labo.crt", "labo.pem", "releve-ca.crt"]
    assert stat.S_IMODE((tmp_path / "labo" / "labo.pem").stat().st_mode) == 0o600
    assert shake_hands(server, known, "localhost") == ""
    assert shake_hands(server, unknown, "localhost") != ""


def test_show_says_what_to_compare_what_ends_when_and_how_to_trust(data: Path) -> None:
    """A certificate that ends in the middle of a crisis is a second crisis."""
    run("issue", "--data", str(data))
    result = run("show", "--data", str(data))
    told = RUNNER.invoke(app, ["show", "--data", str(data)])

    (one,) = result["issued"]
    assert one["use"] == "server"
    assert 800 < one["days_left"] <= 820
    assert len(result["fingerprint"].replace(" ", "")) == 64
    for word in ("certutil -addstore -f Root", "group policy", "update-ca-certificates", "policies.json"):
        assert word in told.stdout
    assert result["key_here"]


def test_without_its_passphrase_or_its_key_the_authority_issues_nothing(data: Path) -> None:
    """The folder alone, copied from a server, must not be enough."""
    wrong = RUNNER.invoke(app, ["issue", "--data", str(data)], env={"RELEVE_CA_PASSPHRASE": "not-this-one"})
    (data / "keys" / "ca" / "ca.pem").unlink()
    gone = RUNNER.invoke(app, ["issue", "--data", str(data)], env=KNOWN)

    assert [told.exit_code for told in (wrong, gone)] == [1, 1]
    assert "not-this-one" not in wrong.output
    assert not run("show", "--data", str(data))["key_here"]


def test_a_second_authority_is_never_made_over_the_first(data: Path) -> None:
    """Two thousand machines would have to be visited again."""
    before = (data / "keys" / "ca" / "ca.crt").read_bytes()

    told = RUNNER.invoke(app, ["init", "--data", str(data)], env=KNOWN)

    assert told.exit_code == 1
    assert (data / "keys" / "ca" / "ca.crt").read_bytes() == before
    assert stat.S_IMODE((data / "keys" / "ca" / "ca.pem").stat().st_mode) == 0o600
    assert b"ENCRYPTED" in (data / "keys" / "ca" / "ca.pem").read_bytes()
