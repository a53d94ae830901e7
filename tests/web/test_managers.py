"""Whose signatures give power, by what was said of managers: named, removed, at the same time on two islands."""

from itertools import permutations

import pytest

from releve.journal.power import Statement, origin_mark
from releve.web.accounts.managers import Managers, Word, counted, decide, name_of

ROOT = Word("a/1#2", ("one", "two", "three"), ())
GONE = Word("a/1#20", ("three",), ("one", "two"), {"a/1": 18, "b/1": 10})


def test_the_first_managers_of_the_own_log_are_the_root_and_name_their_successors() -> None:
    """Another island that says who the managers are says nothing, unless these signed it."""
    root, new = Word("a/1#2", ("one", "two"), ()), ("three", "four")

    def keys(*words: Word, own: str | None = "a") -> frozenset[str]:
        return decide(words, own).keys

    assert keys(root, Word("a/1#3", new, ())) == {"one", "two"}
    assert keys(Word("b/1#2", new, ()), root) == {"one", "two"}
    assert keys(root, Word("b/1#3", new, ("one", "two"))) == {"one", "two", *new}
    assert keys(root, Word("b/1#3", new, ("one",))) == {"one", "two"}
    chain = (root, Word("b/1#3", ("five",), new), Word("b/1#4", new, ("one", "two")))
    assert keys(*chain) == {"one", "two", *new, "five"}
    assert keys(Word("b/1#3", new, new)) == set()
    assert keys(root, own="z") == set()
    assert keys(Word("b/1#3", new, ()), root, own=None) == set(new), (
        "logs that are nobody's: the first word counts"
    )


def test_a_clock_that_went_back_makes_nobody_the_root() -> None:
    """Named last, dated first: alone she would be all the managers there are."""
    named = Word("a/1#9", ("four",), ("one", "two"))

    assert decide([named, ROOT], "a").keys == {"one", "two", "three", "four"}


def test_a_removed_key_counts_where_it_was_known_and_nowhere_else() -> None:
    """What she signed as a manager stays; a card that was lost signs no cut line, and no log is fresh enough for it."""
    managers = decide([ROOT, GONE], "a")
    both = ("one", "three")

    assert managers.keys == {"one", "two"}
    assert managers.standing("a/1#17", both) == "signed"
    assert managers.standing("a/1#18", both) == "claimed", "not known to those who removed her: removed wins"
    assert managers.standing("b/1#9", both) == "signed"
    assert managers.standing("b/1#10", both) == managers.standing("b/2#0", both) == "claimed"
    assert managers.standing("c/1#0", both) == "claimed"
    assert managers.standing("c/1#0", ("one", "two")) == "signed"
    nonce = "00" * 8 + origin_mark("b").hex()
    assert counted([Statement("b/1#10", both, nonce)], managers) == frozenset()


@pytest.mark.parametrize(
    "removal",
    [
        GONE._replace(signed_by=("one",)),
        GONE._replace(signed_by=("one", "three")),
        GONE._replace(signed_by=("one", "stranger")),
        GONE._replace(keys=("three", "two"), signed_by=("one", "four")),
        Word("a/1#20", ("one", "two"), ("three", "four"), {}),
    ],
)
def test_nobody_is_removed_by_fewer_than_two_others(removal: Word) -> None:
    """A manager does not remove the one who watches her, and nobody leaves the hospital with one manager."""
    assert decide([ROOT, removal], "a").keys == {"one", "two", "three"}


def test_a_removed_key_names_nobody_and_never_comes_back() -> None:
    """Whoever holds the lost card would make herself a new one with it."""
    named = Word("c/1#5", ("thief",), ("one", "three"))
    again = Word("a/1#30", ("three",), ("one", "two"))

    assert decide([ROOT, GONE, named, again], "a").keys == {"one", "two"}
    assert decide([ROOT, named], "a").keys == {"one", "two", "three", "thief"}
    early = named._replace(place="b/1#5")
    assert decide([ROOT, GONE, early], "a").keys == {"one", "two", "thief"}, "named while she was a manager"


def test_two_removals_that_know_nothing_of_one_another_both_count() -> None:
    """Two cells in two buildings, the network cut: power left to a thief is used."""
    root = Word("a/1#2", ("one", "two", "three", "four"), ())
    here = Word("a/1#20", ("three",), ("one", "two"), {"a/1": 20, "b/1": 5})
    there = Word("b/1#7", ("one",), ("three", "four"), {"a/1": 9, "b/1": 7})

    for said in permutations([root, here, there]):
        assert decide(said, "a").keys == {"two", "four"}, "in whatever order they arrive"


def test_whom_a_removal_knew_to_be_removed_signs_no_removal() -> None:
    """The card that was lost this morning removes nobody this afternoon."""
    root = Word("a/1#2", ("one", "two", "three", "four"), ())
    revenge = Word("a/1#30", ("one",), ("three", "four"), {"a/1": 30})
    elsewhere = Word("b/1#30", ("one",), ("three", "four"), {"a/1": 30})

    for said in permutations([root, GONE, revenge, elsewhere]):
        assert decide(said, "a").keys == {"one", "two", "four"}


def test_removals_at_the_same_time_never_leave_fewer_than_two() -> None:
    """With one manager left nothing could be signed any more, not even who comes next."""
    there = Word("b/1#7", ("one",), ("two", "three"), {"a/1": 9, "b/1": 7})

    found = {decide(said, "a").keys for said in permutations([ROOT, GONE._replace(reach={"a/1": 20}), there])}

    assert found == {frozenset({"one", "two"})}


def test_a_manager_is_called_by_the_name_on_her_card() -> None:
    """A key of eighty signs tells nobody whose it is."""
    assert name_of("manager/direction+0a0b0c0d+AQ==") == "direction"
    assert name_of("odd") == "odd"
    assert Managers(frozenset({"one"})).keys == {"one"}
