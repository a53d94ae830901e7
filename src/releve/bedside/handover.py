"""The hand-over sheet of a ward (*la relève*): one line a patient, what changed this shift, what is due next.

Everything on it comes from the board and from acts recorded here; only the nurse's own words are its own.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from releve.bedside.board import Board, BoardLine
from releve.departments.documents.tables import Document
from releve.departments.observations.care_plan import CareLine, care_lines, care_words
from releve.departments.observations.fluids import Shift, shift_of
from releve.departments.observations.handover import Words, words_of
from releve.departments.prescribing.tables import MedicationRequest
from releve.hospital.map import Directory
from releve.record.tables import Act
from releve.web import words
from releve.web.templatetags.releve import ago, recent, short_day, unit

__all__ = ["HandoverLine", "handover_lines", "window"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# The shift that comes reads, for its first hour, what changed during the one that leaves.
OVERLAP_MS = HOUR_MS


class HandoverLine(msgspec.Struct, frozen=True, kw_only=True):
    """One patient on the sheet."""

    line: BoardLine
    changes: tuple[str, ...]
    due: tuple[str, ...]
    words: Words | None


def window(now_ms: int, directory: Directory) -> Shift:
    """Return the shift whose changes are shown."""
    zone = ZoneInfo(directory.map.zone)
    shift = shift_of(now_ms, zone)
    return shift_of(shift.from_ms - 1, zone) if now_ms - shift.from_ms < OVERLAP_MS else shift


def handover_lines(board: Board, shift: Shift, language: str, zone: ZoneInfo) -> list[HandoverLine]:
    """Return the lines of the sheet, in the order of the board; `board` is what this reader may see."""
    lines = [line for line in board.lines if line.present is not None]
    persons = [key for line in lines if line.present is not None for key in line.present.persons]
    acts: dict[str, list[Act]] = {}
    for act in Act.objects.filter(person__in=persons, happened_at__gte=shift.from_ms):
        acts.setdefault(act.person, []).append(act)
    new_lines: dict[str, list[str]] = {}
    for person, label in MedicationRequest.objects.filter(
        person__in=persons, ordered_at__gte=shift.from_ms
    ).values_list("person", "label"):
        new_lines.setdefault(person, []).append(label or "")
    notes: dict[str, list[str]] = {}
    for person, title in Document.objects.filter(
        person__in=persons, written_at__gte=shift.from_ms
    ).values_list("person", "title"):
        notes.setdefault(person, []).append(title or _("Document"))
    said = words_of(persons, since_ms=board.now_ms - 3 * DAY_MS)
    care = care_lines(persons, now_ms=board.now_ms, zone=zone)
    found = []
    for line in lines:
        assert line.present is not None
        keys = line.present.persons
        covered = line.traits is not None and line.traits.covered
        mine = [act for key in keys for act in acts.get(key, ())]
        changes = [] if covered else _changes(line, mine, shift, language)
        if not covered:
            changes += [
                _("new line: %(label)s") % {"label": label}
                for key in keys
                for label in new_lines.get(key, ())
            ]
            changes += sorted({title for key in keys for title in notes.get(key, ())})
        stands = [said[key] for key in keys if key in said]
        found.append(
            HandoverLine(
                line=line,
                changes=tuple(changes),
                due=(
                    *_due(line, covered, board.now_ms),
                    *_care([] if covered else [one for key in keys for one in care.get(key, ())]),
                ),
                words=None
                if covered
                else max(stands, key=lambda one: one.row.happened_at or 0, default=None),
            )
        )
    return found


def _changes(line: BoardLine, acts: Sequence[Act], shift: Shift, language: str) -> list[str]:
    """Return what changed since the shift began, gravest first."""
    changes = []
    watch = line.facts.watch
    if watch is not None and watch.at >= shift.from_ms and watch.score.total is not None:
        changes.append(f"NEWS2 {watch.score.total} ({recent(watch.at)})")
    results = [one for one in line.facts.results if one.at >= shift.from_ms]
    odd = [one for one in results if one.flag and one.flag != "normal"]
    changes += [
        f"{one.label} {words.figures(one.value, language)} {unit(one.unit)}".strip() for one in odd[:4]
    ]
    if len(results) > len(odd[:4]):
        more = len(results) - len(odd[:4])
        changes.append(ngettext("%(n)s other result", "%(n)s other results", more) % {"n": more})
    late = sum(1 for act in acts if act.late)
    others = [act for act in acts if not (act.kind or "").startswith(("handover.", "note."))]
    if others:
        text = ngettext("%(n)s act recorded here", "%(n)s acts recorded here", len(others)) % {
            "n": len(others)
        }
        changes.append(text + (", " + _("%(n)s entered late") % {"n": late} if late else ""))
    return changes


def _care(lines: Sequence[CareLine]) -> list[str]:
    """Return what runs of the care plan, what nobody did yet in this shift first."""
    running = [line for line in lines if line.row.stopped_at is None]
    return [care_words(line) for line in sorted(running, key=lambda line: not line.open)]


def _due(line: BoardLine, covered: bool, now_ms: int) -> list[str]:
    """Return what comes next: the dose, what is planned, the discharge."""
    due = []
    dose = line.dose
    if dose.at is not None and dose.state in ("late", "now", "planned", "unknown"):
        state = {
            "late": pgettext("hand-over", "late"),
            "unknown": pgettext("hand-over", "given?"),
        }.get(dose.state, "")
        said = " ".join(part for part in (recent(dose.at), dose.label or _("dose"), state) if part)
        # One dose is named; that it is not the only one must be read here as on the board.
        more = (dose.waiting if dose.state in ("late", "unknown") else dose.doses) - 1
        due.append(
            said + (", " + ngettext("%(n)s more", "%(n)s more", more) % {"n": more} if more > 0 else "")
        )
    if not covered and line.plan is not None:
        said = " ".join(
            part for part in (recent(line.plan.at) if line.plan.at else "", line.plan.label) if part
        )
        gone = line.plan.at is not None and line.plan.at < now_ms
        due.append(said + (", " + _("%(age)s ago") % {"age": ago(line.plan.at)} if gone else ""))
    if line.leaves_at:
        due.append(_("leaves %(at)s") % {"at": short_day(line.leaves_at)})  # as on the board: no hour is told
    return due
