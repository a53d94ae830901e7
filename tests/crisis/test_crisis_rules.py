"""Who may declare, confirm and withdraw: every refusal, and what holds whatever is asked."""

from typing import Any

import msgspec
import pytest
from crisis_island import HOSPITAL, NOW_MS, WARDS
from hypothesis import given
from hypothesis import strategies as st

from releve.crisis.facts import CutConfirmed, CutDeclared, CutWithdrawn
from releve.crisis.rules import (
    CARERS,
    CODES,
    DECLARERS,
    FUTURE_US_MAX,
    MANAGERS,
    PAST_US_MAX,
    Declared,
    Refusal,
    Who,
    confirm,
    declare,
    may_declare,
    simplest,
    withdraw,
)
from releve.crisis.sentences import REFUSALS
from releve.hospital.map import Directory
from releve.hospital.status import EVERYWHERE, Place

DIRECTORY = Directory(HOSPITAL)
NOW_US = NOW_MS * 1000
DAY_US = 86_400_000_000
OWN = Place(kind="ward", code="2110")
BUILDING = Place(kind="building", code="B")

NURSE = Who(account="nkervella", role="nurse", wards=("2110",))
COLLEAGUE = Who(account="srousseau", role="nurse", wards=("2110", "2120"))
PHYSICIAN = Who(account="hvasseur", role="physician", wards=("2110",))
CELL = Who(account="ylegoff", role="crisis")
CLERK = Who(account="andiaye", role="clerk", wards=("2110",))


def ask(**said: Any) -> CutDeclared | tuple[Refusal, ...]:
    """Declare the cut of identity in the whole hospital by two managers, but for what the test says otherwise."""
    asked: dict[str, Any] = {
        "who": PHYSICIAN, "second": CELL, "alone": False, "applications": ["GAM"], "places": [EVERYWHERE],
        "status": "down", "since_us": NOW_US - 26 * 60_000_000, "now_us": NOW_US, "reason": "attack", "note": " muet ",
        "directory": DIRECTORY,
    }  # fmt: skip
    return declare(**{**asked, **said})


def codes(answer: CutDeclared | tuple[Refusal, ...]) -> list[str]:
    """Return the codes of the refusals, none when it was declared."""
    return [] if isinstance(answer, CutDeclared) else [refusal.code for refusal in answer]


def test_two_managers_declare_for_the_whole_hospital() -> None:
    """The decision of Versailles: everything, at once, by people who answer for it."""
    assert ask() == CutDeclared(
        applications=("GAM",), places=(EVERYWHERE,), status="down", since_us=NOW_US - 26 * 60_000_000, reason="attack",
        note="muet", by="hvasseur", second="ylegoff",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"applications": []}, "no-application"),
        ({"applications": ["GAM", "X"]}, "unknown-application"),
        ({"places": []}, "no-place"),
        ({"places": [Place(kind="ward", code="9999")]}, "unknown-place"),
        ({"places": [Place(kind="building", code="Z")]}, "unknown-place"),
        ({"places": [Place(kind="all", code="2110")]}, "unknown-place"),
        ({"since_us": None}, "since-unreadable"),
        ({"since_us": NOW_US - PAST_US_MAX - 1}, "since-too-old"),
        ({"since_us": NOW_US + 120_000_000}, "since-in-the-future"),
        ({"since_us": NOW_US + FUTURE_US_MAX + 1, "reason": "planned"}, "since-in-the-future"),
        ({"since_us": NOW_US + FUTURE_US_MAX + 1, "status": "live"}, "since-in-the-future"),
        ({"reason": None}, "no-reason"),
        ({"second": None}, "second-needed"),
        ({"second": None, "alone": True}, "second-needed"),
        ({"second": PHYSICIAN}, "second-is-first"),
        ({"second": NURSE}, "second-may-not"),
        ({"second": CLERK}, "second-may-not"),
        ({"who": NURSE}, "not-your-wards"),
        ({"who": CLERK, "places": [OWN]}, "not-your-role"),
        ({"who": NURSE, "second": None, "places": [OWN]}, "second-or-alone"),
        (
            {"who": NURSE, "second": None, "alone": True, "places": [OWN], "status": "live"},
            "second-needed-to-return",
        ),
        ({"second": None, "alone": True, "places": [OWN], "status": "restored"}, "second-needed-to-return"),
    ],
)
def test_each_thing_that_is_wrong_is_said_by_its_own_code(said: dict[str, Any], code: str) -> None:
    """At three in the morning "invalid form" sends people back to the telephone."""
    assert code in codes(ask(**said))


