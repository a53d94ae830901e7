"""A plan held against its rules, in words: the one in force, any other that was made, or one made by hand elsewhere."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration.case import Case, CaseError
from releve.restoration.checker.check import with_its_dates
from releve.restoration.pages.criticised import criticise
from releve.restoration.pages.request import READERS, may_plan, opens, plan_asked
from releve.restoration.pages.uploaded_files import FILE_BYTES_MAX, SHOWN_MAX
from releve.restoration.plan import Plan, read_plan
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role
from releve.web.uploads import too_large

__all__ = ["check"]


@require_http_methods(["GET", "POST"])
@needs_role(*READERS)
@opens()
def check(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return what is to be said against a plan; posted, against the plan of a file, which is not kept."""
    if request.method == "POST" and not may_plan(request):
        raise PermissionDenied
    shown = plan_asked(request, seen)
    context: dict[str, Any] = {"tab": "plan", "now": seen, "shown": shown, "may_plan": may_plan(request)}
    if request.method == "POST":
        try:
            plan, remarks, name = _brought(request, seen.case if seen.ready else None)
        except CaseError as error:
            return render(request, "restoration/check.html", context | {"error": str(error)}, status=422)
        context |= {"file": name, "remarks": remarks, **criticise(seen.case, plan, now.zone)}
    elif shown is not None:
        context |= criticise(seen.case_of(shown), shown.plan, now.zone)
    return render(request, "restoration/check.html", context)


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
    if not plan.applications and not plan.services and not plan.loss:
        plan = with_its_dates(case, plan)
    return msgspec.structs.replace(plan, bound=None), remarks, name
