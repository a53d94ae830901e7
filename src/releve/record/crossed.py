"""What several people said of one thing without having seen one another: all of it stands until a person decides. Pure.

Whoever corrects names, in `CareAct.seen`, the entries that stood on her screen. What nobody named still stands; when
two such statements differ, both are shown, and the act that decides names both. No clock takes part: on two islands,
or by two people in one second, the order in which entries arrive changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

__all__ = ["Saying", "differing", "side_by_side", "standing", "token"]


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that stands. `entry` is "ORIGIN/EPOCH#INDEX"; `words` what was said, by field."""

    entry: str
    log: str
    index: int
    about: str
    words: Mapping[str, str]
    seen: tuple[str, ...] | None
    by: str = ""
    by_name: str = ""
    happened_at: int | None = None
    stamp: int | None = None


def standing(said: Iterable[Saying]) -> tuple[Saying, ...]:
    """Return the statements about one thing that no other names as seen, by log and index.

    An entry of before `seen` was recorded (None) had seen what its own log already held.

    >>> one = Saying(entry="a/1#4", log="a/1", index=4, about="x", words={"name": "A"}, seen=())
    >>> two = Saying(entry="b/1#2", log="b/1", index=2, about="x", words={"name": "B"}, seen=())
    >>> last = Saying(entry="b/1#3", log="b/1", index=3, about="x", words={"name": "B"}, seen=("a/1#4", "b/1#2"))
    >>> [said.entry for said in standing([two, one])], [said.entry for said in standing([last, two, one])]
    (['a/1#4', 'b/1#2'], ['b/1#3'])
    """
    every = sorted(said, key=lambda one: (one.log, one.index))
    named: set[str] = set()
    for one in every:
        if one.seen is None:
            named |= {other.entry for other in every if other.log == one.log and other.index < one.index}
        else:
            # Nothing names itself, nor what its own log said after it: an island that writes so is not believed.
            named |= {
                other.entry
                for other in every
                if other.entry in one.seen and not (other.log == one.log and other.index >= one.index)
            }
    left = tuple(one for one in every if one.entry not in named)
    return left or tuple(every)


def side_by_side(said: Sequence[Saying]) -> tuple[Saying, ...]:
    """Return statements that stand when they differ; nothing when they agree, or when there is only one."""
    return tuple(said) if len({tuple(sorted(one.words.items())) for one in said}) > 1 else ()


def differing(said: Sequence[Saying]) -> frozenset[str]:
    """Return the fields of which these statements say different things."""
    names = {name for one in said for name in one.words}
    return frozenset(name for name in names if len({one.words.get(name, "") for one in said}) > 1)


def token(place: str, said: Sequence[Saying]) -> str:
    """Return what a form carries of what it was shown: the entry it was made from, and the statements that stood."""
    return " ".join(dict.fromkeys([place, *(one.entry for one in said)])).strip()
