"""What is wrong with the catalogue, in the words of whoever reads it, each with the page where it is mended."""

from dataclasses import dataclass

from django.utils.translation import get_language

from releve.restoration.catalogue.problems import problems
from releve.restoration.catalogue.sentences import sentence
from releve.restoration.standing.now import RestorationNow

__all__ = ["Trouble", "troubles_of"]


@dataclass(frozen=True)
class Trouble:
    """One problem: its place, what is expected there, the application to open; `stops` a plan."""

    place: str
    text: str
    stops: bool
    application: str


def troubles_of(now: RestorationNow) -> list[Trouble]:
    """Return what is wrong with the catalogue, what stops a plan first."""
    if not now.ready:
        return []
    case = now.case
    own = {task.id: task.application for task in case.tasks} | {one.id: one.id for one in case.applications}
    language = get_language() or "fr"
    return [
        Trouble(
            place=one.place,
            text=sentence(one, language),
            stops=one.severity == "stops",
            application=next((own[id_] for id_ in one.ids if id_ in own), ""),
        )
        for one in problems(case)
    ]
