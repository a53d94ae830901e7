"""Addresses of labels. No address holds a patient's value: see `releve.web.opaque`."""

from django.urls import path

from releve.paper import labels_page

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/labels/", labels_page.labels, name="labels"),
    path("patient/<str:handle>/labels/sheet/", labels_page.label_file, name="label-file"),
    path("bed-labels/<str:code>/", labels_page.bed_labels, name="bed-labels"),
]
