"""The accounts as the journal has them, read without views: commands work on an island that never ran."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from releve.journal.folder import own_log
from releve.journal.power import Standing
from releve.views.acts import acts_of
from releve.views.reading import Context, NotRead
from releve.web.accounts import fold
from releve.web.accounts.fold import told_first, word_of
from releve.web.accounts.managers import Managers, Word, decide

__all__ = ["AccountsNow", "read_accounts"]


class AccountsNow:
    """Rows of the account view by code, and whose signatures count here."""

    def __init__(self, rows: dict[str, dict[str, Any]], managers: Managers, first: dict[str, str]) -> None:
        self.rows = rows
        self.managers = managers
        self._first = first  # where a signed statement was told first, by nonce

    def standing(self, row: dict[str, Any]) -> Standing:
        """Return "signed" or "claimed" for a row."""
        if not told_first(row, self._first):
            return "claimed"
        return self.managers.standing(row["stated_at"], json.loads(row["signed_by"] or "[]"))


def read_accounts(data: Path) -> AccountsNow:
    """Return the accounts of all logs on this disk, folded in the order in which they were recorded.

    Raises:
        JournalError: no island here, or a log that cannot be read.
    """
    rows: dict[str, dict[str, Any]] = {}
    words: list[Word] = []
    first: dict[str, str] = {}
    for name, entry in acts_of(data, fold.KINDS):
        context = Context(zone=ZoneInfo("UTC"), namespace="", log=name, index=entry.index)
        for fact in fold.read(entry, context):
            if isinstance(fact, NotRead):
                continue
            for row in fold.FOLDS[type(fact)](fact, context):
                if row.table == "web_managers":
                    words.append(word_of(fact, row.id))  # type: ignore[arg-type]
                    continue
                if row.table == "web_account_statement":
                    first.setdefault(row.id, (row.fills or {})["place"])
                    continue
                if row.table != "web_account":
                    continue
                kept = rows.setdefault(row.id, dict.fromkeys(_COLUMNS))
                for column, value in (row.fills or {}).items():
                    if kept[column] is None:
                        kept[column] = value
                kept.update(row.values)
    return AccountsNow(rows, decide(words, own_log(data).origin), first)


_COLUMNS = (
    "code", "family", "given", "role", "wards", "verifier_sealed", "verifier_origin", "state", "disabled_reason",
    "disabled_by", "lifted", "origin", "signed_by", "statement", "stated_at", "until_ms", "sealed_by", "once",
    "badge_sealed", "pin_sealed", "badge_origin", "rpps",
)  # fmt: skip
