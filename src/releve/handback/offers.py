"""What the departments say of their own acts, put together: titles, words, FHIR resources, by kind of entry."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["RESOURCES", "TITLES", "WORDS"]

_DEPARTMENTS = ("admissions", "prescribing", "observations", "documents")

Words = Callable[[Mapping[str, Any]], list[tuple[str, str]]]
Resource = Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]

TITLES: dict[str, str] = {}
WORDS: dict[str, Words] = {}
RESOURCES: dict[str, Resource] = {}


def _gather() -> None:
    """Take what each department's `account.py` says of its kinds; one that is left out says nothing."""
    for department in _DEPARTMENTS:
        name = f"releve.departments.{department}.account"
        try:
            found = find_spec(name) is not None
        except ModuleNotFoundError:
            found = False
        if found:
            said = import_module(name)
            TITLES.update(getattr(said, "TITLES", {}))
            WORDS.update(getattr(said, "WORDS", {}))
            RESOURCES.update(getattr(said, "RESOURCES", {}))


_gather()
