"""Allergies as stated: nothing inferred, nothing lost, nothing taken back by silence."""

from typing import Any

import pytest
from views_table import ViewsTable, adt

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"


def allergies(views: ViewsTable) -> list[tuple[Any, ...]]:
    """Return label and state of each statement."""
    return views.rows("SELECT label, state FROM record_allergy ORDER BY label")


@pytest.mark.parametrize("turned", [False, True])
def test_an_allergy_stands_beside_none_known(views: ViewsTable, turned: bool) -> None:
    """The contradiction is shown, and the allergy is what counts."""
    story = [
        adt("A08", "20261120080000", PID, "AL1|1|DA|716186003^Aucune allergie connue^SCT"),
        adt("A08", "20261120090000", PID, "AL1|1|DA|^Pénicilline|SV|Œdème~Urticaire"),
    ]

    views.fold(reversed(story) if turned else story)

    assert allergies(views) == [("Aucune allergie connue", "none-known"), ("Pénicilline", "stated")]


def test_a_list_that_no_longer_names_a_substance_removes_nothing(views: ViewsTable) -> None:
    """A sender that forgets is not a sender that says no."""
    views.fold(
        [
            adt("A08", "20261120080000", PID, "AL1|1|DA|^Pénicilline|SV", "AL1|2|FA|^Arachide"),
            adt("A08", "20261120090000", PID, "AL1|1|FA|^Arachide"),
            adt("A08", "20261120100000", PID, 'AL1|1|DA|""'),
        ]
    )

    assert allergies(views) == [("Arachide", "stated"), ("Pénicilline", "stated")]


def test_allergies_of_a60_are_read_and_taken_back_by_their_action(views: ViewsTable) -> None:
    """IAM is how an allergy is told one by one."""
    iam = "IAM|{rank}|DA^Médicament|A01^{label}^LOC|SV^Sévère|Choc|{action}^|id{rank}"
    views.fold(
        [
            adt("A60", "20261120080000", PID, iam.format(rank=1, label="Pénicilline", action="A"),
                iam.format(rank=2, label="Iode", action="A")),
            adt("A60", "20261120090000", PID, iam.format(rank=1, label="Pénicilline", action="D")),
        ]
    )  # fmt: skip

    assert allergies(views) == [("Iode", "stated"), ("Pénicilline", "removed")]
    assert views.rows(
        "SELECT severity, criticality, reaction, category FROM record_allergy WHERE label = 'Iode'"
    ) == [("SV", "high", "Choc", "DA")]


def test_two_allergies_under_one_code_are_two(views: ViewsTable) -> None:
    """Under "other" a hospital files whatever has no code; and codes of two lists may be equal."""
    views.fold(
        [
            adt("A08", "20261120080000", PID, "AL1|1|FA|AUTRE^Kiwi^LOC", "AL1|2|FA|AUTRE^Noix^LOC",
                "AL1|3|DA|AUTRE^Iode^X")
        ]
    )  # fmt: skip

    assert [label for label, _ in allergies(views)] == ["Iode", "Kiwi", "Noix"]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Aucune", "none-known"),
        ("PAS D'ALLERGIE CONNUE", "none-known"),
        ("Aucune allergie connue", "none-known"),
        ("nka", "none-known"),
        ("Non renseigné", "stated"),
        ("Inconnue", "stated"),
        ("Aucune sauf pénicilline", "stated"),
    ],
)
def test_only_words_that_say_none_mean_none(views: ViewsTable, words: str, state: str) -> None:
    """ "Not asked" is not "none"."""
    views.fold([adt("A08", "20261120080000", PID, f"AL1|1|DA|^{words}")])

    assert allergies(views) == [(words, state)]


@pytest.mark.parametrize(
    ("severity", "criticality"), [("SV", "high"), ("MI", "low"), ("MO", None), ("U", None)]
)
def test_only_severe_and_mild_map(views: ViewsTable, severity: str, criticality: str | None) -> None:
    """And what was severe before does not stay high when somebody says moderate."""
    views.fold(
        [
            adt("A08", "20261120080000", PID, "AL1|1|DA|^Iode|SV"),
            adt("A08", "20261120090000", PID, f"AL1|1|DA|^Iode|{severity}"),
        ]
    )

    assert views.rows("SELECT severity, criticality FROM record_allergy") == [(severity, criticality)]
