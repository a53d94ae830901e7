"""Results, orders, appointments and what to call: the recto of one person's sheet, from the views."""

from django.utils.translation import override

from releve.bedside.files import PersonFile
from releve.departments.laboratory.tables import Result
from releve.departments.observations.care_plan import EVERY_WORDS, hours_owed
from releve.departments.observations.tables import Care
from releve.paper.gather_frame import Frame
from releve.paper.pack import Item, LocalTime, Measure, ResultFlag, ResultLine, ResultState
from releve.paper.words import labels
from releve.record.tables import ServiceRequest

__all__ = ["appointments_of", "contacts_of", "measures_of", "pending_of", "plan_of", "results_of"]

# A recto holds about nine results in full; the others follow in a few lines, none is left out.
FULL_RESULTS = 9
SPANNING = 15  # a value of this many characters takes the columns of unit and range too
REPORTS_MAX = 2
REPORT_CHARACTERS = 450
REPORT_DAYS = 10
DAY_MS = 86_400_000
FLAGS: dict[str, ResultFlag] = {
    "critical-high": "critical_high", "critical-low": "critical_low", "critical-abnormal": "critical",
    "high": "high", "low": "low", "abnormal": "abnormal",
}  # fmt: skip
SIGNS: dict[ResultFlag | None, str] = {"high": "▲", "low": "▼"}
URGENT = ("S", "A")  # HL7 table 0485: stat, as soon as possible


def results_of(file: PersonFile, frame: Frame) -> tuple[ResultLine, ...]:
    """Return the newest result of each series: what calls somebody in full, the others in short, then reports."""
    before: dict[str | None, list[Result]] = {}
    for result in file.results:
        before.setdefault(result.series, []).append(result)
    last = [result for result in file.last_results() if result.status != "cancelled"]
    ranked = sorted(last, key=lambda result: (_rank(result), -(result.sampled_at or 0)))
    # Critical results, corrections and long texts (cultures) are never shortened into a list.
    full = [
        result
        for n, result in enumerate(ranked)
        if n < FULL_RESULTS or _rank(result) == 0 or result.status != "final" or _long(result)
    ]
    chosen = {id(result) for result in full}
    others = [result for result in ranked if id(result) not in chosen]
    full.sort(key=lambda result: (-(result.sampled_at or 0), result.report or "", result.label or ""))
    lines = [_result(result, before[result.series], frame) for result in full]
    for key, results in (
        ("others_flagged", [result for result in others if result.flag in FLAGS]),
        ("others", [result for result in others if result.flag not in FLAGS]),
    ):
        if results:
            lines.append(_short(key, results, frame))
    return (*lines, *_reports(file, frame))


def _rank(result: Result) -> int:
    """Return how early a result must be seen: critical, abnormal or corrected, not final, the rest."""
    if (result.flag or "").startswith("critical"):
        return 0
    if result.flag in FLAGS or result.status == "corrected":
        return 1
    return 2 if result.status == "preliminary" else 3


def _long(result: Result) -> bool:
    return len(result.value or "") > 30


def _result(result: Result, series: list[Result], frame: Frame) -> ResultLine:
    state: ResultState = (
        "preliminary"
        if result.status == "preliminary"
        else "corrected"
        if result.status == "corrected"
        else "final"
    )
    earlier = [one.value for one in series if one is not result and one.sample != result.sample and one.value]
    notes = [result.note or ""]
    if state == "corrected" and result.previous:
        notes.insert(0, frame.words("replaces", value=frame.figure(result.previous)))
    return ResultLine(
        test=result.label or result.code or "",
        value=result.value or "",
        unit=result.unit or "",
        range=result.range,
        flag=FLAGS.get(result.flag or ""),
        at=frame.local_or_none(result.sampled_at),
        previous=earlier[0] if earlier else None,
        state=state,
        note=" · ".join(note for note in notes if note),
    )


def _short(key: str, results: list[Result], frame: Frame) -> ResultLine:
    """Return one line for several results: sign, name, value, unit, one after the other."""
    said = []
    for result in sorted(results, key=lambda one: (one.report or "", one.label or "")):
        sign = SIGNS.get(FLAGS.get(result.flag or ""), "")
        parts = (
            sign,
            result.label or result.code or "",
            frame.figure(result.value or ""),
            _unit(result, frame),
        )
        said.append("\u00a0".join(part for part in parts if part))
    newest = max((result.sampled_at or 0 for result in results), default=0)
    together = labels(frame.language)["list_sign"].join(said)
    return ResultLine(
        test=frame.words(key),
        value=together.ljust(SPANNING, "\u00a0"),
        at=frame.local(newest) if newest else None,
    )


def _unit(result: Result, frame: Frame) -> str:
    units = labels(frame.language)["units"]
    unit = units.get(result.unit or "", result.unit or "")
    said = unit if isinstance(unit, str) else unit[-1]
    return "" if said == units["1"] else said


