"""Whose account counts here: signed by two managers, or stated by this island itself.

Another island's account without the managers' signatures is only shown, as *claimed*: an island that was taken over
must not be able to open the doors of the others.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from releve.journal.errors import JournalError
from releve.journal.folder import logs, own_log
from releve.journal.power import Standing, standing_of, trusted
from releve.web.accounts.fold import told_first
from releve.web.database import data_folder
from releve.web.tables import Managers, Statement

__all__ = ["may_enter_here", "own_origin", "standings", "trusted_keys"]


@lru_cache(maxsize=8)
def _origin(data: Path) -> str | None:
    try:
        return own_log(data).origin
    except JournalError:
        # Without any log there is nothing foreign either; with logs but no key nothing here is our own.
        return "" if logs(data) else None


def own_origin() -> str | None:
    """Return the name of this island in the journal; None where there is no journal at all."""
    return _origin(data_folder())


def trusted_keys() -> frozenset[str]:
    """Return the verifier keys of the managers that count on this island, as the views know them."""
    rows = Managers.objects.order_by("stamp", "log", "index").values_list("origin", "keys", "signed_by")
    said = [
        (where or "", tuple(json.loads(keys or "[]")), tuple(json.loads(by or "[]")))
        for where, keys, by in rows
    ]
    return trusted(said, own_origin())


def standings(rows: Iterable[Mapping[str, Any]]) -> dict[str, Standing]:
    """Return "signed" or "claimed" by account code, for rows of the account view.

    Signatures count where they were told first: an old statement repeated later, by whoever has a copy, is a claim.
    """
    known = list(rows)
    keys = trusted_keys()
    first = dict(
        Statement.objects.filter(id__in=[row["statement"] for row in known if row["statement"]]).values_list(
            "id", "place"
        )
    )
    found: dict[str, Standing] = {}
    for row in known:
        repeated = not told_first(row, first)
        found[row["code"]] = (
            "claimed" if repeated else standing_of(json.loads(row["signed_by"] or "[]"), keys)
        )
    return found


def may_enter_here(row: Mapping[str, Any], secret_origin: str | None) -> bool:
    """Tell whether an account may enter on this island with a secret that `secret_origin` sealed."""
    own = own_origin()
    if own is None or (row["origin"] == own and secret_origin == own):
        return True
    # A secret changed elsewhere carries no signature of its own: it counts only with the signed statement it came in,
    # or when it was changed here.
    return secret_origin in (row["origin"], own) and standings([row])[row["code"]] == "signed"
