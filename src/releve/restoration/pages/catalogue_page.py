"""The catalogue: what is to be brought back, what is wrong with it line by line; begun from the map or a file."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import write_case
from releve.restoration.facts import LineSaid
from releve.restoration.pages.acting import record
from releve.restoration.pages.catalogue_form import changed_lines, new_application, typed_of, words_of_codes
from releve.restoration.pages.catalogue_rows import found_by, groups_of, rows_of
from releve.restoration.pages.fleet_batches import counted_batches
from releve.restoration.pages.request import READERS, id_asked, may_plan, opens, who_is
from releve.restoration.pages.sentences import kind_name, refusal_text
from releve.restoration.pages.task_lines import in_order, task_label
from releve.restoration.pages.troubles import troubles_of
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role

__all__ = ["catalogue", "edit", "file", "list_page"]


def _added(request: HttpRequest, _seen: RestorationNow) -> str:
    """Return the form of the application that was added."""
    return f"{reverse('restoration-edit')}?{urlencode({'id': request.POST.get('new_id', '').strip()})}"


@require_http_methods(["GET", "POST"])
@needs_role(*READERS)
@opens(back=_added)
def catalogue(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the list; its form adds an application."""
    if request.method == "POST":
        if not may_plan(request):
            raise PermissionDenied
        return _add(request, now, seen)
    return list_page(request, now, seen)


def list_page(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the list, with what is wrong with what was typed on it."""
    case, found = seen.case, troubles_of(seen)
    rows = rows_of(case, found)
    asked = request.GET.get("q", "")[:80].strip()
    context = {
        "tab": "catalogue",
        "now": seen,
        "every": len(rows),
        "asked": asked,
        "found": found_by(rows, asked) if asked else [],
        "groups": groups_of(rows, request.GET.get("group", "")),
        "counts": {
            name: len(getattr(case, name)) for name in ("tasks", "people", "skills", "services", "calendars")
        },
        "stops": [one for one in found if one.stops],
        "warns": [one for one in found if not one.stops],
        "errors": errors or {},
        "typed": request.POST,
        "may_plan": may_plan(request),
        "from_map": bool(now.directory.map.applications),
        "fleet": counted_batches(seen, now) if may_plan(request) else None,
    }
    return render(request, "restoration/catalogue.html", context, status=status)


def _add(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    id_ = request.POST.get("new_id", "").strip()
    typed = new_application(
        seen.case, id_, request.POST.get("new_name", ""), language=now.directory.map.language
    )
    said = rules.say_lines(who=who_is(request), lines=typed.lines)
    if typed.errors or isinstance(said, rules.Refusal):
        errors = typed.errors or {"": refusal_text(said.code) if isinstance(said, rules.Refusal) else ""}
        return list_page(request, now, seen, errors=errors, status=422)
    return record(request, said, _added(request, seen), what=gettext("an application added"))


def _edited(request: HttpRequest, seen: RestorationNow) -> str:
    """Return the page of the application that was corrected, of the list once it is taken out."""
    id_ = id_asked(request)
    if all(one.id != id_ for one in seen.case.applications):
        return reverse("restoration-catalogue")
    return f"{reverse('restoration-application')}?{urlencode({'id': id_})}"


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back=_edited)
def edit(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the lines of an application as a form; posted, say what is different."""
    own = next((one for one in seen.case.applications if one.id == id_asked(request)), None)
    if own is None:
        if request.method == "POST":
            return list_page(request, now, seen, errors={"": refusal_text("unknown-application")}, status=422)
        raise Http404
    typed = typed_of(seen.case, own)
    errors: dict[str, str] = {}
    if request.method == "POST":
        if request.POST.get("remove") == "yes":
            gone = [LineSaid(what="application", id=own.id)]
            gone += [
                LineSaid(what="task", id=task.id) for task in seen.case.tasks if task.application == own.id
            ]
            taken = rules.say_lines(who=who_is(request), lines=gone)
            assert not isinstance(taken, rules.Refusal)
            return record(
                request, taken, reverse("restoration-catalogue"), what=gettext("an application taken out")
            )
        typed |= {name: request.POST.get(name, "")[:600] for name in typed}
        read = changed_lines(seen.case, own, typed)
        errors = read.errors
        said = rules.say_lines(who=who_is(request), lines=read.lines)
        if not errors and not isinstance(said, rules.Refusal):
            return record(request, said, _edited(request, seen), what=gettext("the catalogue is corrected"))
        if not errors and isinstance(said, rules.Refusal):
            errors = {"": refusal_text(said.code)}
    context = {
        "tab": "catalogue",
        "now": seen,
        "own": own,
        "may_plan": True,
        "errors": errors,
        "fields": _fields(seen, own, typed, errors),
    }
    return render(request, "restoration/edit.html", context, status=422 if errors else 200)


def _fields(seen: RestorationNow, own: Any, typed: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    codes = {
        "needs": {one.id: one.name for one in seen.case.applications if one.id != own.id and one.name},
        "team": {one.id: one.name for one in seen.case.skills if one.name},
        "after": {task.id: task_label(task) for task in seen.case.tasks},
    }

    def field(name: str) -> dict[str, Any]:
        # A task's id may hold any sign: what ties a label to its field may not.
        safe = "f-" + "".join(sign if sign.isalnum() else f"_{ord(sign):x}_" for sign in name)
        value = typed.get(name, "")
        return {
            "name": name, "id": safe, "value": value, "error": errors.get(name, ""),
            "words": words_of_codes(value, codes.get(name.partition(":")[0], {}), codes["after"]),
        }  # fmt: skip

    return {
        **{name: field(name) for name in ("name", "owner", "tier", "needs")},
        "tasks": [
            {
                "task": task,
                "kind": kind_name(task.kind),
                **{
                    name: field(f"{name}:{task.id}")
                    for name in ("name", "hours", "team", "after", "evidence")
                },
            }
            for task in in_order(task for task in seen.case.tasks if task.application == own.id)
        ],
        "services": [
            {
                "service": service,
                **{name: field(f"{name}:{service.id}") for name in ("impact", "coverage", "patients")},
            }
            for service in seen.case.services
            if own.id in service.requires
        ],
        "codes": [
            (gettext("Applications"), sorted(codes["needs"].items())),
            (gettext("Teams and skills"), sorted(codes["team"].items())),
        ],
    }


@require_GET
@needs_role(*READERS)
@opens(file=True)
def file(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the case as it stands, as a file that `releve restoration` and another island read."""
    if not seen.ready:
        raise Http404
    response = HttpResponse(write_case(seen.case), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="restoration-case.json"'
    return response
