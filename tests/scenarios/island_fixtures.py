"""One island made once; every test lives on a copy of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from living_island import LivingIsland, copy_of, releve


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a demonstration island, never served."""
    data = tmp_path_factory.mktemp("made") / "data"
    done = releve("init", "--data", str(data), "--hospital", "demo")
    assert done.returncode == 0, done.stderr
    # Packs on demand only: thirty wards set anew at each start would be all that these tests wait for.
    settings = data / "releve.toml"
    settings.write_text(settings.read_text().replace("every_minutes = 60", "every_minutes = 0"))
    assert "every_minutes = 0" in settings.read_text()
    return data


@pytest.fixture
def island_in(made: Path) -> Iterator[Callable[[Path], LivingIsland]]:
    """Return a function: an island in this folder, ended with the test."""
    alive: list[LivingIsland] = []

    def make(folder: Path) -> LivingIsland:
        alive.append(copy_of(made, folder / "data"))
        return alive[-1]

    yield make
    for island in alive:
        island.close()


@pytest.fixture
def island(tmp_path: Path, island_in: Callable[[Path], LivingIsland]) -> LivingIsland:
    """Return an island of its own for this test, not served yet."""
    return island_in(tmp_path)
