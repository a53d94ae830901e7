"""What is tried is said back in words: one day is one day."""

import pytest
from django.utils.translation import override
from small_case import CASE

from releve.restoration.pages.what_if_form import WhatIfForm


@pytest.mark.parametrize(("days", "said"), [(1, "est absent 1 jour"), (3, "est absent 3 jours")])
def test_somebody_away_for_a_day_is_away_for_one_day(days: int, said: str) -> None:
    """ "Away for 1 days" makes whoever reads it doubt what was asked."""
    person = CASE.people[0]
    form = WhatIfForm({"change": "absent", "person": person.id, "away": str(days)}, case=CASE)

    with override("fr"):
        assert form.is_valid(), form.errors

    assert form.label == f"{person.name or person.id} {said}"
