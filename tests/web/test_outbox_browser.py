"""The outbox in a real browser: the network goes, three people work at one workstation, replies get lost."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest
from web_island import PASSWORD, Island
from web_outbox_specimen import KIND, Dose, presses

from browsing import back, faults, focus_on, reach, retype, sign_in
from releve.journal.entry import Entry
from thinned import whole

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PEOPLE = {
    "nkervella": ("Nadia", "KERVELLA"),
    "hvidal": ("Hugo", "VIDAL"),
    "tndiaye": ("Théo", "NDIAYE"),
}

# Acts of each of the three; `make soak` has them all work through the hour.
EACH = 17 if int(os.environ.get("RELEVE_ROUNDS", "10")) > 10 else 4

# Everything the origin keeps in this browser, as one text.
DUMP = """async () => {
  const kept = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) {
      kept.push(JSON.stringify(await new Promise((done) => {
        const asked = database.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      })));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) kept.push(request.url, await (await cache.match(request)).text());
  }
  return kept.join("\\n");
}"""


@pytest.fixture
def specimen_urls() -> str:
    """Serve the outbox's specimen."""
    return "web_outbox_specimen"


def _workstation(chromium: "Browser", served: str, workers: str) -> "BrowserContext":
    context = chromium.new_context(
        base_url=served,
        viewport={"width": 1366, "height": 768},
        locale="fr-FR",
        service_workers=workers,  # type: ignore[arg-type]
    )
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def people(island: Island) -> None:
    """Give three people an account."""
    for code, (given, family) in PEOPLE.items():
        island.account(code, given=given, family=family)


@pytest.fixture
def workstation(chromium: "Browser", served: str, people: None) -> "Iterator[BrowserContext]":
    """Return a ward's workstation: one browser for three people; without a worker, so that replies can be lost."""
    context = _workstation(chromium, served, "block")
    yield context
    context.close()


@pytest.fixture
def with_worker(chromium: "Browser", served: str, people: None) -> "Iterator[BrowserContext]":
    """Return a workstation whose browser runs the service worker."""
    context = _workstation(chromium, served, "allow")
    yield context
    context.close()


def enter(context: "BrowserContext", code: str, address: str = "/dose/") -> "Page":
    """Take a post in a tab of its own and open the form."""
    context.clear_cookies()
    page = context.new_page()
    sign_in(page, code, PASSWORD)
    page.goto(address)
    return page


def give(page: "Page", drug: str, note: str = "") -> None:
    """Fill the dose and press."""
    page.locator("#drug").fill(drug)
    page.locator("#note").fill(note)
    page.get_by_role("button", name="Donné").click()


def kept(page: "Page", drug: str, note: str = "") -> None:
    """Give a dose that has to wait, then ask for the next form."""
    give(page, drug, note)
    page.locator(".outbox-said").wait_for()
    page.get_by_role("button", name="En saisir un autre").click()


def doses(island: Island) -> list[tuple[Entry, Dose]]:
    """Return the doses the island holds."""
    return [
        (entry, msgspec.msgpack.decode(entry.body, type=Dose))
        for entry in island.entries
        if entry.kind == KIND
    ]


def until(page: "Page", met: Callable[[], bool], seconds: float = 20) -> None:
    """Let the page live until something holds."""
    for _ in range(int(seconds * 10)):
        if met():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"did not come; the box says: {page.locator('#outbox').inner_text()!r}")


def lose_one_in_three(page: "Page") -> list[int]:
    """Let each third act reach the island and its reply be lost."""
    asked = [0]

    def pass_on(route: "Route") -> None:
        asked[0] += 1
        answer = route.fetch()
        if asked[0] % 3 == 0:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    page.route(
        "**/dose/", lambda route: pass_on(route) if route.request.method == "POST" else route.continue_()
    )
    page.route("**/outbox/carry/", pass_on)
    return asked


