"""The fullest pages of a ward in a cut, in English, read by axe on a phone; `make soak` reads every other one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from line_island import HOUR_MS, NOW_MS, PASSWORD, LineIsland

from browsing import Browse, screens, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: LineIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, a physician signed in."""
    island.account("medecin", "physician", family="VASSEUR")
    with screens(chromium, served, PASSWORD, code="medecin") as browse:
        yield browse


def test_the_fullest_pages_shut_nobody_out_in_english(browse: Browse, island: LineIsland) -> None:
    """Other words are longer, stand elsewhere, and are read by another voice."""
    rose = island.admit("201", "MARTIN^ROSE", "201", extra="AL1|1|DA|PEN^Pénicilline^L|SV|Choc\r")
    island.admit("202", "MARTIN^ROSA", "202")
    island.prescribe("201", "Ramipril 5 mg", "0300", "0800", code="LIV0031", dose="5", pattern="QD")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    page = browse(size="phone")
    page.goto("/post/")
    page.get_by_role("button", name="English").click()
    wrong: dict[str, list[str]] = {}

    for name, address in {
        "board": "/ward/2140/", "patient": f"/patient/{rose}/", "grid": f"/patient/{rose}/grid/",
        "prescribe": f"/patient/{rose}/prescribe/", "signs": f"/patient/{rose}/observations/",
    }.items():  # fmt: skip
        page.goto(address)
        assert page.locator("html[lang=en][data-mode=downtime]").count() == 1, name
        wrong[name] = violations(page)

    assert {name: lines for name, lines in wrong.items() if lines} == {}
