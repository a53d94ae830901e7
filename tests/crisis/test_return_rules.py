"""What may be said of an application that comes back."""

from releve.crisis.rules import Who, check_choice
from releve.hospital.map import Application, Directory, HospitalMap, IdentityAuthority
from releve.hospital.status import EVERYWHERE, State

NOW = 1_700_000_000_000_000
HOUR = 3_600_000_000
DIRECTORY = Directory(
    HospitalMap(
        name="H",
        identity=IdentityAuthority(feed="", namespace="H"),
        applications=(Application(code="DPI", name="Record"),),
    )
)
CELL = Who(account="crise", role="crisis")


def _codes(status: State, *, switch_us: int | None = None, owing: tuple[str, ...] = ()) -> list[str]:
    return [
        refusal.code
        for refusal in check_choice(
            who=CELL, applications=["DPI"], places=[EVERYWHERE], status=status, since_us=NOW, now_us=NOW,
            reason="attack", directory=DIRECTORY, switch_us=switch_us, owing=owing,
        )
    ]  # fmt: skip


def test_what_is_owed_something_comes_back_as_restored_never_as_in_service() -> None:
    """Otherwise three days of doses written here would be owed to nobody."""
    assert _codes("live", owing=("DPI",)) == ["recorded-restore"]
    assert _codes("live", owing=("LIMS",)) == []
    assert _codes("restored", owing=("DPI",)) == []


def test_a_switch_is_neither_before_the_return_nor_months_away() -> None:
    """A wrong day would leave thirty wards with nowhere to write."""
    assert _codes("restored", switch_us=NOW + 2 * HOUR) == []
    assert _codes("restored", switch_us=NOW - HOUR) == ["switch-before"]
    assert _codes("restored", switch_us=NOW + 24 * 30 * HOUR) == ["switch-too-far"]
