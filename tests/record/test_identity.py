"""Under which key a person's facts are folded."""

from typing import Any

import pytest
from views_table import ViewsTable, adt

from releve.record.identity import search_letters

VISIT = "PV1||I|2140^201^P||||||||||||||||V1"


@pytest.mark.parametrize(
    ("pid3", "key"),
    [
        ("8001^^^CHV^PI", "CHV:8001"),
        ("8001^^^&1.2.250.1.1&ISO^PI", "CHV:8001"),
        ("279035121518989^^^&1.2.250.1.213.1.4.8&ISO^INS~8001^^^CHV^PI", "CHV:8001"),
        ("8001", "CHV:8001"),
        ("77^^^LABO^PI", "LABO:77"),
        ("77^^^LABO^PI~8001^^^CHV^PI", "CHV:8001"),
    ],
)
def test_the_number_of_the_identity_authority_names_the_person(
    views: ViewsTable, pid3: str, key: str
) -> None:
    """Results filed under another sender's number would be missing from the patient's page."""
    views.fold([adt("A28", "20261120080000", f"PID|||{pid3}||MARTIN^Jeanne^^^^^L||1945|F")])

    assert views.rows("SELECT id FROM record_person") == [(key,)]


def test_a_message_without_any_number_is_listed_not_guessed(views: ViewsTable) -> None:
    """Two persons under an empty key would be one patient."""
    views.fold([adt("A28", "20261120080000", "PID|||||MARTIN^Jeanne")])

    assert views.rows("SELECT count(*) FROM record_person") == [(0,)]
    assert views.rows("SELECT reason FROM views_not_understood") == [
        ("PID-3: expected an identifier of type PI",)
    ]


def test_french_names_keep_birth_name_and_used_name_apart(views: ViewsTable) -> None:
    """The wristband carries the birth name; the patient answers to the other."""
    views.fold(
        [
            adt(
                "A28",
                "20261120080000",
                "PID|||8001^^^CHV^PI||ŒILLET^Anne^Anne, Zoé^^^^L~D’ALMÉIDA^Anne^^^^^D||194507|F",
            )
        ]
    )

    assert views.rows(
        "SELECT birth_name, used_name, given_name, birth_date, search_name FROM record_person"
    ) == [("ŒILLET", "D’ALMÉIDA", "Anne", "1945-07", "OEILLET DALMEIDA ANNEZOE")]


def test_the_hl7_null_empties_and_an_empty_field_keeps(views: ViewsTable) -> None:
    """The two are not the same: one says there is none, the other says nothing."""
    first = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F|||1 rue X^^QUIMPER||0601"

    views.fold(
        [
            adt("A28", "20261120080000", first),
            adt("A31", "20261120090000", 'PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L|||F|||""||'),
        ]
    )

    assert views.rows("SELECT birth_date, phone FROM record_person") == [("1945-07-14", "0601")]


def test_another_sender_fills_what_nobody_said_and_replaces_nothing(views: ViewsTable) -> None:
    """A laboratory's spelling must not overwrite the identity authority's."""
    oru = adt("A08", "20261120100000", "PID|||8001^^^CHV^PI||MARTINE^Jane^^^^^L||1946|M", sender="LABO")

    views.fold([adt("A28", "20261120080000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L|||F"), oru])

    assert views.rows("SELECT birth_name, given_name, birth_date, sex FROM record_person") == [
        ("MARTIN", "Jeanne", "1946", "F")
    ]


def test_a_merge_from_the_authority_is_a_link_and_nothing_is_moved(views: ViewsTable) -> None:
    """It can be taken back, and each fact still says under which number it was told."""
    views.fold(
        [
            adt("A01", "20261120080000", "PID|||8002^^^CHV^PI||MARTIN^J", VISIT),
            adt("A28", "20261120081000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne"),
            adt("A40", "20261120090000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne", "MRG|8002^^^CHV^PI"),
        ]
    )

    assert views.rows("SELECT id, cluster FROM record_person ORDER BY id") == [
        ("CHV:8001", "CHV:8001"),
        ("CHV:8002", "CHV:8001"),
    ]
    assert views.rows("SELECT person, status FROM record_encounter") == [("CHV:8002", "present")]


def test_a_merge_from_anyone_else_is_only_proposed(views: ViewsTable) -> None:
    """A wrong merge mixes two patients' treatments."""
    views.fold(
        [
            adt("A28", "20261120080000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne"),
            adt("A28", "20261120080000", "PID|||8002^^^CHV^PI||MARTIN^J"),
            adt("A40", "20261120090000", "PID|||8001^^^CHV^PI", "MRG|8002^^^CHV^PI", sender="LABO"),
        ]
    )

    assert views.rows("SELECT status FROM record_link") == [("proposed",)]
    assert views.rows("SELECT DISTINCT id = cluster FROM record_person") == [(1,)]


def test_an_account_moved_by_a44_is_shown_with_its_new_person(views: ViewsTable) -> None:
    """Somebody was admitted under a neighbour's number: the stay is hers, and both pages say so."""
    views.fold(
        [
            adt("A01", "20261120080000", "PID|||8002^^^CHV^PI||DURAND^Paul", VISIT),
            adt("A28", "20261120081000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne"),
            adt("A44", "20261120090000", "PID|||8001^^^CHV^PI||MARTIN^Jeanne", "MRG|8002^^^CHV^PI||V1"),
        ]
    )

    assert views.rows(
        "SELECT person, status, ward, moved_to, moved_from FROM record_encounter ORDER BY person"
    ) == [
        ("CHV:8001", "present", "2140", None, "CHV:8002"),
        ("CHV:8002", "moved", "2140", "CHV:8001", None),
    ]


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        (("Lefèvre", None), "LEFEVRE"),
        (("N’Diaye", "Le  Goff"), "NDIAYE LEGOFF"),
        ((None, ""), ""),
        (("Straße",), "STRASSE"),
    ],
)
def test_search_reads_names_without_signs(names: tuple[Any, ...], letters: str) -> None:
    """At night nobody types accents."""
    assert search_letters(*names) == letters
