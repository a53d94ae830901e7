"""FHIR R4 over HTTP: a resource or bundle posted is kept as received, and answered only once it is durable.

Runs in the web process (Django views, no session, no form token). What is not understood is kept all the same: the
only refusals are what is not FHIR JSON at all, who may not send, and what is too large. No answer repeats a value.
Source: FHIR R4, RESTful API (3.1.0), OperationOutcome.
"""

from __future__ import annotations

import hmac
import logging
import os
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from releve.codecs.fhir.checker import check
from releve.codecs.fhir.reader import READ_TYPES, DocumentError, read_document
from releve.gateway.settings import MIB, AllowList
from releve.journal.client import Recorder
from releve.journal.entry import Draft
from releve.journal.errors import DraftRefused, JournalError, StorageFull
from releve.journal.folder import socket_path
from releve.web.access import public

logger = logging.getLogger("releve.gateway.fhir")

FHIR_JSON = "application/fhir+json"
_ACCEPTED = (FHIR_JSON, "application/json", "application/json+fhir")


class FhirDoor(msgspec.Struct, frozen=True, kw_only=True):
    """Who may post, and how much.

    Taken from the Django setting `RELEVE_FHIR` where there is one, otherwise from the environment that `releve serve`
    prepares: `RELEVE_FHIR_ALLOW` (comma-separated), `RELEVE_FHIR_TOKENS` (a file).

    `allow`: addresses and networks, loopback alone unless told otherwise. `token_file`: when given, every request
    also shows `Authorization: Bearer` with one of its lines.
    """

    allow: tuple[str, ...] = ("127.0.0.0/8", "::1")
    token_file: Path | None = None
    body_bytes_max: int = 32 * MIB