def test_each_act_of_an_hour_without_network_arrives_once(
    workstation: "BrowserContext", island: Island
) -> None:
    """A dose lost is given again, a dose doubled is an overdose that nobody gave."""
    awkward = "2 gélules\nà jeun ‏ <b>\"'&%+=;</b> 🌙"
    tabs = {code: enter(workstation, code) for code in PEOPLE}
    for page in tabs.values():
        page.clock.install()
    workstation.set_offline(True)
    typed: dict[str, str] = {}
    for code, page in tabs.items():
        page.bring_to_front()
        for turn in range(EACH):
            drug = f"{code}-{turn} {awkward[11:20]}"
            kept(page, drug, awkward)
            typed[drug] = code
    last = tabs["tndiaye"]
    assert doses(island) == []
    for page in tabs.values():
        page.clock.fast_forward(3_600_000)
    assert f"{3 * EACH} actes en attente ici" in last.locator("#outbox-count").inner_text()

    asked = lose_one_in_three(last)
    workstation.set_offline(False)
    until(last, lambda: last.locator("#outbox-count").is_hidden(), 60)

    arrived = doses(island)
    assert sorted(dose.fields["drug"] for _, dose in arrived) == sorted(typed)
    assert asked[0] > len(arrived), "no reply was lost: the test proves nothing"
    for entry, dose in arrived:
        assert entry.author == typed[dose.fields["drug"]], "an act is its author's, whoever carried it"
        assert dose.fields["note"] == awkward.replace("\n", "\r\n")
        assert (dose.fields["line"], dose.fields["outcome"]) == ("L-7", "given")
        assert entry.source.startswith("outbox:127.0.0.1;clock=")
        assert (";by=tndiaye" in entry.source) == (entry.author != "tndiaye")
        assert entry.occurred_at_us == (dose.waited_at_ms or 0) * 1000


def test_nobody_reads_a_colleague_s_act_in_the_browser(with_worker: "BrowserContext", island: Island) -> None:
    """A shared workstation is read by whoever stands before it."""
    nadia = enter(with_worker, "nkervella", "/own/")
    with_worker.set_offline(True)
    nadia.locator("#second").fill("code-4711")
    kept(nadia, "morphine 10 mg", "Odette a mal")
    sealed = (
        "async () => { const box = window.releveOutbox;"
        " return box.unseal(window.releveOutboxPage.me.key, (await box.store.all())[0]); }"
    )
    assert "morphine" in str(nadia.evaluate(sealed))
    assert "4711" not in str(nadia.evaluate(sealed)), "her colleague's code is not hers to keep"
    nadia.close()
    with_worker.set_offline(False)
    hugo = enter(with_worker, "hvidal")
    until(hugo, lambda: not hugo.locator("#outbox-count").is_hidden())
    asked: list[str] = []
    hugo.on("request", lambda request: asked.append(request.url))
    hugo.wait_for_timeout(6500)
    assert sum("carry" in url for url in asked) <= 1, (
        "what only its author may send is not asked for again and again"
    )

    dump: str = hugo.evaluate(DUMP)
    assert "N. K." in dump, "the dump missed what is kept"
    for secret in ("morphine", "Odette", "LEFÈVRE", "/own/", "L-7", "nkervella", "KERVELLA"):
        assert secret not in dump
    assert "1 N. K." in hugo.locator("#outbox-count").inner_text()
    hugo.goto("/outbox/")
    until(
        hugo,
        lambda: (
            "N. K. (infirmier)" in hugo.locator("#outbox-others").inner_text()
            or "N. K." in hugo.locator("#outbox-others").inner_text()
        ),
    )
    assert "morphine" not in hugo.content()
    opened = hugo.evaluate(
        "async () => { const box = window.releveOutbox; const all = await box.store.all();"
        " try { await box.unseal(window.releveOutboxPage.me.key, all[0]); return true; } catch { return false; } }"
    )
    assert not opened
    assert doses(island) == [], "this form is its author's alone"

    back = enter(with_worker, "nkervella")
    until(back, lambda: bool(doses(island)))
    assert [(entry.author, dose.fields["drug"]) for entry, dose in doses(island)] == [
        ("nkervella", "morphine 10 mg")
    ]


