"""Admissions, the account of the downtime and the audit, read by axe on a phone and measured at every width."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from admissions_island import PASSWORD, AdmissionsIsland

from browsing import Browse, faults, screens
from releve.web.opaque import seal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: AdmissionsIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, this person signed in."""
    with screens(chromium, served, PASSWORD, locale="fr-FR") as browse:
        yield browse


def test_no_page_of_admissions_shuts_anybody_out(browse: Browse, island: AdmissionsIsland) -> None:
    """Whoever admits at night may be a replacement with one arm in a sling and a borrowed phone."""
    handle = seal(island.known("8003", "DELORME", "Élise", ward="2140", bed="207"))
    page = browse("nkervella", size=(390, 844))
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
    browse: Browse, island: AdmissionsIsland
) -> None:
    """Who keys weeks of paper in again, and who reads what was opened, works with what she has."""
    island.known("8003", "DELORME", "Élise", ward="2140", bed="207")
    island.account("auditrice", "auditor", family="COLIN", given="Jeanne")
    wrong: dict[str, list[str]] = {}
    for code, addresses in {
        "andiaye": ("/account/", "/account/late/"),
        "auditrice": ("/audit/", "/audit/glass/"),
    }.items():
        page = browse(code, size=(390, 844))
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            wrong[address] = faults(page)

    assert {where: lines for where, lines in wrong.items() if lines} == {}
