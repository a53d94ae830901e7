"""Whose signatures give power: managers named, managers removed, and up to where a removed one's still count. Pure.

Each island holds to the first managers its own log names; these sign for others, and two others sign a removal. A
removal says how much of every log was known when it was signed: what a removed key signed there stays, whatever it
signed anywhere else counts for nothing, on every island alike and in whatever order things arrive. No clock is asked.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from releve.journal.power import MANAGERS_NEEDED, Standing, Statement, told_for

__all__ = ["NOBODY", "Managers", "Word", "counted", "decide", "name_of"]


class Word(NamedTuple):
    """What one entry says of managers: it names keys, or removes them (`reach` is then a mapping)."""

    place: str  # ORIGIN/EPOCH#INDEX
    keys: tuple[str, ...]
    signed_by: tuple[str, ...]
    reach: Mapping[str, int] | None = None  # entries of each log in which these keys' signatures still count
    reason: str = ""

    @property
    def origin(self) -> str:
        """The island that told it."""
        return self.place.partition("/")[0]

    @property
    def order(self) -> tuple[str, int, int]:
        """A place among all words that is the same on every island."""
        log, _, index = self.place.rpartition("#")
        origin, _, epoch = log.rpartition("/")
        return origin, int(epoch), int(index)

    def reaches(self, place: str) -> bool:
        """Tell whether what stands at `place` was known when this was signed."""
        log, _, index = place.rpartition("#")
        return int(index) < (self.reach or {}).get(log, 0)


class Managers(NamedTuple):
    """The managers' keys that ever counted on an island, and the removals in force by key."""

    ever: frozenset[str]
    removed: Mapping[str, tuple[Word, ...]] = {}

    @property
    def keys(self) -> frozenset[str]:
        """The keys that count from here on."""
        return self.ever.difference(self.removed)

    def heeded(self, place: str, signed_by: Iterable[str]) -> frozenset[str]:
        """Return those whose signature on the entry at `place` counts."""
        return frozenset(
            key
            for key in signed_by
            if key in self.ever and all(word.reaches(place) for word in self.removed.get(key, ()))
        )

    def standing(self, place: str, signed_by: Iterable[str]) -> Standing:
        """Return "signed" when two managers' signatures on the entry at `place` count, else "claimed"."""
        return "signed" if len(self.heeded(place, signed_by)) >= MANAGERS_NEEDED else "claimed"


NOBODY = Managers(frozenset())


def name_of(key: str) -> str:
    """Return the name written in a manager's key, the key itself where it has none."""
    return key.partition("+")[0].removeprefix("manager/") or key


def counted(told: Iterable[Statement], managers: Managers) -> frozenset[str]:
    """Return the places of what counts: signed by two managers, told by the island it was signed for, and not before.

    The same nonce a second time is an old statement repeated, by whoever holds a copy of the log.
    """
    first: dict[str, Statement] = {}
    for one in told:
        if told_for(one.nonce, one.origin) and managers.standing(one.place, one.signed_by) == "signed":
            kept = first.setdefault(one.nonce, one)
            if one.order < kept.order:
                first[one.nonce] = one
    return frozenset(one.place for one in first.values())


def decide(words: Iterable[Word], own: str | None) -> Managers:
    """Return the managers that count on the island `own`; None: logs that are nobody's, where the first word counts.

    A removal counts when two who are not removed by it signed it, and two are left. Two that know nothing of one
    another both count, for power that is taken from too many is missed and power left to a thief is used; were fewer
    than two left by both, the one that knows of fewer removals counts, then the one that stands first.
    """
    said = list(words)
    naming = [word for word in said if word.reach is None]
    removals = [word for word in said if word.reach is not None]
    roots = [word for word in naming if own is None or word.origin == own]
    if not roots:
        return NOBODY
    # By its place, not by its moment: a clock set back must not make whoever was named last the root of all.
    root = roots[0] if own is None else min(roots, key=lambda word: word.order)
    found = _named(root, naming, {})
    # What was never signed by two is nobody's word, however often an owned island repeats it.
    removals = [word for word in removals if len(found.ever.intersection(word.signed_by)) >= MANAGERS_NEEDED]
    places = [word.place for word in removals]
    waiting = sorted(removals, key=lambda word: (sum(map(word.reaches, places)), word.order))
    while (word := _next(waiting, found)) is not None:
        waiting.remove(word)
        removed = dict(found.removed)
        for key in word.keys:
            removed[key] = (*removed.get(key, ()), word)
        found = _named(root, naming, removed)
    return found


def _next(waiting: Iterable[Word], found: Managers) -> Word | None:
    for word in waiting:
        others = {key for key in _signers_of_removal(word, found) if key not in word.keys}
        if len(others) >= MANAGERS_NEEDED and len(found.keys - set(word.keys)) >= MANAGERS_NEEDED:
            return word
    return None


def _signers_of_removal(word: Word, found: Managers) -> Collection[str]:
    """Return those whose signature on a removal counts: whom it did not know to be removed still takes power away."""
    known = {
        key: tuple(one for one in by if word.reaches(one.place) or _before(one, word))
        for key, by in found.removed.items()
    }
    return Managers(found.ever, known).heeded(word.place, word.signed_by)


def _before(one: Word, other: Word) -> bool:
    return one.order[:2] == other.order[:2] and one.order < other.order


def _named(root: Word, naming: Iterable[Word], removed: Mapping[str, tuple[Word, ...]]) -> Managers:
    found = Managers(frozenset(root.keys), removed)
    waiting = [word for word in naming if word is not root]
    grew = True
    while grew:
        grew = False
        for word in waiting:
            if (
                not found.ever.issuperset(word.keys)
                and found.standing(word.place, word.signed_by) == "signed"
            ):
                found = Managers(found.ever | set(word.keys), removed)
                grew = True
    return found