def test_everything_wrong_is_said_at_once() -> None:
    """Mending one field after the other costs a page each time."""
    assert codes(ask(applications=[], places=[], since_us=None, reason=None)) == [
        "no-application", "no-place", "since-unreadable", "no-reason",
    ]  # fmt: skip


def test_a_nurse_alone_declares_for_her_own_wards_unconfirmed() -> None:
    """Nobody is there, and the ward must know where to write."""
    said = ask(who=NURSE, second=None, alone=True, places=[OWN])

    assert isinstance(said, CutDeclared)
    assert said.second == ""


def test_a_nurse_and_her_colleague_declare_for_the_ward_they_share() -> None:
    """Two people of the ward are two people."""
    assert isinstance(ask(who=NURSE, second=COLLEAGUE, places=[OWN]), CutDeclared)
    assert codes(ask(who=COLLEAGUE, second=NURSE, places=[Place(kind="ward", code="2120")])) == [
        "second-may-not"
    ]


def test_whoever_works_in_all_wards_of_a_building_speaks_for_it() -> None:
    """A building is its wards, nothing more."""
    both = Who(account="x", role="midwife", wards=("2110", "2120"))

    assert may_declare(both, [BUILDING], DIRECTORY)
    assert not may_declare(NURSE, [BUILDING], DIRECTORY)


def test_only_a_planned_stop_or_a_return_is_announced_ahead() -> None:
    """A breakdown that has not begun is a mistake; a switch at six in the morning is a plan."""
    later = NOW_US + 3 * 3_600_000_000

    assert isinstance(ask(since_us=later, reason="planned"), CutDeclared)
    assert isinstance(ask(since_us=later, status="restored"), CutDeclared)
    assert codes(ask(since_us=later)) == ["since-in-the-future"]


def test_the_same_places_are_said_once() -> None:
    """The journal and the boards must not say "the whole hospital, building B, urology"."""
    assert simplest([EVERYWHERE, BUILDING, OWN], DIRECTORY) == (EVERYWHERE,)
    assert simplest([OWN, BUILDING, Place(kind="ward", code="3110")], DIRECTORY) == (
        BUILDING,
        Place(kind="ward", code="3110"),
    )


DECLARED = Declared(id="a/1#7", by="nkervella", places=(OWN,))


@pytest.mark.parametrize(
    ("who", "declared", "code"),
    [
        (NURSE, DECLARED, "second-is-first"),
        (CLERK, DECLARED, "second-may-not"),
        (NURSE, Declared(id="a/1#7", by="hvasseur", places=(EVERYWHERE,)), "second-may-not"),
        (COLLEAGUE, msgspec.structs.replace(DECLARED, confirmed_by="hvasseur"), "already-confirmed"),
        (COLLEAGUE, msgspec.structs.replace(DECLARED, withdrawn=True), "already-withdrawn"),
    ],
)
def test_a_declaration_is_not_confirmed_by(who: Who, declared: Declared, code: str) -> None:
    """The second person is a second pair of eyes, or nothing."""
    answer = confirm(who=who, declared=declared, directory=DIRECTORY)

    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_a_colleague_of_the_ward_or_a_manager_confirms() -> None:
    """Whoever comes first in the morning."""
    for who in (COLLEAGUE, CELL):
        assert confirm(who=who, declared=DECLARED, directory=DIRECTORY) == CutConfirmed(
            declaration="a/1#7", by=who.account
        )


CONFIRMED = Declared(id="a/1#7", by="hvasseur", places=(EVERYWHERE,), confirmed_by="ylegoff")


