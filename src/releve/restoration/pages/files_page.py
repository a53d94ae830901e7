"""The plan and the catalogue as files that other programs open: spreadsheets, calendars, project tools."""

import io
import zipfile
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.bedside.now import IslandNow
from releve.restoration.pages.request import READERS, opens, plan_asked
from releve.restoration.standing.now import PlanSeen, RestorationNow
from releve.web.access import needs_role

__all__ = ["file"]

_TYPES = {
    "plan.csv": "text/csv; charset=utf-8", "plan.ics": "text/calendar; charset=utf-8", "plan.xml": "application/xml",
    "catalogue.zip": "application/zip",
}  # fmt: skip


@require_GET
@needs_role(*READERS)
@opens(file=True)
def file(request: HttpRequest, now: IslandNow, seen: RestorationNow, name: str) -> HttpResponse:
    """Return a file: plan.csv, plan.ics (`?team=` for one), plan.xml (MSPDI), catalogue.zip (CSV).

    `?plan=` names the plan, otherwise it is the one in force.
    """
    if name not in _TYPES:
        raise Http404
    body = _body(seen, plan_asked(request, seen), name, request.GET.get("team", "")[:80], now)
    if body is None:
        raise Http404
    response = HttpResponse(body, content_type=_TYPES[name])
    response["Content-Disposition"] = f'attachment; filename="restoration-{name}"'
    return response


def _body(seen: RestorationNow, shown: PlanSeen | None, name: str, team: str, now: IslandNow) -> bytes | None:
    # Loaded when a file is asked for: no start of the pages waits for writers of other tools' files.
    from releve.restoration.exports.folder import write_folder
    from releve.restoration.exports.ics import NothingToShow, write_ics
    from releve.restoration.exports.mspdi_write import write_mspdi
    from releve.restoration.exports.table import write_table

    language = get_language() or "fr"
    if not seen.ready:
        return None
    if name == "catalogue.zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in write_folder(seen.case, language=language).items():
                archive.writestr(member, content)
        return packed.getvalue()
    if shown is None:
        return None
    case = seen.case_of(shown)
    if name == "plan.csv":
        return write_table(case, shown.plan)
    if name == "plan.xml":
        made_at = datetime.fromtimestamp(shown.made_at // 1000, now.zone) if shown.made_at else None
        return write_mspdi(case, shown.plan, made_at=made_at)
    p80 = {one.id: round(one.p80) for one in shown.dates if one.kind == "application"}
    stamp = datetime.fromtimestamp(now.now_ms / 1000, UTC)
    try:
        return write_ics(case, shown.plan, stamp=stamp, skill=team, p80=p80, language=language)
    except NothingToShow:
        return None
