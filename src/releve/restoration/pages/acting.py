"""How an act of this room is recorded: the fact, the file beside it, the answer."""

import hashlib
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponseRedirect

from releve.journal.entry import Draft
from releve.restoration.facts import EvidenceKept, RestorationFact
from releve.web.acting import record_act, record_beside, safe_next, saved, wait_until_folded
from releve.web.uploads import media_of

__all__ = ["EVIDENCE_BYTES_MAX", "draft_of", "go_on", "keep_file", "record"]

# A scanner's report of a whole application; more is not evidence but a disk image. Below what an island reads at all.
EVIDENCE_BYTES_MAX = 10 * 1024 * 1024


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


def keep_file(request: HttpRequest, file: Any) -> tuple[str, str]:
    """Keep a file as evidence; return the place of its entry and the SHA-256 of its content."""
    content = file.read()
    kept = EvidenceKept(name=_name(file.name or ""), media_type=media_of(content), content=content)
    receipt = record_beside(request, draft_of(kept))
    return f"{receipt.origin}/{receipt.epoch}#{receipt.index}", hashlib.sha256(content).hexdigest()


def go_on(request: HttpRequest, otherwise: str) -> str:
    """Return the page the form came from."""
    return safe_next(request, request.POST.get("next"), otherwise)


def _name(told: str) -> str:
    """Return a file's own name without its folders and control signs."""
    name = told.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in name if sign.isprintable())[:120] or "evidence"
