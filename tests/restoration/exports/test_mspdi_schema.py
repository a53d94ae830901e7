"""A project that we give out is one by the public schema: what another program refuses, it refuses as a whole."""

import re

import pytest
from msgspec.structs import replace
from mspdi_schema import faults_of_mspdi
from told_case import told_case, told_plan

from releve.restoration.case import Case
from releve.restoration.exports.mspdi import write_mspdi
from releve.restoration.invented import generate
from releve.restoration.planner.decode import decode


def _named(case: Case) -> Case:
    """Return a case whose names no field of a project holds whole."""
    return replace(
        case,
        name="Hôpital " * 80,
        people=tuple(replace(one, name="Ingénieur " * 80) for one in case.people),
        applications=tuple(
            replace(one, name="Dossier " * 80, owner="Service " * 80) for one in case.applications
        ),
        calendars=tuple(replace(one, name="Bureau " * 90) for one in case.calendars),
    )


@pytest.mark.parametrize("plan", [None, told_plan()], ids=["catalogue", "plan"])
def test_what_is_given_out_keeps_the_order_and_the_forms_of_the_schema(plan: object) -> None:
    """The schema is a sequence: an element in the wrong place, and the whole file is "not a valid project"."""
    assert faults_of_mspdi(write_mspdi(told_case(), plan)) == []  # type: ignore[arg-type]


def test_a_large_plan_and_long_names_keep_to_it_too() -> None:
    """Limits are met by the hospital, not by the example."""
    case = generate(20, 5)

    assert faults_of_mspdi(write_mspdi(case, decode(case))) == []
    assert faults_of_mspdi(write_mspdi(_named(told_case()), told_plan())) == []


def test_the_rules_themselves_see_a_fault() -> None:
    """Rules that take anything prove nothing of what we give out."""
    ours = write_mspdi(told_case(), told_plan()).decode()

    for wrong in (
        ours.replace("<CurrencyCode>EUR</CurrencyCode>\n", ""),
        re.sub(r"(<UID>\d+</UID>)\n(<ID>\d+</ID>)", r"\2\n\1", ours, count=1),
        re.sub(r"PT(\d+)H0M0S", r"\1h", ours, count=1),
        re.sub(r"<PredecessorUID>\d+", "<PredecessorUID>99999", ours, count=1),
        ours.replace("<BaseCalendarUID>-1<", "<BaseCalendarUID>1<", 1),
        ours.replace("<OutlineLevel>2<", "<OutlineLevel>1<", 1),
    ):
        assert wrong != ours
        assert faults_of_mspdi(wrong.encode()) != []
