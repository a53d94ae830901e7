"""Which numbers are one person, and which are not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views_table import ViewsTable, adt, entry_of

from releve.record.links import Told, cluster_heads

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"


def clusters(views: ViewsTable) -> dict[str, str]:
    """Return who stands for each person."""
    return dict(views.rows("SELECT id, cluster FROM record_person"))


def person(number: str, at: str = "20261120080000") -> bytes:
    """Return a person told by the authority."""
    return adt("A28", at, f"PID|||{number}^^^CHV^PI||N{number}")


def merge(kept: str, other: str, at: str, trigger: str = "A40") -> bytes:
    """Return a merge told by the authority."""
    return adt(trigger, at, f"PID|||{kept}^^^CHV^PI", f"MRG|{other}^^^CHV^PI")


@pytest.mark.parametrize(
    "pid3", ['""', '""^^^CHV^PI', '""^^^CHV^PI~""^^^LABO^PI', "   ^^^CHV^PI", "1^^^CHV^AN", '8001^^^CHV^""']
)
def test_the_null_names_nobody(views: ViewsTable, pid3: str) -> None:
    """Under it, all nameless patients of a hospital would be one person."""
    views.fold([adt("A28", "20261120080000", f"PID|||{pid3}||MARTIN^Jeanne")])

    assert [key for key in clusters(views) if key != "CHV:8001"] == []


@pytest.mark.parametrize(
    ("pid", "key"),
    [
        ("PID|||77~8001^^^CHV^PI||X", "CHV:8001"),
        ("PID|||77^^^LABO^PI~8001||X", "CHV:8001"),
        ("PID|||  8001 ^^^CHV^PI||X", "CHV:8001"),
        ("PID||8001^^^CHV^PI|||X", "CHV:8001"),
        ("PID||77|279035121518989^^^&1.2.250.1.213.1.4.8&ISO^INS||X", None),
    ],
)
def test_a_number_that_says_whose_it_is_comes_first(views: ViewsTable, pid: str, key: str | None) -> None:
    """A laboratory's own number without authority, taken for the hospital's, is another patient."""
    views.fold([adt("A28", "20261120080000", pid)])

    assert list(clusters(views)) == ([key] if key else [])


def test_a_number_told_to_lead_elsewhere_does_not_join_the_two(views: ViewsTable) -> None:
    """A merge into the wrong patient, corrected by one into the right: both live, and they are not one."""
    views.fold(
        [
            person("8001"), person("8002"), person("8003"),
            merge("8001", "8003", "20261120090000"), merge("8002", "8003", "20261120100000"),
        ],
        batch=1,
    )  # fmt: skip

    assert clusters(views) == {"CHV:8001": "CHV:8001", "CHV:8002": "CHV:8002", "CHV:8003": "CHV:8002"}


def test_a_merge_turned_round_keeps_the_number_told_last(views: ViewsTable) -> None:
    """The wristband is printed again with the number that the authority kept in the end."""
    views.fold(
        [
            person("8001"), person("8002"), merge("8001", "8002", "20261120090000", "A47"),
            merge("8002", "8001", "20261120100000", "A47"),
        ]
    )  # fmt: skip

    assert set(clusters(views).values()) == {"CHV:8002"}


def test_every_group_of_a_merge_is_read(views: ViewsTable) -> None:
    """The second pair of one message is as much a merge as the first."""
    message = adt(
        "A40",
        "20261120090000",
        "PID|||8001^^^CHV^PI",
        "MRG|8002^^^CHV^PI",
        "PID|||8003^^^CHV^PI",
        "MRG|8004^^^CHV^PI",
    )
    views.fold([person("8002"), person("8003"), person("8004"), message])

    assert clusters(views) == {
        "CHV:8001": "CHV:8001", "CHV:8002": "CHV:8001", "CHV:8003": "CHV:8003", "CHV:8004": "CHV:8003",
    }  # fmt: skip


@pytest.mark.parametrize("batch", [1, 100])
def test_a_link_is_undone(views: ViewsTable, batch: int) -> None:
    """A24 joined two homonyms; A37 says that they are two."""
    pids = ("PID|||8001^^^CHV^PI", "PID|||8002^^^CHV^PI")
    joined = [person("8001"), person("8002"), adt("A24", "20261120090000", *pids)]
    views.fold(joined, batch=batch)
    assert set(clusters(views).values()) == {"CHV:8001"}

    views.fold([adt("A37", "20261120100000", *reversed(pids))])

    assert clusters(views) == {"CHV:8001": "CHV:8001", "CHV:8002": "CHV:8002"}


def test_a_number_with_a_slash_is_followed_too(views: ViewsTable) -> None:
    """Keys are not paths."""
    views.fold([person("80/02"), person("80/01"), merge("80/01", "80/02", "20261120090000")], batch=1)

    assert set(clusters(views).values()) == {"CHV:80/01"}


def test_a_fhir_id_used_by_two_servers_joins_nobody(views: ViewsTable) -> None:
    """Every server has a Patient/1."""
    for index, number in enumerate(("8001", "8002")):
        patient: dict[str, Any] = {
            "resourceType": "Patient", "id": "1",
            "identifier": [{"system": "urn:oid:1.2.250.1.1", "value": number, "type": {"coding": [{"code": "PI"}]}}],
        }  # fmt: skip
        views.fold([entry_of(json.dumps(patient).encode(), index, kind="message.fhir")])

    assert clusters(views) == {"CHV:8001": "CHV:8001", "CHV:8002": "CHV:8002"}


def test_a_child_is_not_its_mother(views: ViewsTable) -> None:
    """PID-21 holds a number of hers; one that is an account names nobody."""
    views.fold(
        [
            adt("A28", "20261120080000", PID + "|||||||||||||9001^^^CHV^PI"),
            adt("A28", "20261120080000", PID.replace("8001", "8002") + "|||||||||||||N77^^^CHV^AN"),
        ]
    )

    assert views.rows("SELECT person, other FROM record_link") == [("CHV:9001", "CHV:8001")]
    assert clusters(views)["CHV:8001"] == "CHV:8001"


LINKS = [
    Told("A", "B", 1), Told("B", "C", 2), Told("C", "A", 3), Told("D", "E", 4), Told("F", "E", 5),
    Told("A", "x", 6, "alias"), Told("F", "x", 7, "alias"), Told("B", "y", 8, "alias"),
    Told("C", "y", 9, "alias"), Told("G", "G", 1),
]  # fmt: skip


@given(order=st.permutations(LINKS))
def test_any_order_of_links_gives_the_same_heads(order: list[Told]) -> None:
    """Circles, second thoughts and aliases included."""
    assert cluster_heads(order) == {
        "A": "C", "B": "C", "C": "C", "D": "D", "E": "F", "F": "F", "G": "G", "x": "x", "y": "C",
    }  # fmt: skip


ANYONE = st.sampled_from("ABCDE")


@given(
    links=st.lists(
        st.builds(Told, ANYONE, ANYONE, st.integers(0, 9), st.sampled_from(["merge", "alias"])), max_size=12
    )
)
def test_no_links_whatever_make_a_circle(links: list[Told]) -> None:
    """A circle would never end."""
    heads = cluster_heads(links)

    assert all(heads[head] == head for head in heads.values())


def test_what_was_emptied_then_filled_does_not_depend_on_the_batch(
    views: ViewsTable, more_views: Any
) -> None:
    """An old telephone number came back when two messages were folded together."""
    story = [
        adt("A28", "20261120080000", PID + "|||||0601"),
        adt("A31", "20261120090000", PID + '|||||""'),
        adt("A08", "20261120100000", PID + "|||||0702", sender="LABO"),
    ]
    together = more_views()
    views.fold(story, batch=1)
    together.fold(story[:1])
    together.fold(story[1:])

    assert views.rows("SELECT phone FROM record_person") == [("0702",)]
    assert together.hash() == views.hash()
