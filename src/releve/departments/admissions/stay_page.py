"""A stay: where somebody is, every movement of it, and what can be done next."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from releve.record.chart import chart_of, chart_page
from releve.web.access import CARE, needs_role

__all__ = ["stay"]


@require_http_methods(["GET"])
@needs_role(*CARE)
def stay(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the page of a stay."""
    chart = chart_of(request, handle)
    return chart_page(request, chart, "admissions/stay.html", tab="stay")
