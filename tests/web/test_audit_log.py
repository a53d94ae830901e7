"""The second log of an island: written beside the first, durable soon, waiting on the disk when it cannot be."""

import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from releve.app.audit_process import EPOCH_DAYS, drop_old_epochs, open_audit
from releve.codecs.fhir.checker import check
from releve.journal import folder
from releve.journal.entry import Draft, Receipt, Submission
from releve.journal.errors import FolderError, RecorderUnreachable
from releve.journal.verify import verify_folder
from releve.web.audit import fhir, keeping
from releve.web.audit.facts import (
    AuditFact,
    EpochDropped,
    FactsLost,
    Found,
    GlassBroken,
    GlassReviewed,
    PageOpened,
    Refused,
    Searched,
    Signed,
    TakenOut,
)
from releve.web.audit.reading import Search, facts_since, glasses_in, search
from releve.web.audit.spool import SPOOL_MAX, Spool

DAY_US = 86_400_000_000
BEGUN = 1_790_000_000_000_000  # September 2026


def opened(who: str = "nkervella", patient: str = "CHV:1", at_us: int = BEGUN) -> PageOpened:
    """Return that somebody opened a patient's page."""
    return PageOpened(
        who=who, role="nurse", page="patient", address="10.1.2.3", at_us=at_us, patients=(patient,)
    )


def broken(at_us: int = BEGUN, who: str = "nkervella") -> GlassBroken:
    """Return that somebody went beyond her wards."""
    return GlassBroken(
        who=who, role="nurse", scope="patient", patient="CHV:1", ward="4140", reason="other",
        words="Entendu tomber", address="10.1.2.3", at_us=at_us, until_us=at_us + DAY_US,
    )  # fmt: skip


class Log:
    """The audit's recorder within the test, on a real log; `away` is a recorder that does not answer."""

    def __init__(self, data: Path, now_us: int = BEGUN) -> None:
        self.data = data
        self.away = self.closed = False
        self.writer = open_audit(data, now_us)
        self.now_us = now_us

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Write, durable when it returns."""
        if self.away:
            raise RecorderUnreachable("recorder: expected it to listen; nothing was sent")
        batch = [
            Submission(one.kind, one.body, one.source, one.author, one.occurred_at_us, one.subjects, -1)
            for one in drafts
        ]
        first = self.writer.append(batch, self.now_us)
        return [
            Receipt(self.writer.origin, self.writer.epoch, first + n, self.now_us) for n in range(len(batch))
        ]

    def close(self) -> None:
        """Close the log, once."""
        if not self.closed:
            self.closed = True
            self.writer.close()

    def facts(self) -> list[AuditFact]:
        """Return what the log says, oldest first."""
        return [one.fact for one in facts_since(self.data)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the data folder of an island."""
    folder.create_island(tmp_path, "a", True, "Valombre", BEGUN)
    return tmp_path


@pytest.fixture
def log(data: Path) -> Iterator[Log]:
    """Return the island's audit."""
    made = Log(data)
    yield made
    made.close()


def test_the_audit_is_a_log_of_its_own_that_is_verified_but_never_folded(data: Path, log: Log) -> None:
    """Views hold what is true of patients; who read them is kept apart, and guarded as well."""
    log.append([keeping.draft_of(opened())])

    assert [one.name for one in folder.logs(data)] == ["a/1"]
    assert [one.name for one in folder.every_log(data)] == ["a/1", "a-audit/1"]
    assert folder.own_log(data).name == "a/1"
    assert stat.S_IMODE(folder.key_path(data, "a-audit", 1).stat().st_mode) == 0o600
    assert list(verify_folder(data)) == []
    log.close()
    with folder.log_path(data, "a-audit", 1).open("r+b") as file:
        content = file.read()
        file.seek(content.rindex(b"nkervella"))
        file.write(b"someoneel")
    assert list(verify_folder(data))


def test_no_island_takes_the_name_of_an_audit(tmp_path: Path) -> None:
    """Its log would never be folded."""
    with pytest.raises(FolderError):
        folder.create_island(tmp_path, "b-audit", False, "", BEGUN)


def test_of_one_quarter_of_an_hour_one_fact_is_written_whoever_saw_it(data: Path, log: Log) -> None:
    """Two processes make pages; a nurse who turns thirty pages is one reading of one patient."""
    one, other = keeping.Keeper(data, log), keeping.Keeper(data, log)

    for keeper in (one, other, one):
        keeper.keep(opened(), "key", 7)
        assert keeper.flush()
    one.keep(opened(), "key", 8)
    one.keep(opened(), "another", 7)
    one.flush()

    assert len(log.facts()) == 3


