"""What a file of another tool says that a case does not keep, or not the same way: each with its line. Pure."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

__all__ = ["FRENCH", "MESSAGES", "Remark", "line", "sentence"]


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a file that was not kept (`lost`), or kept otherwise (`changed`).

    `file` is empty when there is only one; `line` counts from 1; `place` is such as `task 12 “Restore PACS”`.
    """

    code: str
    severity: Literal["lost", "changed"]
    line: int = 0
    place: str = ""
    file: str = ""
    facts: Mapping[str, str | int | float] = msgspec.field(default_factory=dict)


MESSAGES: dict[str, str] = {
    "element": "%(name)s is not read",
    "number": "%(name)s: expected a number; read as %(read)s",
    "date": "%(name)s: expected a date and time; not read",
    "duration": "%(name)s: expected a duration such as PT8H0M0S; read as 0",
    "duration-negative": "a duration below 0; read as 0",
    "minutes": "%(minutes)s minutes, where whole hours are counted; read as %(hours)s h",
    "unit": "a duration in %(unit)s; read as %(hours)s h, by the working time of the file",
    "duration-elapsed": "a duration by the clock; the task follows no working hours",
    "lag": "a lag of %(hours)s h after %(other)s; kept as a task that waits",
    "lead": "a lead of %(hours)s h on %(other)s is not kept; it waits for its end",
    "link-type": "a link of type %(type)s with %(other)s; read as finish to start, which waits longer",
    "link-circle": "a link of type %(type)s with %(other)s would make a circle as finish to start; not kept",
    "link-unknown": "a link with %(other)s, which is not in the file; not kept",
    "link-own": "a link with the summary it stands in; not kept",
    "link-repeated": "a second link with %(other)s; one is kept",
    "constraint": "the constraint “%(type)s” is not kept",
    "constraint-start": "the constraint “%(type)s” is read as: not before that date",
    "deadline": "a deadline is not kept: announced dates stand in a case of their own",
    "manual": "planned by hand in the file: its dates are planned anew",
    "inactive": "an inactive task is not kept",
    "external": "a task of another project is not kept",
    "recurring": "a recurring task is read as one of its own, once",
    "split": "a task in several pieces: the hours between are not kept",
    "fixed-cost": "a fixed cost is not kept",
    "cost": "costs and rates are not kept",
    "baseline": "a baseline is not kept: plans are, each with its parent",
    "timephased": "work told by period is not kept (%(count)s periods)",
    "notes": "notes are kept with gates only",
    "overtime": "overtime is not kept",
    "percent": "%(percent)s%% done without the hours that remain: %(hours)s h counted",
    "no-actual": "done to %(percent)s%% without the date it began; the planned one is read",
    "no-finish": "done without the date it ended; the planned one is read",
    "future": "reported for a moment after now; now is moved there",
    "units": "assigned at %(units)s; somebody is on one task at a time: counted whole",
    "resource-material": "a material or cost resource is not kept",
    "resource-units": "%(units)s units; whole ones are counted: %(read)s",
    "assignment-unknown": "assigned to a resource or task that is not in the file; not kept",
    "ignores-people": "the hours of its people do not count in the file; here they do",
    "delay": "a delay of this person's part is not kept: all begin together",
    "calendar-base": "its base calendar is not in the file; the hours of the project are read",
    "calendar-unknown": "a calendar that is not in the file; that of the project is read",
    "calendar-minutes": "working time from %(from)s to %(to)s; whole hours are counted: from %(low)s to %(high)s",
    "calendar-recurring": "an exception that recurs is not kept",
    "calendar-workweek": "a working week of its own for some weeks is not kept",
    "calendar-far": "an exception more than ten years away is not kept",
    "no-care": "such a file names no care function: each application counts by its priority",
    "no-start": "no start date: expected one; read as %(read)s",
    "id-repeated": "the id %(id)s stands twice; the second is called %(new)s",
    "summary-work": "a summary's own people are not kept: work stands on its tasks",
    # CSV
    "csv-file": "this file is not read; expected one of %(allowed)s",
    "csv-column": "the column %(column)s is not read; expected one of %(allowed)s",
    "csv-missing": "the column %(column)s is needed",
    "csv-cell": "%(column)s: expected %(expected)s",
    "csv-required": "%(column)s: expected a value",
    "csv-reference": "%(column)s: expected an id that stands in %(other)s",
    "csv-unreadable": "expected a CSV file as text",
    "csv-twice": "id: expected each id once; line %(other)s has it too, and is the one that is kept",
    "csv-day": "%(column)s: a day without an hour; read as its end, midnight",
    "csv-wide": "more cells than columns; the rest is not read",
    # iCalendar
    "ics-none": "expected BEGIN:VCALENDAR, with which every calendar (iCalendar) begins",
    "ics-large": "expected a file of %(mb)s MB at most",
    "ics-many": "expected %(count)s events at most; those from here on are not read",
    "ics-empty": "expected an event (VEVENT); there is none in this file",
    "ics-cut": "expected END:%(name)s; from here on the file is cut short or damaged",
    "ics-component": "%(name)s (%(count)s) is not read; expected events (VEVENT)",
    "ics-plan": "these are tasks of a plan, given out by Relève; expected the dates of a person or of hours of work",
    "ics-scale": "expected dates of the Gregorian calendar (CALSCALE)",
    "ics-method": "an answer to an invitation (METHOD:%(name)s); expected the dates themselves",
    "ics-event": "this event cannot be read; expected the form of RFC 5545",
    "ics-value": "%(name)s: expected %(expected)s; the event is not taken",
    "ics-steps": "expected fewer events that recur, or later beginnings; the event is not taken",
    "ics-backwards": "expected an end after the beginning; the event is not taken",
    "ics-long": "longer than three years; expected fewer; the event is not taken",
    "ics-short": "expected a whole hour at least; the event is not taken",
    "ics-cancelled": "cancelled (STATUS:CANCELLED, METHOD:CANCEL); not taken",
    "ics-free": "counts as free time (TRANSP:TRANSPARENT), not as an absence; not taken",
    "ics-elsewhere": "work at another place, not an absence; not taken",
    "ics-tentative": "not confirmed yet (STATUS:TENTATIVE); taken",
    "ics-zone": "a time zone (TZID) that is not known; read as the time of the hospital",
    "ics-endless": "recurs without an end; taken until %(day)s",
    "ics-same": "begins when the event of line %(other)s does; the longer is taken",
    "ics-more": "expected %(count)s dates at most; those from %(day)s on are not taken",
    "ics-past": "%(count)s that have gone by are not taken",
    "ics-far": "%(count)s that begin later than what is looked at are not taken",
}  # fmt: skip

