"""Addresses of vital signs and charts. No address holds a patient's value."""

from django.urls import path

from releve.departments.observations import pages, statement_pages

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/statements/", statement_pages.statements, name="statements"),
    path("patient/<str:handle>/observations/", pages.observations, name="observations"),
    path("patient/<str:handle>/observations/chart/", pages.chart, name="observations-chart"),
    path("patient/<str:handle>/observations/fluid/", pages.fluid, name="observations-fluid"),
    path(
        "patient/<str:handle>/observations/correct/<str:chart_handle>/",
        pages.correct,
        name="observations-correct",
    ),
]
