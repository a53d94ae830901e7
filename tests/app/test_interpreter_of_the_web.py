"""How often a worker of the web gives the interpreter to another thread."""

import importlib
import sys
from collections.abc import Iterator

import pytest

PYTHONS_OWN = 0.005


@pytest.fixture
def interval() -> Iterator[None]:
    """Begin with Python's own interval, and leave the one that was found."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(PYTHONS_OWN)
    yield
    sys.setswitchinterval(before)


def test_a_worker_of_the_web_switches_between_threads_after_a_millisecond(
    interval: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Python's five, the slowest tenth of forms beside a board being set took a quarter longer."""
    monkeypatch.setattr("releve.app.lineage.follow_parent", lambda: None)
    monkeypatch.delitem(sys.modules, "releve.app.serving", raising=False)

    importlib.import_module("releve.app.serving")

    assert sys.getswitchinterval() == pytest.approx(0.001)
