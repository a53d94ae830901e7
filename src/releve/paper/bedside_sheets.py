"""What the bedside prints by itself, as PDF: the hand-over sheet of a ward, a note or letter of one person.

The pages can be printed from the browser too; these come out of any reader of PDF the same, signs that no font has
as their code.
"""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from releve.bedside.handover import HandoverLine, window
from releve.bedside.handover_pages import lines_of
from releve.bedside.now import IslandNow, island_now
from releve.departments.documents.note_lines import NoteLine, note_line
from releve.departments.documents.tables import Note
from releve.departments.observations.balance import shift_name
from releve.paper.set_sheet import set_sheet
from releve.paper.typeset import TypesetError
from releve.paper.words import labels as paper_words
from releve.record.chart import Chart, chart_of
from releve.web.access import CARE, needs_role
from releve.web.audit.watch import name_patients
from releve.web.opaque import seal
from releve.web.paper_language import on_paper
from releve.web.templatetags.releve import birth, moment, near, role_name, sex_name, stay_day

__all__ = ["handover_file", "note_file"]

# The browser's own reader of PDF needs its styles; nothing else is let in.
_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
# A row of more signs than this may need more than a page: it is allowed to go on overleaf.
LONG_SIGNS = 900
LINE_SIGNS = 45
_FIGURE_UNIT = re.compile(r"(?<=\d) (?=[^\W\d])")
ROOM_MM = 14  # left to write in, under the words of each patient


@require_GET
@needs_role(*CARE)
@on_paper
def handover_file(request: HttpRequest, code: str) -> HttpResponse:
    """Return the hand-over sheet of a ward as PDF, as this reader sees it on screen, in the hospital's language."""
    now = island_now(request)
    if now is None:
        raise Http404
    lines = lines_of(request, now, code)
    name_patients(request, (seal(line.line.present.head) for line in lines if line.line.present is not None))
    try:
        pdf = set_sheet("handover", handover_data(lines, now, code), language=_language())
    except TypesetError:  # the page in the browser shows the same, and prints
        return redirect("handover", code)
    return _pdf(pdf, "handover.pdf")


@require_GET
@needs_role(*CARE)
@on_paper
def note_file(request: HttpRequest, handle: str, note_handle: str) -> HttpResponse:
    """Return one note or letter as PDF."""
    chart = chart_of(request, handle)
    line = note_line(chart, note_handle)
    try:
        pdf = set_sheet("letter", letter_data(chart, line), language=_language())
    except TypesetError:
        return redirect("note-print", handle, note_handle)
    return _pdf(pdf, "note.pdf")


def handover_data(lines: list[HandoverLine], now: IslandNow, code: str) -> dict[str, Any]:
    """Return the data of `handover.typ`, in the language of the request."""
    ward = now.directory.ward(code)
    shift = window(now.now_ms, now.directory)
    changes = gettext("changes from %(from)s to %(to)s") % {
        "from": near(shift.from_ms),
        "to": near(now.now_ms),
    }
    return {
        "title": f"{gettext('Hand-over sheet')}, {ward.name if ward is not None else code}",
        "hospital": now.directory.map.name,
        "exercise": _exercise(now.directory.map.exercise),
        "window": f"{shift_name(shift)}, {changes}",
        "made": gettext("Printed %(at)s. The sheet holds what is recorded on this island, nothing else.")
        % {"at": moment(now.now_ms)},
        "words": {
            "bed": gettext("Bed"),
            "patient": gettext("Patient"),
            "changed": gettext("Changed this shift"),
            "due": gettext("Due next"),
            "words": gettext("For the next shift"),
            "unchanged": gettext("nothing recorded here"),
            "undue": gettext("nothing planned"),
            "nobody": gettext("Nobody is known to be here."),
        },
        "rows": [_row(line) for line in lines],
    }


