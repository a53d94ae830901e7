"""A demonstration that is started again: the hospital that lived there lives on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from releve.app.commands import demo_islands, island
from releve.exercise.demo import demo_hospital
from releve.exercise.diary import LIFE, read_diary, write_diary
from releve.exercise.feed import start_for


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


def test_three_islands_are_told_of_one_life(tmp_path: Path) -> None:
    """Begun some seconds apart, three lives gave one number to three persons: a man lay in maternity."""
    folders = [tmp_path / origin for origin in "abc"]

    demo_islands.live_one_life(folders, "CH", 7, 1_795_404_000_000_000)

    diaries = [read_diary(folder / LIFE) for folder in folders]
    assert diaries == [diaries[0]] * 3
    assert diaries[0] is not None
    assert (diaries[0].start_us, diaries[0].seed) == (1_795_404_000_000_000, 7)
    # Started again, with one island made anew: all go on in the life that was.
    lived = msgspec.structs.replace(diaries[0], settled={"ADT": 41})
    write_diary(folders[1] / LIFE, lived)
    (folders[0] / LIFE).unlink()
    demo_islands.live_one_life(folders, "CH", 7, 1_795_999_000_000_000)
    assert read_diary(folders[0] / LIFE) == diaries[0]
    assert read_diary(folders[1] / LIFE) == lived


def test_what_tells_an_island_of_its_part_takes_up_the_life_that_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A life of another pace or name is begun anew, at another moment."""
    said = _Said()
    monkeypatch.setattr(demo_islands, "subprocess", SimpleNamespace(Popen=said, DEVNULL=None))
    hospital = demo_hospital(seed=1)
    demo_islands.live_one_life([tmp_path], hospital.name, 7, 1)
    diary = read_diary(tmp_path / LIFE)

    demo_islands._feed(
        SimpleNamespace(data=tmp_path, mllp=SimpleNamespace(host="127.0.0.1", port=1)), "1/3", 7
    )

    (words,) = said.commands
    value = {name: words[words.index(name) + 1] for name in ("--seed", "--speed", "--hours", "--hospital")}
    assert diary is not None
    assert (int(value["--seed"]), float(value["--speed"])) == (diary.seed, diary.speed)
    assert (diary.start_us, diary.hospital) == (
        start_for(1, hours=float(value["--hours"]), speed=1.0),
        hospital.name,
    )
    assert value["--hospital"] == "demo"
