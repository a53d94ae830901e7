"""Filters and tags of every page; loaded everywhere, no `{% load %}` needed.

Instants are UTC milliseconds, as in the view tables. Zone and language are those of the request. None is written
in words ("not recorded"), never left blank.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2s
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField, CheckboxSelectMultiple
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from releve.codecs import ucum
from releve.views.reading import MOMENT_MAX, MOMENT_MIN
from releve.web import plots, words
from releve.web.access import can_see_patient, may_open_page
from releve.web.accounts.people import Person
from releve.web.shell import now_ms

register = template.Library()

_ROLES = {
    "nurse": _("nurse"),
    "physician": _("physician"),
    "pharmacist": _("pharmacist"),
    "radiographer": _("radiographer"),
    "laboratory": _("laboratory"),
    "clerk": _("admissions"),
    "crisis": _("crisis cell"),
    "it": _("information systems"),
    "auditor": _("auditor"),
    "midwife": _("midwife"),
    "assistant": _("care assistant"),
    "other": _("other work"),
}

# The words of absence are never interchangeable; each says why there is no value.
_ABSENCES = {
    "not-recorded": _("not recorded"),
    "not-asked": _("not asked"),
    "not-received": _("not received"),
    "unreadable": _("unreadable, kept"),
    "silent": _("silent"),
    "does-not-apply": _("does not apply"),
    "unknown-hour": _("hour not known"),
}


def _lang() -> str:
    return get_language() or "fr"


def _zone() -> ZoneInfo:
    zone = timezone.get_current_timezone()
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("Europe/Paris")


def _missing() -> str:
    return gettext("not recorded")


@register.filter
def hour(at_ms: int | None) -> str:
    """Return "02:44"."""
    return _missing() if at_ms is None else words.hour(int(at_ms), _zone())


@register.filter
def day(at_ms: int | None) -> str:
    """Return "21 nov. 2026"."""
    return _missing() if at_ms is None else words.day(int(at_ms), _zone(), _lang())


@register.filter
def short_day(at_ms: int | None) -> str:
    """Return "21 nov."."""
    return _missing() if at_ms is None else words.short_day(int(at_ms), _zone(), _lang())


@register.filter
def weekday(at_ms: int | None) -> str:
    """Return "Samedi 21 nov. 2026"."""
    return _missing() if at_ms is None else words.weekday(int(at_ms), _zone(), _lang())


@register.filter
def moment(at_ms: int | None) -> str:
    """Return "21 nov. 2026 02:44"."""
    return _missing() if at_ms is None else words.moment(int(at_ms), _zone(), _lang())


@register.filter
def near(at_ms: int | None) -> str:
    """Return "02:44" today, "20 nov. 22:03" otherwise."""
    return _missing() if at_ms is None else words.near(int(at_ms), now_ms(), _zone(), _lang())


@register.filter
def recent(at_ms: int | None) -> str:
    """Return the hour alone within eighteen hours, otherwise as `near`."""
    return _missing() if at_ms is None else words.recent(int(at_ms), now_ms(), _zone(), _lang())


@register.filter
def lasted(seconds: float | None) -> str:
    """Return a duration in seconds as "26 min"."""
    return _missing() if seconds is None else words.age(seconds, _lang())


@register.filter
def ago(at_ms: int | None) -> str:
    """Return the age of an instant as "26 min"."""
    return _missing() if at_ms is None else words.age((now_ms() - int(at_ms)) / 1000, _lang())


@register.filter
def stay_day(admitted_ms: int | None) -> str:
    """Return "J 3"."""
    return _missing() if admitted_ms is None else words.stay_day(int(admitted_ms), now_ms(), _zone(), _lang())


@register.filter
def birth(text: str | None) -> str:
    """Return "14 juil. 1945 (81 ans)", as precise as received."""
    return words.birth(text, words.local(now_ms(), _zone()).date(), _lang()) if text else _missing()


@register.filter
def years(text: str | None) -> str:
    """Return the age alone, "81 ans"; empty words when it cannot be known."""
    known = words.age_of(text, words.local(now_ms(), _zone()).date(), _lang()) if text else None
    return known or gettext("age not known")


@register.filter
def figure(text: Any) -> str:
    """Return a received decimal with the language's decimal sign."""
    return _missing() if text is None or text == "" else words.figure(str(text), _lang())


@register.filter
def figures(text: Any) -> str:
    """Return words that hold decimals (a range, a rate) with the language's decimal sign."""
    return _missing() if text is None or text == "" else words.figures(str(text), _lang())


@register.filter
def unit(received: str | None) -> str:
    """Return the unit of a measure as people write it; empty when it has none."""
    return ucum.symbol(received, _lang()) if received else ""


@register.simple_tag
def measure(value: str | None, received_unit: str | None) -> str:
    """Return a measured value with its unit: "6,4 mmol/L"; a value that is words stays as it is."""
    shown = figure(value)
    sign = unit(received_unit)
    return f"{shown}{words.NBSP}{sign}" if sign and value else shown


