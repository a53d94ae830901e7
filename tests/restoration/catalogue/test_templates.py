"""The usual applications: each whole, each known to the care functions, and a first case that a plan can be made of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from releve.exercise.demo import demo_hospital
from releve.hospital.care import CARE_FUNCTIONS
from releve.hospital.map import Application, Directory
from releve.restoration.case import Case
from releve.restoration.catalogue.batches import batch_id
from releve.restoration.catalogue.first import first_case, usual_hospital
from releve.restoration.catalogue.french import of_name
from releve.restoration.catalogue.holidays import easter, public_holidays
from releve.restoration.catalogue.matching import TEMPLATES, match
from releve.restoration.catalogue.problems import problems
from releve.restoration.catalogue.templates.impacts import IMPACTS
from releve.restoration.catalogue.templates.tolerance import MTPD_HOURS
from releve.restoration.planner.calendars import calendar_masks
from releve.restoration.planner.decode import decode

NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def demo_case() -> Case:
    """Return the first case of the demonstration hospital."""
    return first_case(demo_hospital(), NIGHT)


def test_every_usual_application_has_its_needs_functions_and_a_gate_with_evidence() -> None:
    """A template that needs an unknown one would send the first plan of the crisis to the list of problems."""
    codes = {template.code for template in TEMPLATES}

    assert len(TEMPLATES) >= 40
    for template in TEMPLATES:
        assert set(template.needs) <= codes, template.code
        assert set(template.functions) <= set(CARE_FUNCTIONS), template.code
        assert template.words, template.code
        assert template.owner.french, template.code
        keys = [task.key for task in template.tasks]
        assert len(keys) == len(set(keys)), template.code
        gates = [task for task in template.tasks if task.kind == "gate"]
        assert gates, template.code
        assert all(gate.evidence.english and gate.evidence.french for gate in gates), template.code
        for task in template.tasks:
            assert set(task.after) <= set(keys), template.code
            assert set(task.rework) <= set(keys), template.code


def test_every_impact_is_that_of_a_care_function_and_in_bounds() -> None:
    """A function without an impact weighs nothing, and its application comes last."""
    ground = {"authenticate", "network", "host", "back-up", "protect", "integrate"}

    assert set(IMPACTS) == set(CARE_FUNCTIONS) - ground


def test_a_usual_hospital_gives_a_case_without_problems_and_a_plan_of_all_its_tasks() -> None:
    """Where nothing is known yet, a first plan still exists within the hour."""
    case = first_case(usual_hospital("fr"), NIGHT)

    assert problems(case) == []
    plan = decode(case, [application.id for application in case.applications])
    assert len(plan.tasks) == len(case.tasks)
    assert plan.left_out == ()


def test_the_demonstration_hospital_gives_a_case_without_problems(demo_case: Case) -> None:
    """Its map is the size of a real one: 130 applications with needs that cross."""
    assert problems(demo_case) == []


def test_each_application_of_the_map_keeps_its_needs(demo_case: Case) -> None:
    """The map is what the hospital said; templates only say how much work there is."""
    needed = {each.id: {need.application for need in each.needs} for each in demo_case.applications}

    for application in demo_hospital().applications:
        assert set(application.needs) <= needed[application.code]


def test_every_restore_waits_for_the_backup_it_is_read_from(demo_case: Case) -> None:
    """No map says it, and a plan that restores before the backup is trusted restores the attacker."""
    pacs = next(each for each in demo_case.applications if each.id == "PACS")

    assert ("SAUV", "PACS-restore") in {(need.application, need.before) for need in pacs.needs}


@pytest.mark.parametrize(
    ("name", "functions", "template"),
    [
        ("Archive d’images", ("images",), "pacs"),
        ("Laboratoire de biologie", ("results-laboratory",), "laboratory"),
        ("Pilotage des automates", ("results-laboratory",), "analysers"),
        ("Gestion administrative", ("identity", "admit"), "admissions"),
        ("Quelque chose", ("chemotherapy",), "chemotherapy"),
        ("Tarification", ("bill",), "billing"),
    ],
)
def test_an_application_is_taken_for_the_template_of_its_name_or_functions(
    name: str, functions: tuple[str, ...], template: str
) -> None:
    """“ris” stands in “tarification”: billing must not be planned as the imaging system."""
    assert match(Application(code="X", name=name, care_functions=functions)).template.code == template


def test_an_application_nobody_knows_is_planned_as_another_one() -> None:
    """An application without a template still has servers to rebuild."""
    unknown = match(Application(code="ZZZ", name="Outil du service"))

    assert (unknown.template.code, unknown.by) == ("other-application", "other")
    assert unknown.template.tasks


def test_no_care_is_called_twice_by_the_same_name(demo_case: Case) -> None:
    """ "Building management (Building management)" reads as a slip; two services of one name as one."""
    names = {service.id: service.name for service in demo_case.services}

    assert (
        names["building:GTB"] == "Gestion technique du bâtiment (GTB)"
    )  # another is called like the function
    assert names["chemotherapy:CHIMIO"] == "Chimiothérapie"
    assert names["images:VIEW3D"] == "Images (Reconstruction en trois dimensions)"
    assert len(set(names.values())) == len(names)


def test_a_service_waits_for_the_urgent_applications_of_its_function_only(demo_case: Case) -> None:
    """Images are back with the archive, not only when three-dimensional views are."""
    services = {service.id: service for service in demo_case.services}

    assert set(services["images"].requires) == {"PACS", "WORKLIST"}
    assert services["images:VIEW3D"].requires == ("VIEW3D",)
    total = sum(
        service.impact[0].per_day for id, service in services.items() if id.partition(":")[0] == "images"
    )
    assert total == pytest.approx(IMPACTS["images"].impact[0].per_day, rel=0.01)


def test_an_application_that_only_touches_a_function_does_not_share_its_weight_evenly(
    demo_case: Case,
) -> None:
    """The record of the emergency department must not weigh as little as the pictures sent for a stroke."""
    weight = {service.id: service.impact[0].per_day for service in demo_case.services}

    assert weight["emergency:URG"] > 5 * weight["emergency:TELEAVC"]
    assert weight["emergency:URG"] > 5 * weight["emergency:SMUR"]


def test_where_nobody_said_how_long_an_application_may_be_missed_the_template_says() -> None:
    """Notes are back with the patient record, not with the last ward's own one; most maps have no such figure."""
    services = {service.id: service for service in first_case(usual_hospital(), NIGHT).services}

    assert set(MTPD_HOURS) == {template.code for template in TEMPLATES}
    assert services["document"].requires == ("patient-record",)
    assert services["dispense"].requires == ("pharmacy",)
    assert services["document:mental-health"].impact[0].per_day == pytest.approx(
        0.1 * IMPACTS["document"].impact[0].per_day
    )


