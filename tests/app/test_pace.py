"""What the fold takes of a backlog, and what it leaves to those who write: told without a clock."""

from releve.app.pace import ENTRIES_BULK, ENTRIES_MIN, Pace

SPEED = 2_500  # entries a second, as measured


def folded_in(seconds: float, *, acts_a_second: float) -> tuple[int, float]:
    """Return how many entries of a backlog are folded in so long, and how long no act is looked for at most."""
    pace, now, folded, longest, acts = Pace(), 0.0, 0, 0.0, 0.0
    while now < seconds:
        spent = pace.entries / SPEED
        acts += acts_a_second * spent
        come, acts = int(acts), acts % 1
        folded += pace.entries
        longest = max(longest, spent) if now > 1 else longest
        now += spent
        rest = pace.took(pace.entries + come, come, spent, now)
        acts += acts_a_second * rest
        now += rest
    return folded, longest


def test_nobody_writes_and_a_backlog_has_the_fold_for_itself() -> None:
    """A million entries after a cut are minutes of a board that ages: none is slept away."""
    folded, _ = folded_in(60, acts_a_second=0)

    assert folded >= 60 * SPEED


def test_thirty_acts_a_second_leave_a_quarter_of_the_fold_to_the_backlog() -> None:
    """On two processors a fold that never rests leaves forms without one: they queued for seconds."""
    folded, longest = folded_in(60, acts_a_second=30)

    assert 0.15 < folded / (60 * SPEED) < 0.35
    assert longest < 0.03  # and an act waits for one short step at most


def test_an_act_now_and_then_hardly_delays_a_backlog() -> None:
    """Most nights people write once a minute: the backlog must not pay for thirty a second."""
    folded, _ = folded_in(60, acts_a_second=1)

    assert folded > 0.9 * 60 * SPEED


def test_however_much_is_written_a_backlog_is_folded() -> None:
    """Whoever lies in a bed that only a message names would otherwise never be shown."""
    folded, _ = folded_in(60, acts_a_second=10_000)

    assert folded > 0.15 * 60 * SPEED


def test_acts_folded_during_a_rest_do_not_lengthen_it_but_count_for_the_next() -> None:
    """Otherwise forms that come without end would stop the backlog for as long."""
    pace = Pace()
    assert pace.took(pace.entries + 4, 4, 0.02, 10.0) > 0

    assert pace.took(1, 1, 0.0, 10.01) == 0
    assert pace.took(pace.entries, 0, 0.02, 10.1) > 0


def test_one_transaction_keeps_within_its_bounds_on_any_machine() -> None:
    """A step of one entry would cost more in commits than in folding; one of a million would hide every act."""
    slow, fast = Pace(), Pace()
    for moment in range(5):
        slow.took(slow.entries, 0, 60.0, moment)
        fast.took(fast.entries, 0, 1e-6, moment)

    assert (slow.entries, fast.entries) == (ENTRIES_MIN, ENTRIES_BULK)