def _row(said: HandoverLine) -> dict[str, Any]:
    line, words = said.line, said.words
    traits = line.traits
    assert line.present is not None
    stay = line.present.encounter
    if traits is None or traits.covered:
        about = [gettext("confidential stay: ask the ward in charge")]
    else:
        about = [
            f"{sex_name(traits.sex, traits.birth_date)}, {birth(traits.birth_date)}",
            f"{stay_day(stay.admitted_at)}, {stay.reason or gettext('reason not recorded')}",
        ]
    changes = ([gettext("grave vital sign")] if line.grave else []) + list(said.changes)
    body = (words.row.body or "").splitlines() if words is not None else []
    # A line counts for as many signs as it takes of the width.
    signs = sum(max(len(text), LINE_SIGNS) for text in (*body, *changes, *said.due))
    return {
        "bed": line.bed or gettext("no bed"),
        "name": traits.name if traits is not None and traits.name else gettext("Name not received"),
        "given": traits.given if traits is not None else "",
        "about": about,
        "allergies": _allergies(line.facts),
        "flags": [alert.label for alert in line.facts.alerts],
        "changes": [_unparted(text) for text in changes],
        "due": [_unparted(text) for text in said.due],
        "said": body,
        "by": _by(words) if words is not None else "",
        "room": ROOM_MM,
        "long": signs > LONG_SIGNS,
    }


def _unparted(text: str) -> str:
    """Return a text whose figures stay with their units: "75" alone at the end of a line is read as the dose."""
    return _FIGURE_UNIT.sub("\u00a0", text)


def _allergies(facts: Any) -> str:
    if facts.allergy_state == "stated":
        # The name of a drug alone is read as one she is given.
        return f"{gettext('Allergic to')} {', '.join(one.label for one in facts.stated_allergies).upper()}"
    if facts.allergy_state == "none-known":
        return gettext("No known allergy")
    return gettext("Allergies not recorded")


def _by(words: Any) -> str:
    row, taken = words.row, words.taken
    said = f"{row.by_name or row.by}, {near(row.happened_at)}"
    if row.told_by:
        said += f", {gettext('by telephone')}"
    if not taken:
        return f"{said}. {gettext('Not taken over yet')}"
    by = gettext("Taken over by %(who)s, %(at)s") % {
        "who": taken.by_name or taken.by, "at": near(taken.happened_at),
    }  # fmt: skip
    return f"{said}. {by}"


def letter_data(chart: Chart, line: NoteLine) -> dict[str, Any]:
    """Return the data of `letter.typ`, in the language of the request."""
    row, here = line.row, chart.here
    traits, patient = chart.context["traits"], chart.context["patient"]
    ward = here.directory.ward(row.ward or chart.ward)
    who = f"{traits.name or gettext('Name not received')} {traits.given}".strip()
    lines = [gettext("used name") + " " + traits.used] if traits.used else []
    lines.append(f"{sex_name(traits.sex, traits.birth_date)}, {birth(traits.birth_date)}")
    number = f"{gettext('IPP')} {patient.present.ipp}"
    lines.append(number + (f", {gettext('stay no.')} {row.visit}" if row.visit else ""))
    marks = [gettext("This note was withdrawn")] if row.withdrawn_by else []
    if row.recipient:
        marks.append(gettext("for %(who)s") % {"who": row.recipient})
    return {
        "title": row.title or line.kind,
        "hospital": here.directory.map.name,
        "place": [ward.name] if ward is not None else [],
        "name": who,
        "traits": lines,
        "running": f"{who} · {number}",
        "exercise": _exercise(here.directory.map.exercise),
        "marks": marks,
        "lines": (row.body or "").splitlines(),
        "signed": _signed(row),
        "added": [
            {
                "title": gettext("Added afterwards"),
                "lines": (one.body or "").splitlines(),
                "signed": _signed(one),
            }
            for one in line.additions
        ],
        "made": gettext("Written in Relève while the information system was cut; printed %(at)s")
        % {"at": moment(here.now_ms)},
        "hand": gettext("Handwritten signature:"),
    }


def _signed(row: Note) -> str:
    said = [str(row.by_name or row.by or "")]
    if row.role:
        said.append(role_name(row.role))
    said.append(moment(row.happened_at))
    if row.told_by:
        said.append(gettext("told by telephone by %(who)s, read back") % {"who": row.told_by})
    if row.paper:
        said.append(gettext("copied from paper %(number)s") % {"number": row.paper})
    if row.late:
        said.append(gettext("entered late"))
    return ", ".join(said)


def _language() -> str:
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


def _exercise(exercise: bool) -> str:
    return str(paper_words(_language())["exercise"]) if exercise else ""


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            # No name, no number: file names travel.
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store, private",
            "Content-Security-Policy": _POLICY,
        },
    )