@register.simple_tag
def dose(value: str | None, received_unit: str | None) -> str:
    """Return a dose, its digits as received: "3,75 mg", "4000 unités"; empty when no value came."""
    if not value:
        return ""
    said = ucum.dose_unit(received_unit, value, _lang()) if received_unit else ""
    return f"{words.figures(value, _lang())}{words.NBSP}{said}" if said else words.figures(value, _lang())


@register.filter
def count(number: int | None) -> str:
    """Return a count with its thousands apart."""
    return _missing() if number is None else words.count(int(number), _lang())


@register.filter
def bare(number: Any) -> str:
    """Return a number as attributes need it, untouched by the language."""
    return str(number)


@register.filter
def sex_name(code: str | None, birth_date: str | None = None) -> str:
    """Return the sex in words (PID-8: F, M, U, O), those for a child where the birth date says so."""
    child = bool(birth_date) and words.is_child(str(birth_date), words.local(now_ms(), _zone()).date())
    known = {
        "F": gettext("Girl") if child else gettext("Female"),
        "M": gettext("Boy") if child else gettext("Male"),
        "O": gettext("Other sex"),
        "U": gettext("Sex not known"),
    }
    return known.get(code or "", gettext("Sex not recorded"))


@register.filter
def ward_label(code: str) -> str:
    """Return what people call a ward, its code where nobody says a name."""
    from releve.web.ward_names import ward_name

    return ward_name(code)


@register.filter
def glass_reason(code: str) -> str:
    """Return why a page beyond one's wards was opened, in words."""
    from releve.web.audit.forms import reason_words

    return reason_words(code)


@register.filter
def glass_verdict(code: str) -> str:
    """Return what a reviewer said of it, in words."""
    from releve.web.audit.forms import verdict_words

    return verdict_words(code)


@register.filter
def role_name(role: str) -> str:
    """Return a role in words."""
    return str(_ROLES.get(role, _ROLES["other"]))


