"""Which entries were folded before their turn: what is noted, and what is forgotten once their turn has come."""

from releve.app.ahead import Ahead


def test_what_went_ahead_is_known_until_its_turn_has_come() -> None:
    """Folded twice, a dose would be charted twice; forgotten late, the memory of a long night grows."""
    ahead = Ahead((7,))
    ahead.add((3, 9, 3))

    assert [index for index in range(12) if index in ahead] == [3, 7, 9]
    assert (ahead.begins_before(3), ahead.begins_before(4), ahead.reach) == (False, True, 10)
    ahead.pass_to(9)
    assert [index for index in range(12) if index in ahead] == [9]
    ahead.pass_to(10)
    assert (len(ahead), ahead.reach, ahead.begins_before(100)) == (0, 0, False)
