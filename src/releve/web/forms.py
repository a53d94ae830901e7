"""How forms are drawn: fields through `{% field %}`, `{% error_summary %}` on top. Nothing inline, nothing American."""

from django import forms
from django.forms.renderers import DjangoTemplates

__all__ = ["Awaited", "Boxes", "Radios", "Renderer", "SheetForm"]


class Renderer(DjangoTemplates):
    """Django's own widgets."""


class SheetForm(forms.Form):
    """A form whose fields carry no `required` attribute: the error must come in our words, at the field and on top."""

    use_required_attribute = False
    default_renderer = Renderer

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


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
