"""Notes and letters of one person: read, write, add, print."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods

from releve.departments.documents.note_facts import KINDS, NoteAdded, NoteWritten
from releve.departments.documents.note_forms import AddForm, NoteForm
from releve.departments.documents.note_lines import note_line, note_lines
from releve.departments.documents.note_rules import WRITERS, kinds_for, may_withdraw, may_write
from releve.departments.documents.note_texts import template_of
from releve.departments.documents.note_words import KIND_LABELS
from releve.record.acts import draft_of
from releve.record.chart import Chart, chart_of, chart_page
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, saved, wait_until_folded
from releve.web.outbox.late import takes_late, waited
from releve.web.paper_language import as_recorded

__all__ = ["note", "notes", "print_note", "write"]

FUNCTION = "document"
_NOTE_ROLES = frozenset().union(*WRITERS.values())


def _reader(request: HttpRequest) -> Person:
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def _writing(request: HttpRequest, chart: Chart) -> dict[str, Any]:
    """Return whether notes are written here now, and else where."""
    opened = chart.here.opening(FUNCTION, chart.ward)
    carriers = {one.code for one in chart.here.directory.applications_carrying(FUNCTION, chart.ward)}
    cut_before = any(
        said.status == "down" and not said.withdrawn and carriers & set(said.applications)
        for said in chart.here.said
    )
    role = _reader(request).role
    return {
        "writing": opened.open and may_write(role),
        "may": may_write(role),
        "may_be_late": not opened.open and cut_before and may_write(role),
        "where": opened.where.label(get_language() or "fr"),
        "kinds": [(kind, KIND_LABELS[kind]) for kind in kinds_for(role)],
        "tab": "notes",
    }


@require_GET
@needs_role(*CARE)
def notes(request: HttpRequest, handle: str) -> HttpResponse:
    """Return every note of one person, newest first."""
    chart = chart_of(request, handle)
    lines = [] if chart.covered else note_lines(chart.persons)
    return chart_page(request, chart, "documents/notes.html", lines=lines, **_writing(request, chart))


def _form(chart: Chart, kind: str, data: Any = None) -> NoteForm:
    initial = {
        "title": as_recorded(KIND_LABELS[kind]),
        "text": template_of(kind, chart.here.directory.map.language),
    }
    return NoteForm(data, kind=kind, here=chart.here, function=FUNCTION, ward=chart.ward, initial=initial)


@takes_late
@require_http_methods(["GET", "POST"])
@needs_role(*_NOTE_ROLES)
def write(request: HttpRequest, handle: str, kind: str) -> HttpResponse:
    """Write one note; recording it is signing it."""
    chart = chart_of(request, handle)
    person = _reader(request)
    if kind not in kinds_for(person.role):
        raise Http404
    form = _form(chart, kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        act = NoteWritten(
            act=request.POST.get("act_key", "")[:64] or new_key(),
            person=chart.person,
            visit=chart.visit,
            kind=kind,
            title=data.get("title", "").strip() or as_recorded(KIND_LABELS[kind]),
            text=data["text"],
            to=data.get("to", "").strip(),
            role=person.role,
            offline=waited(request) is not None,
            **form.common(by=person.code, by_name=person.name),
        )
        receipt = record_act(request, draft_of(act))
        shown = wait_until_folded(receipt)
        return saved(
            request, receipt, reverse("notes", args=[handle]), what=gettext("note signed"), shown=shown
        )
    return chart_page(
        request,
        chart,
        "documents/write.html",
        status=422 if form.is_bound else 200,
        form=form,
        kind=kind,
        kind_label=KIND_LABELS[kind],
        **_writing(request, chart),
    )


@takes_late
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def note(request: HttpRequest, handle: str, note_handle: str) -> HttpResponse:
    """Return one note; whoever writes notes may add to it."""
    chart = chart_of(request, handle)
    line = note_line(chart, note_handle)
    person = _reader(request)
    posted = request.method == "POST"
    form = AddForm(
        request.POST if posted else None, here=chart.here, function=FUNCTION, ward=chart.ward,
        may_withdraw=may_withdraw(person.role, person.code, line.row.by or "") and not line.row.withdrawn_by,
    )  # fmt: skip
    if posted:
        if not may_write(person.role):
            raise PermissionDenied
        if form.is_valid():
            act = NoteAdded(
                act=request.POST.get("act_key", "")[:64] or new_key(),
                person=chart.person,
                visit=chart.visit,
                note=line.row.act or "",
                title=line.row.title or "",
                text=form.cleaned_data["text"],
                role=person.role,
                offline=waited(request) is not None,
                withdraws=bool(form.cleaned_data.get("withdraws")),
                place=f"{line.row.log}#{line.row.index}",
                **form.common(by=person.code, by_name=person.name),
            )
            draft = draft_of(act)
            if act.withdraws:
                # The moment that orders a withdrawal is the one at which it was said: it must follow its note.
                draft = msgspec.structs.replace(draft, occurred_at_us=None)
            receipt = record_act(request, draft)
            shown = wait_until_folded(receipt)
            url = reverse("note", args=[handle, note_handle])
            return saved(request, receipt, url, what=gettext("addition signed"), shown=shown)
    return chart_page(
        request, chart, "documents/note.html", status=422 if posted else 200, line=line, form=form,
        late="late" in request.GET or posted, **_writing(request, chart),
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def print_note(request: HttpRequest, handle: str, note_handle: str) -> HttpResponse:
    """Return one note as a letter for the printer: identity on top, signature below, additions after it."""
    chart = chart_of(request, handle)
    line = note_line(chart, note_handle)
    ward = chart.here.directory.ward(line.row.ward or chart.ward)
    return chart_page(
        request,
        chart,
        "documents/print.html",
        line=line,
        hospital=chart.here.directory.map.name,
        ward=ward,
        printed_ms=chart.here.now_ms,
    )


assert set(KINDS) == set(KIND_LABELS) == set(WRITERS)
