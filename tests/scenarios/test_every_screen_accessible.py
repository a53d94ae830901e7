"""Every screen of the island, read by axe at a desk and on a phone, in both languages, on a calm day and in a cut.

For `make soak`: over a hundred screens, each eight times. `make test` has each room’s own pages in French, and the
richest in English.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from browsing import sign_in, violations

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page
    from whole_house import House, Screen

# `whole_house` makes Django ready, which the other scenarios do their own way: it is loaded where it is used.

pytestmark = [pytest.mark.browser, pytest.mark.whole, pytest.mark.timeout(7200)]

WIDTHS = (1366, 390)
# What no link leads to and needs a gesture first is opened by `_gestures`; the rest are no pages of their own: parts
# that pages ask for by themselves, files, what only answers machines, and a print's page that a ward's is like.
NO_SCREEN = {
    "home", "fhir-metadata", "island-stick-live", "islands-live", "overview-live", "ward-live", "shell",
    "restoration-planning", "outbox-here", "outbox-worker", "trust-certificate", "trust-probe",
    "account-file", "bed-labels", "fleet-batch-labels", "fleet-batch-sheet", "fleet-label", "fleet-labels-file",
    "fleet-machines-file",
    "fleet-report", "handover-file", "label-file", "note-file", "pack-document", "patient-document-file",
    "patient-sheet", "patient-sheet-file", "ward-sheet-file", "restoration-case", "restoration-evidence",
    "restoration-file", "restoration-labels-file",
    "restoration-paper-plan", "restoration-paper-report", "restoration-paper-tasks",
}  # fmt: skip
BY_GESTURE = {"badge", "lock"}
# What a placeholder of gettext looks like; and with how many letters around it a sentence is still told from others.
HOLE = re.compile(r"%\([a-z_0-9]+\)[a-z]|%[sd]|\{[^{}]*\}")
SHAPE_LETTERS_MIN = 10
# Words of the house that are a sentence of the interface as well: our own name, what its people and messages say.
SAID = {
    "Relève",
    "IT",
    "TCA",
    "Réseau",
    "Note infirmière",
    "Note médicale",
    "UVM (2020), day 55: 80% of applications",
}
READ = """() => {
  const found = new Set([document.title]);
  const spoken = document.documentElement.lang;
  const take = (text) => {
    const words = (text || "").replace(/[\\s\\u00a0\\u202f]+/g, " ").trim();
    if (words) found.add(words);
  };
  const own = (element) => !element.closest("script, style, template, noscript, textarea, code")
    && element.closest("[lang]").lang === spoken;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (own(walk.currentNode.parentElement)) take(walk.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "alt", "data-label"])
    for (const one of document.querySelectorAll(`[${name}]`)) if (own(one)) take(one.getAttribute(name));
  return [...found];
}"""
SEND_EMPTY = """(path) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = path;
  form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""


@pytest.fixture(scope="module", params=["quiet", "downtime"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[House]":
    """Return the hospital on a calm day, then another one six hours into a cut."""
    from whole_house import cut, house_served

    folder: Path = tmp_path_factory.mktemp("house")
    with house_served(folder / "data") as made:
        made.calm = request.param == "quiet"
        if not made.calm:
            cut(made)
        yield made


class Walk:
    """One language: who is signed in where, what axe found, which words were read."""

    def __init__(self, chromium: "Browser", house: "House", language: str) -> None:
        self._chromium, self._house, self._language = chromium, house, language
        self._contexts: dict[str, BrowserContext] = {}
        self.wrong: dict[str, list[str]] = {}
        self.words: dict[str, str] = {}
        self.looked = 0

    def page(self, role: str) -> "Page":
        """Return the page of somebody of this role, in the language of the walk."""
        from whole_house import PASSWORD

        if role not in self._contexts:
            context = self._chromium.new_context(
                base_url=f"http://{self._house.where[0]}:{self._house.where[1]}",
                locale="fr-FR",
                reduced_motion="reduce",
            )
            context.set_default_timeout(60_000)
            page = context.new_page()
            page.goto("/sign-in/")
            if role:
                sign_in(page, f"a-{role}", PASSWORD)
            if self._language == "en":
                page.goto("/post/" if role else "/sign-in/")
                page.get_by_role("button", name="English").click()
                page.wait_for_selector("html[lang=en]")
            self._contexts[role] = context
        return self._contexts[role].pages[0]

    def look(self, name: str, page: "Page") -> None:
        """Let axe read what is shown, at both widths; keep the words."""
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        # Where a refusal has moved it to, the band may lie over half a button: that is not the button's size.
        page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")
        assert page.evaluate("document.documentElement.lang") == self._language, name
        for text in page.evaluate(READ):
            self.words.setdefault(text, name)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 768})
            if found := violations(page):
                self.wrong.setdefault(f"{name} at {width}", []).extend(found)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                self.wrong.setdefault(f"{name} at {width}", []).append("wider than the screen")
            self.looked += 1

    def close(self) -> None:
        """Let go of the browser's contexts."""
        for context in self._contexts.values():
            context.close()


