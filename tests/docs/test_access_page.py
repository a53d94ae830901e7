"""The page on access says what the code does."""

import re
from pathlib import Path

from releve.web.access import REACH

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "access.md"


def test_the_page_on_access_shows_the_table_that_decides() -> None:
    """The hospital's data protection officer reads the page, the island reads the table."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|$", PAGE.read_text("utf-8"), re.M)

    assert {role: (boards, patients) for role, boards, patients in rows} == {
        role: tuple(reach) for role, reach in REACH.items()
    }
