"""The island of these rooms; French words compiled when they are not, as `make setup` does."""

import sys
from pathlib import Path

import pytest
from babel.messages import mofile, pofile

sys.path.insert(0, str(Path(__file__).parent))

from bedside_room import enter, island, nurse, served

__all__ = ["enter", "island", "nurse", "served"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the French words when they are not, as `make setup` does."""
    for catalogue in (Path(__file__).parents[3] / "src/releve").rglob("locale/fr/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
