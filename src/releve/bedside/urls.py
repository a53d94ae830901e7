"""Addresses of wards and patients. No address holds a patient's value: see `opaque.py`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.bedside import pages, patient_pages
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(label=_("Wards"), url_name="wards", order=20, within=frozenset({"ward"})),
]

urlpatterns = [
    path("ward/", pages.wards, name="wards"),
    path("ward/<str:code>/", pages.board, name="ward"),
    path("ward/<str:code>/live/", pages.board_live, name="ward-live"),
    path("patient/<str:handle>/", patient_pages.patient, name="patient"),
]
