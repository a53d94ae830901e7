"""What this room offers to the views: accounts."""

from releve.views.reading import Offer
from releve.web.accounts import fold
from releve.web.accounts.facts import AccountCreated, AccountDisabled, PasswordChanged

__all__ = ["OFFER"]

OFFER = Offer(
    name="accounts",
    fold_version=1,
    kinds={
        "account.created.1": fold.read,
        "account.disabled.1": fold.read,
        "account.password-changed.1": fold.read,
    },
    folds={
        AccountCreated: fold.created,
        AccountDisabled: fold.disabled,
        PasswordChanged: fold.password_changed,
    },
    person_tables=("web_account",),
)
