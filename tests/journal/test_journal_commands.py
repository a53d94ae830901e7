"""`releve journal`: what scripts rely on, and what a person reads."""

import base64
import json
import sqlite3
from pathlib import Path

import pytest
from recorder_here import message
from typer.testing import CliRunner, Result

from releve.app.commands.journal import app
from releve.journal import folder
from releve.journal.entry import Submission
from releve.journal.folder import Log


@pytest.fixture
def filled(data: Path, log: Log) -> Path:
    """Return the data folder of an island with 1,200 messages and an act."""
    writer = folder.open_writer(data)
    writer.append(
        [Submission("message.hl7v2", message(number), "mllp:10.0.0.5") for number in range(1200)], 7
    )
    writer.append([Submission("crisis.note.1", b"\x81\xa4type\xadcrisis.note.1", "screen", "w:1", 5)], 8)
    writer.close()
    return data


def run(*arguments: str, status: int = 0) -> Result:
    """Run the command; return what came out."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == status, (result.output, result.exception)
    return result


def last_line(result: Result) -> dict[str, object]:
    """Return the JSON of the last line on standard output."""
    return json.loads(result.stdout.splitlines()[-1])


def test_verify_says_that_all_is_well(filled: Path) -> None:
    """Run every night by a script: status 0 only when everything was re-hashed and holds."""
    told = last_line(run("verify", "--data", str(filled), "--json"))

    assert told == {"ok": True, "logs": 1, "entries": 1203, "redacted": 0, "findings": []}
    assert "everything is as promised" in run("verify", "--data", str(filled)).stdout


def test_verify_names_the_entry_that_is_not_as_promised(filled: Path, log: Log) -> None:
    """The person at the machine must know which entry, and the script must fail."""
    connection = sqlite3.connect(log.path)
    connection.execute("UPDATE entry SET stored = CAST(stored || 'x' AS BLOB) WHERE idx = 1107")
    connection.commit()
    connection.close()

    result = run("verify", "--data", str(filled), "--json", status=1)

    told = last_line(result)
    assert told["ok"] is False
    assert {finding["entry"] for finding in told["findings"]} == {1107}  # type: ignore[attr-defined]
    assert "centre/1 entry 1,107: expected bytes that give its leaf hash" in result.stderr


def test_stats_count_kinds_and_bytes(filled: Path) -> None:
    """How fast the disk fills is known before it is full."""
    log = last_line(run("stats", "--data", str(filled), "--json"))["logs"][0]  # type: ignore[index]

    assert (log["log"], log["entries"], log["feed"], log["act"], log["exercise"]) == (
        "centre/1",
        1203,
        1200,
        3,
        True,
    )
    assert log["kinds"]["message.hl7v2"] == 1200
    assert 0 < log["message_bytes_median"] < 700
    assert "1,200  message.hl7v2" in run("stats", "--data", str(filled)).stdout


def test_cat_gives_the_received_bytes_back(filled: Path) -> None:
    """Another tool must be able to take everything over, byte for byte."""
    everything = run("cat", "--data", str(filled), "--kind", "message.hl7v2").stdout.splitlines()
    since = run("cat", "--data", str(filled), "--since", "1200", "--json").stdout.splitlines()

    assert [base64.b64decode(json.loads(line)["raw"]) for line in everything] == [
        message(n) for n in range(1200)
    ]
    assert [json.loads(line).get("index") for line in since] == [1200, 1201, 1202, None]
    assert json.loads(since[-1]) == {"log": "centre/1", "printed": 3}
    entry = json.loads(since[2])
    assert (entry["kind"], entry["author"], entry["lane"], entry["source"]) == (
        "crisis.note.1",
        "w:1",
        "act",
        "screen",
    )
    assert entry["recorded_at"] == "1970-01-01T00:00:00.000008+00:00"


def test_show_gives_one_entry_whole(filled: Path) -> None:
    """Provenance on a screen names an entry; here it is."""
    told = last_line(run("show", "1202", "--data", str(filled), "--json"))

    assert told["fact"] == {"type": "crisis.note.1"}
    assert len(bytes.fromhex(str(told["leaf"]))) == 32
    assert "MSH|^~\\&|GAM" in run("show", "5", "--data", str(filled)).stdout


def test_what_is_not_there_is_said_in_words(filled: Path, tmp_path: Path) -> None:
    """Status 0 only for success."""
    assert "entry 9,999" in run("show", "9999", "--data", str(filled), status=1).stderr
    assert "nord/1" in run("cat", "--data", str(filled), "--log", "nord/1", status=1).stderr
    for command in ("verify", "stats"):
        assert "expected a journal" in run(command, "--data", str(tmp_path), status=1).stderr
    assert run("cat", "--data", str(tmp_path), status=1).stderr


def test_a_new_epoch_is_begun_after_asking(filled: Path) -> None:
    """The way out of a damaged log: shown first, then done; the log before stays."""
    assert (
        CliRunner().invoke(app, ["new-epoch", "--data", str(filled), "--reason", "r"], input="n\n").exit_code
        == 1
    )
    assert folder.own_log(filled).epoch == 1

    told = last_line(run("new-epoch", "--data", str(filled), "--reason", "damage", "--yes", "--json"))

    assert told == {"log": "centre/2", "before": "centre/1"}
    assert last_line(run("cat", "--data", str(filled), "--log", "centre/1", "--json"))["printed"] == 1203
    assert last_line(run("cat", "--data", str(filled), "--json"))["log"] == "centre/2"
