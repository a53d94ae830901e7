"""Controls are taken out and their tests seen to fail: a few each time, all of them in `make soak`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "remove-controls"
# Quick ones, each of another room: symbols of packs, doses charted twice.
SAMPLE = ("76", "81")

HAZARDS = """| No | Hazard | How | Control | Test |
| --- | --- | --- | --- | --- |
| 1 | Held | x | y | `test_house.py::test_held` |
| 2 | Not held | x | y | `test_house.py::test_idle` |
| 3 | Broken | x | y | `test_house.py::test_broken` |
"""
CONTROLS = "".join(
    f"[[control]]\nhazard = {number}\nfile = \"src/house.py\"\nremove = 'LOCKED = True'\nput = 'LOCKED = False'\n"
    for number in (1, 2, 3)
)
TESTS = """import house


def test_held():
    assert house.LOCKED


def test_idle():
    assert house.__name__ == "house"


def test_broken():
    assert not house.LOCKED
"""


def taken_out(script: Path, *hazards: str) -> subprocess.CompletedProcess[str]:
    """Return what became of taking these controls out."""
    return subprocess.run(
        [sys.executable, script, *hazards], capture_output=True, text=True, timeout=240, check=False
    )


@pytest.mark.timeout(300)
def test_a_few_tests_fail_once_their_control_is_taken_out() -> None:
    """A test that passes without what it tests guards nobody."""
    done = taken_out(SCRIPT, *SAMPLE)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("fails without it") == len(SAMPLE)


@pytest.mark.whole
@pytest.mark.timeout(120)
def test_what_proves_nothing_is_told(tmp_path: Path) -> None:
    """A test that never needed its control, or fails with it, must not count as a proof."""
    for name, text in (
        ("docs/safety/hazards.md", HAZARDS),
        ("docs/safety/controls.toml", CONTROLS),
        ("src/house.py", "LOCKED = True\n"),
        ("tests/test_house.py", TESTS),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "scripts").mkdir()
    script = shutil.copy(SCRIPT, tmp_path / "scripts")

    idle, broken = taken_out(script, "1", "2"), taken_out(script, "3")

    assert idle.returncode == 1
    assert "hazard 1: fails without it" in idle.stdout
    assert "hazard 2: PASSES WITHOUT ITS CONTROL" in idle.stdout
    assert broken.returncode == 1
    assert "though nothing was removed" in broken.stderr
