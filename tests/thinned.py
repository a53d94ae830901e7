"""What `make test` does in part and `make soak` in full, so that the first stays an affair of minutes.

A case in `whole(...)` is left to `make soak`. What remains in `make test` is chosen so that every page, every field and
every ill value still comes up; what it leaves out are the further pairs of them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["PART_AND_WHOLE", "WIDTHS", "some", "whole", "wider_than_screen"]

T = TypeVar("T")

# A desk, the same at 200 % of zoom, a phone.
WIDTHS = (1366, 683, 390)
# Out of so many ill values a field gets one in `make test`, each field others than the next.
TURNS = 5


def whole(*values: Any, id: str | None = None) -> Any:
    """Return a case of `parametrize` that only `make soak` runs."""
    return pytest.param(*values, id=id, marks=pytest.mark.whole)


# For `parametrize("part", …)`: a share of the values in `make test`, all of them in `make soak`.
PART_AND_WHOLE = ("part", whole("whole"))


def some(values: Sequence[T], part: str, turn: int) -> list[T]:
    """Return all values, or of a part every fifth, beginning elsewhere at each turn."""
    return list(values) if part == "whole" else list(values[turn % TURNS :: TURNS])


def wider_than_screen(page: "Page") -> list[int]:
    """Return at which widths the page would have to be moved sideways; it keeps the size that it had."""
    before = page.viewport_size
    wider = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wider.append(width)
    if before is not None:
        page.set_viewport_size(before)
    return wider
