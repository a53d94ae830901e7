"""What was already keyed from paper for the person of a page: seen before the next sheet is confirmed."""

from typing import Any

from django import template

from releve.record.act_form import ActForm
from releve.record.paper_copied import KEYED_MS, keyed_before

register = template.Library()


@register.simple_tag(takes_context=True)
def keyed_of(context: dict[str, Any], form: Any) -> list[Any]:
    """Return the acts of the form's own sort keyed lately for the person of this page; none under a cover name."""
    if not isinstance(form, ActForm):
        return []
    chart, patient = context.get("chart"), context.get("patient")
    about = chart or patient
    if about is None or about.covered:
        return []
    persons = chart.persons if chart is not None else patient.present.persons  # type: ignore[union-attr]
    # Asked once for all the forms of a page.
    kept: dict[tuple[str, ...], list[Any]] = vars(context["request"]).setdefault("_keyed_before", {})
    key = tuple(persons)
    if key not in kept:
        kept[key] = keyed_before(persons, since_ms=form.here.now_ms - KEYED_MS)
    return [act for act in kept[key] if act.function == form.function]
