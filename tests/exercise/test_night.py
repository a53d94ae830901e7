"""The staged night counts what was lost, and does not let itself be told that all is well."""

import base64
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from releve.exercise.comparison import compare_views, read_packs
from releve.exercise.day import Fed
from releve.exercise.demo import demo_hospital
from releve.exercise.feed import Counts
from releve.exercise.night import Night, NightFailed, Staging, smaller
from releve.exercise.night_result import NightResult
from releve.exercise.pdf import pdf
from releve.exercise.tales import Moved
from releve.exercise.truth import Snapshot, snapshot
from releve.exercise.world import Emission


def silent(phase: str, done: int, total: int) -> None:
    """Show no progress."""


def command(folder: Path, stored: list[bytes]) -> tuple[str, ...]:
    """A `releve` that knows only `journal cat`, and says that these messages are stored."""
    lines = "".join(json.dumps({"raw": base64.b64encode(raw).decode()}) + "\n" for raw in stored)
    (folder / "lines").write_text(lines)
    (folder / "releve.py").write_text(f"print(open({str(folder / 'lines')!r}).read(), end='')")
    return (sys.executable, str(folder / "releve.py"))


def checked(
    folder: Path, acknowledged: list[bytes], stored: list[bytes], in_flight: tuple[bytes, ...] = ()
) -> NightResult:
    """The check of the journal alone."""
    import hashlib

    night = Night(folder / "data", Staging(command=command(folder, stored)))
    fed = Fed(
        acknowledged=Counter(hashlib.sha256(raw).digest() for raw in acknowledged),
        in_flight=[Emission(1, "A", raw) for raw in in_flight],
    )
    result = NightResult(Counts(sent=len(acknowledged) + len(in_flight), acknowledged=len(acknowledged)))
    night._check_journal(result, fed, silent)
    return result


def test_what_was_acknowledged_and_is_not_there_is_lost(tmp_path: Path) -> None:
    """This number is the promise of the whole project; it must be able to be other than zero."""
    result = checked(tmp_path, [b"one", b"two", b"three"], [b"one", b"three"])

    assert (result.identical, result.lost) == (2, 1)
    assert not result.succeeded


def test_one_altered_byte_is_a_loss(tmp_path: Path) -> None:
    """An accent repaired on the way is another message than the one received."""
    result = checked(tmp_path, ["LEFÈVRE".encode("latin-1")], ["LEFÈVRE".encode()])

    assert (result.identical, result.lost) == (0, 1)
    assert result.problems  # and something is there that nobody sent


def test_a_message_acknowledged_twice_must_be_there_twice(tmp_path: Path) -> None:
    """A sender may well say the same thing twice; the journal keeps what was received."""
    once = checked(tmp_path, [b"same", b"same"], [b"same"])
    twice = checked(tmp_path, [b"same", b"same"], [b"same", b"same"])

    assert (once.identical, once.lost) == (1, 1)
    assert (twice.identical, twice.lost) == (2, 0)


def test_what_was_cut_before_its_answer_may_be_there_or_not(tmp_path: Path) -> None:
    """Its sender will send it again: neither a loss nor a surplus."""
    there = checked(tmp_path, [b"one"], [b"one", b"cut"], in_flight=(b"cut",))
    absent = checked(tmp_path, [b"one"], [b"one"], in_flight=(b"cut",))
    stray = checked(tmp_path, [b"one"], [b"one", b"stray"])

    assert there.problems == absent.problems == []
    assert (there.lost, absent.lost) == (0, 0)
    assert stray.problems


def test_a_night_only_succeeds_when_everything_holds() -> None:
    """Scripts look at the exit status alone."""

    def result(**changes: int) -> NightResult:
        figures = {"identical": 5, "lost": 0, "pages": 9, "packs": 2} | changes
        return NightResult(Counts(sent=6, acknowledged=5), **figures)  # type: ignore[arg-type]

    assert result().succeeded
    assert not result(identical=4, lost=1).succeeded
    assert not result(packs=0).succeeded
    assert not result(pages=0).succeeded
    disputed = result()
    disputed.problems.append("status left instead of present: 1")
    assert not disputed.succeeded
    integers = {"sent", "acknowledged", "identical", "lost", "persons", "encounters", "pages"}
    assert all(type(result().as_dict()[name]) is int for name in integers)


def here(*names: str) -> Snapshot:
    """Somebody is present for each number."""
    return snapshot(
        [Moved(1, name, f"V{name}", f"{n}", "A01", 1, "2101", "1", "P") for n, name in enumerate(names)]
    )


