"""What nobody types on purpose, and what somebody does: refused at the field, in words, and what was typed stays."""

import html
from typing import Any

from admissions_island import AdmissionsIsland
from django.test import Client

from screens import marks_in

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE record_person; --",
    "right to left": "\u202eDRANREB",
    "emoji": "Zoé 😀",
    "null": "Ber\x00nard",
    "hidden": "Ber\u200bnard",
    "long": "A" * 5000,
}


def admit(client: Client, **changes: Any) -> Any:
    """Send the form of somebody new with some fields changed."""
    from test_admissions_admit import admit as send

    return send(client, **changes)


def test_a_name_that_is_none_is_refused_at_its_field(island: AdmissionsIsland, nurse: Client) -> None:
    """A name is read aloud at a bedside: it has letters that are seen as they are read."""
    for field in ("birth_name", "given_name", "used_name"):
        for what, typed in HOSTILE.items():
            answer = admit(nurse, **{field: typed})

            page = answer.content.decode()
            assert answer.status_code == 422, (field, what)
            assert f'id="id_{field}-error"' in page, (field, what)
            assert html.escape(typed.strip()) in page or "\x00" in typed, (field, what)
            assert "<script>alert" not in page
    assert island.entries("person.admitted.1") == []


IMPOSSIBLE = (
    ("birth_date", "30/02/1958"), ("birth_date", "14/07/2045"), ("birth_date", "01/01/1700"), ("birth_date", "hier"),
    ("happened_at", "29/03/2026 02:30"), ("happened_at", "25/10/2026 02:30"), ("happened_at", "21/11/2026 23:59"),
    ("happened_at", "01/01/2020 10:00"), ("happened_at", "x"), ("bed", "bed:nowhere"), ("bed", ""),
    ("bed", "ward:<b>"), ("sex", "X"), ("document", "x"), ("provenance", "../../etc"), ("allergies", "perhaps"),
    ("birth_place", "Val\u202eombre"), ("reason", "\u2066x"), ("told_by", "le SAMU"),
)  # fmt: skip


def test_impossible_dates_hours_and_choices_are_refused_and_kept(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """The hour skipped in spring did not exist, the one doubled in autumn is two: neither is guessed."""
    for field, typed in IMPOSSIBLE:
        answer = admit(nurse, **{field: typed})

        page = answer.content.decode()
        assert answer.status_code == 422, (field, typed)
        assert 'class="errors"' in page
        if field in ("birth_date", "happened_at", "birth_place", "told_by"):
            assert html.escape(typed) in page, (field, typed)
    assert island.entries("person.admitted.1") == []


def test_the_doubled_hour_is_taken_once_its_letter_is_said(island: AdmissionsIsland, nurse: Client) -> None:
    """At the end of October 02:30 comes twice: the page asks which, and then knows."""
    asked = admit(nurse, happened_at="25/10/2026 02:30")
    told = admit(nurse, happened_at="25/10/2026 02:30 B", act_key="k2")

    assert "02:30 A" in asked.content.decode()
    # It was before the cut: admissions were not written here then, but they are now.
    assert told.status_code == 302


def test_ten_megabytes_in_a_field_are_refused_and_the_island_stays_up(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """A stuck key or an attacker must not take the page from everybody."""
    answer = admit(nurse, reason="A" * 10_000_000)

    assert answer.status_code in (400, 413, 422)
    assert nurse.get("/admit/").status_code == 200
    assert island.entries("person.admitted.1") == []


def test_a_search_for_anything_answers_in_words(island: AdmissionsIsland, nurse: Client) -> None:
    """The search is the first field of the night: it never falls over."""
    forms = [
        form
        for typed in HOSTILE.values()
        for form in (
            {"birth": typed},
            {"letters": typed},
            {"number": typed},
            {"birth": "1945", "letters": typed},
        )
    ]
    for form in forms:
        answer = nurse.post("/admit/", {"step": "search", **form})
        assert answer.status_code in (200, 422)
        assert "<script>alert" not in answer.content.decode()


def test_numbers_that_look_wrong_are_kept_and_said_never_refused(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """The agency's own examples fail such checks: care is not refused for a digit."""
    asked = admit(nurse, ins="279035121518988")
    answer = admit(nurse, ins="279035121518988", read_again=marks_in(asked))

    assert answer.status_code == 302
    from releve.record.tables import Identifier

    assert Identifier.objects.get(type="INS").value == "279035121518988"
    page = nurse.get(answer.headers["Location"].replace("/labels/", "/stay/")).content.decode()
    assert "La clé de contrôle ne va pas" in page


def test_an_address_that_nobody_wrote_leads_nowhere(island: AdmissionsIsland, nurse: Client) -> None:
    """A guessed address tells nothing."""
    for address in (
        "/patient/abc/stay/",
        "/admit/known/abc/",
        "/admit/newborn/abc/",
        "/beds/none/",
        "/beds/2140/none/",
    ):
        assert nurse.get(address).status_code in (302, 404)
        assert nurse.post(address, {"step": "A02"}).status_code in (302, 403, 404)