def _reports(file: PersonFile, frame: Frame) -> list[ResultLine]:
    """Return the last imaging reports, as written; a long one says where the rest is."""
    since = frame.now_ms - REPORT_DAYS * DAY_MS
    recent = [report for report in file.reports if (report.performed_at or report.issued_at or 0) >= since]
    lines = []
    for report in recent[:REPORTS_MAX]:
        body = (report.body or "").strip()
        if len(body) > REPORT_CHARACTERS:
            body = f"{body[:REPORT_CHARACTERS].rsplit(' ', 1)[0]}… {frame.words('report_cut')}"
        lines.append(
            ResultLine(
                test=report.label or frame.words("label_imaging"),
                value=body.ljust(SPANNING, "\u00a0") if body else "",
                at=frame.local_or_none(report.performed_at or report.issued_at),
                state="preliminary"
                if report.status == "preliminary"
                else "corrected"
                if report.status == "corrected"
                else "final",
                note=report.author or "",
            )
        )
    return lines


def pending_of(file: PersonFile, frame: Frame) -> tuple[Item, ...]:
    """Return what was asked and did not come back; orders of one group stand together."""
    groups: dict[tuple[str | None, ...], list[ServiceRequest]] = {}
    for request in file.requests:
        key = (request.group or request.id, request.status, request.department, str(request.planned_at))
        groups.setdefault(key, []).append(request)
    items = []
    for group in groups.values():
        first, words = group[0], frame.words
        status = f"status_{first.status or ''}"
        asked = frame.said(first.requested_at) if first.requested_at else ""
        said = words(status, at=asked).rstrip() if status in words else words("status_")
        notes = [
            words("urgent") if first.priority in URGENT else "",
            said,
            words("tube", number=first.accession) if first.accession else "",
            first.note or "",
        ]
        items.append(
            Item(
                text=", ".join(dict.fromkeys(request.label or request.code or "?" for request in group)),
                at=frame.local_or_none(first.planned_at),
                note=" · ".join(note for note in notes if note),
            )
        )
    return tuple(items)


def appointments_of(file: PersonFile, frame: Frame, *, received: bool) -> tuple[Item, ...] | None:
    """Return the appointments to come, None when the island receives none."""
    coming = [
        one for one in file.appointments if (one.start_at or 0) >= frame.now_ms and one.status != "noshow"
    ]
    if not received and not coming:
        return None
    items = []
    for one in coming:
        place = frame.ward_name(one.place) if one.place and one.place in frame.directory.wards else one.place
        where = (
            frame.words("place_with", place=place, who=one.with_whom)
            if place and one.with_whom
            else place or one.with_whom or ""
        )
        items.append(Item(text=one.label or "?", at=frame.local_or_none(one.start_at), note=where))
    return tuple(items)


def plan_of(file: PersonFile, frame: Frame) -> tuple[Item, ...] | None:
    """Return what is planned for the stay and the nurses' own plan; None: nothing was received, nothing planned."""
    leaves = file.present.encounter.expected_discharge_at
    found = (
        [Item(text=frame.words("discharge"), at=_day_or_hour(leaves, frame))] if leaves is not None else []
    )
    with override(frame.language):
        found += [
            Item(
                text=frame.words("care", action=row.action, every=EVERY_WORDS.get(row.every or "", row.every))
                + _care_hours(row, frame),
                note=row.problem or "",
            )
            for row in file.care
        ]
    return tuple(found) or None


def _day_or_hour(at_ms: int, frame: Frame) -> LocalTime:
    """Return a local time; the day alone where no more was said, which is midnight: nobody is sent home then."""
    local = frame.local(at_ms)
    return local[:10] if local[11:] == "00:00" else local


def _care_hours(row: Care, frame: Frame) -> str:
    """Return the hours of the grid at which care by the hour is due and of which nothing was said yet.

    They follow the grid, not the minute: a sheet that is still true is not set again.
    """
    owed = hours_owed(row, from_ms=frame.grid_ms, to_ms=frame.grid_end_ms, zone=frame.zone)
    return ", " + frame.words("care_due", hours=" ".join(_clock(at, frame) for at in owed)) if owed else ""


def _clock(at_ms: int, frame: Frame) -> str:
    """Return a full hour as the columns of the grid say it; the doubled hour as A, then B."""
    local = frame.local(at_ms)
    return local[11:13] + local[16:]


def contacts_of(file: PersonFile, frame: Frame) -> tuple[Item, ...]:
    """Return whom to call."""
    return tuple(
        Item(
            text=", ".join(part for part in (contact.relation, contact.name) if part) or "?",
            note=contact.phone or "",
        )
        for contact in file.contacts
    )


def measures_of(file: PersonFile, frame: Frame) -> tuple[Measure, ...]:
    """Return the last value of each measure; the weight is always asked for, because doses depend on it."""
    found = [
        Measure(
            label=measure.label or measure.code or "",
            unit=measure.unit or "",
            value=measure.value,
            at=frame.local_or_none(measure.measured_at),
        )
        for code in dict.fromkeys(measure.code for measure in file.measures)
        if code and (measure := file.latest(code)) is not None
    ]
    if file.latest("weight") is None:
        found.insert(0, Measure(label=frame.words("weight"), unit="kg"))
    return tuple(found[:6])
