"""Queries put together once give what Django's own give."""

from pathlib import Path

import pytest
from django.db import connections
from django.db.models import QuerySet

import django_ready  # noqa: F401
from releve.departments.laboratory.tables import Result
from releve.record.tables import Allergy
from releve.views.prepared import Fixed, Prepared


@pytest.fixture
def rows(tmp_path):
    """Views with three persons' results and an allergy each."""
    from releve.views.database import new_generation, open_views, put_in_force
    from releve.web.database import use_data_folder

    use_data_folder(tmp_path)
    generation = new_generation(tmp_path)
    open_views(generation, "fold")
    put_in_force(tmp_path, generation)
    for person in ("p1", "p2", "p3"):
        for at in (10, 20, 30):
            Result.objects.using("fold").create(
                id=f"{person}/{at}", person=person, sampled_at=at, current=at != 20
            )
        Allergy.objects.using("fold").create(id=person, person=person, label="Pénicilline", state="stated")
    yield
    for alias in ("fold", "default"):
        connections[alias].close()


def newest(keys: list[str], since: int) -> QuerySet[Result]:
    """Current results since then."""
    return Result.objects.filter(person__in=keys, current=True, sampled_at__gte=since).order_by(
        "-sampled_at", "id"
    )


def test_it_gives_what_the_query_gives_for_any_number_of_persons(rows: None) -> None:
    """A board of seven patients must not lose the seventh, nor show the last one twice."""
    prepared = Prepared(newest)

    for keys in (["p2"], ["p1", "p3"], ["p1", "p2", "p3"], ["p3", "nobody", "p1"], []):
        for since in (0, 25, 99):
            assert prepared(keys, since) == list(newest(keys, since))
    assert all(row.current is True for row in prepared(["p1"], 0)), "truth values are truth values"


def test_what_was_left_out_of_the_query_is_read_when_it_is_asked_for(rows: None) -> None:
    """Documents leave their body out until somebody opens one."""
    prepared = Prepared(lambda keys: Allergy.objects.filter(person__in=keys).defer("label"))

    (row,) = prepared(["p2"])

    assert "label" in row.get_deferred_fields()
    assert row.label == "Pénicilline"


def test_a_query_it_cannot_prepare_is_refused_at_its_first_use(rows: None) -> None:
    """Silently wrong rows would be worse than none."""
    prepared = Prepared(lambda keys: Allergy.objects.filter(person__in=keys[:1]))

    with pytest.raises(AssertionError):
        prepared(["p1", "p2"])


def test_columns_alone_come_as_named_rows(rows: None) -> None:
    """A board of forty needs five columns, not forty objects of thirty."""
    prepared = Prepared(lambda keys, since: newest(keys, since).values_list("person", "current", named=True))

    found = prepared(["p1", "p3"], 25)

    assert [(row.person, row.current) for row in found] == [("p1", True), ("p3", True)]
    assert found == list(newest(["p1", "p3"], 25).values_list("person", "current"))


def test_a_query_that_never_changes_gives_what_the_tables_say_now(rows: None) -> None:
    """Asked at every page: put together once, and never answered from what was read before."""
    fixed = Fixed(lambda: Result.objects.filter(current=True).order_by("-sampled_at", "id"))
    before = fixed()

    Result.objects.using("fold").create(id="p4/1", person="p4", sampled_at=99, current=True)

    assert len(before) == 6
    assert fixed() == list(Result.objects.filter(current=True).order_by("-sampled_at", "id"))
    assert fixed()[0].person == "p4"
    assert fixed()[0].current is True


def test_a_query_that_never_changes_is_asked_of_the_database_in_force(
    rows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fold reads its own generation: what the pages' one says may be an hour old."""
    fixed = Fixed(Result.objects.all)
    assert fixed()
    asked: list[str] = []

    def other(model: object) -> str:
        asked.append("fold")
        return "fold"

    monkeypatch.setattr("releve.views.prepared.router.db_for_read", other)
    assert len(fixed()) == 9
    assert asked
