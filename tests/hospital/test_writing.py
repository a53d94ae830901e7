"""When a ward writes here, until when, and what is still taken afterwards."""

import pytest

from releve.hospital.map import Application, Building, Directory, HospitalMap, IdentityAuthority, Site, Ward
from releve.hospital.status import EVERYWHERE, Place, StatusDeclaration, Statuses
from releve.hospital.writing import opening, timing

HOUR = 3_600_000_000
CUT, BACK, SWITCH = 10 * HOUR, 50 * HOUR, 60 * HOUR
HERE = frozenset({"prescribing"})


@pytest.fixture
def directory() -> Directory:
    """Return two wards, and one application that carries their prescriptions."""
    return Directory(
        HospitalMap(
            name="H",
            identity=IdentityAuthority(feed="", namespace="H"),
            sites=(Site(code="S", name="S"),),
            buildings=(Building(code="A", name="A", site="S"),),
            wards=(
                Ward(code="2140", name="Surgery", building="A"),
                Ward(code="2110", name="Heart", building="A"),
            ),
            applications=(Application(code="DPI", name="Record", care_functions=("prescribe",)),),
        )
    )


def _said(status: str, since: int, place: Place = EVERYWHERE, **more: int) -> StatusDeclaration:
    return StatusDeclaration(
        id=f"{status}{since}", applications=("DPI",), places=(place,), status=status,  # type: ignore[arg-type]
        since_us=since, declared_us=since, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _open(directory: Directory, said: list[StatusDeclaration], at: int, ward: str = "2140") -> bool:
    return opening("prescribe", ward, directory, Statuses(said, directory, at_us=at), HERE).open


def test_a_department_opens_with_the_cut_and_closes_with_the_return(directory: Directory) -> None:
    """Two places to write at once is how a dose is given twice."""
    said = [_said("down", CUT), _said("restored", BACK)]
    assert not _open(directory, said, CUT - 1)
    assert _open(directory, said, CUT + 1)
    assert not _open(directory, said, BACK + 1)


def test_a_restored_application_is_written_to_from_the_announced_switch_only(directory: Directory) -> None:
    """Lines are reconciled and signed first: until the hour that was told, the ward goes on here."""
    said = [_said("down", CUT), _said("restored", BACK, switch_us=SWITCH)]
    now = Statuses(said, directory, at_us=BACK + 1)
    assert _open(directory, said, BACK + 1)
    assert now.at("DPI", "2140").status == "restored"
    assert now.at("DPI", "2140").next_change_us == SWITCH
    assert opening("prescribe", "2140", directory, now, HERE).applications == ("DPI",)
    assert not _open(directory, said, SWITCH)


def test_one_ward_may_switch_later_than_the_others(directory: Directory) -> None:
    """Wards go back one after the other, each when its own lines are signed."""
    late = _said("restored", BACK + HOUR, Place(kind="ward", code="2110"), switch_us=SWITCH + 5 * HOUR)
    said = [_said("down", CUT), _said("restored", BACK, switch_us=SWITCH), late]
    assert not _open(directory, said, SWITCH + HOUR, "2140")
    assert _open(directory, said, SWITCH + HOUR, "2110")


def test_what_was_done_while_it_was_open_is_taken_afterwards_and_marked(directory: Directory) -> None:
    """Paper is found days later; the dose on it was given, and belongs in the account."""
    said = [_said("down", CUT), _said("restored", BACK)]

    def ask(happened: int, now: int) -> tuple[bool, bool, tuple[str, ...]]:
        answer = timing(
            "prescribe", "2140", directory, said, happened_us=happened, now_us=now, departments=HERE
        )
        return answer.accepted, answer.late, answer.applications

    assert ask(CUT + HOUR, CUT + 2 * HOUR) == (True, False, ("DPI",))
    assert ask(CUT + HOUR, BACK + HOUR) == (True, True, ("DPI",))
    assert ask(BACK + HOUR, BACK + 2 * HOUR)[0] is False
    assert ask(CUT - HOUR, BACK + HOUR)[0] is False
