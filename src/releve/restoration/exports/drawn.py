"""A plan as one file to look at: a drawing, or a page with the drawing and the table, that need nothing else. Pure.

On an island's own pages drawings take their colours from its style sheet; a file that is sent carries them with it.
"""

from collections.abc import Iterable, Iterator
from html import escape

from releve.restoration.case import Case
from releve.restoration.drawing.gantt import GanttWords, Quantiles, gantt_svg
from releve.restoration.exports.moments import Moments
from releve.restoration.forecast.forecast import BackBy, Forecast
from releve.restoration.plan import Plan

__all__ = ["write_html", "write_svg"]

_STYLE = """
.drawing{font:11px system-ui,sans-serif;background:#fff;color:#14202b}.drawing text{fill:#14202b}
.drawing .grid{stroke:#d5dce2;fill:none}.drawing .days text{fill:#4a5a68;font-size:10px}.drawing .stripe{fill:#f3f6f8}
.drawing .b{fill:#5b7f99}.drawing .contain{fill:#8a5a44}.drawing .rebuild{fill:#4f6d8f}.drawing .restore{fill:#2f7f86}
.drawing .scan{fill:#8b7a2f}.drawing .harden{fill:#6b5b95}.drawing .test{fill:#3f7d4f}.drawing .reopen{fill:#2c5f8a}
.drawing .catch-up{fill:#9a9a9a}.drawing .gate{fill:#b03a2e}.drawing .workstations{fill:#7a6a5a}
.drawing .done{fill:#b8c4cc}.drawing .late,.drawing .blocked{stroke:#b03a2e;stroke-width:2}
.drawing .dated path{stroke:#14202b;fill:none}.drawing .dated .p80{stroke-width:3}
.drawing .now{stroke:#b03a2e;fill:none}.drawing .now-word{fill:#b03a2e}
"""
_PAGE = """
body{font:14px/1.4 system-ui,sans-serif;margin:16px;color:#14202b}h1{font-size:20px}.wide{overflow-x:auto}
table{border-collapse:collapse;margin-top:16px}td:nth-child(-n+2){white-space:nowrap}
th,td{text-align:left;padding:2px 10px 2px 0;border-bottom:1px solid #d5dce2}
thead{display:table-header-group}tr{break-inside:avoid}@page{size:A4 landscape;margin:10mm}
"""
_WORDS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "en": {
        "title": "Plan of the restoration",
        "said": "Dates of a plan, not announced: what is announced is the date kept with 80 % (P80) of the forecast.",
        "columns": ("Start", "End", "Application", "Task", "Work", "People"),
        "dates": ("Back", "in half of the runs (P50)", "with 80 % (P80)", "with 95% (P95)"),
        "never": "not within the time looked at",
    },
    "fr": {
        "title": "Plan de reprise",
        "said": (
            "Dates d’un plan, non annoncées\u00a0: ce qui s’annonce est la date tenue à 80\u202f% (P80) "
            "de la prévision."
        ),
        "columns": ("Début", "Fin", "Application", "Tâche", "Travail", "Personnes"),
        "dates": (
            "Retour",
            "une fois sur deux (P50)",
            "à 80\u202f% (P80)",
            "à 95\u202f% (P95)",
        ),
        "never": "pas dans le temps examiné",
    },
}  # fmt: skip


def write_svg(case: Case, plan: Plan, *, forecast: Forecast | None = None, language: str = "en") -> bytes:
    """Return the drawing of a plan as a file of its own, with its colours and the dates of its forecast."""
    drawn = _drawn(case, plan, forecast, language)
    # Straight after the opening: the drawing has no style of its own.
    opening, _, rest = drawn.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>{_STYLE}</style>{rest}\n'.encode()


def write_html(case: Case, plan: Plan, *, forecast: Forecast | None = None, language: str = "en") -> bytes:
    """Return one page with the drawing, the dates of the forecast and the table of a plan, on screen and on paper."""
    spoken = "fr" if language.startswith("fr") else "en"
    words = _WORDS[spoken]
    title = escape(f"{words['title']} {case.name}".strip())
    dates = "" if forecast is None else _table(words["dates"], _dates(case, forecast, str(words["never"])))
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}{_PAGE}</style></head><body><h1>{title}</h1><p>{escape(str(words['said']))}</p>"
        f'<div class="wide">{_drawn(case, plan, forecast, spoken)}</div>'
        f"{dates}{_table(words['columns'], _rows(case, plan))}</body></html>\n"
    ).encode()


def _drawn(case: Case, plan: Plan, forecast: Forecast | None, language: str) -> str:
    dates = {}
    for each in forecast.applications if forecast is not None else ():
        if each.p50 is not None and each.p80 is not None and each.p95 is not None:
            dates[each.id] = Quantiles(each.p50, each.p80, each.p95)
    return gantt_svg(case, plan, dates, words=_gantt_words(language), language=language)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = "".join(f"<th>{escape(column)}</th>" for column in columns)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _dates(case: Case, forecast: Forecast, never: str) -> Iterator[tuple[str, ...]]:
    moments = Moments.of(case)
    names = {each.id: each.name for each in case.applications} | {
        each.id: each.name for each in case.services
    }

    def row(each: BackBy) -> tuple[str, ...]:
        hours = (each.p50, each.p80, each.p95)
        days = (never if hour is None else moments.local(hour).strftime("%Y-%m-%d") for hour in hours)
        return (names.get(each.id) or each.id, *days)

    yield from map(row, forecast.services)
    yield from map(row, forecast.applications)


def _gantt_words(language: str) -> GanttWords:
    if not language.startswith("fr"):
        return GanttWords()
    return GanttWords(
        title="Plan de reprise",
        description=(
            "Une ligne par application\u202f; ses tâches en barres\u202f; le tableau dit la même chose en mots."
        ),
        back="revenue le %(p80)s à 80\u202f%%",
        planned="%(name)s\u00a0: du %(start)s au %(end)s",
        now="maintenant",
        done="fait",
        late="en retard",
        blocked="bloqué",
        started="en cours",
    )


def _rows(case: Case, plan: Plan) -> Iterator[tuple[str, ...]]:
    moments = Moments.of(case)
    tasks = {task.id: task for task in case.tasks}
    names = {application.id: application.name or application.id for application in case.applications}
    known = {person.id: person.name or person.id for person in case.people}
    for planned in sorted(plan.tasks, key=lambda each: (each.start, each.end, each.task)):
        task = tasks.get(planned.task)
        yield (
            moments.local(planned.start).strftime("%Y-%m-%d %H:%M"),
            moments.local(planned.end).strftime("%Y-%m-%d %H:%M"),
            names.get(task.application, task.application) if task else "",
            (task.name or task.id) if task else planned.task,
            f"{task.work_hours}\u00a0h" if task else "",
            ", ".join(known.get(person, person) for person in planned.people),
        )
