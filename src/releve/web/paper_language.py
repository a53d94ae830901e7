"""The language of what stays: on paper and in the journal the hospital's, whatever the browser before it asks for."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

__all__ = ["as_recorded", "on_paper"]

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def as_recorded(label: Any) -> str:
    """Return a translated label in the hospital's language: what is recorded is read by everybody, for years."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(label)


def on_paper(view: _View[P]) -> _View[P]:
    """Return the view, answered in the hospital's language: paper is read by others than the one who prints it."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            return view(request, *args, **kwargs)

    return answered