FRENCH: dict[str, str] = {
    "element": "%(name)s n’est pas lu",
    "number": "%(name)s\u00a0: attendu un nombre\u202f; lu comme %(read)s",
    "date": "%(name)s\u00a0: attendu une date et une heure\u202f; pas lu",
    "duration": "%(name)s\u00a0: attendu une durée telle que PT8H0M0S\u202f; lu comme 0",
    "duration-negative": "une durée au-dessous de 0\u202f; lue comme 0",
    "minutes": "%(minutes)s minutes, là où l’on compte des heures entières\u202f; lu comme %(hours)s\u00a0h",
    "unit": "une durée en %(unit)s\u202f; lue comme %(hours)s\u00a0h, selon le temps de travail du fichier",
    "duration-elapsed": "une durée au fil de l’horloge\u202f; la tâche ne suit aucun horaire",
    "lag": "un décalage de %(hours)s\u00a0h après %(other)s\u202f; gardé comme une tâche qui attend",
    "lead": "une avance de %(hours)s\u00a0h sur %(other)s n’est pas gardée\u202f; la tâche attend la fin de l’autre",
    "link-type": "un lien de type %(type)s avec %(other)s\u202f; lu comme fin à début, ce qui attend plus longtemps",
    "link-circle": "un lien de type %(type)s avec %(other)s ferait un cercle comme fin à début\u202f; pas gardé",
    "link-unknown": "un lien avec %(other)s, qui n’est pas dans le fichier\u202f; pas gardé",
    "link-own": "un lien avec la tâche récapitulative qui la contient\u202f; pas gardé",
    "link-repeated": "un second lien avec %(other)s\u202f; un seul est gardé",
    "constraint": "la contrainte «\u00a0%(type)s\u00a0» n’est pas gardée",
    "constraint-start": "la contrainte «\u00a0%(type)s\u00a0» est lue comme\u00a0: pas avant cette date",
    "deadline": "une échéance n’est pas gardée\u00a0: les dates annoncées ont leur place dans un cas",
    "manual": "planifiée à la main dans le fichier\u00a0: ses dates sont planifiées à nouveau",
    "inactive": "une tâche inactive n’est pas gardée",
    "external": "une tâche d’un autre projet n’est pas gardée",
    "recurring": "une tâche périodique est lue comme une tâche, une fois",
    "split": "une tâche en plusieurs morceaux\u00a0: les heures entre eux ne sont pas gardées",
    "fixed-cost": "un coût fixe n’est pas gardé",
    "cost": "les coûts et les taux ne sont pas gardés",
    "baseline": "une référence n’est pas gardée\u00a0: les plans le sont, chacun avec son parent",
    "timephased": "le travail dit par période n’est pas gardé (%(count)s périodes)",
    "notes": "les notes ne sont gardées qu’aux points de contrôle",
    "overtime": "les heures supplémentaires ne sont pas gardées",
    "percent": "faite à %(percent)s\u202f%% sans les heures qui restent\u00a0: %(hours)s\u00a0h comptées",
    "no-actual": "faite à %(percent)s\u202f%% sans la date de son début\u202f; la date prévue est lue",
    "no-finish": "faite sans la date de sa fin\u202f; la date prévue est lue",
    "future": "dite pour un moment après l’heure présente\u202f; l’heure présente y est portée",
    "units": "affectée à %(units)s\u202f; chacun fait une tâche à la fois\u00a0: comptée entière",
    "resource-material": "une ressource matérielle ou de coût n’est pas gardée",
    "resource-units": "%(units)s unités\u202f; on en compte d’entières\u00a0: %(read)s",
    "assignment-unknown": "affectée à une ressource ou tâche qui n’est pas dans le fichier\u202f; pas gardé",
    "ignores-people": "les horaires de ses personnes ne comptent pas dans le fichier\u202f; ici ils comptent",
    "delay": "un retard de la part de cette personne n’est pas gardé\u00a0: tous commencent ensemble",
    "calendar-base": "son calendrier de base n’est pas dans le fichier\u202f; l’horaire du projet est lu",
    "calendar-unknown": "un calendrier qui n’est pas dans le fichier\u202f; celui du projet est lu",
    "calendar-minutes": (
        "un horaire de %(from)s à %(to)s\u202f; on compte des heures entières\u00a0: de %(low)s à %(high)s"
    ),
    "calendar-recurring": "une exception périodique n’est pas gardée",
    "calendar-workweek": "une semaine de travail propre à certaines semaines n’est pas gardée",
    "calendar-far": "une exception à plus de dix ans n’est pas gardée",
    "no-care": (
        "un tel fichier ne nomme aucune fonction de soin\u00a0: chaque application compte selon sa priorité"
    ),
    "no-start": "pas de date de début\u00a0: il en faut une\u202f; lue comme %(read)s",
    "id-repeated": "l’identifiant %(id)s figure deux fois\u202f; le second est appelé %(new)s",
    "summary-work": "les personnes d’une tâche récapitulative ne sont pas gardées\u00a0: le travail est sur ses tâches",
    "csv-file": "ce fichier n’est pas lu\u202f; attendu\u00a0: l’un de %(allowed)s",
    "csv-column": "la colonne %(column)s n’est pas lue\u202f; attendu\u00a0: l’une de %(allowed)s",
    "csv-missing": "la colonne %(column)s est nécessaire",
    "csv-cell": "%(column)s\u00a0: attendu %(expected)s",
    "csv-required": "%(column)s\u00a0: attendu une valeur",
    "csv-reference": "%(column)s\u00a0: attendu un identifiant qui figure dans %(other)s",
    "csv-unreadable": "attendu un fichier CSV en texte",
    "csv-twice": (
        "id\u00a0: attendu chaque identifiant une fois\u202f; la ligne %(other)s le porte aussi, et est gardée"
    ),
    "csv-day": "%(column)s\u00a0: un jour sans heure\u202f; lu comme sa fin, à minuit",
    "csv-wide": "plus de cellules que de colonnes\u202f; le reste n’est pas lu",
    "ics-none": "attendu BEGIN:VCALENDAR, par quoi commence tout agenda (iCalendar)",
    "ics-large": "attendu un fichier de %(mb)s\u00a0Mo au plus",
    "ics-many": "attendu %(count)s événements au plus\u202f; ceux qui suivent ne sont pas lus",
    "ics-empty": "attendu un événement (VEVENT)\u202f; ce fichier n’en contient aucun",
    "ics-cut": "attendu END:%(name)s\u202f; à partir d’ici le fichier est coupé ou abîmé",
    "ics-component": "%(name)s (%(count)s) n’est pas lu\u202f; attendu des événements (VEVENT)",
    "ics-plan": (
        "ce sont les tâches d’un plan, données par Relève\u202f; attendu les dates d’une personne ou d’un horaire"
    ),
    "ics-scale": "attendu des dates du calendrier grégorien (CALSCALE)",
    "ics-method": "une réponse à une invitation (METHOD:%(name)s)\u202f; attendu les dates elles-mêmes",
    "ics-event": "cet événement ne peut pas être lu\u202f; attendu la forme du RFC 5545",
    "ics-value": "%(name)s\u00a0: attendu %(expected)s\u202f; l’événement n’est pas pris",
    "ics-steps": (
        "attendu moins d’événements qui se répètent, ou des débuts plus récents\u202f; l’événement n’est pas pris"
    ),
    "ics-backwards": "attendu une fin après le début\u202f; l’événement n’est pas pris",
    "ics-long": "plus de trois ans\u202f; attendu moins\u202f; l’événement n’est pas pris",
    "ics-short": "attendu une heure entière au moins\u202f; l’événement n’est pas pris",
    "ics-cancelled": "annulé (STATUS:CANCELLED, METHOD:CANCEL)\u202f; pas pris",
    "ics-free": "compte comme temps libre (TRANSP:TRANSPARENT), non comme une absence\u202f; pas pris",
    "ics-elsewhere": "du travail en un autre lieu, non une absence\u202f; pas pris",
    "ics-tentative": "pas encore confirmé (STATUS:TENTATIVE)\u202f; pris",
    "ics-zone": "un fuseau horaire (TZID) inconnu\u202f; lu à l’heure de l’hôpital",
    "ics-endless": "se répète sans fin\u202f; pris jusqu’au %(day)s",
    "ics-same": "commence en même temps que l’événement de la ligne %(other)s\u202f; le plus long est pris",
    "ics-more": "attendu %(count)s dates au plus\u202f; celles à partir du %(day)s ne sont pas prises",
    "ics-past": "déjà passés, pas pris\u00a0: %(count)s",
    "ics-far": "commencent plus tard que ce qui est regardé, pas pris\u00a0: %(count)s",
}  # fmt: skip


