"""Addresses of admissions, movements and beds. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.departments.admissions import (
    admit_page,
    beds_page,
    duplicates_page,
    identity_page,
    stay_page,
)
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(
        label=_("Admit"),
        url_name="admit",
        order=32,
        roles=frozenset({"clerk", "nurse", "midwife", "physician"}),
        within=frozenset({"admit-known", "admit-newborn", "admit-unidentified", "duplicates"}),
    ),
    NavItem(
        label=_("Beds"),
        url_name="buildings",
        order=25,
        # A ward reaches its beds from its board: one line of the navigation holds what everybody needs.
        roles=frozenset({"clerk", "crisis"}),
        within=frozenset({"beds", "bed"}),
    ),
]

urlpatterns = [
    path("admit/", admit_page.admit, name="admit"),
    path("admit/unidentified/", admit_page.admit_unidentified, name="admit-unidentified"),
    path("admit/known/<str:handle>/", admit_page.admit_known, name="admit-known"),
    path("admit/newborn/<str:handle>/", admit_page.admit_newborn, name="admit-newborn"),
    path("patient/<str:handle>/stay/", stay_page.stay, name="stay"),
    path("patient/<str:handle>/stay/<str:movement_handle>/", stay_page.movement, name="stay-movement"),
    path("patient/<str:handle>/identity/correct/", identity_page.correct, name="identity-correct"),
    path("beds/", beds_page.buildings, name="buildings"),
    path("beds/<str:ward>/", beds_page.beds, name="beds"),
    path("beds/<str:ward>/<str:code>/", beds_page.bed, name="bed"),
    path("duplicates/", duplicates_page.duplicates, name="duplicates"),
]
