"""The demonstration hospital is a folder like any hospital's, and a plausible one."""

from collections import Counter
from pathlib import Path

import pytest

from releve.exercise.demo import demo_hospital, write_demo
from releve.hospital.care import WARD_FUNCTIONS
from releve.hospital.cells import is_finess, is_rpps
from releve.hospital.folder import read_folder
from releve.hospital.map import Directory, HospitalMap


@pytest.fixture(scope="module")
def hospital() -> HospitalMap:
    """Return the demonstration hospital."""
    return demo_hospital()


def test_the_written_folder_reads_back_without_a_single_remark(tmp_path: Path) -> None:
    """The example that hospitals copy must be right in everything."""
    hospital = write_demo(tmp_path)

    reading = read_folder({path.name: path.read_bytes() for path in tmp_path.iterdir()})

    assert [problem.text() for problem in reading.problems] == []
    assert reading.map == hospital


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """A figure measured here must be measurable there."""
    write_demo(tmp_path / "one")
    write_demo(tmp_path / "two")
    write_demo(tmp_path / "other", seed=1)

    folders = {
        name: {p.name: p.read_bytes() for p in (tmp_path / name).iterdir()}
        for name in ("one", "two", "other")
    }
    assert folders["one"] == folders["two"]
    assert folders["one"]["staff.csv"] != folders["other"]["staff.csv"]


def test_it_has_the_size_that_was_promised(hospital: HospitalMap) -> None:
    """700 beds, 30 wards, 4 buildings, 3,000 people, about 120 applications: the measures rest on it."""
    assert (len(hospital.beds), len(hospital.wards), len(hospital.buildings)) == (700, 30, 4)
    assert len(hospital.staff) == 3000
    assert 115 <= len(hospital.applications) <= 125
    assert len(hospital.feeds) == 10
    assert hospital.exercise


def test_every_ward_can_work(hospital: HospitalMap) -> None:
    """Beds, nurses, doctors, two ways to print, a number to call, and one application for each act."""
    directory = Directory(hospital)

    for ward in hospital.wards:
        roles = Counter(person.role for person in directory.staff_of(ward.code))
        assert directory.beds_of(ward.code)
        assert roles["nurse"] >= 4
        assert roles["physician"] >= 1
        assert len(directory.printers_of(ward.code, "a4")) == 2
        assert len(directory.printers_of(ward.code, "label")) == 2
        assert directory.phones_of(ward.code)
        for function in WARD_FUNCTIONS:
            assert directory.applications_carrying(function.code, ward.code), function.code


def test_only_one_application_serves_all_wards_for_an_act_of_the_ward(hospital: HospitalMap) -> None:
    """Otherwise, once the record is declared down, wards would be sent to write in some minor tool."""
    for function in WARD_FUNCTIONS:
        for_all = [a.code for a in Directory(hospital).applications_carrying(function.code) if not a.wards]
        assert len(for_all) == 1, function.code


def test_an_application_is_listed_after_what_it_needs_or_at_least_never_in_a_circle(
    hospital: HospitalMap,
) -> None:
    """Restoration orders by needs; a circle would have no order."""
    directory = Directory(hospital)

    for application in hospital.applications:
        assert application.code not in directory.needs_of(application.code)
        assert all(need in directory.applications for need in application.needs)
    assert {"RESEAU", "SAN", "VIRT", "AD", "SGBD", "GAM", "DPI"} <= set(directory.needs_of("PRESC"))


def test_an_application_is_not_borne_longer_down_than_what_rests_on_it() -> None:
    """The network may not be awaited for a day while what needs it must be back in an hour."""
    directory = Directory(demo_hospital())

    for application in directory.map.applications:
        if {"RESEAU", "VIRT", "AD", "SGBD", "GAM"} & set(
            application.needs
        ) and application.mtpd_hours is not None:
            for need in {"RESEAU", "VIRT", "AD", "SGBD", "GAM"} & set(application.needs):
                assert directory.applications[need].mtpd_hours <= max(application.mtpd_hours, 2), (
                    application.code
                )


def test_the_national_numbers_are_well_formed_and_belong_to_nobody(hospital: HospitalMap) -> None:
    """Invented people must not carry the numbers of real ones."""
    numbers = [person.rpps for person in hospital.staff if person.rpps]

    assert len(set(numbers)) == len(numbers) > 350
    assert all(is_rpps(number) and number.startswith("99700") for number in numbers)
    assert is_finess(hospital.finess)
    assert is_finess(hospital.sites[0].finess)
    assert all(phone.number.startswith("01 99 00") for phone in hospital.phones)


def test_the_names_are_as_varied_as_the_people_of_france(hospital: HospitalMap) -> None:
    """Accents, particles, hyphens and apostrophes break software; the demonstration must hold them."""
    families = [person.family for person in hospital.staff]

    assert len({(person.family, person.given) for person in hospital.staff}) > 2600
    assert any("’" in family for family in families)
    assert any("-" in family for family in families)
    assert any(" " in family for family in families)
    assert any(set(family) & set("ÉÈÇÔÖŒÂÜ") for family in families)
    assert max(Counter(families).values()) < 60


def test_each_sender_is_told_apart(hospital: HospitalMap) -> None:
    """A message whose sender is not recognised makes no feed fresh."""
    directory = Directory(hospital)

    for feed in hospital.feeds:
        assert directory.feed_for(feed.sending_application, feed.sending_facility, "127.0.0.1:50000") == feed
