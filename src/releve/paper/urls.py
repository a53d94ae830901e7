"""Addresses of labels and of sheets of the bedside. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path

from releve.paper import bedside_sheets, labels_page

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/labels/", labels_page.labels, name="labels"),
    path("patient/<str:handle>/labels/sheet/", labels_page.label_file, name="label-file"),
    path("ward/<str:code>/handover.pdf", bedside_sheets.handover_file, name="handover-file"),
    path("patient/<str:handle>/notes/<str:note_handle>/file/", bedside_sheets.note_file, name="note-file"),
    path("bed-labels/<str:code>/", labels_page.bed_labels, name="bed-labels"),
]
