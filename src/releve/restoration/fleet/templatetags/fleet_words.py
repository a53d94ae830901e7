"""The state of a machine in words, and on which island something was said."""

from typing import Any

from django import template

from releve.restoration.fleet.words import state_word
from releve.web.templatetags.releve import on_island

register = template.Library()


@register.filter
def machine_state(state: str | None) -> str:
    """Return a state of a machine in words."""
    return state_word(state)


@register.simple_tag
def on_entry_island(entry: str | None) -> Any:
    """Return on which other island an entry was recorded, in words; nothing when it was here."""
    return on_island((entry or "").rpartition("#")[0] or None)
