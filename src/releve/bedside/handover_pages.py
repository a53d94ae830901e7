"""The hand-over sheet of a ward: read, written line by line, taken over, printed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.board import for_reader, read_ward
from releve.bedside.handover import HandoverLine, handover_lines, window
from releve.bedside.horizon import sources_of
from releve.bedside.now import IslandNow, island_now
from releve.departments.observations.balance import shift_name
from releve.departments.observations.handover import HandoverForm, draft_of_taking, words_of, written
from releve.departments.observations.rules import CHARTERS
from releve.record.acts import draft_of
from releve.record.chart import Chart, Here, chart_of, here_of
from releve.web.access import CARE, needs_role
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.opaque import seal

__all__ = ["handover", "lines_of", "take_over", "write_handover"]

FUNCTION = "observe"
WORDS_MS = 3 * 86_400_000


def lines_of(request: HttpRequest, now: IslandNow, code: str) -> list[HandoverLine]:
    """Return the lines of a ward's hand-over as this reader may see them.

    Raises:
        Http404: no such ward.
    """
    sources = sources_of(code, now.directory, now.feeds, now.statuses)
    board = read_ward(code, now.directory, sources, now_ms=now.now_ms)
    if board is None:
        raise Http404
    rights = board.charged & set(request.person.wards)  # type: ignore[attr-defined]
    shown = for_reader(board, rights, now.directory.map.confidential.cover_name)
    return handover_lines(shown, window(now.now_ms, now.directory), get_language() or "fr", now.zone)


def _form(here: Here, ward: str, line_words: Any, number: int, data: Any = None) -> HandoverForm:
    return HandoverForm(
        data, stands=line_words, here=here, function=FUNCTION, ward=ward, auto_id=f"id_{number}_%s"
    )


def _page(
    request: HttpRequest, code: str, *, refused: tuple[str, HandoverForm] | None = None, status: int = 200
) -> HttpResponse:
    now = island_now(request)
    if now is None:
        raise Http404
    here = here_of(request)
    opened = here.opening(FUNCTION, code)
    role, me = request.person.role, request.person.code  # type: ignore[attr-defined]
    writing = opened.open and role in CHARTERS
    was = role in CHARTERS and not opened.open and here.was_open(FUNCTION, code)
    late = was and ("late" in request.GET or request.method == "POST")
    shift = window(now.now_ms, now.directory)
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines_of(request, now, code)):
        assert line.line.present is not None
        head = line.line.present.head
        form = None
        if refused is not None and refused[0] == head:
            form = refused[1]
        elif (writing or late) and not (line.line.traits is not None and line.line.traits.covered):
            form = _form(here, code, line.words.row if line.words else None, number)
        rows.append({"at": number, "said": line, "line": line.line, "handle": seal(head), "form": form})
    ward = now.directory.ward(code)
    return render(
        request,
        "bedside/handover.html",
        {
            "code": code,
            "ward": ward,
            "rows": rows,
            "shift": shift,
            "shift_name": shift_name(shift),
            "writing": writing,
            "may": role in CHARTERS,
            "may_be_late": was and not late,
            "where": opened.where.label(get_language() or "fr"),
            "refused": refused[1] if refused else None,
            # Nobody takes over from herself.
            "untaken": [
                words.row.act
                for row in rows
                if (words := row["said"].words) and not words.taken and words.row.by != me
            ],
            "now_ms": now.now_ms,
        },
        status=status,
    )


@require_GET
@needs_role(*CARE)
def handover(request: HttpRequest, code: str) -> HttpResponse:
    """Return the hand-over sheet of a ward."""
    return _page(request, code)


def _of_this_ward(request: HttpRequest, code: str, handle: str) -> Chart:
    chart = chart_of(request, handle)
    if chart.ward != code or chart.covered:
        raise Http404
    return chart


@require_POST
@needs_role(*CHARTERS)
def write_handover(request: HttpRequest, code: str, handle: str) -> HttpResponse:
    """Write the words about one patient; what somebody else wrote meanwhile is shown first."""
    chart = _of_this_ward(request, code, handle)
    said = words_of(chart.persons, since_ms=chart.here.now_ms - WORDS_MS)
    stands = max((one.row for one in said.values()), key=lambda row: row.happened_at or 0, default=None)
    form = _form(chart.here, code, stands, 999, request.POST)
    if not form.is_valid():
        return _page(request, code, refused=(chart.person, form), status=422)
    person = request.person  # type: ignore[attr-defined]
    receipt = record_act(request, draft_of(written(request, chart, form, person)))
    shown = wait_until_folded(receipt)
    # One line among forty: which one it was, as the sheet names it.
    what = gettext("hand-over, bed %s") % chart.bed if chart.bed else gettext("hand-over")
    return saved(request, receipt, reverse("handover", args=[code]), what=what, shown=shown)


@require_POST
@needs_role(*CHARTERS)
def take_over(request: HttpRequest, code: str) -> HttpResponse:
    """Say that this person read the sheet and takes the patients over; only the words she had on screen count."""
    now = island_now(request)
    if now is None:
        raise Http404
    here = here_of(request)
    if not here.opening(FUNCTION, code).open:
        return _page(request, code, status=422)
    read = set(request.POST.getlist("read"))
    taken = []
    for line in lines_of(request, now, code):
        assert line.line.present is not None
        words = line.words
        if words is not None and words.row.act in read:
            taken.append((words.row.person, words.row.act or ""))
    if not taken:
        return _page(request, code, status=422)
    key = request.POST.get("act_key", "")[:64]
    receipt = record_act(request, draft_of_taking(key, code, taken, here, request.person))  # type: ignore[attr-defined]
    shown = wait_until_folded(receipt)
    return saved(request, receipt, reverse("handover", args=[code]), what=gettext("taken over"), shown=shown)