@register.simple_tag
def time(at_ms: int | None, form: str = "near") -> SafeString:
    """Return a `<time>` with the machine's moment; `form`: hour, day, moment, near, recent."""
    if at_ms is None:
        return unknown()
    written = {"hour": hour, "day": day, "moment": moment, "near": near, "recent": recent}[form](at_ms)
    machine = (
        datetime.fromtimestamp(min(max(int(at_ms), MOMENT_MIN), MOMENT_MAX) / 1000, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
    return format_html('<time datetime="{}">{}</time>', machine, written)


@register.simple_tag
def age(at_ms: int | None) -> SafeString:
    """Return hour and age, "02:31, 39 min", in the quiet style."""
    if at_ms is None:
        return format_html('<span class="age">{}</span>', str(_ABSENCES["unknown-hour"]))
    return format_html('<span class="age">{}, {}</span>', time(at_ms), ago(at_ms))


@register.simple_tag
def stale(until_ms: int | None, still_heard: bool = False) -> SafeString:
    """Return "figé 02:44, 26 min": known then, may have changed since; "coupé, reçu" of what is cut and sends on."""
    word = pgettext("data", "cut, heard") if still_heard else pgettext("data", "frozen")
    if until_ms is None:
        return format_html('<span class="stale"><b>{}</b> {}</span>', word, str(_ABSENCES["unknown-hour"]))
    return format_html('<span class="stale"><b>{}</b> {}, {}</span>', word, time(until_ms), ago(until_ms))


@register.simple_tag
def from_feed(name: str) -> SafeString:
    """Return where a line came from: a feed of the hospital (dashed bar)."""
    return format_html('<span class="from from--mirror">{}</span>', gettext("received from %s") % name)


@register.simple_tag
def from_here(who: str) -> SafeString:
    """Return where a line came from: entered here (solid bar)."""
    return format_html('<span class="from">{}</span>', gettext("entered here, %s") % who)


@register.simple_tag
def on_island(log: str | None) -> SafeString | str:
    """Return on which other island something was said, in words; nothing when it was here."""
    from releve.web.elsewhere import island_of

    name = island_of(log)
    return format_html('<span class="flag">{}</span>', gettext("on island %s") % name) if name else ""


@register.simple_tag
def copies(log: str | None, index: int | None) -> SafeString | str:
    """Return on how many islands an entry is saved, in words; nothing where there is only one island."""
    from releve.web.elsewhere import copies_of

    held = copies_of(log, index)
    if held is None:
        return ""
    written = ngettext("saved on %(n)s island", "saved on %(n)s islands", held) % {"n": held}
    return format_html('<span class="age copies">{}</span>', written if held > 1 else gettext("saved here"))


@register.simple_tag
def copies_count(log: str | None, index: int | None) -> int | None:
    """Return on how many islands an entry is saved, None where there is only one island."""
    from releve.web.elsewhere import copies_of

    return copies_of(log, index)


@register.simple_tag
def unknown(why: str = "not-recorded") -> SafeString:
    """Return why there is no value, in a dashed box; `why` is one of the words of absence above."""
    return format_html('<span class="unknown">{}</span>', str(_ABSENCES[why]))


@register.simple_tag
def none(text: str) -> SafeString:
    """Return quiet words where there is nothing to say ("nothing planned")."""
    return format_html('<span class="none">{}</span>', text)


@register.simple_tag
def urgent(text: str) -> SafeString:
    """Return words in filled red: somebody must act now. Nothing else may be red."""
    return format_html('<span class="urgent">{}</span>', text)


@register.simple_tag
def due(text: str) -> SafeString:
    """Return what is to be done at its hour."""
    return format_html('<span class="due">{}</span>', text)


@register.simple_tag
def flag(text: str, strong: bool = False) -> SafeString:
    """Return an alert as a small frame; `strong` fills it."""
    return format_html('<span class="flag{}">{}</span>', " flag--strong" if strong else "", text)


@register.simple_tag
def status(code: str) -> SafeString:
    """Return the status of an application: live, down, restored."""
    known = {
        "down": pgettext("application", "cut"),
        "restored": pgettext("application", "restored"),
        "live": pgettext("application", "in service"),
    }
    kind = code if code in known else "live"
    return format_html('<span class="status status--{}">{}</span>', kind, known[kind])


@register.simple_tag
def trend(
    points: Iterable[tuple[int, float]],
    title: str,
    low: float | None = None,
    high: float | None = None,
    urgent: bool = False,
    description: str = "",
) -> SafeString:
    """Return the small plot of a value in time (see `plots.trend`)."""
    drawn = plots.trend(list(points), low=low, high=high, urgent=urgent, title=title, description=description)
    return mark_safe(drawn)


@register.simple_tag
def hour_bars(counts: Iterable[int], title: str, description: str = "") -> SafeString:
    """Return the messages of each hour as bars (see `plots.bars`)."""
    return mark_safe(plots.bars(list(counts), title=title, description=description))


@register.simple_tag
def silence_rule(
    silent_seconds: float, usual_seconds: float, title: str, description: str = ""
) -> SafeString:
    """Return silence against habit (see `plots.silence_rule`)."""
    drawn = plots.silence_rule(silent_seconds, usual_seconds, title=title, description=description)
    return mark_safe(drawn)


@cache
def _asset(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        return static(name)
    return f"{static(name)}?v={blake2s(Path(found).read_bytes(), digest_size=4).hexdigest()}"


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a static file, which changes when the file does."""
    return _asset(name)


@register.simple_tag(name="url_or", takes_context=True)
def url_or_none_for_her(context: Context, fallback: str, name: str) -> str:
    """Return the address of a page that another room may offer and this person open, else the fallback."""
    person = context.get("person")
    return url_or(fallback, name) if person is None or may_open_page(person, name) else fallback


def url_or(fallback: str, name: str) -> str:
    """Return the address of a page that another room may offer, else the fallback."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return fallback


@register.filter
def sees_patients(person: Person | None) -> bool:
    """Tell whether somebody's role opens pages of patients: nobody else is asked to scan one."""
    return can_see_patient(person)


@register.simple_tag
def act_key() -> SafeString:
    """Return the hidden field that makes a form sent twice one act (see `acting.record_act`)."""
    from releve.web.acting import new_key

    return format_html('<input type="hidden" name="act_key" value="{}">', new_key())


@register.simple_tag(takes_context=True)
def receipt(context: Context) -> Any:
    """Return what became of the act that led to this page, once; None otherwise."""
    from releve.web.acting import take_receipt

    request = context.get("request")
    return take_receipt(request) if request is not None else None


@register.simple_tag
def field(bound: BoundField, span: int | None = None) -> SafeString:
    """Return a labelled field with its hint and errors, tied together for screen readers."""
    widget = bound.field.widget
    if getattr(widget, "input_type", "") == "radio" or isinstance(widget, CheckboxSelectMultiple):
        return render_to_string("web/components/picks.html", {"field": bound, "span": span})
    describes = []
    if bound.help_text:
        describes.append(f"{bound.auto_id}-hint")
    if bound.errors:
        describes.append(f"{bound.auto_id}-error")
    attrs: dict[str, Any] = {}
    if describes:
        attrs["aria-describedby"] = " ".join(describes)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    drawn = bound.as_widget(attrs=attrs)
    return render_to_string(
        "web/components/field.html",
        {
            "field": bound,
            "widget": drawn,
            "span": span,
            "mark": getattr(bound.form, "marks", {}).get(bound.name),
        },
    )


@register.inclusion_tag("web/components/errors.html")
def error_summary(form: Any) -> dict[str, Any]:
    """Return the summary of what is wrong with a form, on top of it."""
    return {"form": form}
