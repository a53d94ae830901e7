"""Views for each test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from views_table import ViewsTable


@pytest.fixture
def views(tmp_path: Path) -> Iterator[ViewsTable]:
    """Return empty views."""
    table = ViewsTable(tmp_path)
    yield table
    table.close()


@pytest.fixture
def more_views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ViewsTable]]:
    """Return a function that makes further empty views."""
    made: list[ViewsTable] = []

    def make() -> ViewsTable:
        made.append(ViewsTable(tmp_path_factory.mktemp("views")))
        return made[-1]

    yield make
    for table in made:
        table.close()
