"""Links of an MSPDI file: what a task follows, what its application needs. Pure.

A case knows one link: the end of one before the start of another. A link of another type is read as that, which waits
longer and never promises too early, unless it would make a circle; a lag becomes a task that waits.
"""

from math import ceil

import msgspec

from releve.restoration.case import ALWAYS, Application, Case, Need, Task
from releve.restoration.catalogue.cycles import task_circles
from releve.restoration.exports.mspdi_tasks import Line, Outline, Settings, Tasks
from releve.restoration.exports.xml_tree import Element

__all__ = ["Links"]

_TYPES = {"0": "finish to finish", "1": "finish to start", "2": "start to finish", "3": "start to start"}
_TENTHS_A_HOUR = 600  # LinkLag counts tenths of a minute
_PERCENT = {"19", "20", "51", "52"}  # LagFormat: a part of the other's duration
_ELAPSED = {"4", "6", "8", "10", "12", "36", "38", "40", "42", "44"}
_LAG_HOURS_MAX = 8760
_TRIED_MAX = 300  # links looked at one by one, when all together make a circle


class Links:
    """The links of a file, put into its applications and tasks."""

    def __init__(self, outline: Outline, tasks: Tasks, settings: Settings) -> None:
        self._outline, self._tasks, self._settings = outline, tasks, settings
        self._after: dict[str, dict[str, None]] = {id: {} for id in tasks.tasks}
        self._needs: dict[str, dict[tuple[str, str], None]] = {id: {} for id in tasks.applications}
        self._later: list[tuple[str, tuple[str, ...]]] = []  # application, tasks its first ones follow
        self._doubtful: list[tuple[Line, Element, str, Line]] = []
        self._task_of: dict[str, str] = {}  # UID of a leaf → task
        leaves = (leaf.uid for top in outline.tops for leaf in top.leaves())
        self._task_of.update(zip(leaves, tasks.tasks, strict=True))  # tasks are in the order of the leaves

    def read(self) -> None:
        """Read every link, sure ones first."""
        for top in self._outline.tops:
            waiting = [top]
            while waiting:
                line = waiting.pop()
                waiting += reversed(line.below)
                seen: set[str] = set()
                for link in line.element.all("PredecessorLink"):
                    self._link(line, link, seen)

    def _link(self, line: Line, link: Element, seen: set[str]) -> None:
        say = self._settings.say
        uid = link.value("PredecessorUID")
        other = self._outline.by_uid.get(uid)
        if other is None or link.flag("CrossProject"):
            say("link-unknown", "lost", link, line.place, other=f"task {uid}")
            return
        if uid in seen:
            say("link-repeated", "lost", link, line.place, other=other.place)
            return
        seen.add(uid)
        if _stands_in(line, other) or _stands_in(other, line):
            say("link-own", "lost", link, line.place)
            return
        kind = link.value("Type") or "1"
        if kind != "1":
            self._doubtful.append((line, link, _TYPES.get(kind, kind), other))
            return
        self._join(line, link, other)

    def _join(self, line: Line, link: Element, other: Line) -> None:
        lag = self._lag(line, link, other)
        if lag <= 0:
            self._follow(line, other)
            return
        wait = self._waiting(line, link, lag)
        self._follow_task(wait, self._tasks.tasks[wait].application, other)
        for first in [self._task_of[line.uid]] if not line.summary else self._firsts(line):
            self._after[first][wait] = None

    def _firsts(self, line: Line) -> list[str]:
        return [self._task_of[leaf.uid] for leaf in line.leaves()]

    def _lag(self, line: Line, link: Element, other: Line) -> int:
        try:
            tenths = float(link.value("LinkLag") or 0)
        except ValueError:
            self._settings.say("number", "changed", link, line.place, name="LinkLag", read=0)
            return 0
        if link.value("LagFormat") in _PERCENT and tenths:
            of = self._tasks.tasks.get(self._task_of.get(other.uid, ""))
            hours = (of.work_hours if of is not None else 0) * tenths / 100
        else:
            hours = tenths / _TENTHS_A_HOUR
        whole = ceil(round(min(max(hours, -_LAG_HOURS_MAX), _LAG_HOURS_MAX), 4))
        if hours < 0:
            self._settings.say("lead", "changed", link, line.place, hours=round(-hours, 1), other=other.place)
        elif whole:
            self._settings.say("lag", "changed", link, line.place, hours=whole, other=other.place)
        return whole

    def _waiting(self, line: Line, link: Element, hours: int) -> str:
        application = line.top.id
        base = self._task_of.get(line.uid) or application
        number = 1
        while f"{base}~{number}" in self._tasks.tasks:
            number += 1
        id = f"{base}~{number}"
        follower = self._tasks.tasks.get(self._task_of.get(line.uid, ""))
        # Working time is that of who waits, or of the project where only people have hours.
        calendar = follower.calendar if follower is not None else ALWAYS
        if link.value("LagFormat") in _ELAPSED:
            calendar = ALWAYS
        elif calendar == ALWAYS:
            calendar = self._tasks.project_calendar
        self._tasks.tasks[id] = Task(
            id=id, application=application, name=f"+{hours} h", work_hours=hours, calendar=calendar
        )
        self._after[id] = {}
        return id

    def _follow(self, line: Line, other: Line) -> None:
        if not line.summary:
            self._follow_task(self._task_of[line.uid], line.top.id, other)
        elif line.parent is None:
            if other.parent is None and other.summary:
                self._needs[line.id][other.id, ""] = None
            else:
                self._later.append((line.id, tuple(self._firsts(other))))
        else:  # a summary below the first level: its tasks that follow none of their own
            inside = set(self._firsts(line))
            for task in sorted(inside, key=list(self._after).index):
                if not inside.intersection(self._after[task]):
                    self._follow_task(task, line.top.id, other)

    def _follow_task(self, task: str, application: str, other: Line) -> None:
        if other.parent is None and other.summary:
            if other.id == application:
                return
            self._needs[application][other.id, task] = None
            return
        for before in self._firsts(other):
            if before != task:
                self._after[task][before] = None

    def put(self) -> tuple[tuple[Application, ...], tuple[Task, ...]]:
        """Return applications with their needs and tasks with what they follow."""
        for application, before in self._later:
            own = [id for id, task in self._tasks.tasks.items() if task.application == application]
            for id in own:
                if not set(own).intersection(self._after[id]):
                    for each in before:
                        self._after[id][each] = None
        applications = tuple(
            msgspec.structs.replace(
                application,
                needs=tuple(
                    Need(application=other, before=before) for other, before in self._needs[application.id]
                ),
            )
            for application in self._tasks.applications.values()
        )
        tasks = tuple(
            msgspec.structs.replace(task, after=tuple(self._after[task.id]))
            for task in self._tasks.tasks.values()
        )
        return applications, tasks

    def put_doubtful(self, case: Case) -> Case:
        """Return the case with the links of other types as finish to start, without those that make a circle.

        All at once when none does; else one by one.
        """
        if not self._doubtful:
            return case
        already = len(task_circles(case))
        whole = self._tried(case, self._doubtful)
        if len(task_circles(whole)) <= already:
            for line, link, kind, other in self._doubtful:
                self._settings.say("link-type", "changed", link, line.place, type=kind, other=other.place)
            return whole
        return self._one_by_one(case, already)

    def _tried(self, case: Case, links: list[tuple[Line, Element, str, Line]]) -> Case:
        after = {id: dict(before) for id, before in self._after.items()}
        needs = {id: dict(each) for id, each in self._needs.items()}
        tasks = dict(self._tasks.tasks)
        remarks = list(self._settings.remarks)
        for line, link, _, other in links:
            self._join(line, link, other)
        applications, lines = self.put()
        tried = msgspec.structs.replace(case, applications=applications, tasks=lines)
        if len(task_circles(tried)) > len(task_circles(case)):
            self._after, self._needs = after, needs
            self._tasks.tasks.clear()
            self._tasks.tasks.update(tasks)
            self._settings.remarks[:] = remarks
        return tried

    def _one_by_one(self, case: Case, already: int) -> Case:
        for number, each in enumerate(self._doubtful):
            line, link, kind, other = each
            tried = self._tried(case, [each]) if number < _TRIED_MAX else None
            if tried is None or len(task_circles(tried)) > already:
                self._settings.say("link-circle", "lost", link, line.place, type=kind, other=other.place)
            else:
                case = tried
                self._settings.say("link-type", "changed", link, line.place, type=kind, other=other.place)
        return case


def _stands_in(line: Line, summary: Line) -> bool:
    above: Line | None = line
    while above is not None:
        if above is summary:
            return True
        above = above.parent
    return False
