from pathlib import Path

import pytest
from recorder_here import new_island

from releve.journal.folder import Log


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return where the test's data folder goes."""
    return tmp_path / "data"


@pytest.fixture
def log(data: Path) -> Log:
    """Return the log of a new island."""
    return new_island(data)
