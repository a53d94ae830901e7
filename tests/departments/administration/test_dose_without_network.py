"""The Wi-Fi drops at the bedside: what was given waits in the browser, the real form, the real rules."""

from typing import TYPE_CHECKING

import pytest
from dose_forms import THREE
from dose_island import HOUR_MS, MINUTE_MS, NOW_MS, PASSWORD, DoseIsland

from browsing import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_dose_given_without_network_is_charted_once_and_says_that_nothing_was_checked(
    chromium: "Browser", served: str, island: DoseIsland
) -> None:
    """The grid is open when the network goes: its doses can be recorded, and no other page is needed for it."""
    handle = island.admit("8000201", "DELORME", "201")
    island.prescribe("8000201", "Furosémide", "0300", "0900", code="3400893766521")
    island.prescribe("8000201", "Bisoprolol", "0330", placer="P2", code="3400893936047", dose="2.5")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    island.account("nurse1", "nurse", ("2140",))
    context = chromium.new_context(base_url=served, viewport={"width": 1366, "height": 768}, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, "nurse1", PASSWORD)
    page.goto(f"/patient/{handle}/grid/")
    only = page.get_by_role("heading", name="Pas de réseau : noter ce qui a été donné")
    assert not only.is_visible()

    context.set_offline(True)
    only.wait_for()
    page.get_by_role("form", name="Furosémide").get_by_role("button", name="Enregistrer : donné").click()
    kept = page.locator(".outbox-said", has_text="Furosémide")
    kept.wait_for()
    assert "Gardé sur ce poste, acte de 03:1" in kept.inner_text()
    page.get_by_role("link", name="Donner Bisoprolol 03:30", exact=True).click()
    page.locator(".outbox-said", has_text="l’autre page n’a pas été ouverte").wait_for()
    page.locator("#id_code").fill("3400893936047")
    page.get_by_role("button", name="Trouver sa dose").click()
    page.locator(".outbox-said", has_text="on ne peut pas dire si cela peut être donné").wait_for()
    assert kept.is_visible(), "one word does not chase the other"
    assert island.doses() == []

    context.set_offline(False)
    page.locator("#outbox-count").wait_for(state="hidden")
    (dose,) = island.doses()
    assert (dose.status, dose.label, dose.due_at, dose.offline) == ("given", "Furosémide", THREE, True)
    assert abs((dose.given_at or 0) - NOW_MS) < HOUR_MS / 12
    page.goto(f"/patient/{handle}/grid/")
    assert page.get_by_role("form", name="Furosémide").count() == 0
    context.close()
