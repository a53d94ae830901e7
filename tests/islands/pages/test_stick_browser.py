"""A stick written, carried and taken in by somebody led by the screen alone."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from neighbour_screens import LOOKS, Browse, browse, shut_out
from neighbours import NeighbourIsland

from browsing import focus_on, reach
from releve.islands.exchange import parts, stick
from releve.islands.exchange.identity import make_identity
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.sticks.process import CarrierProcess
from releve.journal import folder
from releve.journal.folder import read_key
from thinned import whole

# Starts a browser: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browse"]


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    """Return where a stick opens; it is not plugged in yet."""
    return tmp_path / "CLE USB"


@pytest.fixture
def other(island: NeighbourIsland, tmp_path: Path) -> Path:
    """Return the data folder of the other island; both know each other."""
    data = tmp_path / "other"
    folder.create_island(data, "b", True, "Valombre", island.now_ms * 1000)
    ours, theirs = make_identity(island.data, "a"), make_identity(data, "b")
    for home, own, far, whose, name in (
        (island.data, "a", data, theirs, "Les Saules"),
        (data, "b", island.data, ours, "Bâtiment A"),
    ):
        log = folder.own_log(far)
        known = Peer(
            origin=whose.origin,
            name=name,
            certificate=whose.certificate_pem,
            mirror_key=whose.mirror_vkey,
            recipient=whose.recipient,
            epochs={"1": read_key(far, log).signer.verifier.vkey},
        )
        write_peers(home, Peers(own=own, peers=(known,)))
    return data


@pytest.fixture
def carriers(island: NeighbourIsland, other: Path, usb: Path) -> Iterator[dict[Path, CarrierProcess]]:
    """Run the carrier of both islands, as the supervisor would."""
    stop = threading.Event()
    made = {
        data: CarrierProcess(data, folders=[str(usb)], now_us=lambda: island.now_ms * 1000)
        for data in (island.data, other)
    }
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in made.values()]
    for thread in threads:
        thread.start()
    yield made
    stop.set()
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize("size", [whole("screen"), "phone"])
def test_three_actions_write_a_stick(
    browse: Browse, carriers: dict[Path, CarrierProcess], usb: Path, size: str
) -> None:
    """Plug it in, press one button, take it out; nothing is typed, nothing is loaded again."""
    page = browse("crisis", size=size)
    page.goto("/islands/stick/")
    page.get_by_role("heading", name="Branchez une clé").wait_for()
    actions = 0

    usb.mkdir()
    actions += 1
    button = page.get_by_role("button", name="Écrire ce qui manque aux autres")
    button.wait_for()
    # The part is refreshed every two seconds: who works by keys stays where she is, and what she opened stays open.
    reach(page, "#stick summary")
    page.keyboard.press("Enter")
    page.evaluate("document.querySelector('#stick').old = true")
    page.wait_for_function("() => !document.querySelector('#stick').old")
    focus_on(page, "#stick details[open] summary")
    button.press("Enter")  # by the keyboard
    actions += 1
    page.get_by_role("heading", name="Vous pouvez la retirer maintenant").wait_for()
    usb.rename(usb.with_name("carried"))
    actions += 1

    page.get_by_role("heading", name="Une clé a été écrite").wait_for()
    assert actions == 3
    assert list((usb.with_name("carried") / "releve").glob("b-*")) == []
    assert len(list((usb.with_name("carried") / "releve").glob("a-*/SHA256SUMS"))) == 1


def test_a_stick_pulled_out_while_it_is_written_is_said_and_goes_on(
    browse: Browse, carriers: dict[Path, CarrierProcess], usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what happens to somebody in a hurry; she must not have to ask anybody."""
    monkeypatch.setattr(parts, "PART_BYTES", 1024)
    write, in_pocket = stick._write, usb.with_name("pocket")

    def pulled_out(path: Path, content: bytes) -> None:
        if path.name == "000002.age" and not in_pocket.exists():
            usb.rename(in_pocket)
        write(path, content)

    monkeypatch.setattr(stick, "_write", pulled_out)
    usb.mkdir()
    page = browse("it")
    page.goto("/islands/stick/")
    page.get_by_role("button", name="Écrire ce qui manque aux autres").click()
    page.get_by_role("heading", name="La clé a été retirée trop tôt.").wait_for()
    assert shut_out(page) == []
    before = {path.name: path.stat().st_ino for path in in_pocket.rglob("*.age")}

    shutil.copytree(in_pocket, usb)
    page.get_by_text("Commencée ici et pas finie").wait_for()
    page.get_by_role("button", name="Écrire ce qui manque aux autres").click()
    page.get_by_role("heading", name="Vous pouvez la retirer maintenant").wait_for()
    assert len(before) == 2
    assert before.keys() < {path.name for path in usb.rglob("*.age")}


@pytest.mark.parametrize(("size", "night"), LOOKS)
def test_no_state_of_the_stick_page_shuts_anybody_out(
    browse: Browse,
    carriers: dict[Path, CarrierProcess],
    island: NeighbourIsland,
    usb: Path,
    size: str,
    night: bool,
) -> None:
    """Read on a phone beside the machine, at night, by whoever was sent."""
    page = browse("crisis", size=size, night=night)
    found = {}
    page.goto("/islands/stick/")
    found["none"] = shut_out(page)
    usb.mkdir()
    button = page.get_by_role("button", name="Écrire ce qui manque aux autres")
    button.wait_for()
    found["plugged in"] = shut_out(page)
    button.click()
    page.get_by_role("heading", name="Vous pouvez la retirer maintenant").wait_for()
    found["done"] = shut_out(page)
    under_way = carriers[island.data]
    assert under_way._job is not None
    # What is shown while it lasts, held still.
    under_way._job = msgspec.structs.replace(
        under_way._job, ending="", phase="parts", done=3_000_000, total=9_000_000, parts=2
    )
    page.get_by_text("Laissez-la branchée.").wait_for()
    found["under way"] = shut_out(page)

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_it_works_without_javascript(
    browse: Browse, served: str, carriers: dict[Path, CarrierProcess], usb: Path
) -> None:
    """Old machines, locked browsers: the page loads itself again while it works."""
    usb.mkdir()
    signed_in = browse("crisis")
    context = signed_in.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, locale="fr-FR", storage_state=signed_in.context.storage_state()
    )
    page = context.new_page()
    try:
        page.goto(f"{served}/islands/stick/")
        for _ in range(20):
            if page.get_by_role("button", name="Écrire ce qui manque aux autres").count():
                break
            page.wait_for_timeout(250)
            page.get_by_role("link", name="Regarder de nouveau").click()
        page.get_by_role("button", name="Écrire ce qui manque aux autres").click()
        page.get_by_role("heading", name="Vous pouvez la retirer maintenant").wait_for(timeout=20_000)
    finally:
        context.close()
    written = list((usb / "releve").glob("a-*"))
    assert len(written) == 1
    assert {path.name for path in written[0].iterdir()} >= {"SHA256SUMS", "000000.age"}
