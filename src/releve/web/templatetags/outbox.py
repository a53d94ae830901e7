"""What a page hands to the browser's half of the outbox."""

from base64 import b64encode
from typing import Any

from django import template
from django.template import Context

from releve.web.database import setting
from releve.web.outbox.sealing import author_key, owner_of
from releve.web.shell import now_ms

register = template.Library()


@register.simple_tag(takes_context=True)
def outbox_state(context: Context) -> dict[str, Any]:
    """Return who may seal and open on this page (nobody when signed out or locked), the hour, the age of an alarm."""
    request, person = context.get("request"), context.get("person")
    state: dict[str, Any] = {"now_ms": now_ms(), "alarm_ms": setting("RELEVE_OUTBOX_ALARM_MINUTES") * 60_000}
    session = getattr(request, "session", None)
    if person is None or session is None or session.get("locked"):
        return state
    letters = [f"{name[0]}." for name in (person.given, person.family) if name]
    return {
        **state,
        "owner": owner_of(person.code),
        "key": b64encode(author_key(person.code)).decode(),
        "who": " ".join(letters),
    }
