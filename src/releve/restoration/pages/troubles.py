"""What is wrong with the catalogue, in the words of whoever reads it, each with the page where it is mended."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse
from django.utils.translation import get_language

from releve.restoration.case import Case
from releve.restoration.catalogue.problems import problems
from releve.restoration.catalogue.sentences import Problem, read_kept, sentence
from releve.restoration.pages.sentences import kind_name
from releve.restoration.standing.now import RestorationNow

__all__ = ["MEANS", "Names", "Trouble", "told_left_out", "troubles_in", "troubles_of"]

# What is mended on the page of people and means.
MEANS = ("people", "calendars", "skills", "resources")
_PAGES = {
    "people": "restoration-person", "calendars": "restoration-hours", "skills": "restoration-skill",
    "resources": "restoration-shared",
}  # fmt: skip
_PLACE = re.compile(r"(\w+)\[(.*?)\](?:\.(\w+))?", re.DOTALL)


@dataclass(frozen=True)
class Trouble:
    """One problem: its place as people call it, what is expected there, the page to open; `stops` a plan.

    `of` and `id` are what is to be mended: a skill nobody has is mended at the skill, not at the task that asks for it.
    """

    place: str
    text: str
    stops: bool
    application: str
    of: str
    id: str
    at: tuple[str, str, str] = ("", "", "")  # the list, the id and the field that the problem names

    @property
    def place_text(self) -> tuple[str, str]:
        """By what two are the same."""
        return self.place, self.text

    @property
    def link(self) -> str:
        """The page where it is mended, "" where there is none."""
        return _link(self.of, self.id, self.application)


def _link(list_: str, id_: str, application: str) -> str:
    if list_ in _PAGES and id_:
        return f"{reverse(_PAGES[list_])}?{urlencode({'id': id_})}"
    if application:
        return f"{reverse('restoration-application')}?{urlencode({'id': application})}"
    return ""


def troubles_of(now: RestorationNow) -> list[Trouble]:
    """Return what is wrong with the catalogue, what stops a plan first; the same sentence of one thing once."""
    return troubles_in(now.case) if now.ready else []


def troubles_in(case: Case) -> list[Trouble]:
    """Return what is wrong with a case, what stops a plan first."""
    names = Names(case)
    language = get_language() or "fr"
    found = [_trouble(one, names, language) for one in problems(case)]
    # Forty tasks ask for a skill that nobody has: it is mended once.
    seen: dict[tuple[str, str, str], Trouble] = {}
    for one in found:
        seen.setdefault((one.of, one.id if one.of in MEANS else one.place, one.text), one)
    return list(seen.values())


def told_left_out(left_out: Iterable[str], case: Case) -> list[Trouble]:
    """Return what a plan goes without, in the reader's language; what an older plan says in words stays as it is."""
    names = Names(case)
    language = get_language() or "fr"
    found: dict[tuple[str, str], Trouble] = {}
    for text in left_out:
        problem = read_kept(text)
        one = (
            Trouble(place="", text=text, stops=True, application="", of="", id="")
            if problem is None
            else _trouble(problem, names, language)
        )
        found.setdefault((one.place, one.text), one)
    return list(found.values())


class Names:
    """What people call the lines of a case, and to which application each belongs."""

    def __init__(self, case: Case) -> None:
        self.own = {task.id: task.application for task in case.tasks} | {
            one.id: one.id for one in case.applications
        }
        lists: dict[str, Iterable[Any]] = {
            name: getattr(case, name)
            for name in ("applications", "calendars", "people", "resources", "services", "skills", "tasks")
        }
        self._of = {name: {one.id: one.name or one.id for one in lines} for name, lines in lists.items()}
        self._of["tasks"] = {task.id: task.name or kind_name(task.kind) for task in case.tasks}
        self._skills = self._of["skills"]
        self._every: dict[str, str] = {}
        for names in self._of.values():
            for id_, name in names.items():
                self._every.setdefault(id_, name)

    def named(self, list_: str, id_: str) -> str:
        """Return the name of a line; a task after its application."""
        name = self._of.get(list_, {}).get(id_, id_)
        if list_ == "tasks" and id_ in self.own:
            return f"{self._of['applications'].get(self.own[id_], self.own[id_])}, {name}"
        return name

    def of_task(self, id_: str) -> str:
        """Return the name of a task without that of its application."""
        return self._of["tasks"].get(id_, id_)

    def any_of(self, id_: str) -> str:
        """Return the name of whatever has this id; "2 × id" keeps its number."""
        count, times, rest = id_.rpartition(" × ")
        return f"{count}{times}{self._every.get(rest, rest)}"

    def link(self, list_: str, id_: str) -> str:
        """Return the page where a line is mended, "" where there is none."""
        return _link(list_, id_, self.own.get(id_, ""))

    def told(self, problem: Problem, list_: str) -> Problem:
        """Return a problem whose sentence calls things by their names."""
        facts = dict(problem.facts)
        for key, names in (
            ("skill", self._skills),
            ("resource", self._of["resources"]),
            ("other", self._every),
        ):
            if isinstance(told := facts.get(key), str):
                facts[key] = names.get(told, told)
        # Of what stands there itself the name is enough; an id that is unknown or twice is said as it is written.
        if isinstance(told := facts.get("id"), str) and problem.code not in (
            "unknown",
            "id-twice",
            "line-twice",
        ):
            facts["id"] = self.named(list_, told)
        if isinstance(told := facts.get("names"), str):
            facts["names"] = ", ".join(self._every.get(part, part) for part in told.split(", "))
        if isinstance(told := facts.get("path"), str):
            facts["path"] = " → ".join(self._every.get(part, part) for part in told.split(" → "))
        if isinstance(told := facts.get("team"), str):
            facts["team"] = ", ".join(self.any_of(part) for part in told.split(", "))
        return msgspec.structs.replace(problem, facts=facts)


def _trouble(problem: Problem, names: Names, language: str) -> Trouble:
    placed = _PLACE.match(problem.place)
    list_, id_ = (placed[1], placed[2]) if placed is not None else ("", "")
    at = (list_, id_, placed[3] or "") if placed is not None else ("", "", "")
    place = names.named(list_, id_) if id_ else ""
    if problem.code == "skill-nobody":
        list_, id_ = "skills", str(problem.facts.get("skill", ""))
        place = names.named(list_, id_)
    return Trouble(
        place=place,
        text=sentence(names.told(problem, list_), language),
        stops=problem.severity == "stops",
        application=next((names.own[each] for each in problem.ids if each in names.own), ""),
        of=list_,
        id=id_,
        at=at,
    )