def _gestures(walk: Walk) -> None:
    """Look at what only a gesture opens: a locked screen, a badge before its code."""
    from whole_house import BADGE

    page = walk.page("clerk")
    page.goto("/post/")
    page.locator("form[action='/lock/'] button").first.click()
    page.wait_for_url("**/lock/")
    walk.look("lock", page)
    page = walk.page("pharmacist")
    page.goto("/post/")
    page.evaluate(
        "code => { const it = document.getElementById('badge-scan'); it.elements.code.value = code; it.submit(); }",
        f"RLV1|B|{BADGE}",
    )
    page.wait_for_url("**/badge/")
    walk.look("badge", page)


def _walk(walk: Walk, screens: "list[Screen]") -> None:
    from whole_house import refused_of

    for screen in screens:
        page = walk.page(screen.role)
        answer = page.goto(screen.path)
        assert answer is not None
        if answer.status != 200:
            walk.wrong[f"{screen.name} ({screen.role})"] = [f"answered {answer.status}"]
            continue
        walk.look(f"{screen.name} ({screen.role or 'nobody'})", page)
    for screen in refused_of(screens):
        page = walk.page(screen.role)
        page.goto(screen.path)
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY, screen.path)
        walk.look(f"{screen.name} refused ({screen.role or 'nobody'})", page)
    _gestures(walk)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_screen_shuts_anybody_out_or_speaks_the_other_language(
    chromium: "Browser", house: "House", language: str
) -> None:
    """A replacement who reads English, a nurse who reads by ear, a phone in a corridor: any screen may be theirs."""
    from whole_house import screens_of

    screens, none = screens_of(house)
    walk = Walk(chromium, house, language)

    _walk(walk, screens)
    walk.close()

    print(
        f"{len(screens)} screens of {len({one.name for one in screens})} addresses, read {walk.looked} times"
    )
    foreign = {
        text: where
        for text, where in walk.words.items()
        if other_language(language)(text) and not _of_data(house, text)
    }
    assert (walk.wrong, foreign) == ({}, {})
    # On a calm day nothing is written: some pages have nobody to speak of.
    assert house.calm or set(none) <= NO_SCREEN | BY_GESTURE


@cache
def other_language(language: str) -> Callable[[str], bool]:
    """Return whether a text is one of the sentences of the interface as the other language says it."""
    from test_languages import catalogues, texts  # whole_house says where it is

    own: tuple[set[str], set[str]] = (set(), set())
    others: tuple[set[str], set[str]] = (set(), set())
    for catalogue in catalogues().values():
        for message in catalogue:
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            french = texts(message)
            here, there = (french, english) if language == "fr" else (english, french)
            for sentences, (plain, shapes) in ((here, own), (there, others)):
                for sentence in {_plain(one) for one in sentences} - {""}:
                    parts = [part.replace("%%", "%") for part in HOLE.split(sentence)]
                    if len(parts) == 1:
                        plain.add(parts[0])
                    elif len("".join(parts)) >= SHAPE_LETTERS_MIN:
                        shapes.add(".{1,80}".join(re.escape(part) for part in parts))
    both = [[re.compile(shape) for shape in shapes] for shapes in (others[1] - own[1], own[1])]

    def said(text: str, plain: set[str], shapes: list[re.Pattern[str]]) -> bool:
        return text in plain or any(shape.fullmatch(text) for shape in shapes)

    def foreign(text: str) -> bool:
        worded = re.search(r"\w\w", text) is not None
        return worded and said(text, others[0], both[0]) and not said(text, own[0], both[1])

    return foreign


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).strip()


@cache
def _names(house: "House") -> frozenset[str]:
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list | tuple):
            for one in value:
                walk(one)

    walk(msgspec.to_builtins(house.map))
    return frozenset(found)


def _of_data(house: "House", text: str) -> bool:
    """Whether the hospital itself says so: the names of its wards and applications, titles that its staff typed."""
    return text in SAID or text in _names(house)
