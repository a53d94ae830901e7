"""Generated hospitals in the middle of their restoration, and what goes wrong there: late, failed, absent."""

from functools import lru_cache
from random import Random

from releve.restoration.case import Case
from releve.restoration.invented import generate
from releve.restoration.plan import Plan
from releve.restoration.planner.decode import decode
from releve.restoration.planner.orders import weight_order
from releve.restoration.replanning.events import Event, GateFailed, PersonAbsent, TaskLate
from releve.restoration.replanning.progress import as_planned

NOW = 130


@lru_cache
def planned(seed: int, applications: int = 16) -> tuple[Case, Plan]:
    """Return a hospital and a plan of it that can be made better."""
    case = generate(applications, seed)
    return case, decode(case, weight_order(case))


@lru_cache
def troubles(seed: int, now: int = NOW) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Return what went as planned by `now`, and what did not: two tasks late, a gate failed, somebody out a week."""
    case, plan = planned(seed)
    random = Random(seed)
    tasks = {task.id: task for task in case.tasks}
    running = [each for each in plan.tasks if each.start < now < each.end]
    coming = [each for each in plan.tasks if now <= each.start < now + 200 and tasks[each.task].work_hours]
    told: list[Event] = [
        TaskLate(task=each.task, remaining_hours=each.end - now + 20) for each in running[:1]
    ]
    told += [TaskLate(task=each.task, remaining_hours=30) for each in random.sample(coming, 1)]
    gates = [each for each in plan.tasks if tasks[each.task].kind == "gate" and each.end <= now]
    told += [GateFailed(task=each.task) for each in gates[-1:]]
    staff = sorted({person for each in coming for person in each.people})
    told.append(PersonAbsent(person=random.choice(staff), from_hour=now, to_hour=now + 168))
    return as_planned(case, plan, now, told), tuple(told)
