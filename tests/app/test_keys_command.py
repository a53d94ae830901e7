"""`releve keys`, as a script and a manager use it."""

import json
import stat
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner, Result

from releve.app.commands.keys import app
from releve.app.keys.island_key import bare_names
from releve.app.settings import Island, IslandSettings, write_settings
from releve.journal import folder
from releve.journal.keys import KeysLocked, run_file
from releve.web.accounts import verifier

PHRASE = "agrafe cheval pile correct"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an island with bare keys, and no terminal to ask at."""
    monkeypatch.setenv("RELEVE_RUN", str(tmp_path / "run"))
    for name in ("RELEVE_KEYS_PASSPHRASE", "RELEVE_KEYS_NEW_PASSPHRASE", "RELEVE_KEYS_CARDS"):
        monkeypatch.delenv(name, raising=False)
    data = tmp_path / "data"
    folder.create_island(data, "a", False, "CH de Valombre", 1_800_000_000_000_000)
    write_settings(data, IslandSettings(island=Island(origin="a", name="A")))
    verifier.make_key(data)
    return data


def run(data: Path, *arguments: str, **environment: str) -> Result:
    """Run a command of the family on this island."""
    return CliRunner().invoke(app, [*arguments, "--data", str(data)], env=environment)


def result(data: Path, *arguments: str, **environment: str) -> dict[str, object]:
    """Return what a command says with --json."""
    done = run(data, *arguments, "--json", **environment)
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def words_of(path: Path) -> list[str]:
    """Return the words of each card as they stand on paper."""
    pages = pypdfium2.PdfDocument(path)
    found = []
    for page in pages:
        lines = [line.split() for line in page.get_textpage().get_text_range().splitlines()]
        numbered = {int(one[0]): one[1] for one in lines if len(one) == 2 and one[0].isdigit()}
        found.append(" ".join(numbered[place] for place in range(1, 34)))
    return found


def test_keys_are_wrapped_locked_opened_with_printed_cards_and_changed(data: Path, tmp_path: Path) -> None:
    """The whole life of an island key, through the commands that the documentation names."""
    assert result(data, "status")["wrapped"] is False

    made = result(
        data, "init", "--with", "passphrase", "--with", "cards", "--memory-mib", "64", "--out", str(tmp_path / "out"),
        RELEVE_KEYS_PASSPHRASE=PHRASE,
    )  # fmt: skip
    assert (made["wrapped"], made["open"], made["bare"], made["means"]) == (
        True,
        True,
        [],
        ["passphrase", "cards"],
    )
    sheets = Path(str(made["cards"]))
    assert stat.S_IMODE(sheets.stat().st_mode) == 0o600
    cards = words_of(sheets)
    assert len(cards) == 5

    assert result(data, "lock")["open"] is False
    with pytest.raises(KeysLocked):
        verifier.key_of(data)
    typed = ";".join(cards[2:])
    opened = result(data, "unlock", "--with", "cards", RELEVE_KEYS_CARDS=typed)
    assert (opened["open"], opened["by"]) == (True, "cards")
    assert verifier.key_of(data)

    changed = result(
        data,
        "rotate",
        "--with",
        "passphrase",
        "--memory-mib",
        "64",
        RELEVE_KEYS_NEW_PASSPHRASE="autre phrase secrète",
    )
    assert changed["key"] != made["key"]
    assert changed["means"] == ["passphrase"]
    result(data, "lock")
    assert run(data, "unlock", RELEVE_KEYS_PASSPHRASE=PHRASE).exit_code == 1
    assert result(data, "unlock", RELEVE_KEYS_PASSPHRASE="autre phrase secrète")["by"] == "passphrase"


def test_what_is_wrong_is_said_by_card_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    """Read aloud by somebody at the keyboard to somebody with the envelope."""
    made = result(data, "init", "--with", "cards", "--out", str(tmp_path / "out"))
    cards = words_of(Path(str(made["cards"])))
    result(data, "lock")
    typed = cards[1].split()
    wrong = " ".join([*typed[:4], "acadmic", *typed[5:]])

    done = run(data, "unlock", RELEVE_KEYS_CARDS=";".join([cards[0], wrong, cards[0]]))

    assert done.exit_code == 1
    assert "card 2, word 5: expected a word of the list, such as academic" in done.output
    assert "card 3: expected another card, this one was typed before" in done.output
    assert "1 are right" in done.output
    assert not run_file(data).exists()
    done = run(data, "unlock")
    assert "RELEVE_KEYS_CARDS" in done.output


def test_refusals_leave_the_keys_bare(data: Path, tmp_path: Path) -> None:
    """A short passphrase, cards written beside the keys, an unknown means: told, and nothing is half done."""
    for arguments, environment, words in (
        (("init",), {}, "--with: expected"),
        (("init", "--with", "fingerprint"), {}, "--with fingerprint: expected one of"),
        (("init", "--with", "passphrase"), {"RELEVE_KEYS_PASSPHRASE": "short"}, "12 signs or more"),
        (("init", "--with", "passphrase"), {}, "RELEVE_KEYS_PASSPHRASE: expected"),
        (("init", "--with", "cards", "--out", str(data / "packs")), {}, "outside DATA"),
        (("init", "--with", "stick"), {}, "--stick: expected the folder"),
        (
            ("init", "--with", "stick", "--stick", str(tmp_path / "no")),
            {},
            "--stick: expected a folder of a medium",
        ),
        (("wrap",), {}, "--with or --remove"),
        (("unlock",), {}, "releve keys init"),
        (("rotate",), {}, "releve keys init"),
    ):
        done = run(data, *arguments, **environment)
        assert done.exit_code == 1, arguments
        assert words in done.output, done.output
    assert result(data, "status")["wrapped"] is False
    assert bare_names(data) == ["a.1.key", "accounts.key"]


def test_a_stick_is_added_and_cards_are_taken_away(data: Path, tmp_path: Path) -> None:
    """What a hospital keeps changes; each change is one command and says what it does not do."""
    settings = data / "releve.toml"
    settings.write_text(settings.read_text().replace('stick = ""', f'stick = "{tmp_path}"'))
    result(data, "init", "--with", "cards", "--out", str(tmp_path / "out"))

    added = result(data, "wrap", "--with", "stick", "--stick", str(tmp_path))
    done = run(data, "wrap", "--remove", "cards", "--json")

    assert added["means"] == ["cards", "stick"]
    assert "still open this key" in done.stderr
    result(data, "lock")
    assert result(data, "unlock")["by"] == "stick"
    assert run(data, "wrap", "--remove", "stick").exit_code == 1
