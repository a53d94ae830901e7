"""Search, by POST so that nothing typed stands in an address, and the scan that any page may send."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from releve.bedside.dose_scan import wristband_token
from releve.bedside.now import island_now
from releve.bedside.search import Found, Query, is_ours, is_printed_tube, read_label, read_query, search
from releve.codecs.identifiers.made_here import check_tube
from releve.departments.prescribing.dose_rules import GIVERS
from releve.hospital.writing import opening
from releve.web.access import CARE, needs_role
from releve.web.audit.watch import name_patients
from releve.web.forms import SheetForm
from releve.web.opaque import open_handle
from releve.web.shell import shell_of
from releve.web.words import local

__all__ = ["FindForm", "find", "scan"]


class FindForm(SheetForm):
    """What somebody knows of the person: each field alone may be enough."""

    birth = forms.CharField(
        label=gettext_lazy("Birth date"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("As precise as known: 14/07/1945, 1945-07-14, July 1945, 1945"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    name = forms.CharField(
        label=gettext_lazy("First letters of the names"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Birth name, used name or given name; accents do not matter"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    number = forms.CharField(
        label=gettext_lazy("Number or label"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("IPP, INS, visit or tube number, or scan the label"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-scan": "here"}),
    )


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def find(request: HttpRequest) -> HttpResponse:
    """Return the search form and, once sent, the persons found."""
    if request.method == "GET":
        return render(request, "bedside/find.html", {"form": FindForm(), "asked": False})
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "bedside/find.html", {"form": form, "asked": False}, status=400)
    shell = shell_of(request)
    today = local(shell.now_ms, shell.zone).date()
    data = form.cleaned_data
    query, wrong = read_query(data["birth"], data["name"], data["number"], today)
    for field, code in wrong.items():
        form.add_error(field, _sentence(code))
    if wrong:
        return render(request, "bedside/find.html", {"form": form, "asked": False}, status=400)
    if query.label is not None and is_ours(data["number"]):
        # A wristband scanned into the field leads where it leads from every other page.
        found, more = _search(request, query)
        if len(found) == 1 and not more and not found[0].traits.covered:
            return HttpResponseRedirect(_page_of(request, found[0]))
    return _answer(request, form, query)


@sensitive_post_parameters()
@require_POST
@needs_role(*CARE)
def scan(request: HttpRequest) -> HttpResponse:
    """Go to the patient whose label was scanned, or say why not."""
    code = request.POST.get("code", "")[:200]
    label = read_label(code)
    if label is None:
        form = FindForm()
        return render(
            request, "bedside/find.html", {"form": form, "asked": False, "not_a_label": True}, status=400
        )
    found, more = _search(request, Query(number=label.ipp, label=label))
    if len(found) == 1 and not more:
        if is_printed_tube(label.ipp):  # no wristband: no dose is given on what a tube says
            return HttpResponseRedirect(reverse("patient", args=[found[0].handle]))
        return HttpResponseRedirect(_page_of(request, found[0]))
    if not found and check_tube(code):
        return _misread(request, FindForm({"number": code}))
    return render(
        request, "bedside/find.html", {"form": FindForm(), "asked": True, "found": found, "more": more}
    )


def _misread(request: HttpRequest, form: FindForm) -> HttpResponse:
    """Say that a digit was misread: only where nobody has this number, for a hospital's own may look like a tube's."""
    form.add_error("number", _sentence("tube-misread"))
    return render(request, "bedside/find.html", {"form": form, "asked": False}, status=400)


def _page_of(request: HttpRequest, found: Found) -> str:
    """Return where a scanned label leads: to her doses where this person charts them, else to her page."""
    now = island_now(request)
    role = request.person.role  # type: ignore[attr-defined]
    here = found.stay.status in ("present", "leave") and now is not None and role in GIVERS
    if (
        here
        and now is not None
        and opening("administer", found.stay.ward or "", now.directory, now.statuses).open
    ):
        token = wristband_token(open_handle(found.handle) or "", now.now_ms)
        return f"{reverse('patient-grid', args=[found.handle])}?read={token}"
    return reverse("patient", args=[found.handle])


def _answer(request: HttpRequest, form: FindForm, query: Query) -> HttpResponse:
    found, more = _search(request, query)
    if not found and check_tube(query.number):
        return _misread(request, form)
    alike = [one for one in found if one.same_name]
    context = {"form": form, "asked": True, "found": found, "more": more, "alike": len(alike)}
    return render(request, "bedside/find.html", context)


def _search(request: HttpRequest, query: Query) -> tuple[list[Any], bool]:
    now = island_now(request)
    found, more = search(query, request.person, now.directory if now is not None else None)  # type: ignore[attr-defined]
    name_patients(request, (one.handle for one in found))
    return found, more


def _sentence(code: str) -> str:
    return {
        "unreadable": _("This is no birth date we can read. Type day/month/year, or only the year."),
        "too-short": _("Without a birth date, type at least three letters."),
        "tube-misread": _("A digit of this tube’s number was read wrongly: scan it again."),
        "nothing": _("Type a birth date, letters of a name, or a number."),
    }[code]
