"""What tests in a real browser share: screens where somebody is signed in, their sizes and themes, what axe finds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from thinned import whole, wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = [
    "SIZES",
    "UNSEEN",
    "Browse",
    "faults",
    "focus_on",
    "go",
    "looks",
    "reach",
    "retype",
    "screens",
    "sign_in",
    "violations",
]

# The second is the first at 200 % of zoom.
SIZES = {"screen": (1366, 768), "zoom": (683, 384), "phone": (390, 844)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is counted, not described: describing it is most of axe's time on a long page.
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# Why nobody sees what has the keyboard, "" when one does, be it in part: no ring around it, or something lies over it.
# A page that glides to what has the keyboard gets a second to arrive.
UNSEEN = """async () => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  if (style.outlineStyle === "none" && style.boxShadow === "none") return "nothing shows it";
  let over = null;
  for (let frame = 0; frame < 60; frame += 1) {
    const box = at.getClientRects()[0];
    if (!box) return "it has no place on the page";
    for (const y of [box.height / 2, 3, box.height - 3]) {
      over = document.elementFromPoint(box.x + box.width / 2, box.y + y);
      if (over && (at.contains(over) || over.contains(at) || over.closest("label")?.control === at)) return "";
    }
    await new Promise(requestAnimationFrame);
  }
  return `${over?.localName}.${over?.className} lies over it`;
}"""
# Whether nothing has the keyboard yet, and what is looked for stands in the page's own part.
FRESH = """selector => document.activeElement === document.body
  && Boolean(document.querySelector(selector)?.closest("main#main") && document.querySelector(".skip"))"""
WAIT_MS = 15_000
TABS_MAX = 150
Browse = Callable[..., "Page"]


def looks(size: str, night: bool) -> list[Any]:
    """Return cases of `parametrize(("size", "night"), …)`: this one, and for `make soak` each other.

    Rooms take turns at sizes and themes.
    """
    every = [(one, dark) for one in SIZES for dark in (False, True)]
    return [(size, night), *(whole(*look) for look in every if look != (size, night))]


def violations(page: "Page") -> list[str]:
    """Return what axe finds on the page, one line a finding."""
    page.wait_for_load_state()  # after a click, half of the next page may be there
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    result: Any = axe.Axe().run(page, options=OPTIONS)
    return [f"{found['id']}: {found['nodes'][0]['html'][:160]}" for found in result.response["violations"]]


def faults(page: "Page") -> list[str]:
    """Return what axe finds on the page, and at which widths it would have to be moved sideways."""
    return violations(page) + [f"wider than {width} px" for width in wider_than_screen(page)]


def reach(page: "Page", selector: str, key: str = "Tab") -> None:
    """Go to an element by Tab alone, from wherever the keyboard is; there it must be seen (WCAG 2.4.7, 2.4.11)."""
    page.wait_for_load_state()  # a page that comes may move the focus to what is wrong
    if key == "Tab" and page.evaluate(FRESH, selector):
        page.keyboard.press("Tab")
        # Past everything that stands on every page, as who knows it does; a link into the page begins further down.
        if page.evaluate("document.activeElement.className") == "skip":
            page.keyboard.press("Enter")
            focus_on(page, "#main")
    for _ in range(TABS_MAX):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert (unseen := page.evaluate(UNSEEN)) == "", f"{selector} has the keyboard, but {unseen}"
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {selector}")


def back(page: "Page", selector: str) -> None:
    """Go to an element by Tab backwards: what stands above may not hide it."""
    reach(page, selector, "Shift+Tab")


def go(page: "Page", selector: str) -> None:
    """Go to a link or button by Tab and press Enter; another page comes."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def retype(page: "Page", selector: str, text: str) -> None:
    """Go to a field by Tab and type in the place of what stands in it."""
    reach(page, selector)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def focus_on(page: "Page", selector: str) -> None:
    """Wait until the page itself has moved the focus to an element: its script runs after a click has returned."""
    page.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)


def sign_in(page: "Page", code: str, password: str, next: str = "") -> None:
    """Let somebody take her post; `next` is the page that she comes from, and goes on to."""
    page.goto("/sign-in/" + (f"?next={quote(next)}" if next else ""))
    page.get_by_label("Badge, ou identifiant").fill(code)
    page.get_by_label("Code de l’îlot").fill(password)
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


@contextmanager
def screens(
    chromium: "Browser", served: str, password: str, *, code: str = "", next: str = "", **always: Any
) -> Iterator[Browse]:
    """Yield a function that opens a fresh screen, somebody signed in: `browse(script=False, size="phone", night=True)`.

    It takes another `code` and `next` than those given here (without code: the page of signing in, nobody signed in), a
    size by name or in pixels. `always` is what else Playwright's `new_context` is given.
    """
    opened: list[BrowserContext] = []

    def browse(
        code: str = code,
        *,
        next: str = next,
        script: bool = True,
        size: str | tuple[int, int] = "screen",
        night: bool = False,
    ) -> "Page":
        width, height = SIZES[size] if isinstance(size, str) else size
        context = chromium.new_context(
            base_url=served,
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            has_touch=size == "phone",
            color_scheme="dark" if night else "light",
            **({"locale": "fr-FR"} | always),
        )
        opened.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        if code:
            sign_in(page, code, password, next)
        else:
            page.goto("/sign-in/")
        return page

    try:
        yield browse
    finally:
        for context in opened:
            context.close()
