"""What a form writes for itself beside the journal: single statements, so that no form keeps another waiting."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from web_island import Island

from releve.web.acting import _take
from releve.web.sessions import SessionStore


def test_a_session_is_saved_by_one_statement_and_read_back(island: Island) -> None:
    """Whoever falls asleep between two statements holds the file, and every form of the island waits."""
    session = SessionStore()
    session["account"] = "nkervella"
    session.save()
    session["receipt"] = [1, "vital signs", True, "a/1", 7]

    with CaptureQueriesContext(connections["runtime"]) as asked:
        session.save()

    assert [query["sql"].split()[0] for query in asked] == ["UPDATE"]
    again = SessionStore(session.session_key)
    assert (again["account"], again["receipt"][4]) == ("nkervella", 7)


def test_a_session_that_was_ended_meanwhile_does_not_come_back(island: Island) -> None:
    """She signed out in another tab: what this one still saves must not sign her in again."""
    session = SessionStore()
    session["account"] = "nkervella"
    session.save()
    SessionStore(session.session_key).delete()
    session["receipt"] = []

    with pytest.raises(UpdateError):
        session.save()
    assert "account" not in SessionStore(session.session_key)


def test_the_key_of_a_form_is_taken_once_by_one_statement(island: Island) -> None:
    """Pressed twice, a form is one act, and the second press must not wait for a transaction of the first."""
    with CaptureQueriesContext(connections["runtime"]) as asked:
        taken = [_take("nkervella.k1"), _take("nkervella.k1"), _take("nkervella.k2")]

    assert taken == [True, False, True]
    assert {query["sql"].split()[0] for query in asked} == {"INSERT"}
