"""A colleague's browser session carries a sealed act here: it is opened, proven, and recorded as its author's.

Whoever carries it cannot read it; that it opens proves that it was made in a session of its author.
"""

import binascii
from base64 import b64decode
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django_htmx.middleware import HtmxDetails

from releve.journal.entry import Receipt
from releve.web.accounts.people import Person
from releve.web.accounts.signin import load_person
from releve.web.acting import NotRecorded, receipt_of
from releve.web.outbox.sealing import account_of_owner, open_sealed

__all__ = ["Carried", "NotCarried", "carry_in"]


class Carried(NamedTuple):
    """The act is recorded: its receipt, and the account of its author."""

    receipt: Receipt
    author: str


class NotCarried(NamedTuple):
    """It stays where it is: why, for the browser, and the HTTP status."""

    why: str
    status: int


class _Envelope(msgspec.Struct):
    owner: str
    act: str
    at_ms: int
    nonce: str
    sealed: str


class _Act(msgspec.Struct):
    """What the browser sealed; it knows more (title, lines in words), which is for its author alone."""

    action: str
    fields: list[tuple[str, str]]
    clock_ms: int
    offset_ms: int


_UNREADABLE = NotCarried("unreadable", HTTPStatus.BAD_REQUEST)


def _opened(body: bytes) -> tuple[_Envelope, _Act] | None:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        nonce, sealed = b64decode(envelope.nonce, validate=True), b64decode(envelope.sealed, validate=True)
        plain = open_sealed(envelope.owner, envelope.act, envelope.at_ms, nonce, sealed)
        return None if plain is None else (envelope, msgspec.json.decode(plain, type=_Act))
    except (msgspec.DecodeError, msgspec.ValidationError, binascii.Error, ValueError):
        return None


def carry_in(request: HttpRequest) -> Carried | NotCarried:
    """Record the sealed act in this request's body as its author's; say why when that cannot be."""
    opened = _opened(request.body)
    if opened is None:
        return _UNREADABLE
    envelope, act = opened
    account = account_of_owner(envelope.owner)
    author = load_person(account) if account else None
    if author is None:
        return NotCarried("no-account", HTTPStatus.FORBIDDEN)
    address = urlsplit(act.action)
    try:
        match = resolve(address.path)
    except Resolver404:
        return NotCarried("no-page", HTTPStatus.GONE)
    if not getattr(match.func, "takes_late", False):
        return NotCarried("author-only", HTTPStatus.CONFLICT)
    waited = (
        ("outbox_at_ms", envelope.at_ms),
        ("outbox_clock_ms", act.clock_ms),
        ("outbox_offset_ms", act.offset_ms),
    )
    inner = _as_author(request, author, address.path, address.query)
    inner.POST = QueryDict(urlencode([*act.fields, *waited]))
    inner.resolver_match = match
    try:
        receipt = receipt_of(inner)
        if receipt is None:
            match.func(inner, *match.args, **match.kwargs)
            receipt = getattr(inner, "outbox_receipt", None)
    except NotRecorded:
        return NotCarried("not-recorded", HTTPStatus.SERVICE_UNAVAILABLE)
    except PermissionDenied:
        return NotCarried("role", HTTPStatus.FORBIDDEN)
    except Http404:
        return NotCarried("no-page", HTTPStatus.GONE)
    if receipt is None:
        return NotCarried("refused", HTTPStatus.UNPROCESSABLE_ENTITY)
    return Carried(receipt, author.code)


def _as_author(request: HttpRequest, author: Person, path: str, query: str) -> Any:
    inner: Any = HttpRequest()
    inner.method = "POST"
    inner.path = inner.path_info = path
    inner.META = {name: value for name, value in request.META.items() if not name.startswith("CONTENT_")}
    inner.META |= {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "POST", "HTTP_COOKIE": ""}
    inner.GET = QueryDict(query)
    # Never saved: her next page must not say "saved" for what a colleague carried.
    inner.session = SessionStore()
    inner.person = author
    inner.htmx = HtmxDetails(inner)
    inner.theme = ""
    inner.LANGUAGE_CODE = request.LANGUAGE_CODE
    inner.outbox_carried_by = str(getattr(request, "person", ""))
    return inner
