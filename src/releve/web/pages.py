"""The shell's own addresses: the band refreshed, language and theme chosen."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from releve.web.access import may_open_page, public
from releve.web.acting import safe_next
from releve.web.database import setting
from releve.web.middleware import choice_cookie


@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """Return the band, the horizon and a fresh dead man's bar, the islands, and who holds the entry just written."""
    log, _, index = request.GET.get("entry", "").partition("#")
    entry = {"log": log, "index": int(index)} if log and index.isdecimal() and len(index) < 16 else {}
    return render(request, "web/components/refreshed.html", entry)


@public
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the language or theme this person chose, on this workstation."""
    person = getattr(request, "person", None)
    language = request.POST.get("language") or request.LANGUAGE_CODE
    theme = request.POST.get("theme") or getattr(request, "theme", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    response = HttpResponseRedirect(safe_next(request, request.POST.get("next"), "/"))
    response.set_cookie(
        choice_cookie(person.code if person else ""),
        f"{language}.{theme if theme in {'day', 'night'} else ''}",
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=setting("RELEVE_TLS"),
    )
    return response


def home(request: HttpRequest) -> HttpResponse:
    """Go to the hospital's overview, or to my post where no room offers one; who audits, to the audit."""
    from releve.web.templatetags.releve import url_or

    person = getattr(request, "person", None)
    first = "overview" if person is None or may_open_page(person, "overview") else "audit"
    return HttpResponseRedirect(url_or("/post/", first))
