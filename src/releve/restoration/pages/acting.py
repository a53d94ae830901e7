"""How an act of this room is recorded: the fact, the file beside it, the answer."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.forms import Form
from django.http import HttpRequest, HttpResponseRedirect

from releve.journal.entry import Draft
from releve.restoration import rules
from releve.restoration.facts import EvidenceKept, LineSaid, RestorationFact
from releve.restoration.pages.request import who_is
from releve.restoration.pages.sentences import refusal_text
from releve.web.acting import record_act, record_beside, safe_next, saved, wait_until_folded
from releve.web.uploads import media_of

__all__ = ["draft_of", "go_on", "keep_file", "record", "say"]


def draft_of(fact: RestorationFact, *, at_us: int | None = None) -> Draft:
    """Return the entry of a fact."""
    tag = fact.__struct_config__.tag
    assert isinstance(tag, str)
    return Draft(kind=tag, body=msgspec.msgpack.encode(fact), source="", occurred_at_us=at_us)


def record(
    request: HttpRequest, fact: RestorationFact, to: str, *, what: str, at_us: int | None = None
) -> HttpResponseRedirect:
    """Record a fact, wait until the pages show it, go on."""
    receipt = record_act(request, draft_of(fact, at_us=at_us))
    return saved(request, receipt, to, what=what, shown=wait_until_folded(receipt))


def say(
    request: HttpRequest,
    lines: Sequence[LineSaid],
    to: str,
    *,
    what: str,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponseRedirect | None:
    """Record lines of the catalogue, go on; None when they are refused: why stands in the form, or in `errors`."""
    said = rules.say_lines(who=who_is(request), lines=lines)
    if not isinstance(said, rules.Refusal):
        return record(request, said, to, what=what)
    if form is not None:
        form.add_error(None, refusal_text(said.code))
    if errors is not None:
        errors[""] = refusal_text(said.code)
    return None


def keep_file(request: HttpRequest, file: Any) -> tuple[str, str]:
    """Keep a file as evidence; return the place of its entry and the SHA-256 of its content."""
    content = file.read()
    kept = EvidenceKept(name=_name(file.name or ""), media_type=media_of(content), content=content)
    receipt = record_beside(request, draft_of(kept))
    return receipt.place, hashlib.sha256(content).hexdigest()


def go_on(request: HttpRequest, otherwise: str) -> str:
    """Return the page the form came from."""
    return safe_next(request, request.POST.get("next"), otherwise)


def _name(told: str) -> str:
    """Return a file's own name without its folders and control signs."""
    name = told.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in name if sign.isprintable())[:120] or "evidence"
