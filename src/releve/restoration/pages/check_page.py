"""A plan held against its rules, in words: one that was made, or one made by hand elsewhere, kept on demand."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import Case, CaseError
from releve.restoration.making.runtime_files import call_planner
from releve.restoration.pages.acting import record
from releve.restoration.pages.by_hand import dated_and_found, of_hand, parent_of, plan_kept
from releve.restoration.pages.criticised import criticise
from releve.restoration.pages.request import READERS, may_plan, opens, plan_asked, who_is
from releve.restoration.pages.sentences import refusal_text
from releve.restoration.pages.uploaded_files import FILE_BYTES_MAX, SHOWN_MAX
from releve.restoration.plan import Plan, read_plan
from releve.restoration.standing.now import RestorationNow
from releve.restoration.tables import PlanTold
from releve.web.access import needs_role
from releve.web.database import data_folder
from releve.web.uploads import too_large

__all__ = ["check"]


@require_http_methods(["GET", "POST"])
@needs_role(*READERS)
@opens(back="restoration-plan")
def check(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return what is to be said against a plan; posted, against the plan of a file, which is kept when that is asked.

    Kept, its forecast is made as for any other; it is in force only once somebody puts it in force.
    """
    if request.method == "POST" and not may_plan(request):
        raise PermissionDenied
    shown = plan_asked(request, seen)
    context: dict[str, Any] = {"tab": "plan", "now": seen, "shown": shown, "may_plan": may_plan(request)}
    if request.method != "POST":
        if shown is not None:
            context |= criticise(seen.case_of(shown), shown.plan, now.zone)
        else:
            context["rehearsed"] = PlanTold.objects.exists()
        return render(request, "restoration/check.html", context)
    case = None if not seen.ready else seen.case_of(shown) if shown is not None else seen.case
    try:
        keep = request.POST.get("step") == "keep"
        plan, remarks, name = _kept(request, case) if keep else _brought(request, case)
    except CaseError as error:
        return render(request, "restoration/check.html", context | {"error": str(error)}, status=422)
    assert case is not None
    parent = parent_of(plan, shown)
    dated, found = dated_and_found(case, plan, parent)
    refused = ""
    if keep:
        said = rules.keep_plan(
            who=who_is(request),
            plan=dated,
            made_by=request.POST.get("made_by", ""),
            starts_at_us=case.starts_at_ms * 1000,
            base=parent.entry if parent is not None else "",
            found=found,
            running=seen.running is not None,
        )
        if not isinstance(said, rules.Refusal):
            to = reverse("restoration-plan")
            answer = record(
                request, said, to, what=gettext("the plan made by hand is kept, its forecast is asked for")
            )
            call_planner(data_folder())
            return answer
        refused = refusal_text(said.code)
    dates_said = bool(plan.applications or plan.services or plan.loss)
    context |= {
        "file": name,
        "remarks": remarks,
        "refused": refused,
        "kept": msgspec.json.encode(plan).decode(),
        "made_by": request.POST.get("made_by", who_is(request).name),
        "hand": of_hand(case, found, now.zone),
        "parent": parent,
        "computed": dates_said,
        **criticise(case, plan if dates_said else dated, now.zone),
    }
    return render(request, "restoration/check.html", context, status=422 if refused else 200)


def _kept(request: HttpRequest, case: Case | None) -> tuple[Plan, tuple[str, ...], str]:
    """Return the plan that was shown, and its file's name.

    Raises:
        CaseError: nothing that can be read.
    """
    if case is None:
        raise CaseError(gettext("There is no catalogue yet: a plan is held against one."))
    return plan_kept(request.POST.get("kept", "")), (), request.POST.get("file", "")[:80]


def _brought(request: HttpRequest, case: Case | None) -> tuple[Plan, tuple[str, ...], str]:
    """Return the plan of the file that was sent, what of the file was not read, and the file's name.

    Raises:
        CaseError: nothing that can be read; the message says what is expected, or names the place.
    """
    from releve.restoration.exports.mspdi_read import read_mspdi
    from releve.restoration.exports.remarks import line
    from releve.restoration.exports.xml_tree import XmlError

    file: Any = request.FILES.get("file")
    if case is None:
        raise CaseError(gettext("There is no catalogue yet: a plan is held against one."))
    if too_large(request) or (file is not None and file.size > FILE_BYTES_MAX):
        raise CaseError(gettext("The file is larger than 10 MB."))
    if file is None or not file.size:
        raise CaseError(gettext("Choose a file."))
    content = file.read()
    name = "".join(sign for sign in str(file.name or "") if sign.isprintable())[:80]
    remarks: tuple[str, ...] = ()
    if name.casefold().endswith(".xml"):
        try:
            project = read_mspdi(content, base=case)
        except XmlError as error:
            raise CaseError(str(error)) from error
        plan = project.plan
        remarks = tuple(line(one, request.LANGUAGE_CODE) for one in project.remarks[:SHOWN_MAX])
    else:
        plan = read_plan(content)
    return msgspec.structs.replace(plan, bound=None), remarks, name
