"""The sentences of the checker in French, by their English; how an hour and a figure are said in both. Pure."""

from datetime import datetime

import msgspec

__all__ = ["FRENCH", "Fact", "Hour", "sentence"]


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """An hour of the case with the local day and time at which it begins, "2026-11-22T08:00"."""

    hour: int
    local: str


Fact = str | int | float | Hour
_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip

FRENCH: dict[str, str] = {
    "The plan dates %(task)s, which is no task of the case.": (
        "Le plan date %(task)s, qui n’est pas une tâche du cas."
    ),
    "%(task)s stands twice in the plan.": ("%(task)s figure deux fois dans le plan."),
    "The plan leaves out %(task)s, which is no task of the case.": (
        "Le plan laisse de côté %(task)s, qui n’est pas une tâche du cas."
    ),
    "%(task)s has dates and is said to be left out.": ("%(task)s a des dates et est dite laissée de côté."),
    "%(task)s has no date and is not said to be left out.": (
        "%(task)s n’a pas de date et n’est pas dite laissée de côté."
    ),
    "%(task)s is left out, and nothing in the case shows why it could have no date.": (
        "%(task)s est laissée de côté, et rien dans le cas ne dit pourquoi elle n’aurait pas de date."
    ),
    "%(task)s is dated from hour %(start)s to hour %(end)s.": (
        "%(task)s est datée de l’heure %(start)s à l’heure %(end)s."
    ),
    "%(task)s was reported started at hour %(reported)s; the plan says %(planned)s.": (
        "%(task)s a été dite commencée à l’heure %(reported)s\u202f; le plan dit %(planned)s."
    ),
    "%(task)s was reported ended at hour %(reported)s; the plan says %(planned)s.": (
        "%(task)s a été dite finie à l’heure %(reported)s\u202f; le plan dit %(planned)s."
    ),
    (
        "The gate %(task)s is said to have passed at %(at)s, before now (hour %(now)s), and nobody reported "
        "it: a gate passes only on recorded evidence."
    ): (
        "La porte %(task)s est dite passée à %(at)s, avant l’heure présente (%(now)s), et personne ne l’a "
        "signalé\u00a0: une porte ne passe que sur preuve enregistrée."
    ),
    "%(task)s starts at hour %(start)s, before now (hour %(now)s), and nobody reported it.": (
        "%(task)s commence à l’heure %(start)s, avant l’heure présente (%(now)s), et personne ne l’a signalé."
    ),
    "%(task)s starts at hour %(start)s; the case says not before hour %(not_before)s.": (
        "%(task)s commence à l’heure %(start)s\u202f; le cas dit\u00a0: pas avant l’heure %(not_before)s."
    ),
    "%(task)s starts at hour %(start)s; it is blocked until hour %(blocked_until)s.": (
        "%(task)s commence à l’heure %(start)s\u202f; elle est bloquée jusqu’à l’heure %(blocked_until)s."
    ),
    "%(task)s follows %(other)s, which is no task of the case.": (
        "%(task)s suit %(other)s, qui n’est pas une tâche du cas."
    ),
    "%(task)s has a date and follows %(other)s, which has none.": (
        "%(task)s a une date et suit %(other)s, qui n’en a pas."
    ),
    "%(task)s starts at hour %(start)s; %(other)s, which it follows, ends at hour %(end_before)s.": (
        "%(task)s commence à l’heure %(start)s\u202f; %(other)s, qu’elle suit, finit à l’heure "
        "%(end_before)s."
    ),
    "%(task)s needs %(other)s, which is no application of the case.": (
        "%(task)s demande l’application %(other)s, qui n’est pas du cas."
    ),
    "%(task)s has a date and needs %(other)s, which is never back.": (
        "%(task)s a une date et demande l’application %(other)s, qui ne revient jamais."
    ),
    (
        "%(task)s starts at hour %(start)s; %(other)s, which %(application)s needs, is back at hour %(back)s."
    ): (
        "%(task)s commence à l’heure %(start)s\u202f; %(other)s, dont %(application)s a besoin, revient à "
        "l’heure %(back)s."
    ),
    "%(task)s is given to %(person)s, who is nobody of the case.": (
        "%(task)s est confiée à %(person)s, qui n’est personne du cas."
    ),
    "One person stands twice in the team of %(task)s.": (
        "Une personne figure deux fois dans l’équipe de %(task)s."
    ),
    (
        "%(task)s is under way with %(reported)s; the plan gives it to %(people)s, and the same people do "
        "all of a task."
    ): (
        "%(task)s est en cours avec %(reported)s\u202f; le plan la confie à %(people)s, et les mêmes "
        "personnes font toute une tâche."
    ),
    (
        "%(task)s is under way with %(reported)s; the plan gives it to nobody, and the same people do all "
        "of a task."
    ): (
        "%(task)s est en cours avec %(reported)s\u202f; le plan ne la confie à personne, et les mêmes "
        "personnes font toute une tâche."
    ),
    "%(task)s asks for %(asked)s people and is given %(given)s.": (
        "%(task)s demande %(asked)s personnes et en reçoit %(given)s."
    ),
    "The people of %(task)s (%(people)s) do not have the skills it asks for (%(skills)s).": (
        "%(task)s\u00a0: son équipe (%(people)s) n’a pas les compétences qu’elle demande (%(skills)s)."
    ),
    "%(task)s follows the calendar %(calendar)s, which is unknown.": (
        "%(task)s suit le calendrier %(calendar)s, qui est inconnu."
    ),
    "Nothing remains of %(task)s; the plan ends it at hour %(end)s and not at %(now)s.": (
        "%(task)s\u00a0: il n’en reste rien\u202f; le plan la finit à l’heure %(end)s et non à %(now)s."
    ),
    "%(task)s has no work and takes from hour %(start)s to hour %(end)s.": (
        "%(task)s n’a pas de travail et dure de l’heure %(start)s à l’heure %(end)s."
    ),
    "%(task)s starts at %(at)s, an hour in which its calendar %(calendar)s does not work.": (
        "%(task)s commence à %(at)s, une heure où son calendrier %(calendar)s ne travaille pas."
    ),
    "%(task)s starts at %(at)s; not there in that hour: %(people)s.": (
        "%(task)s commence à %(at)s\u202f; absents à cette heure\u00a0: %(people)s."
    ),
    (
        "%(task)s has %(work_hours)s hours of work; between hour %(first)s and its end at %(at)s its team "
        "and its calendar allow %(worked)s."
    ): (
        "%(task)s demande %(work_hours)s\u00a0h de travail\u202f; entre l’heure %(first)s et sa fin à %(at)s, son "
        "équipe et son calendrier en permettent %(worked)s."
    ),
    (
        "The %(work_hours)s hours of work of %(task)s have been done at %(done_at)s; the plan ends it at "
        "%(ends_at)s."
    ): (
        "%(task)s\u00a0: ses %(work_hours)s\u00a0h de travail sont faites à %(done_at)s\u202f; le plan la finit à "
        "%(ends_at)s."
    ),
    "The plan says %(said)s lost until %(id)s is back; its dates give %(computed)s.": (
        "%(id)s\u00a0: le plan dit %(said)s de perdu jusqu’au retour\u202f; ses dates donnent %(computed)s."
    ),
    "%(id)s: never back by this plan; the loss counts the other services only.": (
        "%(id)s\u00a0: jamais de retour par ce plan\u202f; la perte ne compte que les autres soins."
    ),
    "The plan says %(said)s units of care lost; its dates give %(computed)s.": (
        "Le plan dit %(said)s unités de soin perdues\u202f; ses dates en donnent %(computed)s."
    ),
    "The bound (%(bound)s) is above the loss (%(loss)s): no plan loses less than a bound.": (
        "La borne (%(bound)s) dépasse la perte (%(loss)s)\u00a0: aucun plan ne perd moins qu’une borne."
    ),
    "The plan dates %(id)s, which is not in the case.": ("Le plan date %(id)s, qui n’est pas dans le cas."),
    "%(id)s stands twice.": ("%(id)s figure deux fois."),
    "%(id)s is said to be back at hour %(said)s; tasks it needs have no date.": (
        "%(id)s est dit de retour à l’heure %(said)s\u202f; des tâches dont il a besoin n’ont pas de date."
    ),
    "%(id)s is said to be back at hour %(said)s; by the dates of the tasks it is %(computed)s.": (
        "%(id)s est dit de retour à l’heure %(said)s\u202f; d’après les dates des tâches, c’est %(computed)s."
    ),
    "The plan gives no date for %(id)s; by the dates of the tasks it is back at hour %(computed)s.": (
        "Le plan ne donne pas de date pour %(id)s\u202f; d’après les dates des tâches, il revient à l’heure "
        "%(computed)s."
    ),
    "%(person)s is held by %(task)s and by %(other)s at once, for %(hours)s hours from %(at)s.": (
        "%(person)s est pris par %(task)s et par %(other)s à la fois, pendant %(hours)s\u00a0h à partir de %(at)s."
    ),
    "%(task)s uses %(resource)s, which is no resource of the case.": (
        "%(task)s se sert de %(resource)s, qui n’est pas un moyen du cas."
    ),
    (
        "%(tasks)s hold %(held)s units of %(resource)s, which has %(units)s, for %(hours)s hours from %(at)s."
    ): (
        "%(resource)s\u00a0: %(tasks)s en tiennent %(held)s à la fois, et il y en a %(units)s, pendant "
        "%(hours)s\u00a0h à partir de %(at)s."
    ),
    "%(more)s more applications wait for others of lesser care.": (
        "%(more)s autres applications attendent derrière d’autres de moindre soin."
    ),
    "%(more)s more tasks could start earlier.": ("%(more)s autres tâches pourraient commencer plus tôt."),
    "%(id)s was announced for hour %(announced)s; this plan never has it back.": (
        "%(id)s a été annoncé pour l’heure %(announced)s\u202f; ce plan ne le fait jamais revenir."
    ),
    "%(id)s was announced for hour %(announced)s; this plan has it back at hour %(planned)s.": (
        "%(id)s a été annoncé pour l’heure %(announced)s\u202f; ce plan le fait revenir à l’heure "
        "%(planned)s."
    ),
    "The order names %(id)s, which is no application of the case.": (
        "L’ordre nomme %(id)s, qui n’est pas une application du cas."
    ),
    "The order names %(id)s %(times)s times.": ("L’ordre nomme %(id)s %(times)s fois."),
    "The order leaves out %(id)s: after an event nothing says when they are taken up.": (
        "L’ordre oublie %(id)s\u00a0: après un événement, rien ne dit quand les reprendre."
    ),
    (
        "%(task)s starts at hour %(start)s and ends at hour %(end)s; with %(people)s idle it could start at "
        "hour %(could_start)s and end at hour %(could_end)s, all other tasks where they are."
    ): (
        "%(task)s commence à l’heure %(start)s et finit à l’heure %(end)s\u202f; avec %(people)s, sans autre "
        "tâche à ce moment, elle pourrait commencer à l’heure %(could_start)s et finir à l’heure "
        "%(could_end)s, toutes les autres restant où elles sont."
    ),
    (
        "%(task)s starts at hour %(start)s and ends at hour %(end)s; with its units free it could start at "
        "hour %(could_start)s and end at hour %(could_end)s, all other tasks where they are."
    ): (
        "%(task)s commence à l’heure %(start)s et finit à l’heure %(end)s\u202f; ses moyens étant libres, "
        "elle pourrait commencer à l’heure %(could_start)s et finir à l’heure %(could_end)s, toutes les "
        "autres restant où elles sont."
    ),
    (
        "%(application)s (%(care_per_day)s of care a day) waits with %(task)s from hour %(from_hour)s to "
        "hour %(to_hour)s, while %(person)s was given to %(rival)s of %(other)s (%(other_care_per_day)s a "
        "day) at hour %(began)s; without that it could end at hour %(could_end)s and not %(end)s."
    ): (
        "%(application)s (%(care_per_day)s de soin par jour) attend avec %(task)s de l’heure %(from_hour)s "
        "à l’heure %(to_hour)s, pendant que %(person)s a été mis sur %(rival)s "
        "(application %(other)s, %(other_care_per_day)s par jour) à l’heure %(began)s\u202f; sans cela elle "
        "pourrait finir à l’heure %(could_end)s et non %(end)s."
    ),
}


def sentence(said: str, facts: dict[str, Fact], language: str) -> str:
    """Return a sentence with its facts, in French for `fr`, in English otherwise."""
    french = language.startswith("fr")
    told = {name: _told(value, french=french) for name, value in facts.items()}
    return (FRENCH[said] if french else said) % told


def _told(value: Fact, *, french: bool) -> str:
    if isinstance(value, Hour):
        at = datetime.fromisoformat(value.local)
        if not french:
            return f"hour {value.hour} ({at:%a %d %b %Y %H:%M})"
        return f"l’heure {value.hour} ({_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at:%Y %H:%M})"
    if isinstance(value, float):
        figure = f"{value:.3f}".rstrip("0").rstrip(".")
        return figure.replace(".", ",") if french else figure
    return str(value)
