"""Which checkpoint of another island's log is believed, and what is told when one is not. Pure.

One checkpoint, signed by the key the managers named, comes before anything else; what follows must fit it.
"""

import base64
from typing import NamedTuple

from releve.islands.exchange.cosign import split_note
from releve.islands.exchange.peers import Cut
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.standing import MirrorStore
from releve.islands.exchange.state import Refusal
from releve.journal import entry as entries
from releve.journal import facts
from releve.journal.entry import Unpacker
from releve.journal.errors import EntryError, JournalError, NoteError
from releve.journal.note import SIGNATURE_MARK, Checkpoint, Verifier, open_note, read_checkpoint
from releve.journal.tree import edge_at

__all__ = [
    "CUT_SLACK", "Refused", "Stated", "Terms", "another_history", "check_against_held", "check_cut", "check_opened",
    "checkpoint_of", "cut_root", "read_stated",
]  # fmt: skip

# An island that had not pulled up to the cut line yet does so through the next checkpoint there is; so many entries
# beyond the line, which views leave out, are the most it takes with it.
CUT_SLACK = 100_000


class Refused(JournalError):
    """What another island (or a relay) gave is not believed; `what` is a word of `state.Refusal`."""

    def __init__(self, what: Refusal, detail: str, evidence: dict[str, bytes] | None = None) -> None:
        super().__init__(f"{what}: {detail}")
        self.what: Refusal = what
        self.detail = detail
        self.evidence = evidence or {}


class Terms(NamedTuple):
    """By what a log is judged."""

    origin: str
    epoch: int
    key: Verifier | None  # of this epoch, as the managers named it or as accepted before
    key_before: Verifier | None  # of the epoch before, which may hand over; None when that one is cut off
    cut: Cut | None
    from_origin: bool  # pulled from the island itself: it never shows less than it showed before
    exercise: bool | None  # what this island is; None: not known yet
    quota: Quota
    room_bytes: int  # what is left of the origin's share of the disk
    redactions_left: int  # today
    grows: bool = True  # False: a relay, while the island itself is asked; only what it shows is compared

    @property
    def log_name(self) -> str:
        """The name every checkpoint of the log carries."""
        return f"releve/{self.origin}/{self.epoch}"


class Stated(NamedTuple):
    """A checkpoint that is believed."""

    note: str  # with the log's own signature only
    size: int
    root: bytes
    lines: list[str]  # the other signature lines, not verified


def read_stated(raw: bytes, terms: Terms, key: Verifier) -> Stated:
    """Return the checkpoint of a published note.

    Raises:
        Refused: it is not one, not of this log, or not signed by its key.
    """
    evidence = {"checkpoint": raw}
    try:
        note = raw.decode()
        stated = read_checkpoint(open_note(note, key))
    except (UnicodeDecodeError, NoteError, ValueError) as error:
        raise Refused(
            "signature", f"expected a checkpoint signed by {terms.log_name} ({error})", evidence
        ) from None
    text, lines = split_note(note)
    if stated.origin != terms.log_name or text != stated.text():
        raise Refused("signature", f"expected the three lines of a checkpoint of {terms.log_name}", evidence)
    own = next(
        line for line in lines if line.startswith(f"{SIGNATURE_MARK}{key.name} ") and _signs(text, line, key)
    )
    return Stated(f"{text}\n{own}\n", stated.size, stated.root, [line for line in lines if line != own])


def _signs(text: str, line: str, key: Verifier) -> bool:
    try:
        open_note(f"{text}\n{line}\n", key)
    except NoteError:
        return False
    return True


def check_against_held(stated: Stated, store: MirrorStore, terms: Terms) -> None:
    """Hold a checkpoint that is not longer than our copy against it.

    Raises:
        Refused: another history than the one signed before, or fewer entries than the island itself showed.
    """
    held = store.held
    root = held.root if stated.size == held.size else edge_at(stated.size, store.hashes).root()
    if stated.root != root:
        raise another_history(stated, store)
    if terms.from_origin and stated.size < held.size:
        raise Refused(
            "rollback",
            f"expected the {held.size} entries it showed before, not {stated.size}",
            {"checkpoint": stated.note.encode(), "held": held.checkpoint.encode()},
        )


def another_history(stated: Stated, store: MirrorStore) -> Refused:
    """Return the refusal of a signed checkpoint that contradicts the signed checkpoint of what is held."""
    held = store.held
    return Refused(
        "equivocation",
        f"expected {stated.size} entries that agree with the {held.size} signed before",
        {"checkpoint": stated.note.encode(), "held": held.checkpoint.encode()},
    )


def check_cut(stated: Stated, size_held: int, terms: Terms) -> None:
    """Hold a longer checkpoint against the cut line.

    Raises:
        Refused: it is beyond.
    """
    cut = terms.cut
    if cut is None or cut.mode == "flag" or stated.size <= cut.size:
        return
    if size_held >= cut.size or stated.size > cut.size + CUT_SLACK:
        raise Refused(
            "cut",
            f"expected nothing beyond the {cut.size} entries that count",
            {"checkpoint": stated.note.encode()},
        )


def cut_root(cut: Cut) -> bytes:
    """Return the root the managers signed for a cut line; one that cannot be read agrees with nothing."""
    try:
        return base64.b64decode(cut.root_b64, validate=True)
    except ValueError:
        return b""


def check_opened(stored: bytes, terms: Terms, key: Verifier | None) -> Verifier:
    """Return the key a log's first entry names: the one the managers named, or one handed over to.

    Raises:
        Refused: it opens another log, names another key, or is an exercise where we are not.
    """
    evidence = {"entry-0": stored}
    try:
        envelope = entries.decode(stored)
        opened = facts.read_opened(Unpacker(b"").unpack(envelope))
        named = Verifier.from_vkey(opened.key)
    except (EntryError, NoteError) as error:
        raise Refused("entry", f"expected entry 0 to open the log ({error})", evidence) from None
    if envelope.kind != "journal.opened.1" or (opened.origin, opened.epoch) != (terms.origin, terms.epoch):
        raise Refused("entry", f"expected entry 0 to open {terms.origin}/{terms.epoch}", evidence)
    if named.name != terms.log_name:
        raise Refused("entry", f"expected entry 0 to name a key of {terms.log_name}", evidence)
    if terms.exercise is not None and opened.exercise != terms.exercise:
        raise Refused(
            "exercise", "expected an exercise among exercises, and the real among the real", evidence
        )
    if key is not None:
        if named.vkey != key.vkey:
            raise Refused("epoch", "expected entry 0 to name the key the managers signed for", evidence)
    elif not _handed_over(opened, terms.key_before):
        raise Refused(
            "epoch", "expected a key that managers signed for, or the epoch before handed over to", evidence
        )
    return named


def _handed_over(opened: facts.JournalOpened, before: Verifier | None) -> bool:
    if before is None or opened.handover is None:
        return False
    text = facts.handover_text(opened.origin, opened.epoch, opened.key)
    return _signs(text, opened.handover, before)


def checkpoint_of(raw: bytes) -> Checkpoint | None:
    """Return what a note states, believed by nobody yet; None when it is no checkpoint."""
    try:
        return read_checkpoint(split_note(raw.decode())[0])
    except (UnicodeDecodeError, NoteError, ValueError):
        return None