# Words that stand in facts and places: types of links and constraints as MSPDI names them, kinds of lines of a file.
_WORDS = {
    "finish to finish": "fin à fin",
    "finish to start": "fin à début",
    "start to finish": "début à fin",
    "start to start": "début à début",
    "as late as possible": "le plus tard possible",
    "must start on": "doit commencer le",
    "must finish on": "doit finir le",
    "start no earlier than": "pas commencer avant",
    "start no later than": "pas commencer après",
    "finish no earlier than": "pas finir avant",
    "finish no later than": "pas finir après",
    "a number such as 0.5": "un nombre tel que 0,5",
    "a whole number": "un nombre entier",
    "a whole number of hours, or a date such as 21/11/2026 14:00": (
        "un nombre entier d’heures, ou une date telle que 21/11/2026 14:00"
    ),
    "1 or 0": "1 ou 0",
    "a date such as 20261224 or 20261224T090000Z": "une date telle que 20261224 ou 20261224T090000Z",
    "dates such as 20261224 or 20261224T090000Z": "des dates telles que 20261224 ou 20261224T090000Z",
    "a duration such as PT2H or P1D": "une durée telle que PT2H ou P1D",
    "a rule such as FREQ=WEEKLY;BYDAY=MO": "une règle telle que FREQ=WEEKLY;BYDAY=MO",
    "a day, as DTSTART": "un jour, comme DTSTART",
    "a time, as DTSTART": "une heure, comme DTSTART",
    "a year that a plan can reach": "une année qu’un plan peut atteindre",
    "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY": "FREQ=DAILY, WEEKLY, MONTHLY ou YEARLY",
    "FREQ=MONTHLY or YEARLY beside days of a month or a year": (
        "FREQ=MONTHLY ou YEARLY avec des jours d’un mois ou d’une année"
    ),
    "an INTERVAL from 1 to 1000": "un INTERVAL de 1 à 1000",
    "lists of values of a usual length": "des listes de valeurs d’une longueur ordinaire",
    "a few times a day at most": "quelques fois par jour au plus",
    "months": "mois",
    "a date and time with its zone, such as 2026-11-22T03:10:00+01:00": (
        "une date et une heure avec leur fuseau, telles que 2026-11-22T03:10:00+01:00"
    ),
}
_TOLD_IN_WORDS = {"expected", "other", "type", "unit"}  # the other facts are names, figures and columns
_KINDS = {
    "task": "tâche",
    "resource": "ressource",
    "calendar": "calendrier",
    "assignment": "affectation",
    "project": "projet",
}
_PLACE = re.compile(r"(task|resource|calendar|assignment|project)\b(?: (\S+))?(?: “(.*)”)?", re.DOTALL)


