"""The forms of admissions: who, which bed, when; each asks as little as it can and keeps what was typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from releve.departments.admissions import rules
from releve.departments.admissions.beds import WardBeds
from releve.departments.admissions.facts import Mode, Traits
from releve.departments.admissions.sentences import (
    DOCUMENT_NAMES,
    PROVENANCES,
    doubts_at_fields,
    refusal_text,
)
from releve.hospital.map import Directory
from releve.record.act_form import ActForm
from releve.web import words
from releve.web.forms import Radios, SheetForm
from releve.web.typed import read_birth

__all__ = ["AdmitForm", "TraitsForm", "SearchForm", "bed_choices", "bed_of", "text_field", "ward_of"]


def text_field(label: Any, *, most: int = 200, help_text: Any = "", **attrs: Any) -> forms.CharField:
    """Return a line of text that browsers neither fill in nor correct."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs})
    return forms.CharField(label=label, required=False, max_length=most, help_text=help_text, widget=widget)


class SearchForm(SheetForm):
    """What is known of somebody before anything is written."""

    birth = text_field(
        _("Birth date"), most=30, help_text=_("As precise as known: 14/07/1945, 1945"), autofocus=True
    )
    letters = text_field(
        _("First letters of a name"), most=80, help_text=_("Three are enough; as heard will do")
    )
    number = text_field(_("or a number, or a scanned label"), most=120, **{"data-scan": "here"})


class TraitsForm(ActForm):
    """The traits of somebody, as one writes them: the five strict ones, the name in use, the document seen."""

    birth_name = text_field(_("Birth name"), most=rules.NAME_SIGNS_MAX, **{"class": "caps"})
    given_name = text_field(_("First given name"), most=rules.NAME_SIGNS_MAX)
    sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[("F", _("Female")), ("M", _("Male")), ("U", pgettext_lazy("sex", "Not known"))],
        widget=Radios,
    )
    birth_date = text_field(_("Birth date"), most=30)
    birth_place = text_field(_("Birth place"), help_text=_("Town, or country; or its INSEE code"))
    used_name = text_field(_("Name in use, if another"), most=rules.NAME_SIGNS_MAX, **{"class": "caps"})
    document = forms.ChoiceField(label=_("Document seen"), required=False, choices=DOCUMENT_NAMES)
    ins = text_field(_("INS, if it was read"), most=60)


