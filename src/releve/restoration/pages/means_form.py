"""People, skills and shared means as forms: what is typed becomes lines of the catalogue."""

from collections.abc import Collection
from typing import Any, cast

import msgspec
from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import ALWAYS, Case, Person, Resource, Skill, Window
from releve.restoration.facts import LineSaid
from releve.restoration.pages.catalogue_form import line_of
from releve.web.forms import Boxes, SheetForm

__all__ = ["NIGHT_AND_DAY", "PERSON_KINDS", "PersonForm", "SharedForm", "SkillForm", "free_id"]

NIGHT_AND_DAY = _("night and day, every day")
PERSON_KINDS = [
    ("staff", pgettext_lazy("person", "of the hospital")),
    ("expert", pgettext_lazy("person", "expert from outside")),
    ("vendor", pgettext_lazy("person", "vendor")),
]
_TEXT = {"autocomplete": "off"}
_NUMBER = {"autocomplete": "off", "inputmode": "numeric"}
HOURS_MAX = 8_760


def free_id(name: str, taken: Collection[str], otherwise: str) -> str:
    """Return a short code made from a name, that nothing else has.

    >>> free_id("Élise Martin", {"elise-martin"}, "person")
    'elise-martin-2'
    """
    base = fold_name(name).replace("_", "-")[:40].strip("-") or otherwise
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


class _NamedForm(SheetForm):
    quiet = True

    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs=_TEXT)
    )

    def clean_name(self) -> str:
        """Return the name; there must be one."""
        name = str(self.cleaned_data["name"]).strip()
        if not name:
            raise forms.ValidationError(gettext("How do people call it?"))
        return name


