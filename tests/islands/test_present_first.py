"""What a long cut or a new version leaves to be folded: those who lie in a bed now are shown before what is past."""

import re
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from house_of_islands import House

from releve.app import fold_process, folding, present_first, rebuilding
from releve.app.folding import Folder
from releve.app.generation import built_with
from releve.app.present_first import PresentFirst
from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import stream
from releve.exercise.night import smaller
from releve.hospital.in_force import latest_map
from releve.journal.entry import Draft
from releve.journal.reader import LogReader
from releve.views.database import RebuildRunning, generation_in_force, new_generation, put_in_force
from releve.views.hashing import hash_of_views
from releve.views.projector import Projector

MESSAGES = 2_000
STEP = 100


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return islands A and B that were cut, and what B recorded meanwhile carried to A."""
    house = House(tmp_path_factory.mktemp("present"), "a", "b")
    messages = [message for _, message in stream(smaller(demo_hospital(), 30), 1, MESSAGES)]
    for start in range(0, MESSAGES, 500):
        part = messages[start : start + 500]
        house.say("b", *(Draft(kind="message.hl7v2", body=one, source="mllp:10.0.0.5") for one in part))
    house.carry("b")
    return house


@pytest.fixture(scope="module")
def data(house: House) -> Path:
    """Return island A, which has all of B's to fold."""
    return house.data("a")


def present(folder: Folder) -> list[Any]:
    """Return who is shown as present, and where."""
    with folder.connection.cursor() as cursor:
        cursor.execute(
            "SELECT person, visit, ward, room, bed FROM record_encounter WHERE status = 'present' ORDER BY 1, 2"
        )
        return list(cursor.fetchall())


def test_who_is_present_is_shown_before_the_backlog_is_folded_and_the_end_is_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ward must read who lies there within a minute of a cable being mended, not after the fold of three months."""
    in_order = Folder(data, new_generation(data), latest_map(data), alias="in-order")
    while in_order.step(STEP):
        pass
    there = present(in_order)
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 1_000)
    folder = Folder(data, new_generation(data), latest_map(data), alias="present-first")
    shown, taken = [present(folder)], [0]
    while step := folder.step(STEP):
        shown.append(present(folder))
        taken.append(taken[-1] + step)

    assert len(there) > 10
    first = shown.index(there)
    assert taken[first] < 0.7 * MESSAGES  # the others' are still to come
    assert all(each == there for each in shown[first:])
    assert all(set(each) <= set(there) for each in shown)  # nobody lies there again who left long ago
    assert hash_of_views(folder.connection) == hash_of_views(in_order.connection)
    for each in (folder, in_order):
        each.close()


@pytest.fixture(scope="module")
def told_by_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return island A with the logs of B and C: what one said of the patients and what the other found of them."""
    house = House(tmp_path_factory.mktemp("two"), "a", "b", "c")
    messages = [message for _, message in stream(smaller(demo_hospital(), 30), 1, MESSAGES)]
    for start in range(0, MESSAGES, 25):
        for origin, found in (("b", False), ("c", True)):
            part = [one for one in messages[start : start + 25] if (b"|ORU^" in one[:80]) == found]
            house.say(
                origin, *(Draft(kind="message.hl7v2", body=one, source="mllp:10.0.0.5") for one in part)
            )
    house.carry("b")
    house.carry("c")
    return house.data("a")


