"""Plans here are made in pure Python unless a test asks otherwise: nothing is compiled to learn that a rule holds."""

import pytest


@pytest.fixture(autouse=True)
def _pure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVE_PLANNER", "python")
