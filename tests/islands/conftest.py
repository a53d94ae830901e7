"""A stick and the two islands it is carried between; what stands here is importable from the folders below."""

from pathlib import Path

import pytest
from carried import Isle, isle

from releve.islands.exchange import parts


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    """Return a folder that stands for a stick."""
    (tmp_path / "usb").mkdir()
    return tmp_path / "usb"


@pytest.fixture
def a(tmp_path: Path) -> Isle:
    """Return an island that holds 600 entries."""
    made = isle(tmp_path, "a")
    made.record(600)
    return made


@pytest.fixture
def b(tmp_path: Path) -> Isle:
    """Return the island the stick is carried to."""
    return isle(tmp_path, "b")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let parts and pieces be small, so that a few hundred entries fill several."""
    monkeypatch.setattr(parts, "PART_BYTES", 24 * 1024)
    monkeypatch.setattr(parts, "PIECE_BYTES", 16 * 1024)
