"""The tasks of a team: what is to be done today, reported in two clicks or by scan; one task with all that was said."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.documents import entry_body
from releve.bedside.now import IslandNow
from releve.journal.entry import place_of
from releve.restoration import rules
from releve.restoration.case import Task, names_of
from releve.restoration.facts import EvidenceKept
from releve.restoration.pages.acting import go_on, keep_file, record
from releve.restoration.pages.report_form import ReportForm
from releve.restoration.pages.request import READERS, may_plan, opens, who_is
from releve.restoration.pages.sentences import STATES, refusal_text
from releve.restoration.pages.task_lines import (
    TaskLine,
    for_today,
    lines_asked,
    task_label,
    task_lines,
)
from releve.restoration.rules import PLANNERS
from releve.restoration.sheets import read_symbol
from releve.restoration.standing.now import RestorationNow
from releve.restoration.tables import Evidence
from releve.web.access import needs_role
from releve.web.uploads import too_large

__all__ = ["evidence", "report", "scan", "task", "tasks"]

_decode = msgspec.msgpack.Decoder(EvidenceKept).decode
PAGE_LINES = 50  # of 1,200: a telephone scrolls through that many
_ENDINGS = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/zip": "zip", "text/plain": "txt",
}  # fmt: skip


@require_GET
@needs_role(*READERS)
@opens()
def tasks(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the list: today's, or all, of a team, an application, a person, or those that words find."""
    return render(request, "restoration/tasks.html", _list(request, seen))


def _list(request: HttpRequest, now: RestorationNow) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "")[:80] for name in ("team", "application", "person", "words")}
    every = lines_asked(task_lines(now), **asked)
    show = request.GET.get("show", "today")
    shown = {
        "all": every,
        "done": [line for line in every if line.state == "done"],
        "held": [line for line in every if line.overdue is not None],
    }.get(show) or (for_today(every, now) if show not in ("all", "done", "held") else [])
    person: Any = request.person  # type: ignore[attr-defined]
    kept = {name: value for name, value in asked.items() if value}
    page = Paginator(shown, PAGE_LINES).get_page(request.GET.get("page"))
    return {
        "tab": "tasks",
        "now": now,
        "lines": page.object_list,
        "page": page,
        "counts": {
            "today": len(for_today(every, now)),
            "held": sum(1 for line in every if line.overdue is not None),
            "done": sum(1 for line in every if line.state == "done"),
            "all": len(every),
        },
        "show": show if show in ("all", "done", "held") else "today",
        "skills": [(one.id, one.name or one.id) for one in now.case.skills],
        "applications": sorted(
            ((one.id, one.name or one.id) for one in now.case.applications), key=lambda pair: pair[1].lower()
        ),
        "mine": person.code if any(one.id == person.code for one in now.case.people) else "",
        "asked": asked,
        "query": urlencode(kept),
        "here": request.get_full_path(),
        "may_plan": may_plan(request),
    }


