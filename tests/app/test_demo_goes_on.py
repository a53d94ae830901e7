"""A demonstration that is started again: the hospital that lived there lives on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from releve.app.commands import demo_islands, island


class _Said:
    """The programs that were to be started."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> Any:
        self.commands.append(command)
        return SimpleNamespace(terminate=lambda: None)


def test_the_hospital_that_lived_in_a_folder_lives_on_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun anew, a second hospital was admitted into beds that were taken: two patients in each."""
    (tmp_path / "hospital").mkdir()
    (tmp_path / "releve.toml").touch()
    said = _Said()
    monkeypatch.setattr(island, "subprocess", SimpleNamespace(Popen=said, DEVNULL=None))
    serves = SimpleNamespace(tls=False, run=lambda ready: ready("127.0.0.1:1", "127.0.0.1:2"))
    monkeypatch.setattr(island, "_supervisor", lambda *_: serves)

    for _ in range(2):
        island.demo(data=tmp_path, seed=7)
    first, again = said.commands

    assert first == again
    assert first[first.index("--state") + 1].startswith(str(tmp_path))


def test_each_of_three_islands_remembers_its_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A third of a hospital that began anew would fill the beds of its wards twice."""
    said = _Said()
    monkeypatch.setattr(demo_islands, "subprocess", SimpleNamespace(Popen=said, DEVNULL=None))
    one = SimpleNamespace(data=tmp_path, mllp=SimpleNamespace(host="127.0.0.1", port=1))

    demo_islands._feed(one, "1/3", 7)

    assert said.commands[0][said.commands[0].index("--state") + 1].startswith(str(tmp_path))