@pytest.fixture
def folded_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that names each person as often as she is folded again."""
    persons: list[str] = []
    fold_again = Projector._fold_again

    def noted(projector: Projector, person: str, *given: Any) -> int:
        persons.append(person)
        return fold_again(projector, person, *given)

    monkeypatch.setattr(Projector, "_fold_again", noted)
    return persons


def test_long_backlogs_about_the_same_patients_fold_hardly_anybody_twice(
    told_by_two: Path, folded_again: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three islands were equal three minutes after a cut instead of twenty seconds: each batch folded all again."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 500)
    folder = Folder(told_by_two, new_generation(told_by_two), latest_map(told_by_two), alias="two-logs")
    while folder.step(STEP):
        pass
    with folder.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM views_subject WHERE entries > 5")
        ((patients,),) = cursor.fetchall()
    live = hash_of_views(folder.connection)
    folder.close()
    assert patients > 40
    assert len(folded_again) < patients / 4

    folded_again.clear()
    rebuilt = Folder(
        told_by_two, new_generation(told_by_two), latest_map(told_by_two), alias="two-again", shown=False
    )
    while rebuilt.step(STEP):
        pass
    assert hash_of_views(rebuilt.connection) == live
    assert len(folded_again) < patients / 2
    rebuilt.close()


def test_a_number_given_to_everybody_is_folded_in_parts(
    told_by_two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owned island names one patient a million times: what people write waits for one part of it, not for all."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 500)
    monkeypatch.setattr(present_first, "_PATIENT", re.compile(rb"^(MSH)"))
    monkeypatch.setattr(present_first, "WHOLE_MAX", 2 * STEP)
    folder = Folder(told_by_two, new_generation(told_by_two), latest_map(told_by_two), alias="everybody")
    taken = [folder.step(STEP)]
    while taken[-1]:
        taken.append(folder.step(STEP))
    assert max(taken) <= 4 * STEP + 2  # of each log
    assert folder.behind() == 0
    folder.close()


def test_a_log_whose_clock_runs_backwards_stops_no_fold() -> None:
    """An island that lies about the hour must not hold the earliest end for ever."""
    hours = [(3, 0), (9, 0), (1, 0)]
    liar, other = ([_At(index, hlc) for index, hlc in enumerate(hours)] for _ in range(2))
    parts: dict[str, Any] = {"liar/1": liar, "b/1": other[:1]}
    folding._up_to_the_earliest(parts, {"liar/1": 9, "b/1": 1})
    assert [len(part) for part in parts.values()] == [3, 1]


class _At(NamedTuple):
    index: int
    hlc: tuple[int, int]


def test_a_short_backlog_is_folded_in_its_order(data: Path) -> None:
    """Looking through costs time; nobody waits a minute for a hundred entries."""
    folder = Folder(data, new_generation(data), latest_map(data), alias="short")
    assert folder.step(STEP) <= STEP
    assert 0 < folder.positions["b/1"] <= STEP
    folder.close()


def test_what_an_island_itself_is_behind_is_folded_in_its_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came while the fold was away is shown as it came; nobody waits for it to be looked through first."""
    data = house.data("b")
    folder = Folder(data, new_generation(data), latest_map(data), alias="own")
    assert folder.step(STEP)
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 1_000)
    assert folder.step(STEP) == STEP
    assert 2 * STEP <= folder.positions["b/1"] < 3 * STEP  # acts folded ahead are passed on the way
    folder.close()


