"""Acts copied from numbered paper forms: a number that may stand on two sheets, or that does not fit its check digits.

A file of blank forms that somebody saved can be printed twice, and a sheet photocopied. Nothing is refused for it and
nothing removed: whoever reads is told which number, of whom, by whom, and compares the sheets.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext

from releve.codecs.identifiers.made_here import check_form
from releve.record.tables import Act, Person
from releve.views.parts import in_parts

__all__ = [
    "KEYED_MS", "PaperDoubt", "Why", "doubts_of", "keyed_before", "noticed_in", "paper_doubts_of_persons",
    "paper_doubts_of_ward",
]  # fmt: skip

Why = Literal["persons", "times", "digits"]
# Whoever copies a sheet does it in one go; an hour later it is another go, and perhaps another sheet.
SITTING_MS = 3_600_000
# A night: whoever keys in what lay there since the evening sees what a colleague already took from the heap.
KEYED_MS = 12 * 3_600_000
KEYED_MAX = 20
# What is entered so long after it was done was copied from something, whether its number was typed or not.
AFTERWARDS_MS = 15 * 60_000
# Numbers asked about at once: a ward copies some hundred forms in a week, and a query has room for some hundred keys.


class PaperDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """One number to look at, as it was typed. `acts` are those copied from it, the earliest recorded first.

    `why`: it stands with two persons, was keyed in by two people or at two times, or its check digits do not fit.
    """

    number: str
    why: tuple[Why, ...]
    acts: tuple[Any, ...]


def doubts_of(acts: Iterable[Any], heads: Mapping[str, str]) -> list[PaperDoubt]:
    """Return what is to be looked at among acts copied from paper, the number keyed in last first. Pure.

    `heads`: the key that stands for each person's linked numbers; one linked is one person.
    """
    sheets: dict[str, list[Any]] = defaultdict(list)
    for act in acts:
        if act.sheet:
            sheets[act.sheet].append(act)
    found = []
    for rows in sheets.values():
        rows.sort(key=lambda act: (act.recorded_at, act.id))
        why: list[Why] = []
        if len({heads.get(act.person, act.person) for act in rows}) > 1:
            why.append("persons")
        elif _times(rows) > 1:
            why.append("times")
        if wrong := [act.paper for act in rows if check_form(act.paper)]:
            why.append("digits")
        if why:
            number = wrong[0] if why == ["digits"] else max((act.paper for act in rows), key=len)
            found.append(PaperDoubt(number=number, why=tuple(why), acts=tuple(rows)))
    return sorted(found, key=lambda one: one.acts[-1].recorded_at, reverse=True)


def _times(rows: Sequence[Any]) -> int:
    """Return at how many times a sheet was keyed in: somebody else's is another, and so is hers an hour later."""
    times = 1
    for before, act in pairwise(rows):
        times += act.by != before.by or act.recorded_at - before.recorded_at > SITTING_MS
    return times


def paper_doubts_of_ward(ward: str, *, since_ms: int) -> list[PaperDoubt]:
    """Return what is to be looked at among the forms of which this ward keyed in a part since then."""
    mine = Act.objects.filter(ward=ward, recorded_at__gte=since_ms).exclude(sheet=None)
    return _asked(set(mine.values_list("sheet", flat=True)))


def paper_doubts_of_persons(persons: Sequence[str], *, since_ms: int) -> list[PaperDoubt]:
    """Return what is to be looked at among the forms copied for this person (all her keys) since then."""
    mine = Act.objects.filter(person__in=persons, recorded_at__gte=since_ms).exclude(sheet=None)
    return _asked(set(mine.values_list("sheet", flat=True)))


def keyed_before(persons: Sequence[str], *, since_ms: int) -> list[Act]:
    """Return what was keyed from paper for this person (all her keys) since then, or entered afterwards; newest first.

    Two sheets and one sheet keyed twice look the same from here: whoever holds the paper sees which it is.
    """
    rows = Act.objects.filter(person__in=persons, recorded_at__gte=since_ms).order_by("-recorded_at", "-id")
    keyed = [
        row
        for row in rows
        if row.sheet or row.recorded_at - (row.happened_at or row.recorded_at) > AFTERWARDS_MS
    ]
    return keyed[:KEYED_MAX]


def noticed_in(entry: str) -> str:
    """Return what to say at once of the paper that this entry ("ORIGIN/EPOCH#INDEX") was copied from, "" for nothing.

    The number is not said again: what a session keeps holds no value of a patient's form.
    """
    act = Act.objects.filter(entry=entry).exclude(sheet=None).first()
    if act is None:
        return ""
    doubts = _asked({act.sheet})
    said = {why for one in doubts for why in one.why}
    words = []
    if "persons" in said:
        words.append(
            gettext(
                "This form number stands with another patient, too. Two sheets with one number, or a wrong number? "
                "Both are kept: compare the sheets"
            )
        )
    if "times" in said:
        words.append(
            gettext(
                "This form number was keyed in before. The rest of that sheet, or a second one with its number? "
                "Both are kept: compare the sheets"
            )
        )
    if check_form(act.paper or ""):
        words.append(gettext("The form number does not fit its check digits: read it again"))
    return ". ".join(words)


def _asked(sheets: set[str]) -> list[PaperDoubt]:
    wanted = sorted(sheets)
    rows = [row for part in in_parts(wanted) for row in Act.objects.filter(sheet__in=part)]
    people = {row.person for row in rows}
    heads = {
        key: cluster or key
        for key, cluster in Person.objects.filter(id__in=people).values_list("id", "cluster")
    }
    return doubts_of(rows, heads)
