"""`releve downtime` as scripts use it: declare, lift, switch, status, and the account of what was done meanwhile."""

import csv
import io
import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "handback"))

from click.testing import Result
from owed_island import PASSWORD, dose, small_island
from paper_island import MEDICINE, PARIS, PSYCHIATRY, PaperIsland, now
from typer.testing import CliRunner

from releve.app.commands.downtime import app
from releve.codecs.fhir.checker import check

RUNNER = CliRunner()


def run(*arguments: str) -> Result:
    """Run the command line as a script does; both people give their password."""
    return RUNNER.invoke(
        app, list(arguments), env={"RELEVE_PASSWORD": PASSWORD, "RELEVE_SECOND_PASSWORD": PASSWORD}
    )


def told(done: Result) -> dict:
    """Return the JSON that scripts read: the last line of a command that succeeded."""
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def island(tmp_path: Path) -> PaperIsland:
    """Return an island with two patients, a crisis cell, a physician, and a nurse of medicine."""
    return small_island(tmp_path / "island")


def test_a_cut_is_declared_by_two_people_and_stands(island: PaperIsland) -> None:
    """The network team of two has no browser at hand: the command obeys the same rules as the page."""
    place = ("--data", str(island.data), "--application", "PRESC", "--json")

    said = told(run("declare", *place, "--by", "crise", "--second", "medecin", "--reason", "breakdown"))
    stands = told(run("status", "--data", str(island.data), "--json"))

    assert (said["status"], said["confirmed"]) == ("down", True)
    (line,) = stands["applications"]
    assert (line["application"], line["status"], line["owed"]) == ("PRESC", "down", 0)
    assert line["wards"] == [MEDICINE, PSYCHIATRY]


def test_cuts_of_one_application_at_different_hours_are_told_apart(island: PaperIsland) -> None:
    """Whoever reads one hour for all wards looks for the wrong paper in half of them."""
    place = (
        "--data",
        str(island.data),
        "--application",
        "PRESC",
        "--by",
        "crise",
        "--second",
        "medecin",
        "--json",
    )
    early, late = (now() - timedelta(minutes=minutes) for minutes in (50, 20))

    for ward, at in ((MEDICINE, early), (PSYCHIATRY, late)):
        run("declare", *place, "--ward", ward, "--since", f"{at.astimezone(PARIS):%Y-%m-%d %H:%M}")
    stands = told(run("status", "--data", str(island.data), "--json"))["applications"]
    words = run("status", "--data", str(island.data)).stdout.splitlines()

    assert [line["wards"] for line in stands] == [[MEDICINE], [PSYCHIATRY]]
    assert words == [
        f"PRESC: down in 1 ward since {early.astimezone(PARIS):%Y-%m-%d %H:%M}, owed 0 acts",
        f"PRESC: down in 1 ward since {late.astimezone(PARIS):%Y-%m-%d %H:%M}",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--by", "crise"), "two people"),
        (("--by", "crise", "--second", "crise"), "somebody else"),
        (("--by", "nuit", "--alone"), "own wards only"),
        (("--by", "personne", "--second", "medecin"), "do not go together"),
        (("--by", "crise", "--second", "medecin", "--since", "demain"), "expected a day and an hour"),
    ],
)
def test_the_checks_are_those_of_the_screen(
    island: PaperIsland, arguments: tuple[str, ...], says: str
) -> None:
    """A way round the second person would be the first thing an attacker types."""
    done = run("declare", "--data", str(island.data), "--application", "PRESC", *arguments)

    assert done.exit_code == 1
    assert says in done.stderr
    assert "PRESC: down" not in done.stdout


def test_what_was_recorded_decides_what_a_lift_is(island: PaperIsland) -> None:
    """An application that is owed something is restored, never in service; one that is owed nothing is live."""
    pair = ("--data", str(island.data), "--by", "crise", "--second", "medecin", "--json")
    told(run("declare", *pair, "--application", "PRESC", "--application", "SGL"))
    island.record(dose("100", "k1", 0))

    lifted = told(run("lift", *pair, "--application", "PRESC"))
    other = told(run("lift", *pair, "--application", "SGL"))
    switched = told(run("switch", *pair, "--application", "PRESC", "--ward", MEDICINE, "--at", _in_hours(5)))
    stands = told(run("status", "--data", str(island.data), "--json"))

    assert lifted["status"] == "restored"
    assert other["status"] == "live"
    assert switched["places"] == [{"kind": "ward", "code": MEDICINE}]
    assert [(line["application"], line["status"], line["owed"]) for line in stands["applications"]] == [
        ("PRESC", "restored", 1)
    ] * 2
    assert [(line["wards"], line["switch_us"] is None) for line in stands["applications"]] == [
        ([MEDICINE], False),
        ([PSYCHIATRY], True),
    ]


def _in_hours(hours: int) -> str:
    return f"{(now() + timedelta(hours=hours)).astimezone(PARIS):%Y-%m-%d %H:%M}"


def test_the_account_says_every_act_once_in_three_forms(island: PaperIsland, tmp_path: Path) -> None:
    """It is keyed by hand from here: what is missing is lost to the record, what is twice is given twice."""
    island.record(
        dose("100", "k1", 5), dose("100", "k1", 5), dose("100", "k2", 2, second="medecin", told_by="Dr X")
    )
    out = tmp_path / "usb"

    result = told(
        run("account", "--data", str(island.data), "--application", "PRESC", "--out", str(out), "--json")
    )

    assert (result["acts"], result["persons"], result["applications"]) == (2, 1, {"PRESC": 2})
    assert stat.S_IMODE((out / "account-presc.csv").stat().st_mode) == 0o600
    lines = list(
        csv.DictReader(io.StringIO((out / "account-presc.csv").read_text("utf-8-sig")), delimiter=";")
    )
    assert [line["happened_at"] for line in lines] == sorted(line["happened_at"] for line in lines)
    # A spreadsheet must not run a name.
    assert {line["birth_name"] for line in lines} == {"'=MARTIN"}
    assert "2.5" in lines[0]["details"].replace(",", ".")
    assert lines[1]["told_by"] == "Dr X"
    bundle = (out / "account-presc.json").read_bytes()
    assert check(bundle) == []
    kinds = [entry["resource"]["resourceType"] for entry in msgspec.json.decode(bundle)["entry"]]
    assert kinds.count("Patient") == 1
    assert kinds.count("Provenance") == 2
    text = subprocess.run(
        ["pdftotext", "-layout", str(out / "account-presc.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert text.count("MARTIN") == 1
    assert text.count("N. KERVELLA") == 2
    assert "PETIT" not in text


def test_an_account_of_nothing_is_an_account(island: PaperIsland, tmp_path: Path) -> None:
    """A script that runs every evening must not fail on a quiet day."""
    result = told(run("account", "--data", str(island.data), "--out", str(tmp_path / "o"), "--json"))

    assert (result["acts"], result["persons"]) == (0, 0)
    assert (tmp_path / "o" / "account.pdf").read_bytes().startswith(b"%PDF-")
