"""A plain browser: pages asked over one connection, forms read from the page and sent as a person would fill them.

No JavaScript, as on the oldest machine of a ward. Only what stands in a page can be sent: a field that a form does
not have is a mistake of the exercise, and raises.
"""

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

__all__ = ["Browser", "Form", "NoSuchForm", "Page"]

REDIRECTS_MAX = 5
TIMEOUT_SECONDS = 30


class NoSuchForm(LookupError):
    """The page has no form, link or field of this name; the text says which, never a value."""


@dataclass
class Form:
    """A form as it stands in a page: where it goes, and what it would send as it is."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # values that can be chosen, by name
    buttons: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def filled(
        self, values: Mapping[str, str | list[str]], button: tuple[str, str] | None
    ) -> list[tuple[str, str]]:
        """Return what is sent when these fields are filled in and that button is pressed.

        Raises:
            NoSuchForm: a field that the form does not have.
        """
        unknown = set(values) - self.names
        if unknown:
            raise NoSuchForm(
                f"{self.action.partition('?')[0]}: expected a field {', '.join(sorted(unknown))}"
            )
        sent = {name: list(given) for name, given in self.fields.items()}
        for name, value in values.items():
            sent[name] = [value] if isinstance(value, str) else list(value)
        pairs = [(name, one) for name, given in sent.items() for one in given]
        return [*pairs, *([button] if button else self.buttons[:1])]


@dataclass
class Page:
    """An answer: status, address, links by their path, forms, and the text as it came."""

    status: int
    path: str
    text: str
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def form(self, *names: str, action: str = "") -> Form:
        """Return the first form that has these fields, and whose address holds `action`.

        Raises:
            NoSuchForm: there is none.
        """
        for one in self.forms:
            if set(names) <= one.names and action in one.action:
                return one
        raise NoSuchForm(f"{self.path.partition('?')[0]}: expected a form with {', '.join(names) or action}")

    def links_to(self, part: str) -> list[str]:
        """Return the addresses of this page that hold `part`, each once, in order."""
        return list(dict.fromkeys(link for link in self.links if part in link))


class Browser:
    """One person's browser: her cookies, one connection kept open."""

    def __init__(self, host: str, port: int, *, authority: ssl.SSLContext | None = None) -> None:
        self._host, self._port, self._authority = host, port, authority
        self._cookies: dict[str, str] = {}
        self._line: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the cookies stay."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """Return a page, after the redirections that lead to it."""
        return self._go("GET", path, b"", headers or {})

    def submit(
        self,
        form: Form,
        values: Mapping[str, str | list[str]] | None = None,
        *,
        button: tuple[str, str] | None = None,
    ) -> Page:
        """Return the page that answers a form.

        Raises:
            NoSuchForm: a field that the form does not have.
        """
        pairs = form.filled(values or {}, button)
        if form.method == "get":
            return self.get(f"{form.action.partition('?')[0]}?{urlencode(pairs)}")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._go("POST", form.action, urlencode(pairs).encode(), headers)

    def send(self, form: Form, values: Mapping[str, str | list[str]]) -> int:
        """Return the status that answers a form at once, without following where it leads."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form.filled(values, None)).encode()
        return self._ask(form.method.upper(), form.action, body, headers)[0]

    @property
    def cookie(self) -> str:
        """The value of the `Cookie` header of this browser."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def sign_in(self, code: str, password: str) -> bool:
        """Sign in; tell whether the island let this person in."""
        page = self.get("/sign-in/")
        answer = self.submit(page.form("badge", "pin"), {"badge": code, "pin": password})
        return answer.status == 200 and not answer.path.startswith("/sign-in/")

    def _go(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        for _ in range(REDIRECTS_MAX):
            status, told, text = self._ask(method, path, body, headers)
            to = told.get("location")
            if status in (301, 302, 303) and to:
                method, path, body, headers = "GET", _inside(urljoin(path, to)), b"", {}
                continue
            return _read(status, path, text)
        raise NoSuchForm(f"{path.partition('?')[0]}: expected fewer redirections")

    def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], str]:
        sent = {"Cookie": self.cookie, **headers}
        if method == "POST":
            scheme = "https" if self._authority else "http"
            sent["Origin"] = f"{scheme}://{self._host}:{self._port}"
        for attempt in (1, 2):
            try:
                if self._line is None:
                    self._line = self._open()
                self._line.request(method, path, body=body or None, headers=sent)
                answer = self._line.getresponse()
                text = answer.read().decode("utf-8", "replace")
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # A kept connection may be closed under us; an act carries its own key, so that twice is once.
                self.close()
                if attempt == 2:
                    raise
        for value in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(value).items():
                self._cookies[name] = morsel.value
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def _open(self) -> http.client.HTTPConnection:
        if self._authority is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._authority
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)


def _inside(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _read(status: int, path: str, text: str) -> Page:
    page = Page(status, path, text)
    reader = _Reader(page)
    reader.feed(text)
    reader.close()
    return page


class _Reader(HTMLParser):
    """Finds links and forms; a control may name the form it belongs to (`form="…"`)."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._select: tuple[Form, str] | None = None
        self._chosen = False
        self._area: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what can be followed, filled in or pressed."""
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href"):
            self._page.links.append(_inside(urljoin(self._page.path, told["href"])))
        elif tag == "form":
            action = _inside(urljoin(self._page.path, told.get("action") or self._page.path))
            self._form = Form(action=action, method=told.get("method", "get").lower())
            self._page.forms.append(self._form)
            if told.get("id"):
                self._by_id[told["id"]] = self._form
        elif tag in ("input", "select", "textarea", "button"):
            self._control(tag, told)
        elif tag == "option" and self._select is not None:
            form, name = self._select
            value = told.get("value", "")
            form.choices.setdefault(name, []).append(value)
            if "selected" in told or not self._chosen:
                form.fields[name] = [value]
                self._chosen = True

    def _control(self, tag: str, told: dict[str, str]) -> None:
        form = self._by_id.get(told["form"]) if told.get("form") else self._form
        name, kind = told.get("name", ""), told.get("type", "")
        if form is None or not name or "disabled" in told:
            return
        if tag == "button" or kind == "submit":
            form.buttons.append((name, told.get("value", "")))
            return
        form.names.add(name)
        if tag == "select":
            self._select, self._chosen = (form, name), False
        elif tag == "textarea":
            self._area = (form, name)
            form.fields.setdefault(name, [""])
        elif kind in ("checkbox", "radio"):
            value = told.get("value", "on")
            form.choices.setdefault(name, []).append(value)
            if "checked" in told:
                form.fields.setdefault(name, []).append(value)
        else:
            form.fields.setdefault(name, []).append(told.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Keep what a text area holds."""
        if self._area is not None:
            form, name = self._area
            form.fields[name] = [form.fields[name][0] + data]

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
