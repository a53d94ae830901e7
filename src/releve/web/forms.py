"""How forms are drawn: fields through `{% field %}`, `{% error_summary %}` on top. Nothing inline, nothing American."""

from django import forms
from django.forms.renderers import DjangoTemplates

__all__ = ["Renderer", "SheetForm"]


class Renderer(DjangoTemplates):
    """Django's own widgets."""


class SheetForm(forms.Form):
    """A form whose fields carry no `required` attribute: the error must come in our words, at the field and on top."""

    use_required_attribute = False
    default_renderer = Renderer

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
