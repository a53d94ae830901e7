"""From the views to a ward's pack: nobody is forgotten, nothing is invented, unknown is said in words."""

import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from paper_island import (
    MEDICINE,
    PARIS,
    PSYCHIATRY,
    PaperIsland,
    admission,
    given,
    message,
    now,
    prescription,
    stamp,
)

from releve.crisis.facts import CutDeclared
from releve.hospital.status import EVERYWHERE
from releve.journal.entry import Draft
from releve.paper.gather import UnknownWard, gather
from releve.paper.gather_ward import writing_of
from releve.paper.layout import beds_of


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> PaperIsland:
    """Return an island that heard of six people in two wards."""
    made = PaperIsland(tmp_path_factory.mktemp("gather") / "island")
    hour = now() - timedelta(hours=1)
    made.record(
        admission(
            "100",
            "MARTIN",
            "Jeanne",
            used="LEFEVRE",
            bed="301",
            extra=["AL1|1|DA|PENI^Pénicilline^L|SV|Œdème"],
        ),
        admission(
            "101", "Martin", "Jeanne", born="19540714", bed="302", extra=["AL1|1|DA|^Aucune allergie connue"]
        ),
        admission("102", "DURAND", "Aïcha", bed="303", born="1990", extra=["PV2|" + "|" * 7 + "|20301201"]),
        admission(
            "103",
            "DURAND",
            "Zoé",
            bed="304",
            born=f"{now().astimezone(PARIS) - timedelta(days=2):%Y%m%d}",
            mother="102^^^VAL^PI",
        ),
        admission(
            "104", "SECRETE", "Lucie", bed="305", secret="I", extra=["PV2|" + "|" * 7 + "|203012011430"]
        ),
        admission("200", "PETIT", "Paul", ward=PSYCHIATRY, bed="1", sex="M"),
        prescription("100", "P1", "Bisoprolol", "2.50", "mg", "|0800~2000"),
        prescription("100", "P2", "Paracétamol", "1", "g", "Q6H"),
        prescription("100", "P3", "Sirop", "1-2", "cuillère", "TIDX"),
        prescription("100", "P4", "Morphine", "5", "mg", "PRN|||||||si douleur"),
        prescription("100", "P5", "Warfarine", "5", "mg", "|1900"),
        prescription("100", "P5", "Warfarine", "5", "mg", "|1900", control="HD"),
        given("100", "P1", "Bisoprolol", "2.5", "mg", hour),
        given("100", "P9", "Furosémide", "40", "mg", hour),
        message(
            "ORU^R01^ORU_R01",
            "PID|1||100^^^VAL^PI",
            f"OBR|1|L1|B1|IONO^Ionogramme|||{stamp(hour)}",
            f"OBX|1|NM|2823-3^Potassium^LN||6.9|mmol/L|3.5-5.0|HH|||F|||{stamp(hour)}",
            f"OBX|2|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F|||{stamp(hour)}",
            sender="SGL",
        ),
    )
    return made


def test_everybody_present_has_a_sheet_and_a_line_in_the_census(island: PaperIsland) -> None:
    """Who is forgotten on paper is forgotten by the night shift."""
    pack = island.pack()

    assert [sheet.ipp for sheet in pack.patients] == ["100", "101", "102", "103", "104"]
    occupied = {bed.patient for bed in pack.beds if bed.state == "occupied"}
    assert occupied == {sheet.key for sheet in pack.patients}
    assert {bed.id for bed in pack.beds if bed.state == "free"} == {"306", "307", "308"}


def test_allergies_are_what_was_said_and_silence_is_not_an_answer(island: PaperIsland) -> None:
    """“No known allergy” was asked; nothing recorded was not: the difference kills."""
    states = {sheet.ipp: sheet.allergies for sheet in island.pack().patients}
    assert states["101"].source == "Identités"  # the feed's name, as on every page
    assert [item.source for item in states["100"].items] == ["Identités"]

    assert states["100"].state == "listed"
    assert states["100"].items[0].text == "Pénicilline\u00a0: Œdème"
    assert states["100"].items[0].detail == "gravité saisie\u00a0: sévère"
    assert states["102"].state == "not_recorded"
    assert states["102"].items == ()


def test_two_people_who_read_alike_warn_each_other(island: PaperIsland) -> None:
    """The right dose for the wrong Mrs Martin is a wrong dose."""
    alerts = {sheet.ipp: {alert.kind for alert in sheet.alerts} for sheet in island.pack().patients}
    notes = [alert.note for alert in island.sheet("100").alerts if alert.kind == "homonym"]

    assert "homonym" in alerts["100"]
    assert "homonym" in alerts["101"]
    assert "lit 302" in notes[0]
    assert "14 juil. 1954 (" in notes[0]


