"""The stage of the attacks: A and B, that must come to no harm, and C, whose every key the attacker has."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from owned import Stage


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    built = Stage(tmp_path_factory.mktemp("stage"))
    yield built
    built.close()


@pytest.fixture
def stage(_built: Stage) -> Iterator[Stage]:
    """Return A and B in step, who know C and hold nothing of it yet; after the attack both must be unharmed."""
    _built.reset()
    yield _built
    _built.unharmed()