@require_GET
@needs_role(*READERS)
@opens()
def task(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return one task: what it asks, what was said of it, the form to say more."""
    found = seen.task_of.get(request.GET.get("id", ""))
    if found is None:
        raise Http404
    wanted = request.GET.get("say", "")
    form = _form(now, found, initial={"state": wanted if wanted in STATES else ""})
    return _task_page(request, seen, found, form)


def _list_before(request: HttpRequest, _seen: RestorationNow) -> str:
    """Return the list that a report came from, as it was shown."""
    return go_on(request, reverse("restoration-tasks"))


@require_POST
@needs_role(*PLANNERS)
@opens(back=_list_before)
def report(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Record what is said of a task; refused, return the task's page with what was typed."""
    found = seen.task_of.get(request.POST.get("task", ""))
    form = _form(now, found, request.POST, request.FILES)
    if found is None or seen.cut is None:
        form.add_error(None, refusal_text("unknown-task" if found is None else "no-cut"))
        return _task_page(request, seen, found, form, status=422)
    if too_large(request):
        # A gate that passes on words alone is another report than the one that was sent with its file.
        form.add_error("file" if "file" in form.fields else None, gettext("The file is larger than 10 MB."))
    if not form.is_valid():
        return _task_page(request, seen, found, form, status=422)
    values = form.cleaned_data
    told: dict[str, Any] = {
        "who": who_is(request),
        "task": found,
        "now": seen.tasks.get(found.id),
        "state": form.said_state,
        "at_us": values["at"],
        "now_us": now.now_ms * 1000,
        "remaining_hours": values["remaining"],
        "until_us": values["until"],
        "reason": values["reason"],
        "evidence": values["evidence"],
        "seen": request.POST.get("seen", "").split(),
        "told_by": values["told_by"],
    }
    file = values.get("file")
    # Asked before the file is kept: what the rules refuse leaves nothing behind.
    said = rules.report(**told, sha256="file" if file is not None else "")
    if isinstance(said, rules.Refusal):
        form.add_error(said.field if said.field in form.fields else None, refusal_text(said.code))
        return _task_page(request, seen, found, form, status=422)
    if file is not None:
        place, digest = keep_file(request, file)
        said = rules.report(**told, attachment=place, sha256=digest)
        assert not isinstance(said, rules.Refusal)
    what = f"{task_label(found)}{gettext(': ')}{STATES[said.state]}"
    return record(request, said, _list_before(request, seen), what=what, at_us=said.at_us)


@require_POST
@needs_role(*PLANNERS)
@opens()
def scan(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Go to the task whose sheet was scanned."""
    code = request.POST.get("code", "")[:200].strip()
    id_ = read_symbol(code) or code
    if id_ in seen.task_of:
        return HttpResponseRedirect(f"{reverse('restoration-task')}?{urlencode({'id': id_, 'say': 'done'})}")
    context = _list(request, seen) | {"not_found": refusal_text("unknown-task"), "typed": code}
    return render(request, "restoration/tasks.html", context, status=422)


@require_GET
@needs_role(*READERS)
def evidence(request: HttpRequest, origin: str, epoch: int, index: int) -> HttpResponse:
    """Return a file that was kept as evidence; never opened inside the page."""
    row = Evidence.objects.filter(id=place_of(origin, epoch, index)).first()
    _, body = entry_body(row.log, row.index) if row is not None else ("", None)
    kept = _kept(body)
    if row is None or kept is None:
        raise Http404
    response = HttpResponse(
        kept, content_type=row.media_type if row.media_type in _ENDINGS else "application/octet-stream"
    )
    ending = _ENDINGS.get(row.media_type or "", "bin")
    response["Content-Disposition"] = f'attachment; filename="evidence-{(row.sha256 or "")[:12]}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _kept(body: bytes | None) -> bytes | None:
    if body is None:
        return None
    try:
        return _decode(body).content
    except msgspec.MsgspecError:
        return None


def _form(now: IslandNow, found: Task | None, *data: Any, **more: Any) -> ReportForm:
    return ReportForm(*data, task=found, now_ms=now.now_ms, zone=now.zone, **more)


def _task_page(
    request: HttpRequest, seen: RestorationNow, found: Task | None, form: ReportForm, *, status: int = 200
) -> HttpResponse:
    line: TaskLine | None = None
    if found is not None:
        line = next(one for one in task_lines(seen) if one.task.id == found.id)
    names = names_of(seen.case.applications)
    skills = names_of(seen.case.skills)
    context = {
        "tab": "tasks",
        "now": seen,
        "form": form,
        "line": line,
        "team": [(skills.get(one.skill, one.skill), one.count) for one in found.team] if found else [],
        "application": names.get(found.application, "") if found else "",
        "files": _files(line),
        "may_plan": may_plan(request),
        "next": _list_before(request, seen) if request.method == "POST" else reverse("restoration-tasks"),
    }
    return render(request, "restoration/task.html", context, status=status)


def _files(line: TaskLine | None) -> dict[str, dict[str, str]]:
    """Return the files kept with the reports of a task, by the place of their entry."""
    if line is None or line.now is None:
        return {}
    wanted = [one.attachment for one in line.now.history if one.attachment]
    found = {}
    for row in Evidence.objects.filter(id__in=wanted):
        log, _, index = row.id.rpartition("#")
        origin, _, epoch = log.rpartition("/")
        link = reverse("restoration-evidence", args=[origin, int(epoch), int(index)])
        found[row.id] = {"name": row.name or "", "link": link}
    return found