def test_leaving_never_takes_what_waits_away_and_its_author_prints_it(
    workstation: "BrowserContext", island: Island
) -> None:
    """A nurse who goes home must not take the only trace of a dose with her."""
    page = enter(workstation, "nkervella", "/own/")
    page.route(
        "**/own/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    kept(page, "morphine 10 mg", "Odette a mal")
    page.goto("/outbox/")
    until(page, lambda: "morphine 10 mg" in page.locator("#outbox-mine").inner_text())
    assert "Odette a mal" in page.locator("#outbox-mine").inner_text()
    assert page.get_by_role("button", name="Imprimer ces actes").is_visible()

    # The island's clock stands still here: once it was heard, the act is a day old, and the alarm has its own words.
    page.goto("/post/")
    until(
        page,
        lambda: any(words in page.locator("#outbox").inner_text() for words in ("acte de N. K.", "à vous")),
    )
    page.get_by_role("button", name="Quitter, changer").click()
    page.wait_for_url("**/sign-in/")
    until(page, lambda: "de N. K." in page.locator("#outbox").inner_text())
    said = page.locator("#outbox").inner_text()
    assert "seul son auteur peut le lire" in said or "Personne d’autre ne peut les voir" in said
    assert "morphine" not in page.content()


def test_without_network_the_list_opens_on_the_page_that_is_there(with_worker: "BrowserContext") -> None:
    """Another page cannot be fetched, and the only one who can print what waits is before this one."""
    page = enter(with_worker, "nkervella")
    with_worker.set_offline(True)
    kept(page, "morphine 10 mg", "Odette a mal")
    page.locator("#outbox-count").click()
    until(page, lambda: "Odette a mal" in page.locator(".outbox-list").inner_text())
    assert page.get_by_role("button", name="Imprimer ces actes").is_visible()
    assert page.locator("#dose").is_visible(), "the page stays"
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#outbox-mine").is_visible()
    assert not page.locator("#dose").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.get_by_role("button", name="Fermer la liste").click()
    assert page.locator(".outbox-list").count() == 0


def test_what_waits_is_written_read_and_sent_with_keys_alone(
    with_worker: "BrowserContext", island: Island
) -> None:
    """The network is gone, and so is the mouse: the dose is kept, the list is read, the next form comes, all leaves."""
    page = enter(with_worker, "nkervella")
    with_worker.set_offline(True)
    retype(page, "#drug", "morphine 10 mg")
    reach(page, "#dose button")
    page.keyboard.press("Enter")
    focus_on(page, ".outbox-said")  # what became of it is what is read next
    reach(page, ".outbox-said button")
    page.keyboard.press("Enter")
    focus_on(page, "#drug")  # the next form is ready to be typed in
    page.keyboard.type("paracétamol 1 g")
    reach(page, "#dose button")
    page.keyboard.press("Enter")
    focus_on(page, ".outbox-said")

    back(page, "#outbox-count")
    page.keyboard.press("Enter")
    focus_on(page, ".outbox-list")
    until(page, lambda: "morphine 10 mg" in page.locator(".outbox-list").inner_text())
    reach(page, ".outbox-list > button")
    page.keyboard.press("Enter")
    focus_on(page, "#outbox-count")  # where she came from

    with_worker.set_offline(False)
    until(page, lambda: len(doses(island)) == 2)
    assert {dose.fields["drug"] for _, dose in doses(island)} == {"morphine 10 mg", "paracétamol 1 g"}


def test_what_must_be_checked_is_refused_in_words_and_the_page_stays(with_worker: "BrowserContext") -> None:
    """A question that waits in a box looks like a yes."""
    page = enter(with_worker, "nkervella")
    assert not page.locator("#only").is_visible()
    with_worker.set_offline(True)
    page.locator("#only").wait_for()
    page.locator("#which").fill("héparine")
    page.get_by_role("button", name="Puis-je donner").click()
    page.locator(".outbox-said", has_text="Sans réseau, on ne peut pas dire").wait_for()
    assert page.locator("#which").input_value() == "héparine"
    page.locator("#what").fill("paracétamol")
    page.get_by_role("button", name="Prescrire").click()
    page.locator(".outbox-said", has_text="Il faut le réseau").wait_for()
    assert page.locator("#what").input_value() == "paracétamol"
    page.get_by_role("link", name="Ailleurs").click()
    page.locator(".outbox-said", has_text="l’autre page n’a pas été ouverte").wait_for()
    assert page.url.endswith("/dose/")

    with_worker.set_offline(False)
    page.get_by_role("button", name="Prescrire").click()
    page.wait_for_url("**/may/")


def test_a_form_sent_blindly_comes_back_from_the_worker(with_worker: "BrowserContext") -> None:
    """The browser's own page of a lost network throws away what was typed."""
    page = enter(with_worker, "nkervella")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/dose/")
    page.locator("#what").fill('2 < 3 & "4"')
    with_worker.set_offline(True)
    page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('order'))")
    page.get_by_role("heading", name="L’îlot ne répond pas").wait_for()
    assert page.locator("textarea[name=what]").input_value() == '2 < 3 & "4"'

    with_worker.set_offline(False)
    page.get_by_role("button", name="L’envoyer de nouveau").click()
    until(page, lambda: page.title() == "asked")


