"""What the checker can say: for each code how much it matters, the rule, the sentence in English and in French. Pure.

Moments stand where a day stands: "on %(start)s", "le %(start)s".
"""

from typing import Literal, NamedTuple

__all__ = ["SENTENCES", "Sentence", "Severity"]

Severity = Literal["wrong", "weak", "note"]


class Sentence(NamedTuple):
    """What one code says; `%(name)s` is filled from the facts of a criticism."""

    severity: Severity
    rule: str
    english: str
    french: str


SENTENCES: dict[str, Sentence] = {
    "dates-unknown-task": Sentence(
        "wrong",
        "unknown-task",
        "The plan dates %(task)s, which is no task of the case.",
        "Le plan date %(task)s, qui n’est pas une tâche du cas.",
    ),
    "task-twice": Sentence(
        "wrong",
        "task-twice",
        "%(task)s stands twice in the plan.",
        "%(task)s figure deux fois dans le plan.",
    ),
    "leaves-out-unknown-task": Sentence(
        "wrong",
        "unknown-task",
        "The plan leaves out %(task)s, which is no task of the case.",
        "Le plan laisse de côté %(task)s, qui n’est pas une tâche du cas.",
    ),
    "dated-and-left-out": Sentence(
        "wrong",
        "dated-and-left-out",
        "%(task)s has dates and is said to be left out.",
        "%(task)s a des dates et est dite laissée de côté.",
    ),
    "missing-task": Sentence(
        "wrong",
        "missing-task",
        "%(task)s has no date and is not said to be left out.",
        "%(task)s n’a pas de date et n’est pas dite laissée de côté.",
    ),
    "left-out-without-reason": Sentence(
        "weak",
        "left-out-without-reason",
        "%(task)s is left out, and nothing in the case shows why it could have no date.",
        "%(task)s est laissée de côté, et rien dans le cas ne dit pourquoi elle n’aurait pas de date.",
    ),
    "absurd-dates": Sentence(
        "wrong",
        "absurd-dates",
        "%(task)s is dated from %(start)s to %(end)s.",
        "%(task)s est datée du %(start)s au %(end)s.",
    ),
    "started-otherwise": Sentence(
        "wrong",
        "reported",
        "%(task)s was reported started on %(reported)s; the plan says %(planned)s.",
        "%(task)s a été dite commencée le %(reported)s\u202f; le plan dit le %(planned)s.",
    ),
    "ended-otherwise": Sentence(
        "wrong",
        "reported",
        "%(task)s was reported ended on %(reported)s; the plan says %(planned)s.",
        "%(task)s a été dite finie le %(reported)s\u202f; le plan dit le %(planned)s.",
    ),
    "gate-passed-unreported": Sentence(
        "wrong",
        "gate-passed",
        (
            "The gate %(task)s is said to have passed on %(end)s, before now (%(now)s), and nobody "
            "reported it: a gate passes only on recorded evidence."
        ),
        (
            "La porte %(task)s est dite passée le %(end)s, avant maintenant (%(now)s), et personne ne l’a "
            "signalé\u00a0: une porte ne passe que sur preuve enregistrée."
        ),
    ),
    "starts-before-now": Sentence(
        "wrong",
        "before-now",
        "%(task)s starts on %(start)s, before now (%(now)s), and nobody reported it.",
        "%(task)s commence le %(start)s, avant maintenant (%(now)s), et personne ne l’a signalé.",
    ),
    "starts-too-early": Sentence(
        "wrong",
        "not-before",
        "%(task)s starts on %(start)s; the case says not before %(not_before)s.",
        "%(task)s commence le %(start)s\u202f; le cas dit\u00a0: pas avant le %(not_before)s.",
    ),
    "starts-while-blocked": Sentence(
        "wrong",
        "blocked",
        "%(task)s starts on %(start)s; it is blocked until %(blocked_until)s.",
        "%(task)s commence le %(start)s\u202f; elle est bloquée jusqu’au %(blocked_until)s.",
    ),
    "follows-unknown-task": Sentence(
        "wrong",
        "unknown-task",
        "%(task)s follows %(other)s, which is no task of the case.",
        "%(task)s suit %(other)s, qui n’est pas une tâche du cas.",
    ),
    "follows-undated-task": Sentence(
        "wrong",
        "precedence",
        "%(task)s has a date and follows %(other)s, which has none.",
        "%(task)s a une date et suit %(other)s, qui n’en a pas.",
    ),
    "starts-before-predecessor-ends": Sentence(
        "wrong",
        "precedence",
        "%(task)s starts on %(start)s; %(other)s, which it follows, ends on %(end_before)s.",
        "%(task)s commence le %(start)s\u202f; %(other)s, qu’elle suit, finit le %(end_before)s.",
    ),
    "needs-unknown-application": Sentence(
        "wrong",
        "unknown-application",
        "%(task)s needs %(other)s, which is no application of the case.",
        "%(task)s demande l’application %(other)s, qui n’est pas du cas.",
    ),
    "needs-application-never-back": Sentence(
        "wrong",
        "dependency",
        "%(task)s has a date and needs %(other)s, which is never back.",
        "%(task)s a une date et demande l’application %(other)s, qui ne revient jamais.",
    ),
    "starts-before-need-is-back": Sentence(
        "wrong",
        "dependency",
        "%(task)s starts on %(start)s; %(other)s, which %(application)s needs, is back on %(back)s.",
        (
            "%(task)s commence le %(start)s\u202f; %(other)s, dont %(application)s a besoin, revient le "
            "%(back)s."
        ),
    ),
    "unknown-person": Sentence(
        "wrong",
        "unknown-person",
        "%(task)s is given to %(person)s, who is nobody of the case.",
        "%(task)s est confiée à %(person)s, qui n’est personne du cas.",
    ),
    "person-twice": Sentence(
        "wrong",
        "person-twice",
        "One person stands twice in the team of %(task)s.",
        "Une personne figure deux fois dans l’équipe de %(task)s.",
    ),
    "other-people": Sentence(
        "wrong",
        "same-people",
        (
            "%(task)s is under way with %(reported)s; the plan gives it to %(people)s, and the same people "
            "do all of a task."
        ),
        (
            "%(task)s est en cours avec %(reported)s\u202f; le plan la confie à %(people)s, et les mêmes "
            "personnes font toute une tâche."
        ),
    ),
    "nobody-any-more": Sentence(
        "wrong",
        "same-people",
        (
            "%(task)s is under way with %(reported)s; the plan gives it to nobody, and the same people do "
            "all of a task."
        ),
        (
            "%(task)s est en cours avec %(reported)s\u202f; le plan ne la confie à personne, et les mêmes "
            "personnes font toute une tâche."
        ),
    ),
    "team-size": Sentence(
        "wrong",
        "team-size",
        "%(task)s asks for %(asked)s; the plan gives it %(given)s.",
        "%(task)s demande %(asked)s\u202f; le plan lui donne %(given)s.",
    ),
    "team-skills": Sentence(
        "wrong",
        "skill",
        "The people of %(task)s (%(people)s) do not have the skills it asks for (%(skills)s).",
        "%(task)s\u00a0: son équipe (%(people)s) n’a pas les compétences qu’elle demande (%(skills)s).",
    ),
    "unknown-calendar": Sentence(
        "wrong",
        "unknown-calendar",
        "%(task)s follows the calendar %(calendar)s, which is unknown.",
        "%(task)s suit le calendrier %(calendar)s, qui est inconnu.",
    ),
    "nothing-remains": Sentence(
        "wrong",
        "end",
        "Nothing remains of %(task)s; the plan ends it on %(end)s and not on %(now)s.",
        "%(task)s\u00a0: il n’en reste rien\u202f; le plan la finit le %(end)s et non le %(now)s.",
    ),
    "time-without-work": Sentence(
        "wrong",
        "end",
        "%(task)s has no work and takes from %(start)s to %(end)s.",
        "%(task)s n’a pas de travail et dure du %(start)s au %(end)s.",
    ),
    "starts-on-closed-hour": Sentence(
        "wrong",
        "start",
        "%(task)s starts on %(start)s, an hour in which its calendar %(calendar)s does not work.",
        "%(task)s commence le %(start)s, une heure où son calendrier %(calendar)s ne travaille pas.",
    ),
    "starts-with-people-away": Sentence(
        "wrong",
        "start",
        "%(task)s starts on %(start)s; not there in that hour: %(people)s.",
        "%(task)s commence le %(start)s\u202f; absents à cette heure\u00a0: %(people)s.",
    ),
    "too-few-hours": Sentence(
        "wrong",
        "work",
        (
            "%(task)s has %(work_hours)s of work; between %(first)s and its end on %(end)s its team and "
            "its calendar allow %(worked)s."
        ),
        (
            "%(task)s demande %(work_hours)s de travail\u202f; entre le %(first)s et sa fin le %(end)s, son "
            "équipe et son calendrier en permettent %(worked)s."
        ),
    ),
    "ends-after-its-work": Sentence(
        "wrong",
        "end",
        "%(task)s has its %(work_hours)s of work done on %(done)s; the plan ends it on %(end)s.",
        "%(task)s a son travail (%(work_hours)s) fini le %(done)s\u202f; le plan la finit le %(end)s.",
    ),
    "care-lost-of-one": Sentence(
        "wrong",
        "loss",
        "The plan says %(said)s lost until %(id)s is back; its dates give %(computed)s.",
        "%(id)s\u00a0: le plan dit %(said)s de perdu jusqu’au retour\u202f; ses dates donnent %(computed)s.",
    ),
    "never-back": Sentence(
        "note",
        "never-back",
        "%(id)s: never back by this plan; the loss counts the other services only.",
        "%(id)s\u00a0: jamais de retour par ce plan\u202f; la perte ne compte que les autres soins.",
    ),
    "care-lost": Sentence(
        "wrong",
        "loss",
        "The plan says %(said)s units of care lost; its dates give %(computed)s.",
        "Le plan dit %(said)s unités de soin perdues\u202f; ses dates en donnent %(computed)s.",
    ),
    "bound-above-loss": Sentence(
        "wrong",
        "bound",
        "The bound (%(bound)s) is above the loss (%(loss)s): no plan loses less than a bound.",
        "La borne (%(bound)s) dépasse la perte (%(loss)s)\u00a0: aucun plan ne perd moins qu’une borne.",
    ),
    "dates-unknown": Sentence(
        "wrong",
        "unknown",
        "The plan dates %(id)s, which is not in the case.",
        "Le plan date %(id)s, qui n’est pas dans le cas.",
    ),
    "dated-twice": Sentence(
        "wrong",
        "said-twice",
        "%(id)s stands twice.",
        "%(id)s figure deux fois.",
    ),
    "back-without-its-tasks": Sentence(
        "wrong",
        "back",
        "%(id)s is said to be back on %(said)s; tasks it needs have no date.",
        "%(id)s est dit de retour le %(said)s\u202f; des tâches dont il a besoin n’ont pas de date.",
    ),
    "back-otherwise": Sentence(
        "wrong",
        "back",
        "%(id)s is said to be back on %(said)s; by the dates of the tasks it is on %(computed)s.",
        "%(id)s est dit de retour le %(said)s\u202f; d’après les dates des tâches, c’est le %(computed)s.",
    ),
    "no-date": Sentence(
        "weak",
        "missing-date",
        "The plan gives no date for %(id)s; by the dates of the tasks it is back on %(computed)s.",
        (
            "Le plan ne donne pas de date pour %(id)s\u202f; d’après les dates des tâches, il revient le "
            "%(computed)s."
        ),
    ),
    "held-twice": Sentence(
        "wrong",
        "double-booking",
        "%(person)s is held by %(task)s and by %(other)s at once, from %(from_hour)s to %(to_hour)s.",
        "%(person)s est pris par %(task)s et par %(other)s à la fois, du %(from_hour)s au %(to_hour)s.",
    ),
    "held-twice-as-reported": Sentence(
        "note",
        "double-booking",
        (
            "%(person)s is held by %(task)s and by %(other)s at once, from %(from_hour)s to %(to_hour)s: "
            "so it was reported."
        ),
        (
            "%(person)s est pris par %(task)s et par %(other)s à la fois, du %(from_hour)s au "
            "%(to_hour)s\u00a0: c’est ce qui a été signalé."
        ),
    ),
    "unknown-resource": Sentence(
        "wrong",
        "unknown-resource",
        "%(task)s uses %(resource)s, which is no resource of the case.",
        "%(task)s se sert de %(resource)s, qui n’est pas un moyen du cas.",
    ),
    "too-many-units": Sentence(
        "wrong",
        "resource",
        ("%(tasks)s hold %(held)s of %(resource)s, which has %(units)s, from %(from_hour)s to %(to_hour)s."),
        (
            "%(resource)s\u00a0: %(tasks)s en tiennent ensemble %(held)s, du %(from_hour)s au %(to_hour)s\u202f; il "
            "y a %(units)s en tout."
        ),
    ),
    "more-lesser-care-first": Sentence(
        "weak",
        "more",
        "Beyond this list: %(more)s, behind others of lesser care.",
        "Au-delà de cette liste\u00a0: %(more)s, derrière d’autres de moindre soin.",
    ),
    "more-could-start-earlier": Sentence(
        "weak",
        "more",
        "Beyond this list: %(more)s that could start earlier.",
        "Au-delà de cette liste\u00a0: %(more)s à commencer plus tôt.",
    ),
    "announced-never-back": Sentence(
        "weak",
        "announced",
        "%(id)s was announced for %(announced)s; this plan never has it back.",
        "%(id)s a été annoncé pour le %(announced)s\u202f; ce plan ne le fait jamais revenir.",
    ),
    "announced-earlier": Sentence(
        "weak",
        "announced",
        "%(id)s was announced for %(announced)s; this plan has it back on %(planned)s.",
        "%(id)s a été annoncé pour le %(announced)s\u202f; ce plan le fait revenir le %(planned)s.",
    ),
    "order-unknown": Sentence(
        "weak",
        "order",
        "The order names %(id)s, which is no application of the case.",
        "L’ordre nomme %(id)s, qui n’est pas une application du cas.",
    ),
    "order-twice": Sentence(
        "weak",
        "order",
        "The order names %(id)s %(times)s.",
        "L’ordre nomme %(id)s %(times)s.",
    ),
    "order-incomplete": Sentence(
        "weak",
        "order",
        "The order leaves out %(ids)s: after an event nothing says when they are taken up.",
        "L’ordre oublie %(ids)s\u00a0: après un événement, rien ne dit quand les reprendre.",
    ),
    "earlier-with-idle-people": Sentence(
        "weak",
        "could-start-earlier",
        (
            "%(task)s starts on %(start)s and ends on %(end)s; with %(people)s idle it could start on "
            "%(could_start)s and end on %(could_end)s, all other tasks where they are."
        ),
        (
            "%(task)s commence le %(start)s et finit le %(end)s\u202f; avec %(people)s, sans autre tâche à ce "
            "moment, elle pourrait commencer le %(could_start)s et finir le %(could_end)s, toutes les "
            "autres restant où elles sont."
        ),
    ),
    "earlier-with-free-means": Sentence(
        "weak",
        "could-start-earlier",
        (
            "%(task)s starts on %(start)s and ends on %(end)s; with its units free it could start on "
            "%(could_start)s and end on %(could_end)s, all other tasks where they are."
        ),
        (
            "%(task)s commence le %(start)s et finit le %(end)s\u202f; ses moyens étant libres, elle pourrait "
            "commencer le %(could_start)s et finir le %(could_end)s, toutes les autres restant où elles "
            "sont."
        ),
    ),
    "lesser-care-first": Sentence(
        "weak",
        "lesser-care-first",
        (
            "%(application)s (%(care_per_day)s of care a day) waits with %(task)s from %(from_hour)s to "
            "%(to_hour)s, while %(person)s was given to %(rival)s of %(other)s (%(other_care_per_day)s a "
            "day) on %(began)s; without that it could end on %(could_end)s and not on %(end)s."
        ),
        (
            "%(application)s (%(care_per_day)s de soin par jour) attend avec %(task)s du %(from_hour)s au "
            "%(to_hour)s, pendant que %(person)s a été mis sur %(rival)s (application %(other)s, "
            "%(other_care_per_day)s par jour) le %(began)s\u202f; sans cela elle pourrait finir le "
            "%(could_end)s et non le %(end)s."
        ),
    ),
}
