"""Vital signs, notes, statements and the hand-over in a real browser: read by axe, on a phone, by keys."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from ward_island import PASSWORD, WardIsland

from releve.departments.observations.tables import Chart
from thinned import whole, wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def handle(island: WardIsland, nurse: Client) -> str:
    """Return somebody of whom everything was said once, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    signs = {
        "respiratory_rate": "22", "spo2": "94", "oxygen": "air", "systolic": "105", "diastolic": "62",
        "pulse": "112", "consciousness": "A", "temperature": "38,4",
    }  # fmt: skip
    posts = {
        f"/patient/{handle}/observations/chart/": signs,
        f"/patient/{handle}/observations/fluid/": {"fluid-kind": "out:urine", "fluid-volume": "300"},
        f"/patient/{handle}/notes/write/nursing/": {"title": "Chute", "text": "Sans gravité."},
        f"/patient/{handle}/statements/": {"what": "alert", "code": "FALL"},
        f"/ward/2140/handover/{handle}/": {"text": "Surveiller.", "place": ""},
        f"/patient/{handle}/care/": {
            "what": "plan",
            "problem": "Escarre",
            "action": "Changer de position",
            "every": "shift",
        },
    }
    for number, (url, form) in enumerate(posts.items()):
        answer = nurse.post(url, {"act_key": f"k{number}", **form})
        assert answer.status_code == 302, url
    return handle


@pytest.fixture
def open_at(chromium: "Browser", served: str) -> "Iterator[Callable[[int, int], Page]]":
    """Return a function: a page of this size where the nurse is signed in."""
    made = []

    def open_at(width: int, height: int) -> "Page":
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
        made.append(context)
        page = context.new_page()
        page.goto(f"{served}/sign-in/")
        page.fill("[name=badge]", "nurse1")
        page.fill("[name=pin]", PASSWORD)
        page.click("main button[type=submit]")
        return page

    yield open_at
    for context in made:
        context.close()


@pytest.mark.parametrize("width", [390, whole(1366)])
def test_every_page_is_accessible_and_fits_its_screen(
    open_at: "Callable[[int, int], Page]", served: str, handle: str, width: int
) -> None:
    """At three in the morning, on a phone in a corridor, with a screen reader."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = open_at(width, 800)
    wrong: list[Any] = []

    for where in (
        f"/patient/{handle}/observations/", f"/patient/{handle}/notes/", f"/patient/{handle}/statements/",
        f"/patient/{handle}/notes/write/nursing/", "/ward/2140/handover/", f"/patient/{handle}/care/",
    ):  # fmt: skip
        page.goto(served + where)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        wrong += [(where, one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]]
        wrong += [(where, f"wider than a screen of {width} px", "") for width in wider_than_screen(page)]

    assert not wrong


def test_vital_signs_are_charted_with_keys_alone(
    open_at: "Callable[[int, int], Page]", served: str, handle: str
) -> None:
    """Both hands are full at the bed: the form follows the order in which one measures."""
    page = open_at(1366, 768)
    page.goto(f"{served}/patient/{handle}/observations/")
    page.focus("[name=respiratory_rate]")

    for key in (
        "1",
        "8",
        "Tab",
        "9",
        "7",
        "Tab",
        "Tab",
        "Space",
        "Tab",
        "Tab",
        "1",
        "2",
        "0",
        "Tab",
        "7",
        "0",
        "Tab",
    ):
        page.keyboard.press(key)
    page.keyboard.type("72")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=NEWS2 non calculé")

    row = Chart.objects.exclude(act="k0").get()
    assert (row.respiratory_rate, row.spo2, row.oxygen, row.systolic, row.diastolic, row.pulse) == (
        "18", "97", "air", "120", "70", "72",
    )  # fmt: skip
