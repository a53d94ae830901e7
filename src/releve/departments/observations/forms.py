"""The forms of the bedside: vital signs, fluid balance, words for the next shift."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from releve.departments.observations import rules
from releve.departments.observations.facts import Measurement
from releve.departments.observations.rules import Refusal
from releve.departments.observations.signs import SIGNS
from releve.departments.observations.words import ACVPU, LABELS, fluid_kinds, refusal_text, unit_of
from releve.record.act_form import ActForm

__all__ = ["FluidForm", "VitalsForm"]

_FIGURE = {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false", "size": "6"}
FIGURE_CHARS_MAX = 12


class FigureField(forms.CharField):
    """A figure as people write it: read by the rules, so that the refusal is in our words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, max_length=FIGURE_CHARS_MAX, widget=forms.TextInput(attrs=dict(_FIGURE)), **kwargs
        )


class VitalsForm(ActForm):
    """Everything that is measured at a bed, in the order in which it is measured; all of it may be left empty."""

    respiratory_rate = FigureField()
    spo2 = FigureField()
    spo2_scale = forms.ChoiceField(
        required=False,
        label=_("SpO₂ scale"),
        choices=[("1", _("1, usual")), ("2", _("2, target 88 to 92 % prescribed"))],
        widget=forms.RadioSelect,
    )
    oxygen = forms.ChoiceField(
        required=False,
        label=LABELS["oxygen"],
        choices=[("air", _("Air")), ("oxygen", _("Oxygen"))],
        widget=forms.RadioSelect,
    )
    oxygen_flow = FigureField()
    systolic = FigureField()
    diastolic = FigureField()
    pulse = FigureField()
    consciousness = forms.ChoiceField(
        required=False,
        label=LABELS["consciousness"],
        choices=[(code, label) for code, label in ACVPU.items()],
        widget=forms.RadioSelect,
    )
    temperature = FigureField()
    pain = FigureField()
    weight = FigureField()
    glucose = FigureField()
    glucose_unit = forms.ChoiceField(
        required=False, label=_("Unit"), choices=[("g/L", "g/L"), ("mmol/L", "mmol/L")], initial="g/L"
    )
    note = forms.CharField(
        required=False,
        label=_("Remark"),
        max_length=rules.NOTE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sure = forms.CharField(required=False, max_length=400, widget=forms.CheckboxInput)

    def __init__(self, *args: Any, offline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "fr"
        self.offline = offline  # it waited in a browser: what was measured then cannot be measured again
        self.measurements: tuple[Measurement, ...] = ()
        self.asked: tuple[str, ...] = ()  # unusual values, as "pulse=210"
        for sign in SIGNS:
            unit = unit_of(sign.code, language) if sign.code != "glucose" else ""
            label = str(LABELS[sign.code])
            self.fields[sign.code].label = f"{label} ({unit})" if unit else label
        self.initial.setdefault("spo2_scale", "1")

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The values that were ticked as measured again."""
        return tuple(part for part in str(self.data.get("sure", ""))[:400].split(" ") if part)

    def clean(self) -> dict[str, Any]:
        """Check every figure; each refusal stands at its field."""
        data = super().clean()
        written = {sign.code: data.get(sign.code) or "" for sign in SIGNS}
        self.measurements, refused = rules.check_values(
            written,
            glucose_unit=data.get("glucose_unit") or "g/L",
            oxygen=data.get("oxygen") or "",
            consciousness=data.get("consciousness") or "",
            confirmed=self.confirmed,
        )
        asked = []
        for one in refused:
            if (one.code == "nothing" and self.errors) or (one.code == "unusual" and self.offline):
                continue
            self.refuse(one)
            if one.code == "unusual":
                asked.append(f"{one.field}={one.low}")
        # What was confirmed before stays confirmed while another figure is corrected.
        self.asked = (*asked, *(part for part in self.confirmed if part not in asked)) if asked else ()
        return data

    def refuse(self, one: Refusal) -> None:
        """Put a refusal at its field."""
        self.add_error(one.field or None, refusal_text(one, get_language() or "fr"))


class FluidForm(ActForm):
    """One volume in or out."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    volume = forms.CharField(
        label=_("Volume (mL)"),
        required=False,
        max_length=FIGURE_CHARS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "6"}),
    )
    note = forms.CharField(
        required=False,
        label=_("Remark"),
        max_length=rules.NOTE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = fluid_kinds()
        self.volume_ml = 0
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", gettext("Choose")),
            (gettext("In"), [(f"in:{code}", label) for code, label in kinds["in"]]),
            (gettext("Out"), [(f"out:{code}", label) for code, label in kinds["out"]]),
        ]

    def clean(self) -> dict[str, Any]:
        """Check volume and kind."""
        data = super().clean()
        language = get_language() or "fr"
        if "kind" in data and not data["kind"]:
            self.add_error("kind", refusal_text(Refusal(code="kind", field="kind"), language))
        if "volume" in data:
            volume = rules.read_volume(data["volume"])
            if isinstance(volume, Refusal):
                self.add_error("volume", refusal_text(volume, language))
            else:
                self.volume_ml = volume
        return data
