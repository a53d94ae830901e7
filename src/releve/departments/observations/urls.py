"""Addresses of vital signs and charts. No address holds a patient's value."""

from django.urls import path

from releve.departments.observations import care_pages, pages, statement_pages

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/statements/", statement_pages.statements, name="statements"),
    path("patient/<str:handle>/care/", care_pages.care, name="care-plan"),
    path("patient/<str:handle>/observations/", pages.observations, name="observations"),
    path("patient/<str:handle>/observations/chart/", pages.chart, name="observations-chart"),
    path("patient/<str:handle>/observations/fluid/", pages.fluid, name="observations-fluid"),
    path(
        "patient/<str:handle>/observations/correct/<str:chart_handle>/",
        pages.correct,
        name="observations-correct",
    ),
]
