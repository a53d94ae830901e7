"""The cut in a real browser: by keyboard alone, without JavaScript, at night, on a phone, read by axe."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from crisis_island import PASSWORD, Island

from browsing import Browse, looks, screens, violations
from releve.crisis.facts import CutDeclared
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Starts a browser and looks at a clock: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: Island) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, somebody signed in."""
    island.admit("101", "DURAND", "2110")
    island.hear("SGL", minutes_ago=150)
    island.hear("INCONNU", minutes_ago=3)
    with screens(chromium, served, PASSWORD) as browse:
        yield browse


@pytest.mark.parametrize(("size", "night"), looks("phone", False))
def test_no_page_of_the_cut_shuts_anybody_out(browse: Browse, island: Island, size: str, night: bool) -> None:
    """A phone, night colours, 200 % zoom: what is left of a hospital's screens."""
    nurse = browse("nkervella", size=size, night=night)
    nurse.goto("/declare/")
    nurse.get_by_label("Laboratoire").check()
    nurse.get_by_label("Panne").check()
    nurse.get_by_role("button", name="Voir ce que cela fera").click()
    nurse.get_by_label(re.compile("Personne n’est là")).check()
    nurse.get_by_role("button", name=re.compile("Déclarer la coupure")).click()
    nurse.wait_for_url("**/declare/#standing")
    declaration = f"/declare/a/1/{island.reader.size - 1}/"
    page = browse("ylegoff", size=size, night=night)
    found: dict[str, list[str]] = {"own declaration": []}
    nurse.goto(declaration)
    found["own declaration"] = violations(nurse)
    message = f"/feeds/entry/a/1/{island.reader.size - 2}/"
    for address in (
        "/hospital/",
        "/hospital/applications/",
        "/feeds/",
        message,
        "/packs/",
        "/declare/",
        declaration,
    ):
        page.goto(address)
        found[address] = violations(page)
        assert wider_than_screen(page) == [], f"{address} scrolls sideways"
    page.goto("/declare/")
    page.get_by_role("button", name="Voir ce que cela fera").click()
    found["/declare/ with errors"] = violations(page)
    page.get_by_label("Prescription", exact=False).first.check()
    page.get_by_label("Attaque suspectée").check()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    found["/declare/ review"] = violations(page)
    page.get_by_role("button", name=re.compile("Déclarer la coupure")).click()
    found["/declare/ review with errors"] = violations(page)

    assert {address: lines for address, lines in found.items() if lines} == {}


def press_until(page: "Page", key: str, wanted: str, most: int = 200) -> None:
    """Press a key until the expression about the focused element (`it`) holds."""
    for _ in range(most):
        if page.evaluate(f"(it => {wanted})(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"never reached: {wanted}")


def test_two_people_declare_by_keyboard_alone(browse: Browse, island: Island) -> None:
    """Gloves, a broken mouse, a screen reader: the keyboard is what always works."""
    page = browse("hvasseur")
    page.goto("/declare/")

    press_until(page, "Tab", "it.value === 'GAM'")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Space")
    press_until(page, "Tab", "it.name === 'since'")
    page.keyboard.type("21/11/2026 2h44")
    press_until(page, "Tab", "it.name === 'reason'")
    page.keyboard.press("Space")
    press_until(page, "Tab", "it.value === 'review'")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=second]")
    press_until(page, "Tab", "it.name === 'second'")
    page.keyboard.type("ylegoff", delay=90)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD, delay=90)
    press_until(page, "Tab", "it.value === 'declare'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/declare/#standing")

    said = island.last(CutDeclared)
    assert (said.by, said.second, said.reason) == ("hvasseur", "ylegoff", "attack")
    assert "GAM" in said.applications
    assert page.locator("html").get_attribute("data-mode") == "downtime"


def test_enter_in_a_field_never_declares_by_accident(browse: Browse, island: Island) -> None:
    """A scanner ends every badge with Enter: it must not jump back a step, nor declare without a code."""
    page = browse("hvasseur")
    page.goto("/declare/")
    page.get_by_label("Identité et mouvements").check()
    page.get_by_label("Panne").check()
    page.get_by_label(re.compile("Ce qui a été vu")).press("Enter")
    page.wait_for_selector("[name=second]")
    page.get_by_label(re.compile("Deuxième personne")).fill("ylegoff")
    page.get_by_label(re.compile("Deuxième personne")).press("Enter")

    page.wait_for_selector(".errors")
    assert page.get_by_label(re.compile("Deuxième personne")).input_value() == "ylegoff"
    assert "crisis.declared.1" not in island.kinds()


def test_the_whole_way_works_without_javascript(browse: Browse, island: Island) -> None:
    """A locked-down or broken browser is what is left on such a night."""
    page = browse("hvasseur", script=False)
    page.goto("/declare/")
    page.get_by_label("Identité et mouvements").check()
    page.get_by_label("Attaque suspectée").check()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    page.get_by_role("button", name="Corriger").click()
    assert page.get_by_label("Identité et mouvements").is_checked()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    page.get_by_label(re.compile("Deuxième personne")).fill("ylegoff")
    page.get_by_label("Son code de l’îlot").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("Déclarer la coupure")).click()

    page.get_by_text("Enregistré ici", exact=True).wait_for()
    page.get_by_role("heading", name="Ce qui est déclaré").wait_for()
    assert island.last(CutDeclared).second == "ylegoff"
    page.get_by_role("link", name="Elles sont revenues").click()
    assert page.get_by_label("Elles sont revenues", exact=False).is_checked()


def test_a_screen_left_open_goes_into_downtime_by_itself(browse: Browse, island: Island) -> None:
    """The cut is declared in one room; every other room must see it without touching anything."""
    screen = browse("andiaye")
    screen.goto("/hospital/")
    assert screen.locator("html").get_attribute("data-mode") == "watch"
    page = browse("hvasseur", script=False)
    page.goto("/declare/")
    page.get_by_label("Identité et mouvements").check()
    page.get_by_label("Attaque suspectée").check()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    page.get_by_label(re.compile("Deuxième personne")).fill("ylegoff")
    page.get_by_label("Son code de l’îlot").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("Déclarer la coupure")).click()

    screen.wait_for_selector("html[data-mode=downtime]", timeout=20_000)
    screen.get_by_role("cell", name=re.compile("figé")).first.wait_for()
