"""No link and no button answers its own reader "your role does not open this": all pages, all roles.

For `make soak`; `make test` reads each page as one role sees it (`test_every_url_and_role.py`).
"""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from every_page import ALL, ROWS
from offered import in_vain, leads, name_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.whole, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("calm", [True, False], ids=["quiet", "downtime"])
def test_no_page_offers_what_its_reader_may_not_do(tmp_path: "Path", calm: bool) -> None:
    """Who follows "Prescribe" and is refused has lost a minute at three in the morning, and her trust in the rest."""
    from whole_house import addresses_of, cut, house_served

    faults: set[str] = set()
    read = 0
    with house_served(tmp_path / "data") as house:
        if not calm:
            cut(house)
        of_table = addresses_of(house)
        for role in sorted(ALL):
            with house.browser(role) as browser:
                seen: set[tuple[str, tuple[str, ...]]] = set()
                waiting = ["/", *(of_table[name] for name in ROWS if role in ROWS[name].who)]
                for path in waiting:  # grows while it is walked
                    key = name_of(path), tuple(sorted(parse_qs(urlsplit(path).query)))
                    if key in seen or key[0] not in ROWS:
                        continue
                    seen.add(key)
                    page = browser.get(path)
                    if page.status == 403:
                        faults.add(f"{role}: {key[0]} answered 403")
                    if page.status == 200 and page.text.lstrip().lower().startswith("<!doctype html"):
                        read += 1
                        faults.update(in_vain(role, page.path, page.text))
                        waiting += leads(page.path, page.text)

    assert read > 600
    assert sorted(faults) == []
