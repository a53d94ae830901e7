"""Addresses of wards and patients. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.bedside import (
    dose_round,
    find_pages,
    grid_pages,
    handover_pages,
    pages,
    patient_pages,
    printed_pages,
    to_sign_pages,
)
from releve.web.access import CARE
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(
        label=_("Wards"),
        url_name="wards",
        order=20,
        roles=CARE,
        within=frozenset(
            {
                "ward",
                "ward-sheet",
                "ward-doses",
                "ward-to-sign",
                "patient",
                "patient-grid",
                "patient-dose",
                "patient-dose-scan",
                "patient-dose-correct",
                "patient-results",
                "patient-timeline",
                "patient-identity",
                "patient-document",
                "patient-sheet",
                "observations",
                "care-plan",
                "observations-correct",
                "notes",
                "note",
                "note-write",
                "handover",
            }
        ),
    ),
    NavItem(label=_("Find"), url_name="find", order=30, roles=CARE, within=frozenset({"scan"})),
]

urlpatterns = [
    path("find/", find_pages.find, name="find"),
    path("scan/", find_pages.scan, name="scan"),
    path("ward/", pages.wards, name="wards"),
    path("ward/<str:code>/", pages.board, name="ward"),
    path("ward/<str:code>/doses/", dose_round.round_page, name="ward-doses"),
    path("ward/<str:code>/to-sign/", to_sign_pages.to_sign, name="ward-to-sign"),
    path("ward/<str:code>/handover/", handover_pages.handover, name="handover"),
    path("ward/<str:code>/handover/take/", handover_pages.take_over, name="handover-take"),
    path("ward/<str:code>/handover/<str:handle>/", handover_pages.write_handover, name="handover-write"),
    path("ward/<str:code>/live/", pages.board_live, name="ward-live"),
    path("ward/<str:code>/sheet/<str:sheet_handle>/", printed_pages.ward_sheet, name="ward-sheet"),
    path(
        "ward/<str:code>/sheet/<str:sheet_handle>/file/",
        printed_pages.ward_sheet_file,
        name="ward-sheet-file",
    ),
    path("patient/<str:handle>/sheet/<str:sheet_handle>/", patient_pages.sheet, name="patient-sheet"),
    path(
        "patient/<str:handle>/sheet/<str:sheet_handle>/file/",
        patient_pages.sheet_file,
        name="patient-sheet-file",
    ),
    path("patient/<str:handle>/", patient_pages.patient, name="patient"),
    path("patient/<str:handle>/grid/", grid_pages.grid, name="patient-grid"),
    path("patient/<str:handle>/dose/", grid_pages.chart_dose, name="patient-dose"),
    path("patient/<str:handle>/dose/scan/", grid_pages.scan_product, name="patient-dose-scan"),
    path("patient/<str:handle>/dose/correct/", grid_pages.correct_dose, name="patient-dose-correct"),
    path("patient/<str:handle>/results/", patient_pages.results, name="patient-results"),
    path("patient/<str:handle>/timeline/", patient_pages.timeline, name="patient-timeline"),
    path("patient/<str:handle>/identity/", patient_pages.identity, name="patient-identity"),
    path(
        "patient/<str:handle>/document/<str:document_handle>/",
        patient_pages.document,
        name="patient-document",
    ),
    path(
        "patient/<str:handle>/document/<str:document_handle>/file/",
        patient_pages.document_file,
        name="patient-document-file",
    ),
]
