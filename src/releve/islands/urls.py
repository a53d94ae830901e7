"""Addresses of the islands: how they stand, what to do when one is suspect."""

from django.urls import path

from releve.islands import islands_page, stick_page, suspect_page

__all__ = ["urlpatterns"]

urlpatterns = [
    path("islands/", islands_page.islands, name="islands"),
    path("islands/live/", islands_page.islands_live, name="islands-live"),
    path("islands/stick/", stick_page.stick, name="island-stick"),
    path("islands/suspect/", suspect_page.suspect, name="island-suspect"),
]
