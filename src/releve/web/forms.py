"""How forms are drawn: fields through `{% field %}`, `{% error_summary %}` on top. Nothing inline, nothing American."""

from collections.abc import Mapping
from hashlib import blake2s

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext

__all__ = ["Awaited", "Boxes", "Radios", "Renderer", "SheetForm"]

# The name under which a field's doubt comes back: which values were already asked to be read again.
READ_AGAIN = "read_again"


class Renderer(DjangoTemplates):
    """Django's own widgets."""


class SheetForm(forms.Form):
    """A form whose fields carry no `required` attribute: the error must come in our words, at the field and on top."""

    use_required_attribute = False
    default_renderer = Renderer

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.marks: dict[str, str] = {}  # field -> what its doubt is known by when the form comes back

    def ask_again(self, doubts: Mapping[str, str]) -> None:
        """Put each doubt at its field, once: the same value sent again is taken. `doubts`: field -> why, in words.

        Numbers of registers are copied from cards and by telephone; who can read them again still holds the card.
        """
        data = self.data
        sent = set(data.getlist(READ_AGAIN)) if hasattr(data, "getlist") else {data.get(READ_AGAIN)}
        for name, why in doubts.items():
            value = str(data.get(self.add_prefix(name), ""))
            self.marks[name] = blake2s(f"{name}|{value}".encode(), digest_size=8).hexdigest()
            if self.marks[name] not in sent:
                said = f"{why} {gettext('Read it again; sent as it is once more, it is kept.')}"
                self.add_error(name, forms.ValidationError(said, code="doubt"))

    @property
    def only_doubts(self) -> bool:
        """Whether nothing is wrong with this form but values to be read again."""
        found = [one.code for errors in self.errors.as_data().values() for one in errors]
        return bool(found) and set(found) == {"doubt"}


class Awaited(forms.CharField):
    """A field that is awaited, so never marked as optional, though the rules decide whether it may stay empty."""

    def validate(self, value: str) -> None:
        """Take it empty too."""


class _Question:
    """A question with several answers: the summary of errors leads to the question itself."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """Return the id of one answer, or of the whole question."""
        return id_ if index is None else f"{id_}_{index}"


class Boxes(_Question, forms.CheckboxSelectMultiple):
    """Answers of which several may be ticked."""


class Radios(_Question, forms.RadioSelect):
    """Answers of which one is chosen."""
