"""The whole program of the version before beside this one, on the same folder: it folds, and its pages answer.

The version before comes from the history of the repository, at the revision `scripts/before` kept journal and exchange
of (`tests/islands/test_versions_together.py` runs those); a clone without history skips this in words.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from living_island import RELEVE, LivingIsland, Visitor, copy_of, lived, send, wait_until

import releve
from releve.journal.client import Recorder
from releve.journal.entry import Draft
from releve.journal.folder import log_path
from releve.journal.reader import LogReader

# Two versions, each started several times: minutes.
pytestmark = [pytest.mark.whole, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
BEFORE = ROOT / "tests/islands/before/releve.zip"
NOW = Path(releve.__file__).parent.parent
FUTURE = [
    Draft(kind="future.thing.9", body=b"\x93what no version knows yet" * 30, source="test") for _ in range(3)
]
# Where people look, by who looks: `{ward}` is where somebody lies, `{patient}` the first link to her on its board.
PAGES = {
    "medecin": ("/ward/", "/find/?q=MARTIN", "/hospital/", "/feeds/", "/islands/"),
    "informatique": ("/accounts/", "/feeds/", "/islands/", "/islands/suspect/", "/restoration/"),
    "crise": ("/hospital/", "/ward/{ward}/", "{patient}", "/packs/", "/islands/", "/declare/"),
}
LYING = (
    "SELECT ward FROM record_encounter WHERE status = 'present' AND ward IS NOT NULL ORDER BY ward LIMIT 1"
)


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program of the version before."""
    with zipfile.ZipFile(BEFORE) as kept:
        revision = kept.comment.decode()
    made = subprocess.run(
        ["git", "archive", "--format=tar", revision, "src/releve"], cwd=ROOT, capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no history with {revision} here: fold and pages of the version before were not run")
    place = tmp_path_factory.mktemp("before")
    (place / "tar").write_bytes(made.stdout)
    with tarfile.open(place / "tar") as archive:
        archive.extractall(place, filter="data")
    return place / "src"


class Isle(LivingIsland):
    """An island run by one version or the other."""

    code = NOW

    def serve(self, **more: Any) -> str:
        """Start it with the program of `code`; wait until it is ready."""
        return super().serve(prefix=("env", f"PYTHONPATH={self.code}"), **more)

    def told(self, *words: str, **environment: str) -> dict[str, Any]:
        """Return what a command of the program of `code` says with --json."""
        done = subprocess.run(
            [*RELEVE, *words, "--data", str(self.data), "--json"], capture_output=True, text=True, check=False,
            env={**os.environ, **environment, "PYTHONPATH": str(self.code)}, cwd=self.data.parent, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def stored(self) -> list[bytes | None]:
        """Return the bytes of every entry."""
        with LogReader(log_path(self.data, "a", 1)) as reader:
            return [reader.stored(index) for index in range(reader.size)]

    def look(self) -> dict[str, int]:
        """Return how every page answered that people look at, by who looks."""
        found, known = {}, {"ward": self.ask(LYING)[0][0], "patient": ""}
        for code, pages in PAGES.items():
            visitor = Visitor(self, code)
            wait_until(partial(_opens, visitor), "pages", 60)
            visitor.sign_in(pages[0])
            for page in pages:
                status, text = visitor.get(page.format(**known))
                assert 'name="pin"' not in text, f"{code} is asked to sign in at {page}"
                found[f"{code} {page}"] = status
                if link := re.search(r'href="(/patient/[^"/]+/)"', text):
                    known["patient"] = link[1]
        assert known["patient"], "expected somebody on the board of her ward"
        return found


def _opens(visitor: Visitor) -> bool:
    return visitor.get("/sign-in/")[0] == 200


def test_the_version_before_folds_and_shows_what_the_newer_one_wrote_and_the_other_way_round(
    made: Path, tmp_path: Path, before: Path
) -> None:
    """An upgrade is taken back at 3 a.m.: the older program must show the wards, not a page of excuses."""
    isle = Isle(copy_of(made, tmp_path / "a" / "data").data)
    feed = lived(0.5, patients=20)
    try:
        isle.serve()
        assert all(send(isle, [next(feed) for _ in range(60)]))
        with Recorder(isle.data) as recorder:
            recorder.append(FUTURE)
        isle.wait_until_folded()
        shown = isle.look()
        isle.stop()
        written = isle.stored()

        isle.code = before
        isle.serve()
        isle.wait_until_folded()
        back = isle.look()
        assert all(send(isle, [next(feed) for _ in range(20)]))
        isle.wait_until_folded()
        isle.stop()
        kept = isle.stored()
        verified = isle.told("journal", "verify")

        isle.code = NOW
        isle.serve()
        isle.wait_until_folded()
        again = isle.look()
        isle.stop()
    finally:
        isle.close()
    assert set(shown.values()) == {200}, shown
    assert set(back.values()) == {200}, back
    assert set(again.values()) == {200}, again
    assert kept[: len(written)] == written, "what it does not know it carries untouched"
    assert len(kept) >= len(written) + 20
    assert verified["findings"] == []
    # What was folded in steps by one version, then the other, is what one fold of now gives.
    live = isle.told("views", "hash")["hash"]
    isle.told("views", "rebuild")
    assert isle.told("views", "hash")["hash"] == live


def test_an_island_made_by_the_version_before_goes_on_and_its_log_is_folded_by_both(
    tmp_path: Path, before: Path
) -> None:
    """Its two cards, its map, its accounts: nobody begins an island anew for an upgrade."""
    (tmp_path / "b").mkdir()
    isle = Isle(tmp_path / "b" / "data")
    isle.code = before
    isle.told("init", "--hospital", "demo")
    feed = lived(0.5, patients=20)
    try:
        isle.serve()
        assert all(send(isle, [next(feed) for _ in range(40)]))
        isle.wait_until_folded()
        isle.stop()
        isle.code = NOW
        isle.serve()
        isle.wait_until_folded()
        shown = isle.look()
        isle.stop()
    finally:
        isle.close()
    assert set(shown.values()) == {200}, shown
    cards = isle.data / "keys" / "managers"
    signed = ("--sign-with", str(cards / "manager-1.card"), "--sign-with", str(cards / "manager-2.card"))
    opens = {"RELEVE_CARD_1": "releve-demo", "RELEVE_CARD_2": "releve-demo", "RELEVE_CARD_NEW": "releve-demo"}
    assert isle.told("managers", "list")["count"] == 2
    third = ("managers", "add", "third", "--card", str(cards / "third.card"), "--yes", *signed)
    assert isle.told(*third, **opens)["count"] == 3

    # Carried to an island of the other version: each folds the other's log, whole.
    for folds, code in (("now", NOW), ("before", before)):
        (tmp_path / folds).mkdir()
        other = Isle(tmp_path / folds / "data")
        other.code = code
        other.told("init", "--hospital", "demo", "--origin", "c", "--name", "C")
        for part in ("journal/a", "blobs"):
            shutil.copytree(isle.data / part, other.data / part, dirs_exist_ok=True)
        other.told("views", "rebuild")
        told = other.told("views", "hash")
        assert told["positions"]["a/1"] == len(isle.stored())
        assert other.told("journal", "verify")["findings"] == []


def test_the_two_programs_are_two(before: Path) -> None:
    """Run against itself, all of this would prove nothing."""
    check = "import releve.app.cli, releve; print(releve.__file__)"
    for code in (before, NOW):
        done = subprocess.run(
            [sys.executable, "-c", check], env={**os.environ, "PYTHONPATH": str(code)}, capture_output=True, check=True
        )  # fmt: skip
        assert done.stdout.decode().startswith(str(code))
    assert not (before / "releve/web/accounts/managers_page.py").exists()
