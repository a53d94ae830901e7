"""The form of a medication line: what is typed becomes a `Posology`, or a sentence at the field."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from releve.codecs import ucum
from releve.departments.prescribing.formulary import Drug, Usual
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.hours import end_after
from releve.departments.prescribing.line_facts import Posology
from releve.departments.prescribing.line_words import ROUTE_NAMES, route_name
from releve.record.act_form import ActForm
from releve.record.numbers_said import doubt_in
from releve.web import words
from releve.web.forms import Awaited, Radios
from releve.web.typed import read_moment

__all__ = ["LineForm", "PlainForm", "initial_of", "initial_of_usual"]

UNITS = (
    "mg", "g", "ug", "mL", "[iU]", "mmol", "{tbl}", "{cps}", "{sachet}", "[drp]", "{puff}", "{amp}", "{vial}",
    "{patch}", "{supp}", "mg/h", "ug/h", "[iU]/h", "mL/h", "L/min", "L", "meq",
)  # fmt: skip
RHYTHMS = {
    "hours": _("At fixed hours"),
    "interval": _("Every so many hours"),
    "once": pgettext_lazy("rhythm", "Once"),
    "needed": _("As needed"),
    "continuous": _("Continuously"),
}
DAYS_MAX = 400
AHEAD_MS = 60 * 86_400_000
_DOSE = re.compile(r"(\d{1,7})(?:[.,](\d{1,4}))?(?:-(\d{1,7})(?:[.,](\d{1,4}))?)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?:[:hH](\d{2})?)?", re.ASCII)


class PlainForm(ActForm):
    """A form of an act whose texts hold nothing that a screen or a printer would hide or turn round."""

    def clean(self) -> dict[str, Any]:
        """Refuse signs that are not seen: they could make a dose read otherwise than it was written."""
        data = super().clean()
        for name, value in list(data.items()):
            if isinstance(value, str) and any(
                unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs") for sign in value
            ):
                self.add_error(
                    name, gettext("A sign that cannot be seen stands in this text: type it again.")
                )
        if said := doubt_in(data.get("told_by", "")):
            self.ask_again({"told_by": said})
        return data


def _typed(label: Any, most: int, help_text: Any = "", **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs}),
    )


class LineForm(PlainForm):
    """A line. `drug` is None for a product that was typed. After `is_valid()`: `what`."""

    label = Awaited(label=_("Product, in words"), max_length=160)
    dose_value = Awaited(
        label=_("Dose"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
    )
    dose_unit = forms.ChoiceField(label=_("Unit"))
    route_code = forms.ChoiceField(label=_("Route"))
    rhythm = forms.ChoiceField(label=_("Rhythm"), choices=list(RHYTHMS.items()), widget=Radios)
    times = _typed(_("Hours"), 80, _("At fixed hours: 8 12 20, or 8:30."))
    interval = _typed(
        _("Hours between two doses"),
        4,
        _("Every so many hours; as needed, the shortest interval."),
        inputmode="numeric",
    )
    condition = _typed(_("Condition"), 120, _("As needed: when, such as if pain."))
    rate = _typed(_("Rate, mL/h"), 10, _("Continuously."), inputmode="decimal")
    start = _typed(_("From"), 40, _("Left empty: now."))
    days = _typed(_("For how many days"), 3, _("Left empty: until it is stopped."), inputmode="numeric")
    note = _typed(_("Instructions"), 200)
    second = _typed(_("Second person: badge, or identifier"), 80, autocapitalize="off")
    second_pin = forms.CharField(
        label=_("Her or his island code"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, drug: Drug | None, before: Posology | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drug, self.before = drug, before
        self.what: Posology | None = None
        language = get_language() or "fr"
        units = list(dict.fromkeys([*self._first_units(), *UNITS]))
        self._choose("dose_unit", [(unit, ucum.dose_unit(unit, "2", language) or unit) for unit in units])
        first = drug.routes if drug is not None else ()
        routes = list(
            dict.fromkeys(
                [*((before.route_code,) if before and before.route_code else ()), *first, *ROUTE_NAMES]
            )
        )
        named = [(code, route_name(code)) for code in routes]
        if before is not None and before.route and not before.route_code:
            named = [("", before.route), *named]
        self._choose("route_code", named if len(first) == 1 or before else [("", gettext("Choose")), *named])
        if drug is not None or (before is not None and before.label):
            del self.fields["label"]

    def _first_units(self) -> list[str]:
        found = [one.dose_unit for one in self.drug.usual] if self.drug is not None else []
        if self.drug is not None and self.drug.unit:
            found.append(self.drug.unit)
        if self.before is not None and self.before.dose_unit:
            found.insert(0, self.before.dose_unit)
        return found

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.required = False
        field.error_messages["invalid_choice"] = gettext("Choose one of the list.")

    def clean(self) -> dict[str, Any]:
        """Read the fields together: each rhythm needs its own."""
        data = super().clean()
        value = self._dose(data.get("dose_value", ""))
        rhythm = data.get("rhythm") or ""
        if not rhythm and "rhythm" not in self.errors:
            self.add_error("rhythm", gettext("Choose a rhythm."))
        times = self._times(data.get("times", "")) if rhythm == "hours" else ()
        interval = self._interval(data.get("interval", ""), rhythm)
        rate = self._rate(data.get("rate", "")) if rhythm == "continuous" else ""
        if rhythm == "needed" and not data.get("condition", "").strip():
            self.add_error("condition", gettext("Say when it is to be given, such as: if pain."))
        if "label" in self.fields and not data.get("label", "").strip():
            self.add_error("label", gettext("Name the product."))
        if not data.get("dose_unit") and "dose_unit" not in self.errors:
            self.add_error("dose_unit", gettext("Choose a unit."))
        keeps_route = self.before is not None and self.before.route
        if not data.get("route_code") and "route_code" not in self.errors and not keeps_route:
            self.add_error("route_code", gettext("Choose a route."))
        start = self._start(data.get("start", ""))
        end = self._end(data.get("days", ""), start)
        if not self.errors and start is not None:
            self.what = self._posology(data, value, rhythm, times, interval, rate, start, end)
        return data

    def _dose(self, text: str) -> str:
        """Return the digits without the zeros that are read as tens."""
        found = _DOSE.fullmatch(text.replace(" ", "").replace("\u00a0", ""))
        if found is None:
            self.add_error("dose_value", gettext("A number, such as 500, 2.5 or 1-2."))
            return ""
        parts = [
            whole.lstrip("0") + ("." + tail if tail else "") if whole.lstrip("0") or tail else "0"
            for whole, tail in (
                (found[1], (found[2] or "").rstrip("0")),
                (found[3], (found[4] or "").rstrip("0")),
            )
            if whole
        ]
        parts = [f"0{part}" if part.startswith(".") else part for part in parts]
        if any(float(part) == 0 for part in parts) or (
            len(parts) == 2 and float(parts[0]) >= float(parts[1])
        ):
            self.add_error(
                "dose_value", gettext("More than zero, and a range from the smaller to the larger.")
            )
        return "-".join(parts)

    def _times(self, text: str) -> tuple[str, ...]:
        tokens = [token for token in re.split(r"[\s,;]+", text.strip()) if token]
        found = []
        for token in tokens:
            match = _TIME.fullmatch(token)
            if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
                self.add_error("times", gettext("Hours such as 8 12 20, or 8:30."))
                return ()
            found.append(f"{int(match[1]):02d}:{match[2] or '00'}")
        if not found:
            self.add_error("times", gettext("Say at which hours, such as 8 12 20."))
        if len(set(found)) > 24:
            self.add_error("times", gettext("Twenty-four hours at most."))
        return tuple(sorted(set(found)))

    def _interval(self, text: str, rhythm: str) -> float | None:
        if rhythm not in ("interval", "needed") or (rhythm == "needed" and not text.strip()):
            return None
        found = text.strip().lower().removesuffix("h").strip()
        if not found.isascii() or not found.isdigit() or not 0 < int(found) <= 720:
            self.add_error("interval", gettext("A number of hours from 1 to 720."))
            return None
        return float(found)

    def _rate(self, text: str) -> str:
        found = _DOSE.fullmatch(text.replace(" ", ""))
        if found is None or found[3] or float(text.replace(" ", "").replace(",", ".")) <= 0:
            self.add_error("rate", gettext("A number of mL/h, such as 20."))
            return ""
        return f"{text.replace(' ', '').replace(',', '.')} mL/h"

    def _start(self, text: str) -> int | None:
        ordered = self.happened_ms
        if not text.strip():
            kept = self.before.start_at if self.before is not None else None
            return kept if kept is not None else ordered
        moment = read_moment(text.strip(), self.zone, now_ms=self.here.now_ms)
        if moment is None:
            self.add_error("start", gettext("An hour such as 08:00, or 22/11/2026 08:00."))
        elif moment.ambiguous:
            self.add_error("start", gettext("This hour happens twice tonight: write 02:30 A or 02:30 B."))
        elif not ordered - 400 * 86_400_000 <= moment.at_us // 1000 <= ordered + AHEAD_MS:
            self.add_error("start", gettext("Within sixty days: check the date."))
        else:
            return moment.at_us // 1000
        return None

    def _end(self, text: str, start: int | None) -> int | None:
        if not text.strip():
            return None
        found = text.strip().lower().removesuffix("j").removesuffix("d").strip()
        if not found.isascii() or not found.isdigit() or not 0 < int(found) <= DAYS_MAX:
            self.add_error("days", gettext("A number of days from 1 to 400."))
            return None
        before = self.before
        if before is not None and found == days_left(before, self.here.now_ms):
            return before.end_at  # as the form proposed it: the end that was prescribed, to the minute
        # What changes today for two days ends in two days, whenever the line began.
        return end_after(max(start, self.happened_ms), int(found), self.zone) if start is not None else None

    def _posology(
        self,
        data: Mapping[str, Any],
        value: str,
        rhythm: str,
        times: tuple[str, ...],
        interval: float | None,
        rate: str,
        start: int,
        end: int | None,
    ) -> Posology:
        drug, before = self.drug, self.before
        label = drug.label if drug else before.label if before and before.label else data["label"].strip()
        once = rhythm == "once"
        if once:
            # One dose at the minute it begins; the same hour of the next day is outside.
            start = start // 60_000 * 60_000
            times, end = (words.local(start, self.zone).strftime("%H:%M"),), end_after(start, 1, self.zone)
        code = data["route_code"]
        return Posology(
            label=label,
            code=drug.code if drug else before.code if before else "",
            system=drug.system if drug else before.system if before else "",
            substance=drug.substance if drug else before.substance if before else "",
            drug_class=drug.drug_class if drug else before.drug_class if before else "",
            free_text=drug is None and not (before and before.code),
            dose_value=value,
            dose_unit=data["dose_unit"],
            route=self._route(code),
            route_code=code,
            form=drug.form if drug else before.form if before else "",
            rate=rate,
            times=times,
            interval_hours=interval,
            once=once,
            as_needed=rhythm == "needed",
            continuous=rhythm == "continuous",
            condition=data["condition"].strip() if rhythm == "needed" else "",
            start_at=start,
            end_at=end,
            high_alert=bool(drug and drug.high_alert)
            or is_high_alert(label)
            or bool(before and before.high_alert),
            note=data["note"].strip(),
        )

    def _route(self, code: str) -> str:
        if self.before is not None and self.before.route and code == self.before.route_code:
            return self.before.route
        # The line is read by the whole hospital, whatever language this screen speaks.
        return route_name(code, self.here.directory.map.language)


def _rhythm_of(one: Usual | Posology) -> str:
    if one.continuous:
        return "continuous"
    if one.as_needed:
        return "needed"
    if one.once:
        return "once"
    return "hours" if one.times else "interval" if one.interval_hours else ""


def _shared(one: Usual | Posology) -> dict[str, Any]:
    language = get_language() or "fr"
    return {
        "dose_value": words.figures(one.dose_value, language) if one.dose_value else "",
        "dose_unit": one.dose_unit,
        "rhythm": _rhythm_of(one),
        "times": ""
        if one.once
        else " ".join(time.removesuffix(":00").lstrip("0") or "0" for time in one.times),
        "interval": f"{one.interval_hours:g}" if one.interval_hours else "",
        "condition": one.condition,
        "rate": one.rate.removesuffix(" mL/h"),
    }


def initial_of_usual(drug: Drug, usual: Usual | None, *, route: str = "", note: str = "") -> dict[str, Any]:
    """Return what the form of a new line is filled with from the formulary."""
    filled: dict[str, Any] = {"dose_unit": drug.unit, "note": note or drug.note}
    if usual is not None:
        filled |= _shared(usual) | {"days": str(usual.days) if usual.days else ""}
    filled["route_code"] = route or (
        drug.routes[0] if len(drug.routes) == 1 or (usual and drug.routes) else ""
    )
    return filled


def days_left(what: Posology, now_ms: int) -> str:
    """Return for how many days a line still runs, begun days counted whole; empty when it has no end to come."""
    left = what.end_at - now_ms if what.end_at is not None and not what.once else 0
    return str(-(-left // 86_400_000)) if left > 0 else ""


def initial_of(what: Posology, *, now_ms: int) -> dict[str, Any]:
    """Return what the form is filled with to change or copy a line; days that are left, when it has an end."""
    return _shared(what) | {
        "route_code": what.route_code,
        "note": what.note,
        "days": days_left(what, now_ms),
    }
