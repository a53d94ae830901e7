"""What can be wrong with a case: one struct, and its sentence in English and in French. Pure.

A message tells what is wrong and what was expected; `%(name)s` is filled from `Problem.facts`.
"""

from typing import Literal

import msgspec

__all__ = ["FRENCH", "MESSAGES", "Problem", "Reference", "Severity", "kept", "line", "read_kept", "sentence"]

Severity = Literal["stops", "warns"]


class Reference(msgspec.Struct, frozen=True):
    """One line of a case: its list (`applications`, `tasks`, `people`…) and its id."""

    list: str
    id: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to correct in a case.

    `stops`: no plan can be made with it; `leaves_out` says what a plan made all the same goes without. `warns`: a plan
    can be made, but perhaps not the one that was meant. `place` is such as `tasks[PACS-restore].team`, `ids` are those
    to look at, `facts` fill the message of `code`.
    """

    code: str
    severity: Severity
    place: str
    ids: tuple[str, ...] = ()
    facts: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    leaves_out: tuple[Reference, ...] = ()


MESSAGES: dict[str, str] = {
    "nothing": "no application is to be planned",
    "start": "the year %(year)s; expected a start from %(first)s to %(last)s",
    "zone": "%(zone)s is no known time zone; expected one such as Europe/Paris",
    "now": "now is before the start of the case; expected 0 or more",
    "id-empty": "a line without an id; expected one",
    "id-twice": "%(id)s stands twice, with different content; expected each id once",
    "line-twice": "%(id)s stands twice, word for word; counted once",
    "calendar-always": "the calendar “always” works every hour and cannot be told otherwise; expected another id",
    "unknown": "%(id)s is unknown; expected the id of one of the %(list)s",
    "unknown-before": "%(id)s is no task of %(application)s; the whole application waits",
    "skill-unlisted": "the skill %(id)s is not in the list of skills",
    "application-cycle": "these applications wait for one another in a circle: %(path)s",
    "task-cycle": "these tasks wait for one another in a circle: %(path)s",
    "no-owner": "nobody answers for these applications: %(names)s",
    "no-task": "%(id)s has no task: a plan would call it back at once",
    "no-evidence": "these gates do not say what evidence is asked: %(names)s",
    "hours-negative": "%(hours)s hours of work; expected 0 or more",
    "hours-absurd": "%(hours)s hours of work are more than a year night and day; expected hours, %(limit)s at most",
    "count": "%(count)s asked; expected 1 or more",
    "skill-nobody": "nobody has the skill %(skill)s",
    "team-too-large": "%(count)s people are asked for together (%(team)s); the people who could come are too few",
    "no-common-hour": (
        "the people asked for (%(team)s) are never all there for %(hours)s hours within their calendars and windows"
    ),
    "no-hour": "%(id)s is never there: no hour of the calendar within the windows and outside the absences",
    "calendar-empty": "the calendar %(id)s has no hour of work",
    "calendar-short": "the calendar %(id)s has no %(hours)s hours of work left",
    "calendar-hours": "from %(from)s to %(to)s; expected hours from 0 to 24, the end after the beginning",
    "span": "from %(from)s to %(to)s; expected the end after the beginning",
    "span-far": "hour %(to)s is more than ten years after the start",
    "window-past": "all windows of %(id)s are over",
    "late-start": (
        "these tasks were not to begin before an hour that is over, and nobody reported them begun: %(names)s"
    ),
    "before-start": "hour %(hour)s is before the start of the case; expected 0 or more",
    "units-absurd": "%(units)s units; expected 1 or more",
    "units-short": "%(asked)s units of %(resource)s are asked for, and there are only %(units)s",
    "requires-nothing": "%(id)s requires no application: a plan would call it back at once, and it weighs nothing",
    "no-impact": "%(id)s has no impact: its loss weighs nothing",
    "impact-negative": "%(per_day)s a day; expected 0 or more",
    "not-ordered": "the days are not in order; they are read in order",
    "day-twice": "day %(day)s stands twice, with different values; expected each day once",
    "share": "a share of %(share)s; expected more than 0, and 1 at most",
    "shares-above-one": "the shares add up to %(sum)s; expected 1 at most",
    "coverage": "a coverage of %(share)s; expected 0 to 1",
    "probability": "a probability of %(probability)s; expected 0 to 1; read as 0",
    "probability-one": "a probability of 1: it would fail for ever; expected less; read as 0",
    "spread": "a spread of %(spread)s; expected 0 to 3; read as if none were told",
    "days-negative": "%(days)s days; expected 0 or more; read as 0",
    "state-order": "reported ended at hour %(ended)s, before it started at hour %(started)s",
    "state-future": "reported for hour %(hour)s, which is after now (hour %(now)s)",
    "remaining-negative": "%(hours)s hours remain; expected 0 or more",
    "needs-left-out": "%(id)s waits for %(other)s, which is left out",
    "service-left-out": "%(id)s requires %(other)s, which is left out: no date can be given for it",
    "never-back": "no plan brings %(id)s back: what it needs can no longer be done",
}

FRENCH: dict[str, str] = {
    "nothing": "aucune application à planifier",
    "start": "l’année %(year)s\u202f; attendu\u00a0: un début de %(first)s à %(last)s",
    "zone": "%(zone)s n’est pas un fuseau horaire connu\u202f; attendu\u00a0: un fuseau tel que Europe/Paris",
    "now": "l’heure présente est avant le début du cas\u202f; attendu\u00a0: 0 ou plus",
    "id-empty": "une ligne sans identifiant\u202f; il en faut un",
    "id-twice": (
        "%(id)s figure deux fois, avec des contenus différents\u202f; attendu\u00a0: chaque identifiant une fois"
    ),
    "line-twice": "%(id)s figure deux fois, mot pour mot\u202f; compté une fois",
    "calendar-always": (
        "le calendrier «\u00a0always\u00a0» travaille à toute heure et ne se redéfinit pas\u202f; "
        "attendu\u00a0: un autre identifiant"
    ),
    "unknown": "%(id)s est inconnu\u202f; attendu\u00a0: un identifiant de la liste «\u00a0%(list)s\u00a0»",
    "unknown-before": "%(id)s n’est pas une tâche de %(application)s\u202f; l’application entière attend",
    "skill-unlisted": "la compétence %(id)s n’est pas dans la liste des compétences",
    "application-cycle": "ces applications s’attendent en rond\u00a0: %(path)s",
    "task-cycle": "ces tâches s’attendent en rond\u00a0: %(path)s",
    "no-owner": "personne ne répond de ces applications\u00a0: %(names)s",
    "no-task": "%(id)s n’a aucune tâche\u00a0: un plan la dirait revenue aussitôt",
    "no-evidence": "ces points de contrôle ne disent pas quelle preuve est demandée\u00a0: %(names)s",
    "hours-negative": "%(hours)s heures de travail\u202f; attendu\u00a0: 0 ou plus",
    "hours-absurd": (
        "%(hours)s heures de travail font plus d’un an jour et nuit\u202f; attendu\u00a0: des heures, %(limit)s au plus"
    ),
    "count": "%(count)s demandé\u202f; attendu\u00a0: 1 ou plus",
    "skill-nobody": "personne n’a la compétence %(skill)s",
    "team-too-large": (
        "%(count)s personnes sont demandées ensemble (%(team)s)\u202f; celles qui pourraient venir sont trop peu"
    ),
    "no-common-hour": (
        "les personnes demandées (%(team)s) ne sont jamais toutes là pendant %(hours)s heures, "
        "dans leurs calendriers et leurs créneaux"
    ),
    "no-hour": "%(id)s n’est jamais là\u00a0: aucune heure du calendrier dans ses créneaux et hors de ses absences",
    "calendar-empty": "le calendrier %(id)s n’a aucune heure de travail",
    "calendar-short": "le calendrier %(id)s n’a plus %(hours)s heures de travail",
    "calendar-hours": "de %(from)s à %(to)s\u202f; attendu\u00a0: des heures de 0 à 24, la fin après le début",
    "span": "de %(from)s à %(to)s\u202f; attendu\u00a0: la fin après le début",
    "span-far": "l’heure %(to)s est à plus de dix ans du début",
    "window-past": "tous les créneaux de %(id)s sont passés",
    "late-start": (
        "ces tâches ne devaient pas commencer avant une heure déjà passée, et personne ne les a dites "
        "commencées\u00a0: %(names)s"
    ),
    "before-start": "l’heure %(hour)s est avant le début du cas\u202f; attendu\u00a0: 0 ou plus",
    "units-absurd": "%(units)s unités\u202f; attendu\u00a0: 1 ou plus",
    "units-short": "%(asked)s unités de %(resource)s sont demandées, et il n’y en a que %(units)s",
    "requires-nothing": (
        "%(id)s ne demande aucune application\u00a0: un plan la dirait revenue aussitôt, et elle ne pèse rien"
    ),
    "no-impact": "%(id)s n’a pas d’impact\u00a0: sa perte ne pèse rien",
    "impact-negative": "%(per_day)s par jour\u202f; attendu\u00a0: 0 ou plus",
    "not-ordered": "les jours ne sont pas dans l’ordre\u202f; ils sont lus dans l’ordre",
    "day-twice": (
        "le jour %(day)s figure deux fois, avec des valeurs différentes\u202f; attendu\u00a0: chaque jour une fois"
    ),
    "share": "une part de %(share)s\u202f; attendu\u00a0: plus de 0, et 1 au plus",
    "shares-above-one": "les parts font en tout %(sum)s\u202f; attendu\u00a0: 1 au plus",
    "coverage": "une couverture de %(share)s\u202f; attendu\u00a0: de 0 à 1",
    "probability": "une probabilité de %(probability)s\u202f; attendu\u00a0: de 0 à 1\u202f; lue comme 0",
    "probability-one": (
        "une probabilité de 1\u00a0: l’échec serait sans fin\u202f; attendu\u00a0: moins\u202f; lue comme 0"
    ),
    "spread": "une dispersion de %(spread)s\u202f; attendu\u00a0: de 0 à 3\u202f; lue comme si rien n’était dit",
    "days-negative": "%(days)s jours\u202f; attendu\u00a0: 0 ou plus\u202f; lu comme 0",
    "state-order": "dite finie à l’heure %(ended)s, avant d’avoir commencé à l’heure %(started)s",
    "state-future": "dite pour l’heure %(hour)s, qui est après l’heure présente (%(now)s)",
    "remaining-negative": "il reste %(hours)s heures\u202f; attendu\u00a0: 0 ou plus",
    "needs-left-out": "%(id)s attend %(other)s, qui est laissé de côté",
    "service-left-out": "%(id)s demande %(other)s, qui est laissé de côté\u00a0: aucune date ne peut être donnée",
    "never-back": "aucun plan ne rétablit %(id)s\u00a0: ce qu’il lui faut ne peut plus être fait",
}


# What the lists of a case are called in a French sentence; in English they are called as in the file.
_LISTS = {
    "applications": "applications", "tasks": "tâches", "people": "personnes", "skills": "compétences",
    "calendars": "calendriers", "resources": "ressources", "services": "fonctions de soin",
}  # fmt: skip


def sentence(problem: Problem, language: str = "en") -> str:
    """Return what is wrong and what was expected, in French for `fr`, in English otherwise; the place is not in it."""
    french = language.startswith("fr")
    facts = {name: _figure(value, french=french) for name, value in problem.facts.items()}
    if not french:
        return MESSAGES[problem.code] % facts
    if "list" in facts:
        facts["list"] = _LISTS[facts["list"]]
    return FRENCH[problem.code] % facts


def _figure(value: str | int | float, *, french: bool) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:g}".replace(".", ",") if french else f"{value:g}"


def line(problem: Problem, language: str = "en") -> str:
    """Return the place and the sentence, as a list of problems shows them."""
    colon = "\u00a0: " if language.startswith("fr") else ": "
    return f"{problem.place}{colon}{sentence(problem, language)}"


def kept(problem: Problem) -> str:
    """Return a problem as an entry keeps it: whoever reads it later reads it in her own language."""
    return msgspec.json.encode(msgspec.structs.replace(problem, leaves_out=())).decode()


def read_kept(text: str) -> Problem | None:
    """Return the problem that an entry keeps; None for a sentence, or for one of a version this one does not know."""
    try:
        problem = msgspec.json.decode(text, type=Problem)
        sentence(problem)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return None
    return problem
