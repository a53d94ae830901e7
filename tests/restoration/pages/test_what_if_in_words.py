"""What is tried is said back in words: one day is one day."""

import pytest
from django.utils.translation import override
from small_case import CASE

from releve.restoration.pages.tried_words import tried_words
from releve.restoration.pages.what_if_form import WhatIfForm


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("fr", 1, "est absent 1 jour"),
        ("fr", 3, "est absent 3 jours"),
        ("en", 1, "is away for 1 day"),
        ("en", 3, "is away for 3 days"),
    ],
)
def test_what_is_tried_is_said_in_the_language_of_whoever_reads_it(
    language: str, days: int, said: str
) -> None:
    """ "Away for 1 days" makes one doubt what was asked; the asker's language may not be the reader's."""
    person = CASE.people[0]
    form = WhatIfForm({"change": "absent", "person": person.id, "away": str(days)}, case=CASE)

    assert form.is_valid(), form.errors
    with override(language):
        words = tried_words(form.events_json, CASE)

    assert words == f"{person.name or person.id} {said}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"change": "people", "team": "sys", "people": "2"}, "2 de plus\u00a0: Systèmes"),
        (
            {"change": "infected", "application": "PACS", "more_hours": "8"},
            "la sauvegarde de Archive d’images",
        ),
    ],
)
def test_each_change_of_the_form_has_its_words(asked: dict[str, str], said: str) -> None:
    """Without its change, a result answers nothing."""
    form = WhatIfForm(asked, case=CASE)

    assert form.is_valid(), form.errors
    with override("fr"):
        assert tried_words(form.events_json, CASE).startswith(said)


@pytest.mark.parametrize("events", ["", "[]", "{", '[{"event": "other"}]', '[{"event": "vendor-late"}]'])
def test_of_what_is_not_known_here_nothing_is_said(events: str) -> None:
    """Another island may ask for more than this one has words for; its page still opens."""
    assert tried_words(events, CASE) == ""