class AdmitForm(TraitsForm):
    """An admission. `mode` decides what is asked: nothing of the identity of a known person is asked again."""

    estimated_age = text_field(_("Estimated age, in years"), most=20, inputmode="numeric")
    sinus = text_field(_("SINUS number"), most=60, help_text=_("Bracelet of a victim: 21 signs"))
    birth_rank = forms.ChoiceField(
        label=_("Twins"),
        required=False,
        choices=[
            ("", _("Only child")),
            ("1", _("First born")),
            ("2", _("Second born")),
            ("3", _("Third born")),
        ],
    )
    bed = forms.CharField(label=_("Bed"), required=False, max_length=80, widget=forms.Select)
    provenance = forms.ChoiceField(label=_("Comes from"), required=False, choices=PROVENANCES)
    reason = text_field(_("Reason for coming"))
    allergies = forms.ChoiceField(
        label=_("Allergies"),
        required=False,
        choices=[
            ("not-asked", _("Not asked")),
            ("none-known", _("Asked: none known")),
            ("stated", _("Asked: stated here")),
        ],
        widget=Radios,
    )
    allergy_text = forms.CharField(
        label=_("Stated allergies, one on each line"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )

    field_order = (
        "birth_name", "given_name", "sex", "birth_date", "birth_place", "used_name", "document", "estimated_age",
        "sinus", "birth_rank", "bed", "happened_at", "provenance", "allergies", "allergy_text", "reason", "ins",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        mode: Mode,
        directory: Directory,
        beds: Mapping[str, WardBeds],
        who: rules.Who,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mode, self.directory, self.beds, self.who = mode, directory, beds, who
        self.fields["happened_at"].label = (
            gettext("Born at") if mode == "newborn" else gettext("Real arrival")
        )
        if mode == "newborn":
            choices = [("F", gettext("Girl")), ("M", gettext("Boy")), ("U", pgettext("sex", "Not known"))]
            self.fields["sex"].choices = choices  # type: ignore[attr-defined]
            self.fields["given_name"].label = gettext("Given name, if it is chosen")
        asked = self.data.get("bed", "") if self.is_bound else self.initial.get("bed", "")
        select = self.fields["bed"].widget
        assert isinstance(select, forms.Select)
        select.choices = bed_choices(beds, directory, also=str(asked))

    def clean(self) -> dict[str, Any]:
        """Check who she is and where she goes, all at once, so that everything is mended in one go."""
        data = super().clean()
        mode = self.mode
        self.birth_read = read_birth(data.get("birth_date", "")) if data.get("birth_date") else None
        found: list[rules.Refusal] = []
        if mode != "known":
            found += rules.check_traits(
                mode,
                birth_name=data.get("birth_name", ""),
                given_name=data.get("given_name", ""),
                used_name=data.get("used_name", ""),
                birth_typed=data.get("birth_date", ""),
                birth_date=self.birth_read,
                sex=data.get("sex", ""),
                birth_place=data.get("birth_place", ""),
                today=words.local(self.here.now_ms, self.zone).date(),
            )
        code = rules.age_refused(data.get("estimated_age", ""))
        if code:
            found.append(rules.Refusal(code=code, field="estimated_age"))
        for field in ("reason", "sinus", "ins"):
            code = rules.check_words(data.get(field, ""))
            if code:
                found.append(rules.Refusal(code=code, field=field))
        found += self._allergies(data)
        found += self._bed(data)
        outside = rules.may_write(self.who, (self.ward,)) if self.ward else None
        if outside is not None:
            found.append(outside)
        for refusal in found:
            # What Django refused at a field is said once.
            if refusal.field not in self.errors:
                self.add_error(refusal.field or None, refusal_text(refusal.code))
        self.ask_again(
            doubts_at_fields(
                ins=data.get("ins", ""), sinus=data.get("sinus", ""), exercise=self.directory.map.exercise
            )
        )
        return data

    def _allergies(self, data: Mapping[str, Any]) -> list[rules.Refusal]:
        lines = self.allergy_labels
        if data.get("allergies") == "stated" and not lines:
            return [rules.Refusal(code="which-allergies", field="allergy_text")]
        if data.get("allergies") != "stated" and lines:
            return [rules.Refusal(code="which-allergies", field="allergies")]
        codes = [code for code in map(rules.check_words, lines) if code]
        return [rules.Refusal(code=codes[0], field="allergy_text")] if codes else []

    def _bed(self, data: Mapping[str, Any]) -> list[rules.Refusal]:
        code = bed_of(data.get("bed", ""))
        line = next(
            (line for ward in self.beds.values() for line in ward.lines if line.bed.code == code), None
        )
        refusal = rules.check_bed(
            bed=code,
            ward=self.ward,
            known=line is not None,
            taken=line is not None and bool(line.lying),
            state=line.state if line is not None else "free",
        )
        return [refusal] if refusal is not None else []

    @property
    def allergy_labels(self) -> tuple[str, ...]:
        """What was stated, one line each."""
        text = self.cleaned_data.get("allergy_text", "")
        return tuple(line.strip() for line in text.splitlines() if line.strip())

    def traits(self, *, name: str = "") -> Traits:
        """Return who she is as typed, once valid; `name` is the one given to somebody unidentified."""
        data = self.cleaned_data
        doubt = "FICT" if self.mode == "unidentified" else ""
        found = Traits(
            birth_name=name or data["birth_name"].strip().upper(),
            given_name=data["given_name"].strip(),
            birth_date=self.birth_read or "",
            sex=data["sex"],
            birth_place=data["birth_place"].strip(),
            used_name=data["used_name"].strip().upper(),
            doubt=doubt,
            document=data["document"] or "none",
        )
        return Traits(**{**_fields(found), "status": rules.status_of(found)})


def _fields(traits: Traits) -> dict[str, Any]:
    return {name: getattr(traits, name) for name in traits.__struct_fields__}


def ward_of(value: str, directory: Directory) -> str:
    """Return the ward that the value of a bed field means, "" for none."""
    kind, _sep, code = value.strip().partition(":")
    if kind == "ward":
        return code if code in directory.wards else ""
    bed = directory.beds.get(code) if kind == "bed" else None
    return bed.ward if bed is not None else ""


def bed_of(value: str) -> str:
    """Return the bed code that the value of a bed field means, "" for a ward alone."""
    kind, _sep, code = value.strip().partition(":")
    return code if kind == "bed" else ""


def bed_choices(
    beds: Mapping[str, WardBeds], directory: Directory, *, also: str = "", besides: Sequence[str] = ()
) -> list[Any]:
    """Return the free beds, ward by ward, and each ward without a bed; `also` is kept even when it is no longer free.

    A reserved bed is offered and says so. `besides` are bed codes to leave out.
    """
    groups: list[Any] = []
    for ward_beds in beds.values():
        rows = []
        # A closed list shows the chosen line alone: with several wards to choose from it must say which. The bed comes
        # first, for whoever types its number.
        ward = f" · {ward_beds.ward.name}" if len(beds) > 1 else ""
        for line in ward_beds.lines:
            value = f"bed:{line.bed.code}"
            if line.bed.code in besides:
                continue
            name = {"bed": line.name}
            if line.state == "free":
                rows.append((value, gettext("%(bed)s, free") % name + ward))
            elif line.state == "reserved":
                rows.append((value, gettext("%(bed)s, reserved") % name + ward))
            elif value == also:
                rows.append((value, gettext("%(bed)s, taken") % name + ward))
        rows.append(
            (
                f"ward:{ward_beds.ward.code}",
                gettext("%(ward)s, no bed for now") % {"ward": ward_beds.ward.name},
            )
        )
        groups.append((ward_beds.ward.name, rows))
    return groups