def test_facts_wait_on_the_disk_while_the_recorder_is_away_and_come_after(data: Path, log: Log) -> None:
    """A reading that is not recorded because a process died is a reading nobody will ever know of."""
    keeper = keeping.Keeper(data, log)
    log.away = True
    keeper.keep(opened(patient="CHV:1"))
    assert not keeper.flush()
    assert keeper.waiting_since_ms is not None
    assert stat.S_IMODE(Spool.path_of(data).stat().st_mode) == 0o600
    keeper.close()

    log.away = False
    after = keeping.Keeper(data, log)  # another process, after this one was killed
    after.keep(opened(patient="CHV:2"))
    assert after.flush()

    assert [fact.patients for fact in log.facts() if isinstance(fact, PageOpened)] == [("CHV:1",), ("CHV:2",)]
    assert after.is_idle


def test_what_finds_no_room_to_wait_is_counted(data: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent hole in an audit is worse than a stated one."""
    monkeypatch.setattr("releve.web.audit.spool.SPOOL_MAX", 3)
    keeper = keeping.Keeper(data, log)
    log.away = True
    for number in range(5):
        keeper.keep(opened(patient=f"CHV:{number}"))
    keeper.flush()

    log.away = False
    keeper.flush()

    assert SPOOL_MAX > 100_000
    assert [fact.number for fact in log.facts() if isinstance(fact, FactsLost)] == [2]
    assert sum(isinstance(fact, PageOpened) for fact in log.facts()) == 3


def test_a_break_glass_is_durable_when_it_returns_even_without_the_recorder(data: Path, log: Log) -> None:
    """The page opens after it: nothing that may be lost may open it."""
    keeper = keeping.Keeper(data, log)

    assert keeper.keep_now(broken()) is not None
    log.away = True
    assert keeper.keep_now(broken()) is None
    keeper.close()
    log.away = False
    assert keeping.Keeper(data, log).flush()

    assert sum(isinstance(fact, GlassBroken) for fact in log.facts()) == 2


def test_a_fact_is_durable_within_a_second_and_the_page_does_not_wait(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow disk must not slow a ward, and a crash must not lose more than a second of readings."""
    written = threading.Event()

    class Slow:
        def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
            """Take a third of a second, as a tired disk does."""
            time.sleep(0.3)
            written.set()
            return []

    keeper = keeping.Keeper(data, Slow())
    monkeypatch.setattr(keeping, "data_folder", lambda: data)
    monkeypatch.setitem(keeping._keepers, data, keeper)

    began = time.perf_counter()
    keeping.keep(opened())
    took = time.perf_counter() - began
    assert written.wait(1.0)

    keeping._keepers.pop(data)
    assert took < 0.05


def test_a_search_finds_by_person_patient_and_period_newest_first(data: Path, log: Log) -> None:
    """ "Who opened my mother's file last month?" must have an answer."""
    for number, (who, patient) in enumerate((("anne", "CHV:1"), ("bea", "CHV:2"), ("anne", "CHV:22"))):
        log.now_us = BEGUN + number * DAY_US
        log.append([keeping.draft_of(opened(who, patient, log.now_us))])
    board = PageOpened(
        who="bea", role="nurse", page="ward", address="", at_us=log.now_us, ward="2140",
        patients=tuple(f"CHV:{n}" for n in range(40, 90)),
    )  # fmt: skip
    log.append([keeping.draft_of(board)])

    def found(**asked: object) -> list[str]:
        facts, _more = search(data, Search(**asked), most=10)  # type: ignore[arg-type]
        return [f"{one.fact.who} {one.fact.patients[0]}" for one in facts if isinstance(one.fact, PageOpened)]

    assert found(who="anne") == ["anne CHV:22", "anne CHV:1"]
    assert found(patient="2") == ["bea CHV:2"]
    assert found(patient="CHV:88") == ["bea CHV:40"]  # on the board, beyond the subjects of its entry
    assert found(since_us=BEGUN + DAY_US, until_us=BEGUN + 2 * DAY_US) == ["bea CHV:2"]
    assert search(data, Search(), most=2)[1]


def test_it_goes_on_in_a_new_epoch_each_month_and_when_it_is_damaged(data: Path, log: Log) -> None:
    """A month is what is removed at once; and a damaged log must not stop the audit."""
    log.append([keeping.draft_of(opened())])
    log.close()

    month = open_audit(data, BEGUN + (EPOCH_DAYS + 1) * DAY_US)
    month.close()
    folder.log_path(data, "a-audit", 2).write_bytes(b"nothing that was there")
    after = open_audit(data, BEGUN + (EPOCH_DAYS + 1) * DAY_US)
    after.close()

    assert (month.name, after.name) == ("a-audit/2", "a-audit/3")
    assert len([one for one in log.facts() if isinstance(one, PageOpened)]) == 1


def test_what_is_too_old_goes_by_epochs_said_by_an_entry_unless_it_waits_for_review(
    data: Path, log: Log
) -> None:
    """The hospital keeps readings three years; a break-glass that nobody looked at is kept until somebody does."""
    log.append([keeping.draft_of(broken())])
    log.close()
    late = BEGUN + 1200 * DAY_US
    after = Log(data, late)
    glass = glasses_in(data)[0]

    assert drop_old_epochs(data, after.writer, keep_days=0, now_us=late) == []
    assert drop_old_epochs(data, after.writer, keep_days=1095, now_us=late) == []
    review = GlassReviewed(
        glass=glass.place, verdict="justified", words="", by="audit", address="", at_us=late
    )
    after.append([keeping.draft_of(review)])
    gone = drop_old_epochs(data, after.writer, keep_days=1095, now_us=late)

    assert [one.name for one in gone] == ["a-audit/1"]
    assert not folder.log_path(data, "a-audit", 1).exists()
    said = [fact for fact in after.facts() if isinstance(fact, EpochDropped)]
    assert [(fact.epoch, fact.entries, fact.keep_days) for fact in said] == [(1, 3, 1095)]
    assert said[0].checkpoint.startswith("releve/a-audit/1\n3\n")
    assert list(verify_folder(data)) == []
    after.close()


@pytest.mark.parametrize(
    ("fact", "type_", "subtype", "purpose"),
    [
        (opened(), "110110", None, None),
        (msgspec.structs.replace(opened(), glass="emergency"), "110110", None, "ETREAT"),
        (
            Searched(who="n", role="nurse", page="find", address="1", at_us=BEGUN, patients=("CHV:1",)),
            "110112", None, None,
        ),
        (TakenOut(who="n", role="nurse", page="x", address="1", at_us=BEGUN, how="file"), "110106", None, None),
        (Refused(who="", role="", page="x", address="1", at_us=BEGUN, method="GET"), "110113", None, None),
        (Signed(who="n", role="nurse", act="in", address="1", at_us=BEGUN), "110114", "110122", None),
        (Signed(who="", role="", act="failed", address="1", at_us=BEGUN), "110114", "110122", None),
        (Signed(who="n", role="nurse", act="out", address="1", at_us=BEGUN), "110114", "110123", None),
        (broken(), "110113", "110127", "ETREAT"),
        (
            GlassReviewed(glass="a-audit/1#2", verdict="to-clarify", words="?", by="x", address="1", at_us=BEGUN),
            "110101", None, None,
        ),
        (FactsLost(number=2, since_us=BEGUN, at_us=BEGUN), "110113", None, None),
        (EpochDropped(epoch=1, entries=2, checkpoint="x", keep_days=3, at_us=BEGUN), "110101", None, None),
    ],
)  # fmt: skip
def test_each_fact_is_a_sound_audit_event(
    fact: AuditFact, type_: str, subtype: str | None, purpose: str | None
) -> None:
    """Whoever inspects reads it with tools that are not ours."""
    event = fhir.audit_event(Found("a-audit/1#7", BEGUN, fact), island="A")
    whole = fhir.bundle([Found("a-audit/1#7", BEGUN, fact)], island="A", made_at_us=BEGUN)

    assert check(msgspec.json.encode(event)) == []
    assert check(whole) == []
    assert event["type"]["code"] == type_
    assert [one["code"] for one in event.get("subtype", [])] == ([subtype] if subtype else [])
    coded = [one["coding"][0]["code"] for one in event.get("purposeOfEvent", [])]
    assert coded == ([purpose] if purpose else [])


def test_an_audit_event_says_who_from_where_and_of_whom_by_number() -> None:
    """A name in it would carry patients out of the hospital."""
    event = fhir.audit_event(Found("a-audit/1#7", BEGUN, opened()), island="A")

    assert event["agent"][0]["who"]["identifier"]["value"] == "nkervella"
    assert event["agent"][0]["network"] == {"address": "10.1.2.3", "type": "2"}
    assert event["entity"][0]["what"]["identifier"] == {"system": "urn:releve:namespace:CHV", "value": "1"}
    assert event["source"]["site"] == "A"