def test_a_namesake_without_a_bed_is_said_to_have_none(tmp_path: Path) -> None:
    """“Lit sans lit” is read twice, and then not believed."""
    made = PaperIsland(tmp_path / "island")
    made.record(
        admission("100", "MARTIN", "Jeanne", bed="301"),
        admission("101", "MARTIN", "Jeanne", born="19540714", bed=""),
    )
    made.fold()

    (note,) = (alert.note for alert in made.sheet("100").alerts if alert.kind == "homonym")
    assert "ans), sans lit\u00a0:" in note


def test_whoever_has_no_bed_stands_before_the_beds_and_who_was_born_today_is_a_newborn(
    tmp_path: Path,
) -> None:
    """Behind eight free beds nobody looks for the one in the corridor; and nobody says "0 days"."""
    made = PaperIsland(tmp_path / "island")
    made.record(
        admission("100", "MARTIN", "Jeanne", bed="301"),
        admission("101", "DURAND", "Zoé", born=now().strftime("%Y%m%d"), bed=""),
    )
    made.fold()

    pack = made.pack()
    first = next(sheet for sheet in pack.patients if sheet.ipp == "101")

    assert [(bed.state, bed.patient == first.key) for bed in pack.beds][:2] == [
        ("occupied", True),
        ("occupied", False),
    ]
    assert {bed.state for bed in pack.beds[2:]} == {"free"}
    assert (
        first.age_words,
        next(one for one in made.pack(language="en").patients if one.ipp == "101").age_words,
    ) == ("nouveau-né", "newborn")
    assert [bed.patient for bed in beds_of(pack)] == [bed.patient for bed in pack.beds]


def test_mother_and_newborn_lead_to_each_other_and_are_no_homonyms(island: PaperIsland) -> None:
    """A newborn bears her mother's name: that is no mistake, and the link must be on both sheets."""
    child, mother = island.sheet("103"), island.sheet("102")

    assert {alert.kind for alert in child.alerts} == {"newborn"}
    assert child.mother == "DURAND Aïcha"
    assert child.age_words == "2\u00a0j"
    assert {alert.kind for alert in mother.alerts} == {"with_child"}
    assert mother.birth_date == "1990"
    assert mother.age_words == "35 ou 36\u00a0ans"  # as precise as her birth date


def test_of_many_of_one_name_a_sheet_tells_three_and_counts_the_others(tmp_path: Path) -> None:
    """Forty warnings of one kind push the treatment onto the next page."""
    island = PaperIsland(tmp_path / "island")
    island.record(*(admission(f"10{at}", "MARTIN", f"Jeanne{at}", bed=f"30{at}") for at in range(7)))

    notes = [alert.note for alert in island.sheet("100").alerts if alert.kind == "homonym"]

    assert len(notes) == 4
    assert notes[-1].startswith("3 autres patients du service")


def test_a_confidential_stay_keeps_its_own_name_in_the_ward_in_charge(island: PaperIsland) -> None:
    """The nurse at the bed must know who this is; the sheet says that nobody else may."""
    sheet = island.sheet("104")

    assert (sheet.name, sheet.name_kind) == ("SECRETE", "real")
    assert [alert.kind for alert in sheet.alerts] == ["confidential"]


def test_the_birth_name_comes_first_and_the_name_in_use_beside_it(tmp_path: Path) -> None:
    """Wristband, label and screen begin with the birth name: a sheet that begins otherwise is another patient's."""
    island = PaperIsland(tmp_path / "island")
    island.record(
        admission("100", "MARTIN", "Jeanne", bed="301", used="LEFEVRE"),
        admission("101", "PETIT", "Luc", bed="302", used="Petit"),
        admission("102", "MARTIN", "Jeanne", bed="303", born="19540714"),
    )

    married, single, alike = (island.sheet(ipp) for ipp in ("100", "101", "102"))

    assert (married.name, married.given, married.used_name) == ("MARTIN", "Jeanne", "LEFEVRE")
    assert (single.name, single.used_name) == ("PETIT", "")
    (warned,) = [alert.note for alert in alike.alerts if alert.kind == "homonym"]
    assert warned.startswith("MARTIN Jeanne, nom utilisé LEFEVRE, ")


