"""The second person of an act: known by her badge and code at the same screen, with the limits of signing in."""

import logging

from django.http import HttpRequest
from django.utils.translation import gettext as _

from releve.crisis.declare_form import PairForm
from releve.crisis.rules import Who
from releve.web.accounts import signin, verifier
from releve.web.accounts.people import Person

__all__ = ["second_of", "who_is"]

_log = logging.getLogger("releve.web")


def who_is(person: Person) -> Who:
    """Return a person as the rules know her."""
    return Who(account=person.code, role=person.role, wards=person.wards)


def second_of(request: HttpRequest, form: PairForm) -> Who | None:
    """Return the second person once her code was checked, None when there is none or it was refused.

    A refusal is put on the form. Attempts count as those of signing in: nobody guesses a code here either.
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
        return who_is(person)
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
        else:
            text = _("Identifier and code do not go together. Check both, then try again.")
        form.add_error("second_pin", text)
        return None
    return who_is(outcome.person)