@pytest.mark.parametrize(
    ("who", "second", "declared", "code"),
    [
        (NURSE, None, msgspec.structs.replace(DECLARED, recorded_since=1), "already-recorded"),
        (NURSE, None, msgspec.structs.replace(DECLARED, withdrawn=True), "already-withdrawn"),
        (CLERK, None, DECLARED, "not-your-wards"),
        (PHYSICIAN, None, CONFIRMED, "second-needed"),
        (PHYSICIAN, PHYSICIAN, CONFIRMED, "second-is-first"),
        (PHYSICIAN, NURSE, CONFIRMED, "second-may-not"),
    ],
)
def test_a_declaration_is_not_withdrawn(who: Who, second: Who | None, declared: Declared, code: str) -> None:
    """What was written under it would lose its place; and one stolen code must not end the downtime of a hospital."""
    answer = withdraw(who=who, second=second, declared=declared, reason="", directory=DIRECTORY)

    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_a_mistake_is_withdrawn_by_as_many_as_made_it() -> None:
    """One who was alone withdraws alone; two withdraw what two declared."""
    alone = withdraw(who=NURSE, second=None, declared=DECLARED, reason=" erreur ", directory=DIRECTORY)
    both = withdraw(who=CELL, second=PHYSICIAN, declared=CONFIRMED, reason="", directory=DIRECTORY)

    assert alone == CutWithdrawn(declaration="a/1#7", by="nkervella", reason="erreur")
    assert both == CutWithdrawn(declaration="a/1#7", by="ylegoff", second="hvasseur")


def test_every_refusal_has_its_sentence() -> None:
    """A code on a page is no help."""
    assert set(REFUSALS) == set(CODES)


ROLES = (
    "nurse",
    "midwife",
    "physician",
    "pharmacist",
    "crisis",
    "it",
    "clerk",
    "auditor",
    "assistant",
    "other",
)
people = st.builds(
    Who,
    account=st.sampled_from("abc"),
    role=st.sampled_from(ROLES),
    wards=st.lists(st.sampled_from([*WARDS, "9999"]), unique=True, max_size=4).map(tuple),
)
places = st.one_of(
    st.just(EVERYWHERE),
    st.sampled_from(["B", "C", "Z"]).map(lambda code: Place(kind="building", code=code)),
    st.sampled_from([*WARDS, "9999"]).map(lambda code: Place(kind="ward", code=code)),
)


def covered(where: tuple[Place, ...]) -> set[str]:
    """Return the wards that places cover."""
    return {ward for ward in WARDS if any(place.covers(ward, DIRECTORY) for place in where)}


@given(
    who=people,
    second=st.none() | people,
    alone=st.booleans(),
    applications=st.lists(st.sampled_from(["GAM", "PRESC", "X"]), max_size=3),
    where=st.lists(places, max_size=4),
    status=st.sampled_from(["down", "restored", "live"]),
    since_us=st.none() | st.integers(NOW_US - 40 * DAY_US, NOW_US + 20 * DAY_US),
    reason=st.none() | st.sampled_from(["attack", "breakdown", "planned", "exercise"]),
)
def test_whatever_is_asked_nobody_speaks_beyond_what_she_may(
    who: Who,
    second: Who | None,
    alone: bool,
    applications: list[str],
    where: list[Place],
    status: Any,
    since_us: int | None,
    reason: Any,
) -> None:
    """An attacker with one nurse's code must not put a hospital on paper, nor take it off."""
    said = ask(
        who=who, second=second, alone=alone, applications=applications, places=where, status=status, since_us=since_us,
        reason=reason,
    )  # fmt: skip

    if not isinstance(said, CutDeclared):
        assert said, "a refusal without a reason"
        assert {refusal.code for refusal in said} <= set(CODES)
        return
    assert who.role in DECLARERS
    wards = covered(said.places)
    for person in (who, second):
        if person is not None and person.role not in MANAGERS:
            assert person.role in CARERS
            assert wards <= set(person.wards)
    if second is None:
        assert status == "down"
        assert alone
        assert wards <= set(who.wards)
    else:
        assert second.account != who.account
    assert said.applications
    assert set(said.applications) <= set(DIRECTORY.applications)
    assert wards == covered(tuple(where)), "the places said once are the same places"
    assert NOW_US - PAST_US_MAX <= said.since_us <= NOW_US + FUTURE_US_MAX