def test_online_a_marked_form_is_an_ordinary_form(workstation: "BrowserContext", island: Island) -> None:
    """Nobody should notice the outbox on a good night; a refusal keeps what was typed."""
    page = enter(workstation, "nkervella")
    give(page, "paracétamol 1 g")
    page.locator(".saved").wait_for()
    presses.clear()
    page.locator("#second").fill("4711")
    give(page, "refuse", "note")
    page.locator(".errors li").wait_for()
    assert page.locator("#note").input_value() == "note"
    assert presses == ["4711"], "sent twice, a wrong code counts twice and shuts the account"
    give(page, "ibuprofène", "after a refusal the page still works")
    page.locator(".saved").wait_for()

    assert [dose.waited_at_ms for _, dose in doses(island)] == [None, None]
    assert doses(island)[0][0].source == "screen:127.0.0.1"


def test_an_act_that_has_waited_for_hours_raises_an_alarm(
    workstation: "BrowserContext", island: Island
) -> None:
    """It must not expire in silence."""
    page = enter(workstation, "nkervella", "/own/")
    page.clock.install()
    page.goto("/own/")
    workstation.set_offline(True)
    kept(page, "morphine 10 mg")
    page.clock.fast_forward(3 * 3600 * 1000)
    until(page, lambda: page.locator("#outbox .is-old").count() == 1)
    assert "attendent sur ce poste depuis 3" in page.locator("#outbox .is-old").inner_text()
    workstation.set_offline(False)
    page.clock.fast_forward(10_000)
    until(page, lambda: bool(doses(island)))
    hour = doses(island)[0][1].fields["happened_at"]
    assert "T" in hour, "the hour of pressing replaces the hour at which the page was opened"


@pytest.mark.parametrize(("width", "height"), [(390, 844), whole(1366, 768)])
def test_what_waits_can_be_read_by_everybody(with_worker: "BrowserContext", width: int, height: int) -> None:
    """Who cannot see the number, or reads it aloud, must know of it as well."""
    page = enter(with_worker, "nkervella", "/own/")
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/outbox/")
    empty = faults(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/own/")
    bare = faults(page)
    with_worker.set_offline(True)
    kept(page, "morphine 10 mg")
    page.locator("#outbox-count").click()
    page.locator(".outbox-list li").first.wait_for()
    listed = [line for line in faults(page) if line not in bare]
    page.evaluate("location.assign('/own/')")
    page.get_by_role("heading", name="L’îlot ne répond pas").wait_for()

    assert (empty, listed, faults(page)) == ([], [], [])