def test_a_discharge_announced_for_a_day_has_no_hour(island: PaperIsland) -> None:
    """ "At 00:00" is read as the night before: the bed is given away a day too early."""
    said = {ipp: [item.at for item in island.sheet(ipp).plan or ()] for ipp in ("102", "104")}

    assert said == {"102": ["2030-12-01"], "104": ["2030-12-01T14:30"]}


def test_doses_are_safe_or_printed_as_received(island: PaperIsland) -> None:
    """2.50 read as 250, or “1-2” read as 12, is an error by ten that paper must not make easy."""
    lines = {line.name: line for line in island.sheet("100").lines}

    assert lines["Bisoprolol"].dose is not None
    assert (lines["Bisoprolol"].dose.value, lines["Bisoprolol"].dose.unit) == ("2.5", "mg")
    assert lines["Sirop"].dose is None
    assert lines["Sirop"].dose_text == "1-2 cuillère"


def test_a_line_without_hours_is_unplaced_and_keeps_its_words(island: PaperIsland) -> None:
    """Hours are never invented: the schedule received is read by a person."""
    lines = {line.name: line for line in island.sheet("100").lines}

    assert (lines["Sirop"].mode, lines["Sirop"].schedule) == ("unplaced", "TIDX")
    assert lines["Sirop"].doses == ()
    assert lines["Paracétamol"].mode == "unplaced"  # every six hours, but nobody said from when
    assert (lines["Morphine"].mode, lines["Morphine"].mode_words) == ("prn", "si douleur")
    assert lines["Bisoprolol"].schedule == "à 8\u00a0h, 20\u00a0h"


def test_a_suspended_line_is_shown_as_such_without_a_dose_to_sign(island: PaperIsland) -> None:
    """A line that vanished would be prescribed again."""
    line = {line.name: line for line in island.sheet("100").lines}["Warfarine"]

    assert line.mode == "suspended"
    assert line.doses == ()


def test_what_was_given_stands_in_the_grid_even_without_its_prescription(island: PaperIsland) -> None:
    """A dose given on an order that never arrived would be given again."""
    at = now()
    pack = island.pack(at=at)
    lines = {line.name: line for line in pack.patients[0].lines}
    grid_start = pack.grid[0].at

    local = island.gather(at=at).frame.local(int((at - timedelta(hours=1)).timestamp() * 1000))
    if local[:13] >= grid_start[:13]:
        assert [dose.state for dose in lines["Furosémide"].doses] == ["given"]
        assert lines["Furosémide"].schedule == "donné sans prescription reçue"
    assert lines["Bisoprolol"].last is not None


def test_critical_results_come_with_flag_range_and_hour(island: PaperIsland) -> None:
    """Potassium 6.9 without its flag is a number among others."""
    results = {result.test: result for result in island.sheet("100").results}

    assert (results["Potassium"].value, results["Potassium"].flag) == ("6.9", "critical_high")
    assert results["Potassium"].range == "3.5-5.0"
    assert results["Potassium"].at is not None
    assert results["Sodium"].flag is None


def test_a_ward_whose_prescriptions_do_not_arrive_says_so(island: PaperIsland) -> None:
    """An empty grid reads as “nothing to give”."""
    pack = island.pack(PSYCHIATRY)
    sources = {source.key: source for source in pack.sources}

    assert pack.medication == "not_fed"
    assert sources["prescriptions"].state == "never"
    assert sources["identity"].state == "live"
    assert island.pack(MEDICINE).medication == "fed"


def test_each_ward_sees_one_place_to_write_for_each_function(island: PaperIsland) -> None:
    """Two places to write is one prescription in each."""
    medicine = {place.function: place for place in island.pack().writing}
    psychiatry = {place.function: place for place in island.pack(PSYCHIATRY).writing}

    assert (medicine["prescribe"].place, medicine["prescribe"].name) == ("application", "Prescription")
    assert (psychiatry["prescribe"].place, psychiatry["prescribe"].name) == ("island", "Prescription")
    # Where no department stands in, the numbered forms do.
    closed = {place.function: place for place in writing_of(PSYCHIATRY, island.gather().frame, ())}
    assert closed["prescribe"].place == "paper"
    assert "RX1" in closed["prescribe"].name
    assert closed["administer"].name == "cette feuille, verso"


def test_without_a_census_the_cover_says_that_nobody_checked(island: PaperIsland) -> None:
    """A list that was compared with nothing must not look checked."""
    pack = island.pack()

    assert pack.census_at is None
    assert pack.only_in_census == ()


def test_an_unknown_ward_is_refused_by_its_code(island: PaperIsland) -> None:
    """A slip of the keyboard must not print the pack of nobody."""
    island.serve()

    with pytest.raises(UnknownWard, match="9999"):
        gather(now_ms=int(now().timestamp() * 1000), wards=["9999"])


