"""The forms of notes and of what is added to them."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from releve.departments.documents.note_rules import TITLE_CHARS_MAX, check_text
from releve.departments.documents.note_texts import templates_of
from releve.departments.documents.note_words import refusal_text
from releve.record.act_form import ActForm

__all__ = ["AddForm", "NoteForm"]


def _text_field(label: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true", "autocomplete": "off"}),
    )


def plain(text: str) -> str:
    """Return a text with one kind of line end and without blanks at its ends; every sign is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class NoteForm(ActForm):
    """One note: title, whom it is for, text under headings."""

    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=TITLE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    to = forms.CharField(
        label=_("For"),
        required=False,
        max_length=TITLE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = _text_field(_("Text"), 22)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind not in ("consultation", "discharge"):
            del self.fields["to"]

    def clean_text(self) -> str:
        """Return the text as it is kept."""
        text = plain(self.cleaned_data["text"])
        refusal = check_text(text, templates_of(self.kind))
        if refusal is not None:
            raise forms.ValidationError(refusal_text(refusal, get_language() or "fr"), code=refusal.code)
        return text


class AddForm(ActForm):
    """What is added to a note."""

    text = _text_field(_("What is added"), 6)
    withdraws = forms.BooleanField(
        label=_("Withdraw the note: it stands in the wrong file, or should not stand"), required=False
    )

    def __init__(self, *args: Any, may_withdraw: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_withdraw:
            del self.fields["withdraws"]

    def clean_text(self) -> str:
        """Return the text as it is kept."""
        text = plain(self.cleaned_data["text"])
        refusal = check_text(text)
        if refusal is not None:
            raise forms.ValidationError(refusal_text(refusal, get_language() or "fr"), code=refusal.code)
        return text
