"""Views are thrown away and made again while messages come in and boards are read."""

import contextlib
import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from living_island import LivingIsland, Load, Visitor, lived, wait_until


class Polling(threading.Thread):
    """A board that asks again and again, as a ward's screen does."""

    def __init__(self, visitor: Visitor, path: str) -> None:
        super().__init__(daemon=True)
        self._visitor = visitor
        self._path = path
        self._over = threading.Event()
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        """Ask until told to stop."""
        while not self._over.wait(0.3):
            self.statuses[self._visitor.get(self._path)[0]] += 1

    def end(self) -> Counter[int]:
        """Stop asking and return what was answered, and how often."""
        self._over.set()
        self.join(30)
        return self.statuses


def signed_in(island: LivingIsland, code: str) -> Visitor:
    """Return somebody at a screen."""
    visitor = Visitor(island, code)
    wait_until(lambda: visitor.get("/sign-in/")[0] == 200, "the page to sign in")
    visitor.sign_in()
    return visitor


def relative(data: Path) -> str:
    """Return the folder as seen from here."""
    return os.path.relpath(data)


def a_ward(island: LivingIsland) -> str:
    """Return the ward with the most patients."""
    rows = island.ask(
        "SELECT ward FROM record_encounter WHERE status = 'present' AND ward IS NOT NULL "
        "GROUP BY ward ORDER BY count(*) DESC"
    )
    return str(rows[0][0])


def test_a_rebuild_under_load_never_stops_a_board_and_gives_the_same_views(island: LivingIsland) -> None:
    """An upgrade at noon: every ward reads on, and what it reads afterwards is what it read before."""
    island.serve()
    with Load(island, lived(12, patients=20), lines=6, pause_seconds=0.03):
        wait_until(lambda: island.folded() > 150, "something on the boards")
        boards = [
            Polling(signed_in(island, code), f"/ward/{a_ward(island)}/") for code in ("crise", "medecin")
        ]
        for board in boards:
            board.start()
        # Somebody reads the old generation and does not let go of it.
        with contextlib.closing(island.views()) as reader:
            reader.execute("BEGIN")
            persons = reader.execute("SELECT count(*) FROM record_person").fetchone()
            before = (island.data / "views.sqlite3").resolve()

            island.result("views", "rebuild")
            wait_until(lambda: (island.data / "views.sqlite3").resolve() != before, "another generation")
            # As people type it: from the folder beside it, in words relative to where they stand.
            island.result("views", "rebuild", data=relative(island.data))

            assert reader.execute("SELECT count(*) FROM record_person").fetchone() == persons
    statuses = sum((board.end() for board in boards), Counter[int]())
    island.wait_until_folded()
    live = island.result("views", "hash")
    island.result("views", "rebuild")
    again = island.result("views", "hash")

    assert set(statuses) == {200}
    assert statuses[200] > 20
    assert live["rows"] > 1000
    assert (again["positions"], again["hash"]) == (live["positions"], live["hash"])
    assert len(list(island.data.glob("views.*.sqlite3"))) == 1


@pytest.mark.whole
def test_views_thrown_away_while_serving_come_back(island: LivingIsland) -> None:
    """Delete everything but the journal, and it comes back: the second idea of the design, done by hand."""
    island.serve()
    visitor = signed_in(island, "medecin")
    with Load(island, lived(6, patients=60)) as load:
        wait_until(lambda: island.folded() > 100, "something in the views")
        # The link alone, the file alone (its write-ahead log stays behind), everything.
        for pattern in ("views.sqlite3", "views.*.sqlite3", "views*.sqlite3*"):
            for path in island.data.glob(pattern):
                path.unlink(missing_ok=True)
            assert visitor.get("/ward/")[0] in (200, 503)
            wait_until(lambda: visitor.answers("/ward/"), "boards")
            load.wait_for_more("messages")
    island.wait_until_folded()
    live = island.result("views", "hash")
    island.result("views", "rebuild")

    assert island.result("views", "hash")["hash"] == live["hash"]
    assert 500 not in visitor.statuses
    assert visitor.answers("/ward/")