def test_somebody_present_who_is_on_no_page_is_found(tmp_path: Path) -> None:
    """A pack that leaves one patient out is worse than none: it looks complete."""
    (tmp_path / "2101.pdf").write_bytes(pdf([["Dossier 80 01"], ["Dossier 8002"]]))
    complete, short = NightResult(Counts()), NightResult(Counts())

    read_packs(tmp_path, here("8001", "8002"), complete, silent)
    read_packs(tmp_path, here("8001", "8003"), short, silent)

    assert (complete.pages, complete.files, complete.problems) == (2, 1, [])
    assert len(short.problems) == 1
    (tmp_path / "2101.pdf").rename(tmp_path / "2102.pdf")
    elsewhere = NightResult(Counts())
    read_packs(tmp_path, here("8001"), elsewhere, silent)
    assert len(elsewhere.problems) == 1


def test_an_empty_page_or_no_pack_at_all_is_a_problem(tmp_path: Path) -> None:
    """A blank sheet on the ward's printer helps nobody."""
    nothing, blank = NightResult(Counts()), NightResult(Counts())

    read_packs(tmp_path, here(), nothing, silent)
    (tmp_path / "2101.pdf").write_bytes(pdf([["words"], []]))
    read_packs(tmp_path, here(), blank, silent)

    assert nothing.problems
    assert blank.problems


def test_a_smaller_hospital_keeps_its_wards() -> None:
    """A short night in the tests still has emergencies, a laboratory and transfers between wards."""
    hospital = demo_hospital()

    small = smaller(hospital, 60)

    lying = {ward.code for ward in hospital.wards if ward.kind in ("inpatient", "critical")}
    assert small.wards == hospital.wards
    assert 50 <= sum(1 for bed in small.beds if bed.ward in lying) <= 80
    assert len({bed.ward for bed in small.beds}) >= 20
    assert smaller(hospital, 0) == hospital


@pytest.mark.parametrize("wards", [0, 1, 2])
@pytest.mark.parametrize("patients", [1, 2, 3, 5, 9])
def test_any_small_number_of_patients_lies_somewhere(patients: int, wards: int) -> None:
    """Three patients in one ward is what somebody tries first; over thirty wards they were nobody anywhere."""
    hospital = demo_hospital()
    staging = Staging(command=(), patients=patients, wards=wards, hours=2.0)

    small = smaller(staging.lived_in(hospital), patients)

    lying = [bed for bed in small.beds if bed.ward in staging.wards_of(hospital)]
    assert patients <= len(lying) <= patients + 1
    assert not wards or len({bed.ward for bed in small.beds}) <= wards
    assert sum(1 for _ in staging.day_before(1_800_000_000_000_000, hospital)[1]) > patients


def test_an_island_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A night that silently tests nothing would be believed."""
    (tmp_path / "broken.py").write_text("import sys; sys.exit('init: no room')")
    night = Night(tmp_path / "data", Staging(command=(sys.executable, str(tmp_path / "broken.py"))))

    with pytest.raises(NightFailed, match="no room"):
        night.run(0, silent)


def test_views_that_contradict_the_truth_are_named(tmp_path: Path) -> None:
    """Bytes kept and a board that is wrong would still kill somebody."""
    import sqlite3

    views = sqlite3.connect(tmp_path / "views.sqlite3")
    views.executescript(
        """
        CREATE TABLE record_person (id, birth_name, birth_date, sex, cluster);
        CREATE TABLE record_encounter (person, visit, status, ward, room, bed);
        CREATE TABLE record_allergy (person, label, state, stated_at);
        CREATE TABLE prescribing_request (placer, status, dose_value, retold);
        CREATE TABLE laboratory_result (sample, code, value, status, current);
        INSERT INTO record_person VALUES ('VALOMBRE:8001', 'MARTIN ANNE', '1980', 'F', 'VALOMBRE:8001');
        INSERT INTO record_encounter VALUES ('VALOMBRE:8001', 'V8001', 'left', '2101', '1', 'P');
        """
    )
    views.commit()
    views.close()
    result = NightResult(Counts())

    compare_views(tmp_path, demo_hospital(), here("8001", "8002"), result)

    assert result.persons == 1
    words = " ".join(result.problems)
    assert "person missing in the views: 1" in words
    assert "encounter missing in the views: 1" in words
    assert "status left instead of present: 1" in words