class Issue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an OperationOutcome; `code` is from the value set issue-type."""

    severity: str
    code: str
    diagnostics: str
    expression: tuple[str, ...] = ()


def outcome(status: int, issues: Iterable[Issue]) -> HttpResponse:
    """Return an OperationOutcome as the answer."""
    body = {"resourceType": "OperationOutcome", "issue": list(issues)}
    answer = HttpResponse(msgspec.json.encode(body), status=status, content_type=FHIR_JSON)
    if status == 503:
        answer["Retry-After"] = "5"
    return answer


def refused(status: int, code: str, words: str) -> HttpResponse:
    """Return a refusal in words."""
    return outcome(status, [Issue(severity="error", code=code, diagnostics=words)])


@csrf_exempt
@public
def receive(request: HttpRequest, kind: str = "", name: str = "") -> HttpResponse:
    """Keep what was posted (`POST /fhir`, `POST|PUT /fhir/TYPE`, `PUT /fhir/TYPE/ID`) and say so: 200 or 201."""
    door = _door()
    if (closed := _turned_away(request, door)) is not None:
        return closed
    if request.method not in ("POST", "PUT") or (request.method == "PUT" and not kind):
        answer = refused(405, "not-supported", "Expected POST of a resource or bundle, or PUT of a resource.")
        answer["Allow"] = "POST, PUT" if kind else "POST"
        return answer
    if request.content_type not in _ACCEPTED:
        return refused(415, "not-supported", f"Content-Type: expected {FHIR_JSON}.")
    size = request.META.get("CONTENT_LENGTH") or ""
    if not size.isdigit():
        return refused(411, "required", "Content-Length: expected the number of bytes.")
    if int(size) > door.body_bytes_max:
        return refused(413, "too-long", f"Body: expected up to {door.body_bytes_max} bytes.")
    raw = request.read(int(size))
    if len(raw) != int(size):
        return refused(400, "incomplete", "Body: expected as many bytes as Content-Length says.")
    try:
        document = read_document(raw)
    except DocumentError as error:
        return refused(400, "structure", f"{error}.")
    if kind and document.root.type != kind:
        return refused(400, "invalid", "resourceType: expected the type in the address.")
    if name and document.root.id != name:
        return refused(400, "invalid", f"{kind}.id: expected the id in the address.")
    return _keep(request, raw, created=request.method == "POST" and document.root.type != "Bundle")


def metadata(request: HttpRequest) -> HttpResponse:
    """Return the CapabilityStatement: what may be sent here, and that nothing may be read here."""
    if (closed := _turned_away(request, _door())) is not None:
        return closed
    if request.method not in ("GET", "HEAD"):
        answer = refused(405, "not-supported", "Expected GET.")
        answer["Allow"] = "GET"
        return answer
    return HttpResponse(_capabilities(), content_type=FHIR_JSON)


urlpatterns = [
    path("fhir", receive, name="fhir"),
    path("fhir/", receive),
    path("fhir/metadata", csrf_exempt(public(metadata)), name="fhir-metadata"),
    path("fhir/<str:kind>", receive),
    path("fhir/<str:kind>/<str:name>", receive),
]


def _keep(request: HttpRequest, raw: bytes, *, created: bool) -> HttpResponse:
    draft = Draft(kind="message.fhir", body=raw, source=f"fhir:{request.META.get('REMOTE_ADDR') or 'local'}")
    try:
        (receipt,) = _recorder().append([draft])
    except DraftRefused as error:
        return refused(413, "too-long", f"{error}.")
    except StorageFull:
        logger.error("FHIR not stored: no room on the disk")
        return refused(503, "no-store", "Not stored: no room on the disk. Keep it and send it again.")
    except (JournalError, OSError) as error:
        logger.error("FHIR not stored: %s", type(error).__name__)
        return refused(503, "transient", "Not known to be stored. Keep it and send it again.")
    kept = Issue(
        severity="information",
        code="informational",
        diagnostics=f"Kept: entry {receipt.index} of {receipt.origin}/{receipt.epoch}.",
    )
    # Kept first, checked after: a problem is told to the sender and never costs the resource.
    problems = [
        Issue(severity="warning", code="invariant", diagnostics=str(problem), expression=(problem.address,))
        for problem in check(raw)
    ]
    return outcome(201 if created else 200, [kept, *problems])


def _turned_away(request: HttpRequest, door: FhirDoor) -> HttpResponse | None:
    address = request.META.get("REMOTE_ADDR") or ""
    if not _allow_list(door.allow).admits(address):
        logger.warning("%s: FHIR refused: address not on the allow-list", address)
        return refused(403, "forbidden", "This address may not send here.")
    if door.token_file is None:
        return None
    try:
        tokens = door.token_file.read_bytes().split()
    except OSError:
        logger.error("FHIR refused: the token file cannot be read")
        return refused(503, "transient", "The island cannot check who sends. Keep it and send it again.")
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    offered = shown.strip().encode()
    # Every token is compared: the time taken says nothing about which one was near.
    known = sum(hmac.compare_digest(offered, token) for token in tokens)
    if scheme.lower() != "bearer" or not known:
        answer = refused(401, "login", "Authorization: expected a bearer token of this island.")
        answer["WWW-Authenticate"] = 'Bearer realm="fhir"'
        return answer
    return None


def _door() -> FhirDoor:
    door = getattr(settings, "RELEVE_FHIR", None)
    return door if isinstance(door, FhirDoor) else _door_of_environment()


@cache
def _door_of_environment() -> FhirDoor:
    door = FhirDoor()
    allow = tuple(
        entry.strip() for entry in os.environ.get("RELEVE_FHIR_ALLOW", "").split(",") if entry.strip()
    )
    tokens = os.environ.get("RELEVE_FHIR_TOKENS")
    return FhirDoor(allow=allow or door.allow, token_file=Path(tokens) if tokens else None)


@cache
def _allow_list(allow: tuple[str, ...]) -> AllowList:
    return AllowList(allow)


_LOCAL = threading.local()


def _recorder() -> Recorder:
    """Return this thread's client: one connection, one request at a time, opened again by itself."""
    path = socket_path(Path(settings.RELEVE_DATA))
    held: tuple[Path, Recorder] | None = getattr(_LOCAL, "held", None)
    if held is None or held[0] != path:
        held = (path, Recorder(path))
        _LOCAL.held = held
    return held[1]


@cache
def _capabilities() -> bytes:
    interactions = [{"code": "create"}, {"code": "update"}]
    return msgspec.json.encode(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-11-21",
            "kind": "instance",
            "implementation": {
                "description": "Relève: keeps what is sent, as sent. Nothing can be read here."
            },
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "resource": [
                        {"type": kind, "interaction": interactions} for kind in READ_TYPES if kind != "Bundle"
                    ],
                    "interaction": [{"code": "transaction"}, {"code": "batch"}],
                }
            ],
        }
    )
