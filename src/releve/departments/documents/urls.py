"""Addresses of notes and letters. No address holds a patient's value."""

from django.urls import path

from releve.departments.documents import note_pages

__all__ = ["urlpatterns"]

urlpatterns = [
    path("patient/<str:handle>/notes/", note_pages.notes, name="notes"),
    path("patient/<str:handle>/notes/write/<str:kind>/", note_pages.write, name="note-write"),
    path("patient/<str:handle>/notes/<str:note_handle>/", note_pages.note, name="note"),
    path("patient/<str:handle>/notes/<str:note_handle>/print/", note_pages.print_note, name="note-print"),
]
