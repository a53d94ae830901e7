"""What the codes of the exchange mean, in words: what happened, what it means, what to do. One sentence each."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from releve.islands.exchange.state import Refusal, Trouble

__all__ = ["REFUSAL_WORDS", "TROUBLE_WORDS", "RefusalWords", "refusal_words", "trouble_words"]


class RefusalWords(NamedTuple):
    """What was refused, what it may mean, what to do now."""

    what: Any
    means: Any
    do: Any


TROUBLE_WORDS: dict[Trouble, Any] = {
    "unreachable": _("no connection: cable, switch, power, or the island is stopped"),
    "certificate": _("somebody else answers at its address: do not go on before you know who"),
    "refused": _("it does not let this island in: two managers have to admit it there"),
    "slow": _("it answers too slowly: the network is overloaded or the island is"),
    "answer": _("what it answers makes no sense: another program runs there, or it is broken"),
    "disk": _("the disk of this island is full or failing: nothing more can be taken in"),
    "file": _("a file of this island is wrong: its settings or its keys"),
}

_CALL = _(
    "Call the information systems. Do not trust what comes from there since then: read “An island is suspect”."
)
_WATCH = _("Nothing is lost here. If it comes back, have the disk of that island checked.")

REFUSAL_WORDS: dict[Refusal, RefusalWords] = {
    "signature": RefusalWords(
        _("A journal that its island did not sign."),
        _("Somebody changed it on the way, or answers in its place."),
        _CALL,
    ),
    "epoch": RefusalWords(
        _("A new journal that nobody vouches for."),
        _("The island was set up again, or somebody pretends to be it."),
        _("If it was set up again, two managers sign its new key; otherwise leave it refused."),
    ),
    "exercise": RefusalWords(
        _("An exercise among what is real, or the other way round."),
        _("An island was given the wrong neighbours."),
        _("Take it out of the list of islands. Nothing of it was taken in."),
    ),
    "rollback": RefusalWords(
        _("An island shows less than it showed before."),
        _("It was restored from an old copy, or somebody wants to undo what was written."),
        _CALL,
    ),
    "equivocation": RefusalWords(
        _("An island tells two different stories of the same hours."),
        _("Its key is in two places: a copy of the machine runs, or somebody has taken it."),
        _CALL,
    ),
    "tree": RefusalWords(
        _("Entries that do not belong to the signed journal."),
        _("A disk or a stick fails, or somebody changed them on the way."),
        _WATCH,
    ),
    "entry": RefusalWords(
        _("An entry that does not keep to the format."),
        _("The island runs another program than ours, or somebody writes into it."),
        _CALL,
    ),
    "order": RefusalWords(
        _("Entries that are not in their order."),
        _("The island runs another program than ours, or somebody writes into it."),
        _CALL,
    ),
    "removed": RefusalWords(
        _("Entries whose content is gone, and nobody says why."),
        _("A disk fails there, or somebody erases."),
        _WATCH,
    ),
    "redactions": RefusalWords(
        _("More entries were to be erased in one day than is allowed."),
        _("Somebody erases, with or without the right to."),
        _("Ask who asked for it. Here they are still there."),
    ),
    "cut": RefusalWords(
        _("Entries beyond the cut line."),
        _("An island that managers have cut off still writes."),
        _("Nothing to do here. Make sure that it is unplugged."),
    ),
    "size": RefusalWords(
        _("More than the share of this disk that an island may fill."),
        _("It floods us, by mistake or on purpose, or our disk is too small."),
        _("See how much it writes. Its older entries are kept; what is refused waits there."),
    ),
    "blob": RefusalWords(
        _("A document that is not the one its name says."),
        _("A disk or a stick fails, or somebody changed it on the way."),
        _WATCH,
    ),
    "clock": RefusalWords(
        _("Entries dated ahead of our clock. They are kept, and marked."),
        _("The clock of that island, or ours, is wrong."),
        _("Compare both clocks with a watch, and set the wrong one."),
    ),
}


def trouble_words(code: str) -> str:
    """Return why an island is not reached, the code itself when it is newer than this program."""
    return str(TROUBLE_WORDS.get(code, code))  # type: ignore[call-overload]


def refusal_words(code: str) -> RefusalWords:
    """Return the words of a refusal; one that is newer than this program is shown by its code."""
    known: RefusalWords | None = REFUSAL_WORDS.get(code)  # type: ignore[call-overload]
    return known or RefusalWords(code, "", _CALL)
