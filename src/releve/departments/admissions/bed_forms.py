"""How a bed is kept: open, blocked, reserved, isolated."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.departments.admissions import rules
from releve.departments.admissions.beds import BedLine
from releve.departments.admissions.forms import text_field
from releve.departments.admissions.sentences import ISOLATIONS, refusal_text
from releve.record.act_form import ActForm
from releve.web.forms import Radios

__all__ = ["BedForm"]


class BedForm(ActForm):
    """How a bed is kept from now on, all of it: what is left empty is no longer so."""

    state = forms.ChoiceField(
        label=_("State of the bed"),
        required=False,
        choices=[
            ("open", pgettext_lazy("bed", "Open")),
            ("blocked", pgettext_lazy("bed", "Blocked")),
            ("reserved", pgettext_lazy("bed", "Reserved")),
        ],
        widget=Radios,
    )
    isolation = forms.ChoiceField(label=_("Isolation"), required=False, choices=ISOLATIONS)
    reserved_for = text_field(_("Reserved for"))
    note = text_field(_("Why"))

    def __init__(self, *args: Any, who: rules.Who, line: BedLine, place: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who, self.line, self.place = who, line, place

    def clean(self) -> dict[str, Any]:
        """Check who says it, and that nobody said otherwise since the page was shown."""
        data = super().clean()
        data["state"] = data.get("state") or "open"
        found = [rules.may_write(self.who, (self.ward,))]
        before = self.line.kept.state if self.line.kept is not None else "open"
        if self.line.lying and data["state"] == "blocked" and before != "blocked":
            found.append(rules.Refusal(code="bed-occupied", field="state"))
        for field in ("reserved_for", "note"):
            code = rules.check_words(data.get(field, ""))
            if code:
                found.append(rules.Refusal(code=code, field=field))
        if self.data.get("place", self.place) != self.place:
            found.append(rules.Refusal(code="bed-changed"))
        for refusal in found:
            if refusal is not None and refusal.field not in self.errors:
                self.add_error(refusal.field or None, refusal_text(refusal.code))
        return data
