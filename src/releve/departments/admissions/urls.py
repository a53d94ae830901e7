"""Addresses of admissions, movements and beds. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.departments.admissions import admit_page, stay_page
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(
        label=_("Admit"),
        url_name="admit",
        order=32,
        roles=frozenset({"clerk", "nurse", "midwife", "physician"}),
        within=frozenset({"admit-known", "admit-newborn", "admit-unidentified"}),
    ),
]

urlpatterns = [
    path("admit/", admit_page.admit, name="admit"),
    path("admit/unidentified/", admit_page.admit_unidentified, name="admit-unidentified"),
    path("admit/known/<str:handle>/", admit_page.admit_known, name="admit-known"),
    path("admit/newborn/<str:handle>/", admit_page.admit_newborn, name="admit-newborn"),
    path("patient/<str:handle>/stay/", stay_page.stay, name="stay"),
]
