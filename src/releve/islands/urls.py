"""Addresses of the islands: how they stand, what to do when one is suspect."""

from django.urls import path

from releve.islands import islands_page, suspect_page
from releve.islands.sticks import page as stick_page

__all__ = ["urlpatterns"]

urlpatterns = [
    path("islands/", islands_page.islands, name="islands"),
    path("islands/live/", islands_page.islands_live, name="islands-live"),
    path("islands/stick/", stick_page.stick, name="island-stick"),
    path("islands/stick/live/", stick_page.stick_live, name="island-stick-live"),
    path("islands/stick/read/", stick_page.stick_read, name="island-stick-read"),
    path("islands/stick/write/", stick_page.stick_write, name="island-stick-write"),
    path("islands/suspect/", suspect_page.suspect, name="island-suspect"),
]
