"""The islands in a real browser: read by axe at every size, and the marker of an act that follows by itself."""

import pytest
from neighbour_screens import LOOKS, Browse, browse, shut_out
from neighbours import NOW_MS, NeighbourIsland

from releve.islands.exchange.state import Copy

__all__ = ["browse"]
# Starts a browser: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(("size", "night"), LOOKS)
def test_no_page_of_the_islands_shuts_anybody_out(
    browse: Browse, island: NeighbourIsland, size: str, night: bool
) -> None:
    """Read on a phone, at night, by whoever has to walk to the other building."""
    page = browse("crisis", size=size, night=night)
    found: dict[str, list[str]] = {}

    def look(name: str, address: str) -> None:
        page.goto(address)
        found[name] = shut_out(page)

    look("alone", "/islands/")
    island.others()
    island.exchange(**island.c_silent(), refused=(island.refuse("tree", from_="folder"),))
    look("silent", "/islands/")
    island.exchange(**island.c_silent(), refused=(island.refuse("equivocation"),))
    look("suspect", "/islands/")
    look("what to do", "/islands/suspect/")

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_marker_of_an_act_follows_without_a_reload(browse: Browse, island: NeighbourIsland) -> None:
    """She waits for it before she folds the paper form."""
    handle = island.admit("501", "DURAND", "201")
    island.cut("DPI")
    island.others()
    island.exchange(copies={})
    page = browse("nurse")
    page.goto(f"/patient/{handle}/statements/")
    page.get_by_label("Substance, avec les mots employés").fill("Iode")
    page.get_by_role("button", name="Inscrire cette réponse", exact=True).first.click()
    page.locator("#held", has_text="Enregistré ici").wait_for()
    address = page.url
    page.evaluate("document.body.dataset.here = 'the same page'")

    island.exchange(copies={"a/1": {"b": Copy(len(island.entries), (NOW_MS - 1000) * 1000)}})

    page.locator("#held", has_text="Enregistré sur 2").wait_for()
    assert page.locator("#held").count() == 1
    assert (page.url, page.evaluate("document.body.dataset.here")) == (address, "the same page")
