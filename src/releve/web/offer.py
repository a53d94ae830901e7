"""What this room offers to the views: accounts."""

from releve.views.reading import Offer
from releve.web.accounts import fold

__all__ = ["OFFER"]

OFFER = Offer(
    name="accounts",
    fold_version=8,
    kinds=dict.fromkeys(fold.KINDS, fold.read),
    folds=fold.FOLDS,
    person_tables=("web_account", "web_account_voice", "web_account_statement", "web_managers"),
)
