"""After a roll only what is still needed is restated: proved, and never half of a row."""

import datetime
from pathlib import Path

import pytest
from house_of_islands import House
from test_retention import archive, drop, message

from releve.app.retention import needed
from releve.departments.appointments.tables import Appointment
from releve.departments.laboratory.tables import Result
from releve.journal.entry import Draft
from releve.journal.folder import log_path, logs
from releve.record.tables import Encounter, Person

NOW = datetime.datetime.now(datetime.UTC)


def hl7(days: float) -> str:
    """Return a moment so many days ago (ahead: negative), as HL7 writes it."""
    return (NOW - datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%S+0000")


def result(ipp: str, number: str, days: float, value: str = "4.1") -> Draft:
    """Return a potassium of somebody, reported so many days ago."""
    text = "\r".join(
        [
            f"MSH|^~\\&|SGL|CHV|RELEVE||{hl7(days)}||ORU^R01^ORU_R01|{ipp}{number}{value}|P|2.5",
            f"PID|||{ipp}^^^CHV^PI||NOM{ipp}^^^^^^L||19450714|F",
            f"ORC|RE|{number}^PRESC|{number}^LABO||CM",
            f"OBR|1|{number}^PRESC|{number}^LABO|IONO^Ionogramme^99LAB|||{hl7(days)}|||||||||||||||{hl7(days)}||CH|F",
            f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L^^UCUM|3.5-5.0||||F|||{hl7(days)}",
        ]
    )
    return Draft(kind="message.hl7v2", body=text.encode(), source="test", subjects=(ipp,))


def appointment(ipp: str, number: str, days: float) -> Draft:
    """Return an appointment of somebody, so many days ahead."""
    at = hl7(-days)
    text = "\r".join(
        [
            f"MSH|^~\\&|AGENDA|CHV|RELEVE||{hl7(20)}||SIU^S12^SIU_S12|{ipp}{number}|P|2.5",
            f"SCH|{number}^AGENDA|{number}^AGENDA||||S12^Booked^99AGD|CS^Consultation^99AGD|NORMAL|30|min^^UCUM|"
            f"^^30^{at}^{at}||||||||||||||Booked",
            f"PID|||{ipp}^^^CHV^PI||NOM{ipp}^^^^^^L||19450714|F",
            "RGS|1|A",
            f"AIS|1|A|CS^Consultation^99AGD|{at}",
        ]
    )
    return Draft(kind="message.hl7v2", body=text.encode(), source="test", subjects=(ipp,))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return an island: one in care with old and new results, one who left and comes again, one who only left."""
    made = House(tmp_path_factory.mktemp("part"), "a")
    stays = [message("A01", ipp, hl7(30)) for ipp in ("200", "201", "202")]
    left = [message("A03", ipp, hl7(20)) for ipp in ("201", "202")]
    old = [result(ipp, f"{ipp}{at}", 25 + at / 10) for ipp in ("200", "201", "202") for at in range(20)]
    corrected = [result("200", "2009", 2, "6.2"), result("200", "300", 1)]
    made.say("a", *stays, *old, *left, appointment("201", "R1", 5), *corrected)
    made.run("a", "islands", "list")
    made.run("a", "epochs", "roll")
    return made


def test_what_is_needed_is_restated_and_proved_and_the_rest_waits_for_the_drop(
    house: House, tmp_path: Path
) -> None:
    """Four fifths of a week were restated each week: what was given and measured days ago is in the file that stays."""
    made = house.copy(tmp_path)

    told = made.run("a", "epochs", "carry", "--in-care")
    proof = made.run("a", "epochs", "prove", "--in-care")

    assert told["persons"] == 2
    assert told["entries"] < 20 < told["of"]
    assert proof["holds"]
    assert made.run("a", "epochs", "carry", "--in-care")["entries"] == 0, "nothing twice"
    # The new epoch alone: who is here, in her bed, with what was said lately; who comes again, with her appointment.
    log_path(made.data("a"), "a", 1).rename(tmp_path / "aside")
    for views in made.data("a").glob("views*.sqlite3*"):
        views.unlink()
    made.run("a", "islands", "list")
    assert [log.name for log in logs(made.data("a"))] == ["a/2"]
    assert sorted(Person.objects.values_list("id", flat=True)) == ["CHV:200", "CHV:201"]
    assert dict(Encounter.objects.values_list("person", "status")) == {
        "CHV:200": "present",
        "CHV:201": "left",
    }
    assert list(Appointment.objects.values_list("person", flat=True)) == ["CHV:201"]
    found = sorted(Result.objects.values_list("person", "value", "current"))
    # The report that was corrected lately comes with the one it corrects.
    assert found == [("CHV:200", "4.1", False), ("CHV:200", "4.1", True), ("CHV:200", "6.2", True)]


def test_a_part_that_lacks_something_is_no_proof_and_then_all_of_it_is_restated(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wards would go on without what is due, or with a report that was corrected, and be told that all is well."""
    made = house.copy(tmp_path)
    with (
        monkeypatch.context() as wrong
    ):  # as if nobody had thought of what stands together, nor of what is ahead
        wrong.setattr(needed, "_TOGETHER", {})
        wrong.setattr(needed, "_OPEN", {**needed._OPEN, "appointments_appointment": "0 = 1"})
        made.run("a", "epochs", "carry", "--in-care")

    told = made.told("a", "epochs", "prove", "--in-care")

    assert told.exit_code == 1
    assert "appointments_appointment" in told.output
    assert "laboratory_result" in told.output
    made.run("a", "epochs", "carry", "--in-care", "--whole")
    assert made.run("a", "epochs", "prove", "--in-care", "--whole")["holds"]


@pytest.mark.soak
def test_what_a_roll_restates_in_part_hides_nothing_of_what_a_drop_restated_whole(
    house: House, tmp_path: Path
) -> None:
    """Somebody stays for a year: her old results stand in one file, her bed in a newer one, and both files go."""
    made = house.copy(tmp_path / "house")
    results = Result.objects.filter(person="CHV:200")
    archive(made, tmp_path / "vault")
    drop(made)
    made.run("a", "islands", "list")
    assert results.count() == 22
    made.run("a", "epochs", "roll")
    assert 0 < made.run("a", "epochs", "carry", "--in-care")["entries"] < 22
    archive(made, tmp_path / "vault", "2")

    drop(made, "2")

    made.run("a", "islands", "list")
    assert [log.name for log in logs(made.data("a"))] == ["a/3"]
    assert results.count() == 22
