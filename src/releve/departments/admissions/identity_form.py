"""The traits of somebody known, as one puts them right."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from releve.departments.admissions import rules
from releve.departments.admissions.facts import Traits
from releve.departments.admissions.forms import TraitsForm, text_field
from releve.departments.admissions.sentences import doubts_at_fields, refusal_text
from releve.web import words
from releve.web.typed import read_birth

__all__ = ["IdentityForm"]


class IdentityForm(TraitsForm):
    """Every trait, filled with what is known. After `is_valid()`: `after` the traits, `changed` their names."""

    doubtful = forms.BooleanField(label=_("The identity is doubtful"), required=False)
    reason = text_field(_("Why"))

    def __init__(
        self, *args: Any, before: Traits, place: str, who: rules.Who, two: bool = False,
        start: Mapping[str, str] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        kwargs["initial"] = {
            "birth_name": before.birth_name,
            "given_name": before.given_name,
            "sex": before.sex if before.sex in rules.SEXES else "U",
            "birth_date": "/".join(reversed(before.birth_date.split("-"))),
            "birth_place": before.birth_place,
            "used_name": before.used_name,
            "document": "none",
            "doubtful": "DOUB" in before.doubt.split(","),
        }
        if start is not None:
            kwargs["initial"] |= {
                **{
                    name: start.get(name, "")
                    for name in ("birth_name", "given_name", "birth_place", "used_name")
                },
                "sex": start.get("sex", "U"),
                "birth_date": "/".join(reversed(start.get("birth_date", "").split("-"))),
                "doubtful": "DOUB" in start.get("doubt", "").split(","),
            }
        super().__init__(*args, **kwargs)
        self.before, self.place, self.who, self.two = before, place, who, two

    def clean(self) -> dict[str, Any]:
        """Check the traits, what changes, and that nobody wrote in the meantime."""
        data = super().clean()
        typed = data.get("birth_date", "")
        read = read_birth(typed) if typed else None
        fictitious = "FICT" in self.before.doubt.split(",")
        # Who was never named may be named in part: what is not known yet is still not asked.
        found = rules.check_traits(
            "newborn" if fictitious or not self.before.given_name else "known",
            birth_name=data.get("birth_name", ""),
            given_name=data.get("given_name", ""),
            used_name=data.get("used_name", ""),
            birth_typed=typed if typed or not fictitious else "",
            birth_date=read,
            sex=data.get("sex", ""),
            birth_place=data.get("birth_place", ""),
            today=words.local(self.here.now_ms, self.zone).date(),
        )
        if fictitious and not typed:
            found = [one for one in found if one.code != "birth-missing"]
        for field in ("reason", "ins"):
            code = rules.check_words(data.get(field, ""))
            if code:
                found.append(rules.Refusal(code=code, field=field))
        outside = rules.may_write(self.who, (self.ward,))
        if outside is not None:
            found.append(outside)
        if self.data.get("place", self.place) != self.place:
            found.append(rules.Refusal(code="identity-changed"))
        if not found and not self.errors:
            self.after, self.changed = self._after(data, read or "")
            # Where two corrections stand, saying which one is right is news, even when it is what is shown.
            if (
                not self.two
                and not self.changed
                and not data.get("ins")
                and self.after.status == self.before.status
            ):
                found.append(rules.Refusal(code="nothing-changed"))
        for refusal in found:
            if refusal.field not in self.errors:
                self.add_error(refusal.field or None, refusal_text(refusal.code))
        self.ask_again(doubts_at_fields(ins=data.get("ins", ""), exercise=self.here.directory.map.exercise))
        return data

    def _after(self, data: dict[str, Any], birth: str) -> tuple[Traits, tuple[str, ...]]:
        before = self.before
        given = data["given_name"].strip()
        name = data["birth_name"].strip()
        # The case in which a name was received is no correction of it.
        name = before.birth_name if name.upper() == before.birth_name.upper() else name.upper()
        used = data["used_name"].strip()
        used = before.used_name if used.upper() == before.used_name.upper() else used.upper()
        named = name != before.birth_name
        doubts = [code for code in before.doubt.split(",") if code and code != "DOUB"]
        if named:
            # She has a name again: the one that was given her stays only in the journal.
            doubts = [code for code in doubts if code != "FICT"]
        if data.get("doubtful"):
            doubts.append("DOUB")
        sex = data["sex"]
        after = Traits(
            birth_name=name,
            given_name=given,
            given_names=before.given_names if given == before.given_name else given,
            birth_date=birth,
            sex=before.sex if sex == "U" and before.sex not in ("F", "M") else sex,
            birth_place=data["birth_place"].strip(),
            used_name=used,
            doubt=",".join(doubts),
            document=data["document"] or "none",
        )
        status, changed = rules.status_after(before, after)
        return Traits(
            **{name: getattr(after, name) for name in after.__struct_fields__} | {"status": status}
        ), changed
