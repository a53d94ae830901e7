"""What the checker says, as a page says it: days and names, no hours of a case and no ids."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.utils import translation
from small_case import CASE, PLAN

from releve.restoration.checker.check import with_its_dates
from releve.restoration.pages.criticised import criticise, faults_of
from releve.restoration.plan import Plan

WAITS = "Archive d’images <PACS> & lecture, Recopier les images"

PARIS = ZoneInfo("Europe/Paris")


def _plan(**dates: tuple[int, int]) -> Plan:
    tasks = tuple(
        msgspec.structs.replace(one, start=dates[one.task][0], end=dates[one.task][1])
        if one.task in dates
        else one
        for one in PLAN.tasks
    )
    return msgspec.structs.replace(PLAN, tasks=tasks)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", f" commence le 23 nov. 14:44\u202f; {WAITS}, qu’elle suit, finit le 24 nov. 10:44."),
        ("en", f" starts on 23 Nov 14:44; {WAITS}, which it follows, ends on 24 Nov 10:44."),
    ],
)  # fmt: skip
def test_a_sentence_tells_days_and_no_hours_of_a_case(language: str, said: str) -> None:
    """ "Hour 60" means nothing at a wall at 03:10."""
    case = msgspec.structs.replace(CASE, now=0)

    with translation.override(language):
        wrong = faults_of(case, _plan(PG=(60, 60)), PARIS)["wrong"]

    assert said in [one.text for one in wrong]
    assert not [one for one in wrong if "(heure " in one.text or "(hour " in one.text]


def test_from_one_hour_to_another_is_from_a_day_to_a_day() -> None:
    """French joins both ends of a span: "du … au …"."""
    case = msgspec.structs.replace(CASE, now=0)
    with translation.override("fr"):
        weak = criticise(case, with_its_dates(case, _plan(P2=(60, 90), PG=(90, 90))), PARIS)["weak"]

    told = " ".join(one.text for one in weak)
    assert "commence le 23 nov. 14:44 et finit le 24 nov. 20:44" in told
    assert "l’heure" not in told
