"""Admissions, the account of the downtime and the audit, read by axe on a phone and measured at every width."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from admissions_island import PASSWORD, AdmissionsIsland

from releve.web.opaque import seal
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def sign_in(chromium: "Browser", served: str, island: AdmissionsIsland) -> "Iterator[Callable[[str], Page]]":
    """Return a function: a phone on which this person is signed in."""
    opened: list[BrowserContext] = []

    def sign_in(code: str) -> "Page":
        opened.append(
            chromium.new_context(base_url=served, viewport={"width": 390, "height": 844}, locale="fr-FR")
        )
        page = opened[-1].new_page()
        page.goto("/sign-in/")
        page.fill("[name=badge]", code)
        page.fill("[name=pin]", PASSWORD)
        page.press("[name=pin]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield sign_in
    for context in opened:
        context.close()


def faults(page: "Page") -> list[str]:
    """Return what axe finds on the page, and at which widths it scrolls sideways."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    result: Any = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]]
    return found + [f"wider than {width} px" for width in wider_than_screen(page)]


def test_no_page_of_admissions_shuts_anybody_out(
    sign_in: "Callable[[str], Page]", island: AdmissionsIsland
) -> None:
    """Whoever admits at night may be a replacement with one arm in a sling and a borrowed phone."""
    handle = seal(island.known("8003", "DELORME", "Élise", ward="2140", bed="207"))
    page = sign_in("nkervella")
    wrong: dict[str, list[str]] = {}
    for address in (
        "/admit/unidentified/", f"/patient/{handle}/stay/", f"/patient/{handle}/identity/correct/",
        f"/patient/{handle}/labels/", "/beds/2140/", "/duplicates/", "/admit/",
    ):  # fmt: skip
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        wrong[address] = faults(page)
    page.fill("[name=birth]", "14071945")
    page.fill("[name=letters]", "del")
    with page.expect_navigation():
        page.press("[name=letters]", "Enter")
    wrong["found"] = faults(page)
    page.fill("[name=birth_name]", "<b>")
    with page.expect_navigation():
        page.press("[name=birth_name]", "Enter")
    wrong["refused"] = faults(page)

    assert {where: lines for where, lines in wrong.items() if lines} == {}


def test_neither_the_account_of_the_downtime_nor_the_audit_shuts_anybody_out(
    sign_in: "Callable[[str], Page]", island: AdmissionsIsland
) -> None:
    """Who keys weeks of paper in again, and who reads what was opened, works with what she has."""
    island.known("8003", "DELORME", "Élise", ward="2140", bed="207")
    island.account("auditrice", "auditor", family="COLIN", given="Jeanne")
    wrong: dict[str, list[str]] = {}
    for code, addresses in {
        "andiaye": ("/account/", "/account/late/"),
        "auditrice": ("/audit/", "/audit/glass/"),
    }.items():
        page = sign_in(code)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            wrong[address] = faults(page)

    assert {where: lines for where, lines in wrong.items() if lines} == {}
