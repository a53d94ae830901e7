"""A patient's pages: who, what must be known first, treatment, results, requests, documents, the course of events."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.bedside.opaque import open_handle
from releve.bedside.patient import Patient, patient_of
from releve.web.access import CARE, needs_role

__all__ = ["patient"]


def _patient(request: HttpRequest, handle: str) -> Patient:
    person = open_handle(handle)
    found = patient_of(person, request) if person is not None else None
    if found is None:
        raise Http404
    return found


@require_GET
@needs_role(*CARE)
def patient(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the page of one person."""
    return render(request, "bedside/patient.html", {"patient": _patient(request, handle), "handle": handle})
