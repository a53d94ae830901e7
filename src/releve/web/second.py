"""The second person of an act: known by her badge and code at the same screen, with the limits of signing in.

The form has the fields `second` and `second_pin`; a refusal is put on them. Attempts count as those of signing in:
nobody guesses a code here either.
"""

import logging

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from releve.web.accounts import signin, verifier
from releve.web.accounts.people import Person

__all__ = ["second_person"]

_log = logging.getLogger("releve.web")


def second_person(request: HttpRequest, form: forms.Form) -> Person | None:
    """Return the second person once her code was checked, None when there is none or it was refused.

    The first one's own badge returns the first one: the rules say that it must be somebody else.
    """
    if not form.is_valid():
        return None
    badge, pin = form.cleaned_data["second"].strip(), form.cleaned_data["second_pin"]
    if not badge and not pin:
        return None
    if not badge or not pin:
        form.add_error("second_pin" if badge else "second", _("Badge and code go together: give both."))
        return None
    person: Person = request.person  # type: ignore[attr-defined]
    if signin.account_of(badge) == person.code:
        # Said before the code is looked at: her own code must not be asked for twice, nor counted.
        return person
    try:
        outcome = signin.sign_in(badge, pin, address=str(request.META.get("REMOTE_ADDR", "")))
    except verifier.KeyMissing:
        _log.error("keys/accounts.key is missing: nobody can be recognised")
        form.add_error(
            "second", _("The key of the accounts is missing on this island. Tell the person in charge of it.")
        )
        return None
    if outcome.person is None:
        if outcome.wait_seconds:
            minutes = outcome.wait_seconds // 60 + 1
            text = _("Too many attempts. Wait %(minutes)d min, or take another second person.") % {
                "minutes": minutes
            }
        elif outcome.first:
            text = _("A first password confirms nothing: take your post once and choose your own.")
        else:
            text = _("Identifier and code do not go together. Check both, then try again.")
        form.add_error("second_pin", text)
        return None
    return outcome.person
