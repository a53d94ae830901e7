"""The forms of a stay: moved, on leave, back, discharged; a movement put right or withdrawn."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from releve.departments.admissions import rules
from releve.departments.admissions.beds import WardBeds
from releve.departments.admissions.facts import Event
from releve.departments.admissions.forms import bed_choices, bed_of, text_field, ward_of
from releve.departments.admissions.sentences import DISCHARGES, refusal_text
from releve.record.act_form import ActForm
from releve.record.numbers_said import doubt_in
from releve.record.tables import Encounter

__all__ = ["CancelForm", "CorrectForm", "MoveForm"]


class StayForm(ActForm):
    """What every act on a stay checks: who may, and whether somebody else wrote in the meantime."""

    def __init__(
        self,
        *args: Any,
        who: rules.Who,
        stay: Encounter,
        place: str,
        beds: dict[str, WardBeds],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.who, self.stay, self.place, self.beds = who, stay, place, beds
        if "bed" in self.fields:
            asked = (
                self.data.get(self.add_prefix("bed"), "") if self.is_bound else self.initial.get("bed", "")
            )
            select = self.fields["bed"].widget
            assert isinstance(select, forms.Select)
            select.choices = [
                *([("", _("Choose"))] if not asked else []),
                *bed_choices(beds, self.here.directory, also=str(asked), besides=()),
            ]

    def refuse(self, *found: rules.Refusal | None) -> None:
        """Put refusals where they are mended; what Django refused at a field is said once."""
        for refusal in found:
            if refusal is None or (refusal.field and refusal.field in self.errors):
                continue
            field = refusal.field if refusal.field in self.fields else None
            self.add_error(field, refusal_text(refusal.code))

    def check_place(self) -> None:
        """Refuse when a movement was written since the page was shown."""
        if self.data.get("place", self.place) != self.place:
            self.refuse(rules.Refusal(code="place-changed"))

    def bed_refused(self, value: str) -> rules.Refusal | None:
        """Return why she cannot be put where the field says."""
        code = bed_of(value)
        line = next(
            (line for ward in self.beds.values() for line in ward.lines if line.bed.code == code), None
        )
        others = [one for one in line.lying if one.stay.id != self.stay.id] if line is not None else []
        return rules.check_bed(
            bed=code,
            ward=ward_of(value, self.here.directory),
            known=line is not None,
            taken=bool(others),
            state=line.state if line is not None else "free",
        )


class MoveForm(StayForm):
    """A transfer, a leave, a return, a discharge: `event` decides what is asked."""

    bed = forms.CharField(label=_("To bed"), required=False, max_length=80, widget=forms.Select)
    discharge_mode = forms.ChoiceField(label=_("How the patient leaves"), required=False, choices=DISCHARGES)
    destination = text_field(_("Where to"))

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        if event != "A02":
            del self.fields["bed"]
        if event != "A03":
            del self.fields["discharge_mode"]
        if event not in ("A03", "A21"):
            del self.fields["destination"]

    def clean(self) -> dict[str, Any]:
        """Check the movement against the stay."""
        data = super().clean()
        texts = {name: doubt_in(data.get(name, "")) for name in ("destination", "told_by")}
        self.ask_again({name: said for name, said in texts.items() if said})
        stay = self.stay
        here = (stay.ward or "", stay.bed or "")
        there = here
        wards = [stay.ward or ""]
        if self.event == "A02":
            value = data.get("bed", "")
            self.refuse(self.bed_refused(value))
            there = self.there(value)
            wards.append(there[0])
            if not bed_of(value) and there[0] != here[0]:
                there = (there[0], "*")  # another ward, without a bed for now
        self.refuse(
            rules.may_write(self.who, wards),
            *rules.check_movement(
                self.event,
                status=stay.status or "",
                admitted_at=stay.admitted_at,
                happened_at=self.happened_ms,
                here=here,
                there=there,
            ),
        )
        code = rules.check_words(data.get("destination", ""))
        if code:
            self.refuse(rules.Refusal(code=code, field="destination"))
        self.check_place()
        return data

    def there(self, value: str) -> tuple[str, str]:
        """Return ward and bed that the field means, as PV1-3 names them."""
        bed = self.here.directory.beds.get(bed_of(value))
        return ward_of(value, self.here.directory), (bed.name or bed.code) if bed is not None else ""


class CorrectForm(StayForm):
    """The real hour or the place of a movement, put right (Z99)."""

    at = text_field(_("Real hour of the movement"), most=40)
    bed = forms.CharField(label=_("Bed"), required=False, max_length=80, widget=forms.Select)
    reason = text_field(_("Why"))

    def clean_at(self) -> int | None:
        """Return the hour in UTC milliseconds; None when it is left as it is."""
        text = self.cleaned_data["at"].strip()
        if not text or text == self.initial.get("at"):
            return None
        kept = self.cleaned_data
        self.cleaned_data = {**kept, "happened_at": text}
        try:
            return self.clean_happened_at()
        finally:
            self.cleaned_data = kept

    def clean(self) -> dict[str, Any]:
        """Check that something is put right, and by whom."""
        data = super().clean()
        value = data.get("bed", "")
        self.changes_place = bool(value) and value != self.initial.get("bed")
        if self.changes_place:
            self.refuse(self.bed_refused(value))
        if "at" in data and data["at"] is None and not self.changes_place:
            self.refuse(rules.Refusal(code="nothing-changed"))
        code = rules.check_words(data.get("reason", ""))
        if code:
            self.refuse(rules.Refusal(code=code, field="reason"))
        self.refuse(rules.may_write(self.who, [self.stay.ward or "", ward_of(value, self.here.directory)]))
        self.check_place()
        return data


class CancelForm(StayForm):
    """A movement withdrawn, with its reason."""

    reason = text_field(_("Why"))

    def clean(self) -> dict[str, Any]:
        """Check the reason and who withdraws."""
        data = super().clean()
        text = data.get("reason", "").strip()
        code = "no-reason" if not text and "reason" not in self.errors else rules.check_words(text)
        if code:
            self.refuse(rules.Refusal(code=code, field="reason"))
        self.refuse(rules.may_write(self.who, [self.stay.ward or ""]))
        self.check_place()
        return data