class PersonForm(_NamedForm):
    """Somebody: what she can do, during which hours, from how long after the cut on."""

    kind = forms.ChoiceField(label=pgettext_lazy("person", "From where"), choices=PERSON_KINDS)
    calendar = forms.ChoiceField(label=pgettext_lazy("of work", "Hours"))
    skills = forms.MultipleChoiceField(label=_("Can do"), widget=Boxes, required=False)
    after = forms.IntegerField(
        label=_("Comes so many hours after the cut"),
        required=False,
        min_value=0,
        max_value=HOURS_MAX,
        widget=forms.TextInput(attrs=_NUMBER),
    )
    no_show = forms.IntegerField(
        label=_("Does not come, in so many cases of 100"),
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs=_NUMBER),
        help_text=_("Of a vendor or an expert; the dates that hold take it into account."),
    )
    code = forms.CharField(
        label=_("Code of her account, for her own list of tasks"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={**_TEXT, "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args: Any, case: Case, own: Person | None, **kwargs: Any) -> None:
        if own is not None:
            kwargs.setdefault("initial", _typed_of(own))
        super().__init__(*args, **kwargs)
        self._case, self._own = case, own
        if own is not None:
            del self.fields["code"]  # what she was asked to do is known by it
        calendars = [(one.id, one.name or one.id) for one in case.calendars]
        choices = [*calendars, (ALWAYS, NIGHT_AND_DAY)]
        if own is not None and own.calendar not in {ALWAYS, *(id_ for id_, _name in calendars)}:
            choices.append((own.calendar, own.calendar))
        cast(forms.ChoiceField, self.fields["calendar"]).choices = choices
        known = {one.id: one.name or one.id for one in case.skills}
        known |= {id_: id_ for id_ in (own.skills if own is not None else ()) if id_ not in known}
        cast(forms.MultipleChoiceField, self.fields["skills"]).choices = list(known.items())

    def clean_code(self) -> str:
        """Return the code, "" where none was typed."""
        code = str(self.cleaned_data["code"]).strip()
        if any(sign.isspace() or sign in "|,;:=" for sign in code):
            raise forms.ValidationError(gettext("A short code without spaces, such as PACS."))
        if any(one.id == code for one in self._case.people):
            raise forms.ValidationError(gettext("This code stands in the catalogue already."))
        return code

    def clean_skills(self) -> list[str]:
        """Return what is ticked; whoever can do nothing does nothing."""
        chosen = list(self.cleaned_data["skills"])
        if not chosen:
            raise forms.ValidationError(
                gettext("Tick at least one: a plan gives work by what people can do.")
            )
        return chosen

    def person(self) -> Person:
        """Return the person as she was typed."""
        typed, own = self.cleaned_data, self._own
        taken = {one.id for one in self._case.people}
        id_ = own.id if own is not None else typed["code"] or free_id(typed["name"], taken, "person")
        later = tuple(one for one in own.absences if one.from_hour > 0) if own is not None else ()
        before = (Window(from_hour=0, to_hour=typed["after"]),) if typed["after"] else ()
        base = own if own is not None else Person(id=id_, skills=())
        return msgspec.structs.replace(
            base,
            name=typed["name"],
            kind=typed["kind"],
            skills=tuple(typed["skills"]),
            calendar=typed["calendar"],
            absences=(*before, *later),
            no_show_probability=(typed["no_show"] or 0) / 100 if typed["kind"] != "staff" else 0.0,
        )


def _typed_of(own: Person) -> dict[str, Any]:
    return {
        "name": own.name or own.id,
        "kind": own.kind,
        "calendar": own.calendar,
        "skills": list(own.skills),
        "after": max((one.to_hour for one in own.absences if one.from_hour <= 0), default=None),
        "no_show": round(own.no_show_probability * 100) or None,
    }


class SkillForm(_NamedForm):
    """A skill, and who has it: the people of a team."""

    people = forms.MultipleChoiceField(label=_("Who can do it"), widget=Boxes, required=False)

    def __init__(
        self, *args: Any, case: Case, own: Skill | None, people: tuple[Person, ...], **kwargs: Any
    ) -> None:
        self._own, self._case, self._people = own, case, people
        if own is not None:
            able = [one.id for one in people if own.id in one.skills]
            kwargs.setdefault("initial", {"name": own.name or own.id, "people": able})
        super().__init__(*args, **kwargs)
        choices = [(one.id, one.name or one.id) for one in people]
        cast(forms.MultipleChoiceField, self.fields["people"]).choices = choices

    def lines(self) -> list[LineSaid]:
        """Return the lines that are different: the skill, and each person who has it now, or no more."""
        typed, own = self.cleaned_data, self._own
        taken = {one.id for one in self._case.skills}
        skill = Skill(
            id=own.id if own is not None else free_id(typed["name"], taken, "skill"), name=typed["name"]
        )
        found = [line_of("skill", skill)] if skill != own else []
        for one in self._people:
            able = one.id in typed["people"]
            if able != (skill.id in one.skills):
                skills = (
                    (*one.skills, skill.id) if able else tuple(id_ for id_ in one.skills if id_ != skill.id)
                )
                found.append(line_of("person", msgspec.structs.replace(one, skills=skills)))
        return found


class SharedForm(_NamedForm):
    """Something that several tasks share: restores at the same time, benches."""

    units = forms.IntegerField(
        label=_("How many at the same time"),
        min_value=1,
        max_value=10_000,
        widget=forms.TextInput(attrs=_NUMBER),
    )

    def __init__(self, *args: Any, case: Case, own: Resource | None, **kwargs: Any) -> None:
        self._own, self._case = own, case
        if own is not None:
            kwargs.setdefault("initial", {"name": own.name or own.id, "units": own.units})
        super().__init__(*args, **kwargs)

    def lines(self) -> list[LineSaid]:
        """Return the line, none where nothing is different."""
        typed, own = self.cleaned_data, self._own
        taken = {one.id for one in self._case.resources}
        id_ = own.id if own is not None else free_id(typed["name"], taken, "means")
        made = Resource(id=id_, name=typed["name"], units=typed["units"])
        return [line_of("resource", made)] if made != own else []