def test_views_that_begin_again_lay_nobody_in_a_bed_who_left_long_ago(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade folds months of this island's own messages while people read: a bed must not show a former patient."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 1_000)
    monkeypatch.setattr(rebuilding, "LINK_SECONDS", 0.0)
    data = house.data("b")
    old = Folder(data, new_generation(data), latest_map(data), alias="before")
    while old.step(STEP):
        pass
    there, before = present(old), hash_of_views(old.connection)
    old.close()
    put_in_force(data, old.generation)

    rebuilding.begin_again(data, old.generation, latest_map(data))
    generation = generation_in_force(data)
    assert generation is not None
    assert generation != old.generation
    folder = Folder(data, generation, latest_map(data), alias="begun-again")
    with (
        folder.connection.cursor() as cursor
    ):  # nobody who comes meanwhile stands before a door without a form
        cursor.execute("SELECT count(*) FROM web_account WHERE state = 'active'")
        assert cursor.fetchone() == (1,)
    shown = [present(folder)]
    while folder.step(STEP):
        shown.append(present(folder))

    assert len(there) > 10
    assert all(each == there for each in shown)
    assert hash_of_views(folder.connection) == before
    folder.close()


def test_an_upgrade_waits_for_the_command_that_folds_the_views_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables that the new version lacks were fed meanwhile: the fold died and came back until the command had done."""
    monkeypatch.setattr(rebuilding, "LINK_SECONDS", 0.0)
    monkeypatch.setattr(fold_process, "OTHERS_SECONDS", 0.0)
    data = house.data("b")
    old = Folder(data, new_generation(data), latest_map(data), alias="of-before")
    with old.connection.cursor() as cursor:
        cursor.execute("UPDATE views_meta SET value = 'other tables' WHERE key = 'fold_version'")
    old.close()
    put_in_force(data, old.generation)
    asked: list[str] = []

    def busy_once(*given: Any) -> None:
        asked.append("again")
        if len(asked) == 1:
            raise RebuildRunning
        rebuilding.begin_again(*given)

    monkeypatch.setattr(fold_process, "begin_again", busy_once)

    generation = fold_process._again(data, old.generation, latest_map(data), lambda: False)

    assert len(asked) == 2
    assert generation == generation_in_force(data) != old.generation


def test_an_island_stopped_while_its_views_are_folded_again_folds_them_again_at_its_next_start(
    house: House,
) -> None:
    """Stopped in the middle of an upgrade, the old views were noted as the new version's: wrong until a rebuild."""
    data = house.data("b")
    old = Folder(data, new_generation(data), latest_map(data), alias="stopped")
    with old.connection.cursor() as cursor:
        cursor.execute("UPDATE views_meta SET value = value || ' of before' WHERE key = 'fold_version'")
    old.close()
    put_in_force(data, old.generation)

    fold_process.run_fold(data, lambda: True)

    assert (built_with(old.generation) or "").endswith("of before")


class _Said(NamedTuple):
    index: int
    hlc: tuple[int, int]
    body: bytes
    kind: str = "message.hl7v2"


class _Log:
    """A log that is still being pulled: it grows by `pulled` entries each time its size is asked."""

    def __init__(self, bodies: list[bytes], size: int, pulled: int = 0) -> None:
        self._all = [_Said(index, (index, 0), body) for index, body in enumerate(bodies)]
        self._size, self._pulled = size, pulled

    @property
    def size(self) -> int:
        self._size = min(self._size + self._pulled, len(self._all))
        return self._size

    def pull(self, entries: int) -> None:
        """Take in so many more."""
        self._size += entries

    def read(self, start: int, limit: int) -> list[_Said]:
        return self._all[start : min(start + limit, self._size)]


def adt(event: str, patient: str, visit: str = "", merged: str = "") -> bytes:
    """Return a message about a patient's stay."""
    segments = [f"MSH|^~\\&|ADM|X|R|X|20260105||ADT^{event}|1|P|2.5", f"PID|1||{patient}^^^X"]
    segments += [f"MRG|{merged}^^^X"] * bool(merged) + [f"PV1|1|I|{'|' * 16}{visit}^^^X"] * bool(visit)
    return "\r".join(segments).encode()


def taken_first(first: PresentFirst, log: _Log, most: int = 1) -> list[int]:
    """Return the entries that are folded next."""
    while not (places := first.turn("b/1", cast("LogReader", log), 0, most)):
        assert places == []
    return [index for _, index in places]


def test_a_stay_made_another_numbers_is_shown_with_all_that_both_numbers_were_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patients in a bed were shown last, after months of others: their stay had been moved from a number gone home."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 5)
    monkeypatch.setattr(present_first, "CALM_SECONDS", 0.0)
    bodies = [
        adt("A01", "gone", "1"),
        adt("A01", "former", "2"),  # the stay that lasts
        adt("A03", "gone", "1"),
        adt("A44", "kept", merged="former"),
        adt("A04", "former", "3"),
        adt("A03", "former", "3"),
        adt("A01", "left", "4"),  # and leaves as another
        adt("A47", "left", merged="known"),
        adt("A03", "known", "4"),
        adt("A31", "kept"),
        adt("A31", "gone"),
    ]
    first = PresentFirst(tmp_path)

    assert taken_first(first, _Log(bodies, len(bodies))) == [1, 3, 4, 5, 9]
    assert taken_first(first, _Log(bodies, len(bodies))) == [0, 2, 10]


def test_what_is_still_being_pulled_is_waited_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lay there when half of a log had come was folded first, and whoever lies there now came last."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 5)
    monkeypatch.setattr(present_first, "COMING_MIN", 1)
    clock = _Clock()
    monkeypatch.setattr(present_first, "time", clock)
    bodies = [adt("A01", "left"), *[adt("A31", "nobody")] * 20, adt("A03", "left"), adt("A01", "came")]
    assert taken_first(PresentFirst(tmp_path), _Log(bodies, 10, pulled=2)) == [22]
    assert clock.now >= present_first.CALM_SECONDS

    endless = _Log([adt("A01", "left"), *[adt("A31", "nobody")] * 100_000], 10, pulled=5)
    assert taken_first(PresentFirst(tmp_path), endless) == [0]
    assert clock.now < 2 * present_first.COMING_SECONDS_MAX


def test_whoever_came_in_what_was_pulled_later_is_shown_before_those_who_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A puller paused for a second: patients of the last weeks were shown after months of others."""
    monkeypatch.setattr(present_first, "BACKLOG_MIN", 5)
    monkeypatch.setattr(present_first, "CALM_SECONDS", 0.0)
    bodies = [adt("A31", f"left {number}") for number in range(20)] + [adt("A01", "came")] * 6
    log = _Log(bodies, 20)
    first = PresentFirst(tmp_path)
    assert taken_first(first, log, most=3) == [0, 1, 2]
    log.pull(6)
    assert taken_first(first, log, most=3) == [20, 21, 22, 23, 24, 25]
    assert taken_first(first, log, most=3) == [3, 4, 5]


class _Clock:
    now = 0.0

    def monotonic(self) -> float:
        self.now += 0.01
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
