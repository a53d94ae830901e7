"""After an event: what runs stays, what is near stays, what was promised stays, and the rest loses less care."""

from functools import lru_cache

import msgspec
import pytest
from troubled import NOW, planned, troubles

from releve.restoration.case import Case
from releve.restoration.checker.check import check
from releve.restoration.plan import Plan
from releve.restoration.replanning.events import PersonAbsent, TaskLate
from releve.restoration.replanning.moves import moved_in_window
from releve.restoration.replanning.progress import as_planned
from releve.restoration.replanning.replan import FREEZE_HOURS, Replan, replan

SEEDS = (1, 2, 3)


@lru_cache
def after_troubles(seed: int, freeze_hours: int = FREEZE_HOURS, iterations: int = 40) -> Replan:
    """Return the plan made after what went wrong."""
    case, plan = planned(seed)
    before, told = troubles(seed)
    return replan(case, plan, told, before=before, now=NOW, freeze_hours=freeze_hours, iterations=iterations)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_made_again_can_be_carried_out(seed: int) -> None:
    """Judged by the checker, which shares no code with it: people in one place at a time, nothing in the past."""
    found = after_troubles(seed)

    for plan in (found.repaired, found.plan):
        assert [each for each in check(found.case, plan) if each.severity == "wrong"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_without_events_the_plan_stays_as_it_is(seed: int) -> None:
    """People who ask twice must not be sent elsewhere for asking."""
    case, plan = planned(seed)

    found = replan(case, plan, (), now=0, iterations=0)

    assert found.plan.tasks == plan.tasks
    assert found.forced == found.chosen == ()
    assert found.plan.parent == plan.id


@pytest.mark.parametrize("seed", SEEDS)
def test_when_all_goes_as_planned_nobody_moves(seed: int) -> None:
    """The second day of a plan that holds is the plan, also of one made by replanning."""
    first = after_troubles(seed)
    later = NOW + 40

    found = replan(first.case, first.plan, as_planned(first.case, first.plan, later), now=later, iterations=0)

    assert found.forced == ()
    assert found.repaired.loss == pytest.approx(first.plan.loss)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_ended_or_runs_keeps_its_hours_and_its_people(seed: int) -> None:
    """A plan that rewrites this morning is no plan."""
    found = after_troubles(seed)
    planned_now = {each.task: each for each in found.plan.tasks}

    for state in found.case.states:
        if state.ended is not None:
            assert planned_now[state.task].end == state.ended
        elif state.started is not None:
            assert planned_now[state.task].start == state.started
            assert set(planned_now[state.task].people) == set(state.people)
    assert all(each.start >= NOW for each in found.plan.tasks if _waits(found.case, each.task))


def _waits(case: Case, task: str) -> bool:
    return all(state.task != task or (state.started is None and state.ended is None) for state in case.states)


@pytest.mark.parametrize("seed", SEEDS)
def test_within_the_freeze_window_only_what_must_move_moves(seed: int) -> None:
    """Two people asked to swap tomorrow for two units of care saved in March stop reading the plan."""
    found = after_troubles(seed)

    assert moved_in_window(found.repaired, found.plan, NOW + FREEZE_HOURS) == ()
    assert found.in_window == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_made_again_never_loses_more_than_the_one_repaired(seed: int) -> None:
    """Else it would be better to do nothing."""
    for freeze_hours in (FREEZE_HOURS, 0):
        found = after_troubles(seed, freeze_hours)

        assert found.plan.loss <= found.repaired.loss + 1e-9
        assert found.gained == pytest.approx(found.repaired.loss - found.plan.loss)


def test_a_search_finds_what_an_order_by_weight_lost() -> None:
    """Without it every event would leave the plan a little worse for good."""
    gained = [after_troubles(seed, 0).gained for seed in SEEDS]

    assert max(gained) > 0


def test_moves_tell_the_whole_difference_and_each_has_a_reason() -> None:
    """What moved and is not told is found out by whoever comes on the wrong day."""
    _, plan = planned(1)
    found = after_troubles(1)

    def starts(of: Plan) -> dict[str, tuple[int, tuple[str, ...]]]:
        return {each.task: (each.start, tuple(sorted(each.people))) for each in of.tasks}

    ended = {state.task for state in found.case.states if state.ended is not None}
    for moves, old, new in (
        (found.forced, plan, found.repaired),
        (found.chosen, found.repaired, found.plan),
    ):
        differ = {
            task for task in starts(new) if task not in ended and starts(old).get(task) != starts(new)[task]
        }
        assert differ <= {move.task for move in moves}
    assert {move.reason.kind for move in found.forced} <= {"event", "waits"}
    assert any(move.reason.events for move in found.forced)
    assert {move.reason.kind for move in found.chosen} <= {"gains", "gives-way", "follows"}


def test_somebody_else_takes_over_only_where_the_absent_one_would_end_later() -> None:
    """An absence is no occasion to shuffle a whole team."""
    case, plan = planned(2)
    first = next(each for each in plan.tasks if each.people and each.start >= 24)
    away = first.people[0]

    found = replan(case, plan, (PersonAbsent(person=away, from_hour=0, to_hour=600),), now=0, iterations=0)

    others = {each.task: each for each in plan.tasks}
    for each in found.plan.tasks:
        old = others[each.task]
        if old.start < FREEZE_HOURS and set(each.people) != set(old.people):
            assert each.end > old.end or away in old.people


def test_the_same_events_and_moves_give_the_same_plan() -> None:
    """Two islands that replan the same report must not print two plans."""
    first = after_troubles(3).plan
    after_troubles.cache_clear()

    assert after_troubles(3).plan == first


def test_compiled_or_not_the_plan_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An island without numba must not send people elsewhere than the one beside it."""
    pytest.importorskip("numba", reason="numba is not installed: there is one way only")
    slow = after_troubles(2)
    monkeypatch.delenv("RELEVE_PLANNER")
    after_troubles.cache_clear()

    fast = after_troubles(2)

    assert fast.plan.tasks == slow.plan.tasks
    assert fast.plan.order == slow.plan.order


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_made_by_hand_is_kept_by_its_dates_when_something_comes_late(seed: int) -> None:
    """It has no order that would give it back: taken up by applications, one late hour moved all of it for weeks."""
    case, plan = planned(seed, 40)
    by_hand = msgspec.structs.replace(plan, order=(), preferences=())
    work = {task.id: task.work_hours for task in case.tasks}
    last = max((each for each in plan.tasks if work[each.task]), key=lambda each: each.start)
    late = TaskLate(task=last.task, remaining_hours=work[last.task] + 1)

    found = replan(case, by_hand, (late,), now=0, iterations=0)
    searched = replan(case, by_hand, (late,), now=0, iterations=40)

    assert found.repaired.loss <= 1.01 * plan.loss
    assert len(found.forced) <= 2
    assert searched.plan.loss <= found.repaired.loss
    assert [each for each in check(found.case, searched.plan) if each.severity == "wrong"] == []