def test_the_same_pack_speaks_english(island: PaperIsland) -> None:
    """A replacement nurse who reads no French still reads “at 08:00”."""
    sheet = next(sheet for sheet in island.pack(language="en").patients if sheet.ipp == "100")

    lines = {line.name: line for line in sheet.lines}
    assert lines["Bisoprolol"].schedule == "at 08:00, 20:00"


def test_a_census_shows_who_stands_in_one_list_only(tmp_path: Path) -> None:
    """Whoever is missing from either list is looked for on foot, before anything else."""
    island = PaperIsland(tmp_path / "island")
    census = (
        "ipp;family;given;birth_date;ward;bed;encounter\n"
        f"100;MARTIN;Jeanne;1945-07-14;{MEDICINE};301;V100\n"
        f"999;CARON;Paul;1950-01-01;{MEDICINE};305;V999\n"
        f"101;DUPUIS;Luc;1950-01-01;{PSYCHIATRY};2;V101\n"
    )
    island.record(
        admission("100", "MARTIN", bed="301"),
        admission("101", "DUPUIS", "Luc", bed="302"),
        Draft(kind="initial.census", body=census.encode(), source="file:1"),
    )

    pack = island.pack()

    assert pack.census_at is not None
    assert [(one.ipp, one.bed) for one in pack.only_in_view] == [("101", "302")]
    assert "Psychiatrie" in pack.only_in_view[0].note
    assert [(one.name, one.bed) for one in pack.only_in_census] == [("CARON Paul", "305")]
    assert pack.only_in_census[0].note == "jamais reçue par l’îlot"


def test_a_cut_freezes_the_sources_and_marks_merges_received_after_it(tmp_path: Path) -> None:
    """A merge sent by an attacker's hand joins two patients' allergies: it must be seen."""
    island = PaperIsland(tmp_path / "island")
    began = now() - timedelta(hours=1)
    island.record(
        admission("100", "MARTIN", bed="301"),
        admission("150", "MARTEN", bed="302"),
        prescription("100", "P1", "Bisoprolol", "2.5", "mg", "|0800~2000"),
    )
    declared = CutDeclared(
        applications=("PRESC",),
        places=(EVERYWHERE,),
        status="down",
        since_us=int(began.timestamp()) * 1_000_000,
        reason="attack",
        by="crise",
        second="direction",
    )
    island.record(
        message("ADT^A40^ADT_A39", "PID|1||100^^^VAL^PI||MARTIN^Anne", "MRG|150^^^VAL^PI"),
        Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(declared), source="web"),
    )

    pack = island.pack()

    sources = {source.key: source for source in pack.sources}
    assert sources["prescriptions"].state == "frozen"
    assert sources["identity"].state == "live"
    assert pack.occasion == "cut"
    assert pack.cut_since == island.gather().frame.local(int(began.timestamp() * 1000))
    assert {place.function: place.place for place in pack.writing}["prescribe"] == "island"
    assert pack.medication == "fed"
    for sheet in pack.patients:
        assert "after_attack" in {alert.kind for alert in sheet.alerts}


def test_what_is_declared_cut_and_still_heard_says_both_on_paper(tmp_path: Path) -> None:
    """The hour of the last message alone reads as all that was done until then."""
    island = PaperIsland(tmp_path / "island")
    began = now() - timedelta(hours=1)
    declared = CutDeclared(
        applications=("PRESC",), places=(EVERYWHERE,), status="down", since_us=int(began.timestamp()) * 1_000_000,
        reason="attack", by="crise", second="direction",
    )  # fmt: skip
    island.record(
        admission("100", "MARTIN", bed="301"),
        Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(declared), source="web"),
    )
    island.record(prescription("100", "P1", "Bisoprolol", "2.5", "mg", "|0800~2000"))

    pack = island.pack()

    sources = {source.key: source for source in pack.sources}
    assert sources["prescriptions"].state == "cut_heard"
    assert sources["prescriptions"].last is not None


def test_somebody_in_a_ward_that_the_map_does_not_know_has_a_pack(tmp_path: Path) -> None:
    """A ward opened last week is not on the map; its patients are in its beds."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN", ward="7777", bed="1"))

    gathering = island.gather()

    assert "7777" in gathering.wards
    pack = gathering.ward("7777", pack_id="x", printed_ms=gathering.frame.now_ms).pack
    assert [sheet.ipp for sheet in pack.patients] == ["100"]
    assert pack.ward.name == "UF 7777, absente de la carte"
