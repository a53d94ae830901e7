"""Which application is live, down or restored where, and the one place where each ward writes."""

import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from releve.hospital.care import CARE_FUNCTIONS, DEPARTMENTS, FORMS
from releve.hospital.map import Application, Building, Directory, HospitalMap, IdentityAuthority, Ward
from releve.hospital.status import EVERYWHERE, Place, StatusDeclaration, Statuses, status_at, where_to_write

HOUR = 3_600_000_000
WARDS = ("1201", "1202", "2201")

HOSPITAL = Directory(
    HospitalMap(
        name="Essai",
        identity=IdentityAuthority(feed="adt", namespace="IPP"),
        buildings=(Building(code="A", name="A", site="S"), Building(code="B", name="B", site="S")),
        wards=(
            Ward(code="1201", name="Cardiologie", building="A"),
            Ward(code="1202", name="Réanimation", building="A", kind="critical"),
            Ward(code="2201", name="Pédiatrie", building="B"),
        ),
        applications=(
            Application(code="DIRECTORY", name="Annuaire", care_functions=("authenticate",)),
            Application(
                code="DPI", name="Dossier", care_functions=("prescribe", "document"), needs=("DIRECTORY",)
            ),
            Application(code="REA", name="Dossier réa", care_functions=("prescribe",), wards=("1202",)),
        ),
    )
)


def said(
    name: str, status: str, at: int, *, since: int | None = None, place: Place = EVERYWHERE, **more: object
) -> StatusDeclaration:
    """Return a declaration about the patient record, whole-hospital unless a place is given."""
    return msgspec.convert(
        {
            "id": name,
            "applications": ("DPI",),
            "places": (place,),
            "status": status,
            "since_us": at if since is None else since,
            "declared_us": at,
            **more,
        },
        StatusDeclaration,
    )


def ward(code: str) -> Place:
    """Return one ward as a place."""
    return Place(kind="ward", code=code)


def test_an_application_nobody_spoke_of_is_live() -> None:
    """On an ordinary day no page may suggest that something is wrong."""
    line = status_at([], "DPI", "1201", HOSPITAL)

    assert (line.status, line.since_us, line.confirmed) == ("live", None, True)


def test_a_ward_may_stay_live_when_the_rest_of_the_hospital_goes_down() -> None:
    """A unit on its own network keeps its screen; telling it to write elsewhere would make two records."""
    cut = said("cut", "down", HOUR)
    still_works = said("works", "live", 2 * HOUR, place=ward("2201"))

    statuses = Statuses([still_works, cut], HOSPITAL)

    assert statuses.wards_down("DPI") == ("1201", "1202")
    assert statuses.at("DPI", "2201").place == ward("2201")


def test_a_wider_declaration_wins_over_an_earlier_narrower_one() -> None:
    """The cell that cuts everything at 03:00 must reach the ward that said at 02:50 that all was well."""
    works = said("works", "live", HOUR, place=ward("1201"))
    cut = said("cut", "down", 2 * HOUR)

    assert status_at([cut, works], "DPI", "1201", HOSPITAL).status == "down"


def test_a_building_is_cut_alone() -> None:
    """Montpellier cut building by building: its neighbours keep working."""
    cut = said("cut", "down", HOUR, place=Place(kind="building", code="A"))

    statuses = Statuses([cut], HOSPITAL)

    assert [statuses.at("DPI", code).status for code in WARDS] == ["down", "down", "live"]


def test_down_wins_when_two_islands_speak_at_the_same_instant() -> None:
    """Two islands apart cannot ask one another: the safe reading is that it does not work."""
    for first, second in itertools.permutations(
        [said("a", "down", HOUR), said("b", "live", HOUR, place=ward("1201"))]
    ):
        assert status_at([first, second], "DPI", "1201", HOSPITAL).status == "down"


def test_a_withdrawn_declaration_counts_for_nothing() -> None:
    """A mistaken click must leave no trace on the boards."""
    cut = said("cut", "down", HOUR, withdrawn=True)

    assert status_at([cut], "DPI", "1201", HOSPITAL).status == "live"


def test_an_announced_switch_changes_the_place_to_write_at_its_hour() -> None:
    """Everyone changes at the same announced time, not one by one."""
    told = [said("cut", "down", HOUR), said("back", "restored", 2 * HOUR, since=8 * HOUR)]

    before = status_at(told, "DPI", "1201", HOSPITAL, at_us=3 * HOUR)
    after = status_at(told, "DPI", "1201", HOSPITAL, at_us=8 * HOUR)

    assert (before.status, before.next_change_us) == ("down", 8 * HOUR)
    assert (after.status, after.next_change_us) == ("restored", None)


def test_an_announced_return_does_not_outlive_a_new_cut() -> None:
    """A second attack between the announcement and its hour must not send wards to a dead application."""
    told = [
        said("cut", "down", HOUR),
        said("back", "restored", 2 * HOUR, since=8 * HOUR),
        said("again", "down", 5 * HOUR),
    ]

    assert status_at(told, "DPI", "1201", HOSPITAL, at_us=9 * HOUR).status == "down"


