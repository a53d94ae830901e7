"""What is said to somebody who may not enter, or whose account cannot be made so."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from releve.web.accounts.draft import AccountRefused
from releve.web.accounts.signin import Outcome
from releve.web.forms import SheetForm

__all__ = ["KEY_MISSING", "address_of", "refusal", "take_refusal"]

KEY_MISSING = gettext_lazy(
    "The key of the accounts is missing on this island. Tell the person in charge of it."
)


def address_of(request: HttpRequest) -> str:
    """Return from where the request came. Behind a proxy that is the proxy: see docs/how-to/install-an-island.md."""
    return str(request.META.get("REMOTE_ADDR", ""))


def refusal(outcome: Outcome) -> str:
    """Return why nobody entered, without saying which part was wrong."""
    if outcome.wait_seconds:
        minutes = outcome.wait_seconds // 60 + 1
        return _(
            "Too many attempts. Wait %(minutes)d min, or have the person in charge of accounts release the identifier."
        ) % {"minutes": minutes}
    if outcome.replaced:
        return _(
            "An island was lost: all badges and PINs were replaced. Enter with your identifier and password, and ask "
            "whoever is in charge of accounts for a new badge."
        )
    return _("Identifier and code do not go together. Check both, then try again.")


def take_refusal(form: SheetForm, error: AccountRefused) -> None:
    """Put a refusal at its field."""
    words = {
        "code": _("2 to 40 small letters, figures, points or hyphens."),
        "password": _(
            "Too short or too easily guessed: at least 8 characters, or 6 figures that do not follow each other."
        ),
        "pin": _("Six figures: no date, none that follow or repeat each other."),
        "family": _("Type the name."),
        "role": _("Choose a role."),
    }
    form.add_error("password" if error.field == "pin" else error.field, words[error.field])