def test_the_workstations_of_each_ward_are_a_batch_with_its_share(demo_case: Case) -> None:
    """A ward without workstations has its prescriptions back on paper only."""
    directory = Directory(demo_hospital())
    workplace = next(service for service in demo_case.services if service.id == "workplace")

    batches = {application.id for application in demo_case.applications if application.kind == "workstations"}

    assert batches == {batch_id(ward) for ward in directory.wards}
    assert {share.application for share in workplace.shares} == batches
    assert 0.99 < sum(share.share for share in workplace.shares) <= 1


def test_counted_machines_replace_the_estimate() -> None:
    """The fleet knows how many there are; an estimate beside a count is a mistake."""
    ward = demo_hospital().wards[0].code
    few = first_case(demo_hospital(), NIGHT, machines={ward: 10})
    many = first_case(demo_hospital(), NIGHT, machines={ward: 100})

    def hours(case: Case) -> int:
        return sum(task.work_hours for task in case.tasks if task.application == batch_id(ward))

    assert hours(many) == 10 * hours(few)


def test_a_part_beside_an_application_is_smaller_than_the_application() -> None:
    """A worklist has no terabytes to restore, though it is taken for the archive it stands beside."""
    case = first_case(demo_hospital(), NIGHT)
    restore = {task.id: task.work_hours for task in case.tasks if task.kind == "restore"}

    assert restore["VIEW3D-restore"] < restore["PACS-restore"]


def test_a_vendor_in_the_house_asks_for_no_visitor() -> None:
    """“Régie interne” is the department itself: a plan that waits for its visit waits for ever."""
    hospital = replace(
        usual_hospital("fr"),
        applications=(Application(code="X", name="Archive d’images", vendor="Régie interne"),),
    )

    case = first_case(hospital, NIGHT)

    assert not [person for person in case.people if person.kind == "vendor"]
    assert problems(case) == []


def test_nobody_from_outside_is_asked_to_work_at_christmas(demo_case: Case) -> None:
    """The first plan of a crisis in November ends on a date that holds no one."""
    office = calendar_masks(demo_case, 24 * 60)["office"]
    christmas = (datetime(2026, 12, 25, 10, tzinfo=NIGHT.tzinfo) - NIGHT).days * 24 + 7
    friday_before = christmas - 7 * 24

    assert not office >> christmas & 1
    assert office >> friday_before & 1


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_where_the_calendar_says(year: int, day: date) -> None:
    """Three holidays hang on it."""
    assert easter(year) == day


def test_a_french_year_has_eleven_public_holidays_in_order() -> None:
    """Two years that follow one another are read over new year."""
    found = public_holidays(date(2026, 1, 1), date(2026, 12, 31))

    assert len(found) == 11
    assert found == sorted(found)
    assert (date(2026, 5, 14), "Ascension") in found
    assert public_holidays(date(2026, 12, 25), date(2027, 1, 1), "en") == [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 1, 1), "New Year’s Day"),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Arche Sauvegarde", "d’Arche Sauvegarde"), ("Éprouvette", "d’Éprouvette"), ("Ohm", "d’Ohm"),
        ("Hélianthe", "d’Hélianthe"), ("Yves", "d’Yves"), ("Œuvre", "d’Œuvre"), ("Clairval", "de Clairval"),
        ("Hitachi", "de Hitachi"), ("Onze", "de Onze"), ("Yaourt", "de Yaourt"), ("3M", "de 3M"),
    ],
)  # fmt: skip
def test_de_is_elided_where_french_elides(name: str, said: str) -> None:
    """“Logiciels de arche_sauvegarde” on a sheet looks like a fault of the machine, and is read as one."""
    assert of_name(name) == said


def test_a_vendor_stands_under_its_own_name_everywhere_it_is_read(demo_case: Case) -> None:
    """Whoever telephones a vendor looks for its name in a list, not for a code made of it."""
    skill = next(one for one in demo_case.skills if one.id == "vendor:arche_sauvegarde")
    person = next(one for one in demo_case.people if skill.id in one.skills)

    assert (skill.name, person.name) == ("Logiciels d’Arche Sauvegarde", "Arche Sauvegarde")
    assert not [one.name for one in (*demo_case.skills, *demo_case.people) if "_" in one.name]
