"""Addresses of the fleet. Asset tags stand in them, never anything of a patient."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.restoration.fleet.pages import (
    batch_pages,
    list_pages,
    machine_page,
    overview_page,
    paper_pages,
    scan_page,
)
from releve.restoration.fleet.rules import FLEET_ROLES
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(
        label=_("Fleet"),
        url_name="fleet",
        order=70,
        roles=FLEET_ROLES,
        within=frozenset(
            {
                "fleet-batch",
                "fleet-batch-new",
                "fleet-batches",
                "fleet-labels",
                "fleet-machine",
                "fleet-machines",
                "fleet-machines-add",
                "fleet-scan",
                "fleet-stuck",
                "fleet-ward",
            }
        ),
    ),
]

urlpatterns = [
    path("fleet/", overview_page.overview, name="fleet"),
    path("fleet/scan/", scan_page.scan, name="fleet-scan"),
    path("fleet/ward/<path:code>/", overview_page.ward, name="fleet-ward"),
    path("fleet/stuck/", overview_page.stuck, name="fleet-stuck"),
    path("fleet/batches/", batch_pages.batches, name="fleet-batches"),
    path("fleet/batches/new/", batch_pages.new_batch, name="fleet-batch-new"),
    path("fleet/batch/<str:code>/", batch_pages.batch, name="fleet-batch"),
    path("fleet/batch/<str:code>/sheet.pdf", paper_pages.batch_sheet, name="fleet-batch-sheet"),
    path("fleet/batch/<str:code>/labels.pdf", paper_pages.batch_labels, name="fleet-batch-labels"),
    path("fleet/labels/", paper_pages.printer_labels, name="fleet-labels"),
    path("fleet/labels/labels.zpl", paper_pages.printer_labels_file, name="fleet-labels-file"),
    path("fleet/machines/", list_pages.machines, name="fleet-machines"),
    path("fleet/machines/add/", list_pages.add, name="fleet-machines-add"),
    path("fleet/machines/machines.csv", list_pages.inventory_file, name="fleet-machines-file"),
    # Asset tags may hold a slash.
    path("fleet/label/<path:tag>.pdf", paper_pages.machine_label, name="fleet-label"),
    path("fleet/machine/<path:tag>/", machine_page.machine, name="fleet-machine"),
    path("fleet/report/<str:act>/", machine_page.report, name="fleet-report"),
]