def test_the_status_dates_from_the_earliest_declaration_that_still_stands() -> None:
    """What was received after that moment is suspect; a second declaration must not make it trustworthy."""
    told = [
        said("first", "down", 3 * HOUR, since=HOUR, by="ward"),
        said("second", "down", 4 * HOUR, by="cell", confirmed=True),
    ]

    line = status_at(told, "DPI", "1201", HOSPITAL)

    assert (line.since_us, line.declared_by, line.confirmed) == (HOUR, "cell", True)
    assert line.declarations == ("first", "second")


declarations = st.builds(
    said,
    st.uuids().map(str),
    st.sampled_from(["live", "down", "restored"]),
    st.integers(0, 6),
    since=st.none() | st.integers(0, 9),
    place=st.sampled_from([EVERYWHERE, Place(kind="building", code="A"), *map(ward, WARDS)]),
    withdrawn=st.booleans(),
)


CARRIED = sorted({code for one in HOSPITAL.map.applications for code in one.care_functions})


@given(st.lists(declarations, max_size=7, unique_by=lambda d: d.id), st.randoms(), st.integers(0, 9))
def test_any_order_of_arrival_gives_the_same_status(told: list, chance: object, at_us: int) -> None:
    """Islands hear of one another late and out of order, and must still tell wards the same thing."""
    shuffled = list(told)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    for code in WARDS:
        assert status_at(told, "DPI", code, HOSPITAL, at_us=at_us) == status_at(
            shuffled, "DPI", code, HOSPITAL, at_us=at_us
        )


@given(st.lists(declarations, max_size=6, unique_by=lambda d: d.id))
def test_a_new_cut_of_everything_leaves_no_ward_up(told: list) -> None:
    """Whatever was said before, the cell can always stop everything in one decision."""
    cut = said("zz", "down", 100)

    statuses = Statuses([*told, cut], HOSPITAL)

    assert statuses.wards_down("DPI") == WARDS


@given(st.lists(declarations, max_size=6, unique_by=lambda d: d.id))
def test_a_return_said_after_everything_ends_every_cut(told: list) -> None:
    """No forgotten declaration may keep a ward on paper once the cell has brought all back."""
    back = said("zz", "live", 100)

    assert Statuses([*told, back], HOSPITAL).wards_down("DPI") == ()


@given(st.lists(declarations, max_size=6, unique_by=lambda d: d.id), st.integers(0, 9))
def test_a_ward_outside_a_declared_place_is_not_touched_by_it(told: list, at_us: int) -> None:
    """A mistake about one building must stay in that building."""
    elsewhere = [
        d for d in told if d.places[0] in (Place(kind="building", code="A"), ward("1201"), ward("1202"))
    ]

    assert status_at(elsewhere, "DPI", "2201", HOSPITAL, at_us=at_us).status == "live"


@given(
    st.lists(declarations, max_size=6, unique_by=lambda d: d.id),
    # Functions that the hospital carries, mostly: of fifty others nothing can be down.
    st.sampled_from(CARRIED) | st.sampled_from(sorted(CARE_FUNCTIONS)),
    st.sampled_from(WARDS),
    st.sets(st.sampled_from(sorted(DEPARTMENTS))),
)
def test_each_ward_has_exactly_one_place_to_write_and_it_is_never_a_dead_one(
    told: list, function: str, code: str, open_departments: set[str]
) -> None:
    """Two places to write make two records; a dead place makes none."""
    statuses = Statuses(told, HOSPITAL)

    here = where_to_write(function, code, HOSPITAL, statuses, open_departments)

    assert here.label("fr")
    assert here.label("en")
    if here.kind == "application":
        assert statuses.at(here.code, code).status != "down"
    elif here.kind == "releve":
        assert here.code in open_departments
    else:
        assert here.code in FORMS
    if here.kind != "application":
        carriers = HOSPITAL.applications_carrying(function, code)
        assert all(statuses.at(carrier.code, code).status == "down" for carrier in carriers)


def test_releve_stands_in_only_while_the_application_is_down() -> None:
    """A ward that could still write in its own record must not be offered a second one."""
    cut = [said("cut", "down", HOUR)]

    live = where_to_write("prescribe", "1201", HOSPITAL, Statuses([], HOSPITAL), {"prescribing"})
    down = where_to_write("prescribe", "1201", HOSPITAL, Statuses(cut, HOSPITAL), {"prescribing"})
    closed = where_to_write("prescribe", "1201", HOSPITAL, Statuses(cut, HOSPITAL), set())

    assert (live.kind, live.code) == ("application", "DPI")
    assert (down.kind, down.label("fr"), down.down) == ("releve", "Prescription", ("DPI",))
    assert (closed.kind, closed.label("fr")) == ("paper", "Feuille de prescription")


def test_intensive_care_writes_in_its_own_record_first() -> None:
    """The record made for a ward holds its pumps and charts; the general one does not."""
    statuses = Statuses([said("cut", "down", HOUR)], HOSPITAL)

    here = where_to_write("prescribe", "1202", HOSPITAL, statuses, {"prescribing"})

    assert (here.kind, here.code) == ("application", "REA")
