"""Whole islands of one hospital, made as `releve init` makes them, and their logs carried by hand."""

import contextlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parent.parent / "departments"))

import ward_room  # sets Django up
from ward_island import HOSPITAL, PASSWORD

from releve.app.cli import app
from releve.app.island import make_island
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft, Receipt
from releve.journal.folder import blobs_path, open_writer, own_log

__all__ = ["HOSPITAL", "PASSWORD", "House", "ward_room"]

RUNNER = CliRunner()
PASSPHRASE = "marée haute"
CARDS_OPEN = {"RELEVE_CARD_1": PASSPHRASE, "RELEVE_CARD_2": PASSPHRASE}


_joined: dict[tuple[tuple[str, ...], tuple[str, ...]], "House"] = {}


class House:
    """Islands A, B, C… with the same two managers (the fewest there can be); `root/cards` holds their cards."""

    def __init__(self, root: Path, *origins: str) -> None:
        self.root = root
        self.origins = origins
        for origin in origins:
            accounts: list[dict[str, Any]] = [
                {"code": f"nurse.{origin}", "family": "KERVELLA", "given": "Nadia", "role": "nurse", "wards": ("2140",),
                 "password": PASSWORD}
            ]  # fmt: skip
            make_island(
                self.data(origin), hospital=HOSPITAL, exercise=True, origin=origin, name=f"Îlot {origin.upper()}",
                accounts=accounts, managers=root / "cards", passphrases=(PASSPHRASE, PASSPHRASE),
                cards=2,
            )  # fmt: skip

    @classmethod
    def joined(cls, root: Path, *origins: str, wards: tuple[str, ...]) -> "House":
        """Return islands that added one another: made and joined once a process, then copied to `root`."""
        if (origins, wards) not in _joined:
            made = cls(Path(tempfile.mkdtemp(prefix="releve-house-")), *origins)
            made.join(*wards)
            for origin in origins:
                made.run(origin, "islands", "list")
            _joined[origins, wards] = made
        return _joined[origins, wards].copy(root)

    def copy(self, root: Path) -> "House":
        """Return the same islands in another folder: making them costs seconds, a test may change a copy."""
        shutil.copytree(
            self.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"), symlinks=True
        )
        made = House(root)
        made.origins = self.origins
        return made

    def data(self, origin: str) -> Path:
        """Return the data folder of an island."""
        return self.root / origin

    def run(self, origin: str, *words: str, signed: bool = False, ok: bool = True) -> dict[str, Any]:
        """Run `releve …` on an island and return its JSON; `signed`: with both cards."""
        result = self.told(origin, *words, signed=signed)
        assert (result.exit_code == 0) == ok, (result.output, result.exception)
        return json.loads(result.stdout.strip().splitlines()[-1]) if ok else {"stderr": result.stderr}

    def told(self, origin: str, *words: str, signed: bool = False) -> Result:
        """Run `releve …` on an island and return what it said."""
        cards = [
            word
            for number in (1, 2)
            for word in ("--sign-with", str(self.root / "cards" / f"manager-{number}.card"))
        ]
        options = [*(cards if signed else []), "--data", str(self.data(origin)), "--json"]
        return RUNNER.invoke(app, [*words, *options], env=CARDS_OPEN)

    def introduce(self, *wards: str) -> list[str]:
        """Let each island write its introduction, `wards[n]` for the nth; return the files."""
        files = []
        for place, origin in enumerate(self.origins):
            file = self.root / f"{origin}.txt"
            ward = ["--ward", wards[place]] if place < len(wards) and wards[place] else []
            self.run(
                origin,
                "islands",
                "introduce",
                "--address",
                f"10.0.0.{place + 1}:8443",
                *ward,
                "--out",
                str(file),
            )
            files.append(str(file))
        return files

    def join(self, *wards: str) -> None:
        """Let all islands add one another, and carry their logs everywhere."""
        files = self.introduce(*wards)
        for origin in self.origins:
            self.run(origin, "islands", "add", *files, "--yes", signed=True)
        self.carry()

    def carry(self, *only: str) -> None:
        """Put the logs of these islands (all) on all the others, as a puller would once it believed them."""
        for origin in only or self.origins:
            for other in self.origins:
                if other != origin:
                    shutil.copytree(
                        self.data(origin) / "journal" / origin,
                        self.data(other) / "journal" / origin,
                        dirs_exist_ok=True,
                    )

    def say(self, origin: str, *drafts: Draft) -> list[Receipt]:
        """Record entries on an island that no recorder serves."""
        data, now_us = self.data(origin), time.time_ns() // 1000
        log = own_log(data)
        with contextlib.closing(open_writer(data)) as writer:
            blobs = BlobStore(blobs_path(data))
            first = writer.append([_submission(draft, blobs) for draft in drafts], now_us)
        return [Receipt(log.origin, log.epoch, first + place, now_us) for place in range(len(drafts))]
