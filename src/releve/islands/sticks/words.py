"""What the carrier's codes mean, in words: what is wrong with a stick, and what to do now."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

__all__ = ["COMPLAINT_WORDS", "STOP_WORDS", "CarryWords", "complaint_words", "stop_words"]


class CarryWords(NamedTuple):
    """What is so, and what to do now."""

    what: Any
    do: Any


_WRITE_AGAIN = _(
    "On the island that wrote it, press “Write everything again”, and carry the stick once more."
)
_CALL = _("Do not erase the stick. Call the information systems, and read the page for a suspect island.")

# Why a job stopped.
STOP_WORDS: dict[str, CarryWords] = {
    "pulled": CarryWords(
        _("The stick was taken out too early."),
        _("Nothing is lost. Plug it in again and press the same button: it goes on where it stopped."),
    ),
    "gone": CarryWords(
        _("The stick no longer answers."),
        _("Take it out, plug it in again and press the same button. Again the same? Take another stick."),
    ),
    "room": CarryWords(
        _("There is not enough room on the stick."),
        _("Take a larger or an empty stick. What was written on this one stays good."),
    ),
    "read-only": CarryWords(
        _("The stick cannot be written on."),
        _(
            "Look for a small switch on its side, push it, plug the stick in again. No switch? Take another stick."
        ),
    ),
    "rights": CarryWords(
        _("The machine does not let Relève write on this stick."),
        _("Take another stick, or call the information systems: the stick opened for somebody else."),
    ),
    "empty": CarryWords(
        _("This stick holds nothing of Relève."),
        _("Is it the right stick? On the other island, press “Write what the others lack” first."),
    ),
    "receiver": CarryWords(
        _("There is no other island a stick could be sealed for."),
        _("Two managers add the other island first."),
    ),
    "busy": CarryWords(
        _("Somebody is reading a stick on this machine by a command just now."),
        _("Wait until that is done, then press the same button again."),
    ),
    "keys": CarryWords(
        _("The keys of this island are locked or absent."),
        _("Call the information systems: the island must be opened first."),
    ),
    "own-disk": CarryWords(
        _("The disk of this island is full or failing."),
        _("Call the information systems. Leave the stick as it is; what was taken in stays."),
    ),
    "unreadable": CarryWords(
        _("A journal of this island cannot be read."),
        _("Call the information systems. Do not switch the machine off."),
    ),
    "gave-up": CarryWords(
        _("It did not work, several times."),
        _("Take another stick. Again the same? Call the information systems."),
    ),
}

# What could not be taken although the rest was.
COMPLAINT_WORDS: dict[str, CarryWords] = {
    "torn": CarryWords(_("Parts of the stick are not as they were written."), _WRITE_AGAIN),
    "missing": CarryWords(_("Parts are missing on the stick."), _WRITE_AGAIN),
    "gap": CarryWords(
        _("Some entries could not be taken: an earlier stick never came, or parts are missing."), _WRITE_AGAIN
    ),
    "unreadable": CarryWords(_("Parts of the stick cannot be read: the stick is failing."), _WRITE_AGAIN),
    "foreign": CarryWords(_("Something on it was not written by Relève. It was passed over."), _CALL),
    "too-large": CarryWords(_("Something on it was not written by Relève. It was passed over."), _CALL),
    "not-for-us": CarryWords(
        _("It is not sealed for this island."),
        _("The island that wrote it does not know this one yet: two managers add it there; then write again."),
    ),
    "unknown": CarryWords(
        _("It carries the journal of an island that does not belong here. Nothing of it was taken."),
        _("If it does belong, two managers add it here; then read the stick again."),
    ),
    "refused": CarryWords(_("Entries were refused: they are not what their island signed."), _CALL),
    "disk": CarryWords(
        _("The disk of this island has no room to spare."),
        _("Call the information systems; then read the stick again."),
    ),
    "ahead": CarryWords(
        _("The stick shows more entries of this island than are here: this island was put back from an older copy."),
        _("Stop writing here. Call the information systems: a new epoch must begin."),
    ),
}  # fmt: skip


def stop_words(code: str) -> CarryWords:
    """Return why a job stopped, in words; a code newer than this program counts as one that gave up."""
    return STOP_WORDS.get(code, STOP_WORDS["gave-up"])


def complaint_words(code: str) -> CarryWords:
    """Return what could not be taken, in words; a code newer than this program counts as not written by us."""
    return COMPLAINT_WORDS.get(code, COMPLAINT_WORDS["foreign"])
