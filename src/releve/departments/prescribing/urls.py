"""Addresses of prescribing and administration. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path

from releve.departments.prescribing import checks_page, line_pages, prescribe_page, reconcile_page

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/prescribe/", prescribe_page.prescribe, name="prescribe"),
    path("patient/<str:handle>/reconcile/", reconcile_page.reconcile, name="reconcile"),
    path("patient/<str:handle>/line/<str:line_handle>/", line_pages.line, name="line"),
    path("patient/<str:handle>/line/<str:line_handle>/change/", line_pages.change, name="line-change"),
    path("prescribing/checks/", checks_page.checks, name="prescribing-checks"),
]
