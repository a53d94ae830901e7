"""Who may write which note, and what is refused. Pure."""

from collections.abc import Iterable

from releve.departments.documents.note_facts import KINDS
from releve.web import refusal

__all__ = [
    "TEXT_BYTES_MAX",
    "TITLE_CHARS_MAX",
    "WRITERS",
    "Refusal",
    "check_text",
    "kinds_for",
    "may_withdraw",
    "may_write",
]

# A hundred kilobytes are forty pages: longer is a file, not a note.
TEXT_BYTES_MAX = 100_000
TITLE_CHARS_MAX = 120

# Midwives are a medical profession: Code de la santé publique, L4151-1.
_MEDICAL = frozenset({"physician", "midwife"})
WRITERS: dict[str, frozenset[str]] = {
    "nursing": frozenset({"nurse", "midwife", "assistant"}),
    "medical": _MEDICAL,
    "consultation": _MEDICAL,
    "operation": frozenset({"physician"}),
    "discharge": _MEDICAL,
}


class Refusal(refusal.Refusal, frozen=True, kw_only=True):
    """Why a note is not recorded, and the field where it is said. `size` is in bytes."""

    size: int = 0


def kinds_for(role: str) -> tuple[str, ...]:
    """Return the kinds that a role writes, in the order in which they are offered."""
    return tuple(kind for kind in KINDS if role in WRITERS[kind])


def may_write(role: str) -> bool:
    """Tell whether a role writes notes at all; whoever does may add to any."""
    return bool(kinds_for(role))


def may_withdraw(role: str, account: str, author: str) -> bool:
    """Tell whether somebody may withdraw a note: its author, or a physician."""
    return may_write(role) and (account == author or role == "physician")


def check_text(text: str, templates: Iterable[str] = ()) -> Refusal | None:
    """Return why a text is refused: empty, nothing under its headings, or too long; None when it is not."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > TEXT_BYTES_MAX:
        return Refusal(code="long", field="text", size=size)
    words = text.split()
    if not words:
        return Refusal(code="empty", field="text")
    if any(words == template.split() for template in templates):
        return Refusal(code="untouched", field="text")
    return None
