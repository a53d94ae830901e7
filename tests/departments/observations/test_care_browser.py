"""Vital signs, notes, statements and the hand-over in a real browser: read by axe, on a phone, by keys."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from ward_island import PASSWORD, WardIsland

from browsing import Browse, faults, go, reach, screens
from releve.departments.observations.tables import Chart
from thinned import whole

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


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
def browse(chromium: "Browser", served: str) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, the nurse signed in."""
    with screens(chromium, served, PASSWORD, code="nurse1", locale="fr-FR") as browse:
        yield browse


@pytest.mark.parametrize("width", [390, whole(1366)])
def test_every_page_is_accessible_and_fits_its_screen(browse: Browse, handle: str, width: int) -> None:
    """At three in the morning, on a phone in a corridor, with a screen reader."""
    page = browse(size=(width, 800))
    wrong: list[str] = []

    for where in (
        f"/patient/{handle}/observations/", f"/patient/{handle}/notes/", f"/patient/{handle}/statements/",
        f"/patient/{handle}/notes/write/nursing/", "/ward/2140/handover/", f"/patient/{handle}/care/",
    ):  # fmt: skip
        page.goto(where)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        wrong += [f"{where}: {fault}" for fault in faults(page)]

    assert not wrong


def test_vital_signs_are_charted_with_keys_alone(browse: Browse, handle: str) -> None:
    """Both hands are full at the bed: the form follows the order in which one measures."""
    page = browse()
    page.goto(f"/patient/{handle}/observations/")
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


def test_notes_statements_care_and_the_hand_over_are_written_with_keys_alone(
    browse: Browse, handle: str, island: WardIsland
) -> None:
    """Gloves, a cart without a mouse, a hand that cannot hold one: the work is the same."""
    page = browse()

    page.goto(f"/patient/{handle}/notes/")
    reach(page, "a[href$='/notes/write/nursing/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=title]")
    reach(page, "[name=title]")
    page.keyboard.type("Nuit")
    reach(page, "[name=text]")
    page.keyboard.type("Calme, a dormi.")
    go(page, "button.btn--big")

    page.goto(f"/patient/{handle}/statements/")
    reach(page, "form:has([value=alert]) select, form:has([value=alert]) [type=radio]")
    page.keyboard.press("ArrowDown")
    go(page, "form:has([value=alert]) button.btn--main")
    reach(page, "form:has([value=problem]) [name=label]")
    page.keyboard.type("Insuffisance rénale")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    page.goto(f"/patient/{handle}/care/")
    go(page, "button[value=done]")

    page.goto("/ward/2140/handover/")
    reach(page, "summary")
    page.keyboard.press("Enter")
    reach(page, "details [name=text]")
    page.keyboard.type(" Encore.")
    go(page, "details button.btn--main")

    # One of the first three was there before: the fixture's.
    kinds = Counter(entry.kind for entry in island.entries)
    assert (kinds["note.written.1"], kinds["alert.raised.1"], kinds["handover.written.1"]) == (2, 2, 2)
    assert (kinds["problem.stated.1"], kinds["care.done.1"]) == (1, 1)