def _french(text: str) -> str:
    found = _PLACE.fullmatch(text)
    if found is None:
        return _WORDS.get(text) or text.replace("one of ", "l’un de\u00a0: ").replace(
            "days among ", "des jours parmi "
        )
    named = f" «\u00a0{found[3]}\u00a0»" if found[3] is not None else ""
    return f"{_KINDS[found[1]]}{f' {found[2]}' if found[2] else ''}{named}"


def sentence(remark: Remark, language: str = "en") -> str:
    """Return what was not kept or kept otherwise, in French for `fr`, in English otherwise."""
    french = language.startswith("fr")
    facts = {
        name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in remark.facts.items()
    }
    if not french:
        return MESSAGES[remark.code] % facts
    for name, text in facts.items():
        if name in _TOLD_IN_WORDS:
            said = _french(text)
            facts[name] = f"la {said}" if said.startswith("tâche") else said
        elif name == "day":
            facts[name] = "/".join(reversed(text.split("-")))
        elif isinstance(remark.facts[name], float):
            facts[name] = text.replace(".", ",")
    return FRENCH[remark.code] % facts


def line(remark: Remark, language: str = "en") -> str:
    """Return file, line and place with the sentence."""
    french = language.startswith("fr")
    where = [remark.file] if remark.file else []
    if remark.line:
        where.append(f"{'ligne' if french else 'line'} {remark.line}")
    if remark.place:
        where.append(_french(remark.place) if french else remark.place)
    colon = "\u00a0: " if french else ": "
    said = sentence(remark, language)
    return f"{', '.join(where)}{colon}{said}" if where else said
