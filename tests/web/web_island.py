"""An island small enough for one test: views made from the tables, a recorder that folds at once."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from releve.journal.entry import Draft, Entry, Receipt
from releve.views.database import new_generation, open_views, put_in_force
from releve.views.interpreter import Interpreter, Situation
from releve.views.projector import Projector
from releve.web import shell
from releve.web.accounts import verifier
from releve.web.accounts.draft import draft_account
from releve.web.database import prepare_runtime, use_data_folder
from releve.web.offer import OFFER

PARIS = ZoneInfo("Europe/Paris")
# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
LOG = "a/1"
PASSWORD = "lanterne-22"


def _nobody(message: object, context: object) -> tuple[str, str]:
    return "", ""


class Island:
    """A data folder with views and accounts, whose recorder keeps entries in memory and folds them at once."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.entries: list[Entry] = []
        self.folds = True
        self.failure: Exception | None = None
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        generation = new_generation(data)
        self.views = open_views(generation, "fold")
        self.views.inc_thread_sharing()  # the served pages act from threads of their own
        put_in_force(data, generation)
        interpreter = Interpreter([OFFER], Situation(zone=PARIS, namespace="CHV"), _nobody)
        self.projector = Projector(self.views, [OFFER], interpreter, lambda log, index: self.entries[index])

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record like the recorder, then fold."""
        if self.failure is not None:
            raise self.failure
        receipts = []
        for draft in drafts:
            index = len(self.entries)
            at_us = shell.now_ms() * 1000 + index
            entry = Entry(
                version=1, origin="a", epoch=1, index=index, hlc=(at_us // 1000, 0),
                occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, recorder="test",
                source=draft.source, kind=draft.kind, subjects=draft.subjects, body=draft.body,
            )  # fmt: skip
            self.entries.append(entry)
            receipts.append(Receipt("a", 1, index, at_us))
            if self.folds:
                self.fold(entry)
        return receipts

    def fold(self, entry: Entry) -> None:
        """Fold one entry, position included."""
        self.projector.take(LOG, [entry], position=entry.index + 1)

    def account(
        self, code: str, role: str = "nurse", wards: tuple[str, ...] = ("2140",), **more: str
    ) -> None:
        """Make an account that enters with PASSWORD."""
        self.append(
            [
                draft_account(
                    self.data,
                    code=code,
                    family=more.get("family", "KERVELLA"),
                    given=more.get("given", "Nadia"),
                    role=role,
                    wards=wards,
                    password=more.get("password", PASSWORD),
                )
            ]
        )
