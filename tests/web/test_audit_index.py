"""The index of the audit: the same answers as the log itself, wherever it has come to, and never a stale one."""

import random
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from test_audit_log import BEGUN, DAY_US, Log, broken, data, log, opened

from releve.app.audit_process import EPOCH_DAYS, drop_old_epochs, open_audit
from releve.journal import modes
from releve.web.audit import index as indexing
from releve.web.audit import reading
from releve.web.audit.facts import AuditFact, GlassReviewed, PageOpened, Signed, draft_of
from releve.web.audit.index import AuditIndex, IndexKeeper, index_path
from releve.web.audit.reading import Search, glasses_in, search

__all__ = ["data", "log"]

QUESTIONS = (
    Search(patient="CHV:3"), Search(patient="3"), Search(patient="CHV:3", who="agent1"), Search(who="agent2"),
    Search(patient="CHV:99"), Search(who="nobody"), Search(patient="3", since_us=BEGUN + 40_000_000),
    Search(patient="CHV:3", until_us=BEGUN + 90_000_000), Search(),
)  # fmt: skip


def say(log: Log, *facts: AuditFact) -> None:
    """Let the audit's recorder write these."""
    log.now_us = max(log.now_us, *(fact.at_us for fact in facts), 0)
    log.append([draft_of(fact) for fact in facts])


def some(number: int, chance: random.Random) -> AuditFact:
    """Return an invented fact: one patient, a whole board, or none."""
    at_us, who = BEGUN + number * 1_000_000, f"agent{chance.randrange(4)}"
    kind = chance.random()
    if kind < 0.2:
        return Signed(who=who, role="nurse", act="in", address="10.1.2.3", at_us=at_us)
    patients = tuple(
        f"{chance.choice(('CHV', 'SUD'))}:{chance.randrange(12)}" for _ in range(9 if kind < 0.4 else 1)
    )
    return PageOpened(
        who=who,
        role="nurse",
        page="ward",
        address="10.1.2.3",
        at_us=at_us,
        patients=tuple(dict.fromkeys(patients)),
    )


def take_in(data: Path) -> None:
    """Bring the index up to the log."""
    with AuditIndex(data) as index:
        while index.go_on():
            pass


def answers(data: Path) -> list[object]:
    """Return what each question finds, at most five facts a page."""
    return [search(data, one, most=5) for one in QUESTIONS]


def test_every_answer_is_that_of_the_log_wherever_the_index_has_come_to(data: Path, log: Log) -> None:
    """A page that leaves out who opened a record says that nobody did."""
    chance = random.Random(310)
    for start in range(0, 80, 40):
        say(log, *(some(number, chance) for number in range(start, start + 20)))
        take_in(data)
        say(log, *(some(number, chance) for number in range(start + 20, start + 40)))
        found = answers(data)
        path = index_path(data)
        aside = path.rename(path.with_suffix(".aside"))

        assert found == answers(data)

        aside.rename(path)
    assert found[0] != ([], False)


def test_what_is_indexed_is_looked_up_and_not_searched_for(
    data: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million facts took ten seconds: the patient who asks stands at the counter."""
    say(log, *(some(number, random.Random(number)) for number in range(30)), broken(BEGUN + 31_000_000))
    take_in(data)
    searched: list[int] = []
    before = reading._candidates

    def candidates(reader, start, end, letters):  # type: ignore[no-untyped-def]
        searched.append(end - start)
        return before(reader, start, end, letters)

    monkeypatch.setattr(reading, "_candidates", candidates)

    assert search(data, Search(patient="CHV:3"), most=5)[0]
    assert glasses_in(data)
    assert searched == [0, 0]


def test_break_glasses_and_their_reviews_are_the_same_with_the_index(data: Path, log: Log) -> None:
    """One that nobody sees is one that nobody reviews."""
    say(log, broken(), opened(), broken(who="hvasseur"))
    without = glasses_in(data)
    take_in(data)
    assert glasses_in(data) == without
    assert len(without) == 2

    say(log, GlassReviewed(
        glass=without[0].place, verdict="justified", words="", by="audit", address="10.1.2.3", at_us=BEGUN
    ))  # fmt: skip

    assert [one.review is not None for one in glasses_in(data)] == [True, False]


def test_what_the_hospital_keeps_no_more_is_in_the_index_no_more(data: Path, log: Log) -> None:
    """The law sets how long it is known who looked; a second copy beside the log would outlast it."""
    say(log, opened(patient="CHV:777"))
    take_in(data)
    later = BEGUN + (EPOCH_DAYS + 400) * DAY_US
    log.close()
    writer = open_audit(data, later)
    assert drop_old_epochs(data, writer, keep_days=365, now_us=later)
    writer.close()

    take_in(data)

    with sqlite3.connect(index_path(data)) as connection:
        assert connection.execute("SELECT count(*) FROM about").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM name WHERE text = 'CHV:777'").fetchone() == (0,)
    assert search(data, Search(patient="CHV:777"), most=5) == ([], False)


@pytest.mark.parametrize("ill", ["another log", "not a database"])
def test_an_index_that_does_not_fit_is_not_believed_and_made_again(data: Path, log: Log, ill: str) -> None:
    """After a log was put back from a copy the index would name other entries."""
    say(log, opened(), opened(who="hvasseur", patient="CHV:2"))
    take_in(data)
    path = index_path(data)
    if ill == "another log":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE log SET last = 'x'")
            connection.execute("DELETE FROM about")
    else:
        path.write_bytes(b"no database at all" * 500)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)

    assert [one.fact.who for one in search(data, Search(patient="2"), most=5)[0]] == ["hvasseur"]  # type: ignore[union-attr]

    keep_until(data, lambda: _position(path) == 4)
    assert [one.fact.who for one in search(data, Search(patient="2"), most=5)[0]] == ["hvasseur"]  # type: ignore[union-attr]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_may_read_the_log_may_read_its_index(
    data: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under systemd the pages are another account than the audit: unread, each question would read the whole log."""
    monkeypatch.setattr(modes, "FILE", 0o640)
    say(log, Signed(who="hvasseur", role="nurse", act="in", address="10.1.2.3", at_us=BEGUN))

    with AuditIndex(data) as index:
        index.go_on()
        made = list(index_path(data).parent.glob("audit-index.sqlite3*"))

        assert {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in made} == {
            ".sqlite3": 0o640, ".sqlite3-wal": 0o640, ".sqlite3-shm": 0o640,
        }  # fmt: skip


def _position(path: Path) -> int:
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            right = connection.execute("SELECT position FROM log WHERE last <> 'x'").fetchone()
            return int(right[0]) if right else 0
    except sqlite3.DatabaseError:
        return 0


def keep_until(data: Path, reached) -> None:  # type: ignore[no-untyped-def]
    """Let the keeper of the index work until something is reached."""
    stop = threading.Event()
    keeper = IndexKeeper(data, stop)
    before = indexing.LOOK_SECONDS
    indexing.LOOK_SECONDS = 0.01
    try:
        keeper.start()
        for _ in range(500):
            if reached():
                return
            stop.wait(0.01)
        raise AssertionError("expected the index to be made")
    finally:
        indexing.LOOK_SECONDS = before
        stop.set()
        keeper.join(10)
