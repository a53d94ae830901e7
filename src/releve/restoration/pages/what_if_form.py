"""The form of what is tried: one change, in words that somebody on a corridor would use."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.restoration.case import Case
from releve.web.forms import SheetForm

__all__ = ["WhatIfForm"]

DAYS_MAX = 365
FIELDS = {
    "people": ("team", "people"),
    "vendor": ("vendor", "days"),
    "infected": ("application", "more_hours"),
    "absent": ("person", "away"),
    "resource": ("resource", "units"),
}
CHANGES = [
    ("people", _("More people for a team")),
    ("vendor", _("A vendor or expert comes later")),
    ("infected", _("A backup is found infected")),
    ("absent", _("Somebody is away")),
    ("resource", _("Other shared means, such as restore bandwidth")),
]


class WhatIfForm(SheetForm):
    """One change; only its own fields are read."""

    quiet = True

    change = forms.ChoiceField(label=_("What if"), choices=CHANGES)
    team = forms.ChoiceField(label=_("Team"), required=False)
    people = forms.IntegerField(label=_("How many more"), required=False, min_value=1, max_value=50)
    vendor = forms.ChoiceField(label=_("Vendor or expert"), required=False)
    person = forms.ChoiceField(label=_("Person"), required=False)
    days = forms.IntegerField(label=_("Days later"), required=False, min_value=1, max_value=DAYS_MAX)
    away = forms.IntegerField(label=_("Days away"), required=False, min_value=1, max_value=DAYS_MAX)
    application = forms.ChoiceField(label=_("Application"), required=False)
    more_hours = forms.IntegerField(
        label=_("Hours more to find and read an older backup"), required=False, min_value=0, max_value=2000
    )
    resource = forms.ChoiceField(label=_("Shared means"), required=False)
    units = forms.IntegerField(label=_("Units in all"), required=False, min_value=0, max_value=10_000)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._case = case
        self._events: list[dict[str, Any]] = []
        self._names: dict[str, dict[str, str]] = {}
        vendors = [one for one in case.people if one.kind != "staff"]
        self._choose("team", ((one.id, one.name or one.id) for one in case.skills))
        self._choose("vendor", ((one.id, one.name or one.id) for one in vendors))
        self._choose("person", ((one.id, one.name or one.id) for one in case.people))
        self._choose(
            "application",
            sorted(
                ((one.id, one.name or one.id) for one in case.applications), key=lambda pair: pair[1].lower()
            ),
        )
        self._choose("resource", ((one.id, one.name or one.id) for one in case.resources))

    def _choose(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self._names[name] = dict(choices)
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", "—"), *self._names[name].items()]

    def clean(self) -> dict[str, Any]:
        """Put the change together, and say which of its fields is missing."""
        values = super().clean() or {}
        change = values.get("change")
        for name in FIELDS.get(str(change), ()):
            if name not in self.errors and values.get(name) in (None, ""):
                self.add_error(name, gettext("This is needed for what was chosen."))
        if not self.errors and change:
            self._events = getattr(self, f"_{change}")(values)
        return values

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Each change that can be tried, in words, with its own fields; what nobody can choose is left out."""
        return [
            {"code": code, "words": words, "fields": [self[name] for name in FIELDS[code]]}
            for code, words in CHANGES
            if self._names[FIELDS[code][0]]
        ]

    @property
    def events_json(self) -> str:
        """The change as `replanning.events` reads it."""
        return msgspec.json.encode(self._events).decode()

    def _people(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        skill, number = values["team"], values["people"]
        own = [one for one in self._case.people if skill in one.skills and one.kind == "staff"] or [
            one for one in self._case.people if skill in one.skills
        ]
        calendar = own[0].calendar if own else "always"
        people = [
            {"id": f"+{skill}-{place + 1}", "skills": [skill], "calendar": calendar}
            for place in range(number)
        ]
        return [{"event": "people-added", "people": people}]

    def _vendor(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        person = next(one for one in self._case.people if one.id == values["vendor"])
        late = values["days"] * 24
        return [
            {
                "event": "vendor-late", "person": person.id, "window_from": window.from_hour,
                "from_hour": window.from_hour + late, "to_hour": window.to_hour + late,
            }
            for window in person.windows
            if window.to_hour > self._case.now
        ] or [
            # Whoever may come any day is away until then.
            {
                "event": "person-absent", "person": person.id, "from_hour": self._case.now,
                "to_hour": self._case.now + late,
            }
        ]  # fmt: skip

    def _infected(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        event = {
            "event": "backup-infected", "application": values["application"], "more_hours": values["more_hours"],
        }  # fmt: skip
        return [event]

    def _absent(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        now = self._case.now
        event = {
            "event": "person-absent", "person": values["person"], "from_hour": now,
            "to_hour": now + values["away"] * 24,
        }  # fmt: skip
        return [event]

    def _resource(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"event": "resource-changed", "resource": values["resource"], "units": values["units"]}]
