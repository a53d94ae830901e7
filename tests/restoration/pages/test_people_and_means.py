"""The pages of people, their hours, skills and shared means: what is typed there is what the next plan reads."""

import html
import io
import re
import zipfile
from datetime import UTC, datetime

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE
from ward_island import HOUR_MS

from releve.restoration.case import Calendar, Case, Person, Resource, WorkingHours
from releve.restoration.standing.now import restoration_now
from screens import words_of

MEANS = "/restoration/means/"


def _case(island: RestorationIsland) -> Case:
    return restoration_now(now_ms=island.now_ms, cut=None).case_at(island.now_ms, island.now_ms, None)


def _person(island: RestorationIsland, id_: str = "p1") -> Person:
    return next(one for one in _case(island).people if one.id == id_)


@pytest.fixture
def staffed(island: RestorationIsland) -> RestorationIsland:
    """Return the island of three people, with hours and shared means."""
    office = Calendar(
        id="office", name="Heures ouvrées", week=(WorkingHours(days=("mon", "tue"), from_hour=8, to_hour=18),)
    )
    people = (msgspec.structs.replace(CASE.people[0], calendar="office"), *CASE.people[1:])
    bench = Resource(id="bench", name="Bancs", units=3)
    island.catalogue(msgspec.structs.replace(CASE, calendars=(office,), people=people, resources=(bench,)))
    return island


def test_who_works_when_and_with_what_stands_on_one_page(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Until here it stood in a file on somebody's laptop: the first thing that is cut."""
    said = words_of(technician.get(MEANS))

    assert "Marc de l’hôpital Réseau Heures ouvrées" in said
    assert "lun mar de 8 h à 18 h" in said
    assert "Bancs" in said


def test_whoever_is_away_from_a_day_to_a_day_works_on_none_of_its_hours(
    staffed: RestorationIsland, technician: Client
) -> None:
    """A plan that gives work to somebody on leave is late before it begins."""
    answer = technician.post(
        "/restoration/means/person/",
        {"id": "p1", "step": "dates", "act_key": "k1", "dates-kind": "away", "dates-begins": "24/11/2026",
         "dates-ends": "26/11/2026", "dates-name": "congés"},
    )  # fmt: skip

    assert answer.status_code == 302
    (away,) = _person(staffed).absences
    day = datetime(2026, 11, 23, 23, tzinfo=UTC).timestamp() * 1000  # midnight of the 24th in Paris
    assert staffed.now_ms + away.from_hour * HOUR_MS == pytest.approx(day, abs=HOUR_MS)
    assert away.to_hour - away.from_hour in (72, 73)
    assert "Absence 24 nov. 2026 – 26 nov. 2026 congés" in words_of(technician.get(MEANS))


def test_dates_stay_when_the_cut_comes_later_than_thought(
    staffed: RestorationIsland, technician: Client
) -> None:
    """The hours of a catalogue count from the cut; Christmas does not."""
    technician.post(
        "/restoration/means/hours/",
        {
            "id": "office",
            "step": "dates",
            "act_key": "k1",
            "dates-kind": "closed",
            "dates-begins": "25/12/2026",
        },
    )
    seen = restoration_now(now_ms=staffed.now_ms, cut=None)

    spans = []
    for later in (0, 24 * 10):
        begins = staffed.now_ms + later * HOUR_MS
        (calendar,) = seen.case_at(begins, begins, None).calendars
        (closed,) = calendar.exceptions
        spans.append(begins + closed.from_hour * HOUR_MS)

    assert spans[0] == spans[1]


def test_the_holidays_of_a_case_keep_their_dates_and_overlapping_ones_their_order(
    island: RestorationIsland,
) -> None:
    """Brought in one month, used in another: New Year's Day is still the first of January."""
    from releve.restoration.case import CalendarException
    from releve.restoration.standing.assembled import assemble
    from releve.restoration.standing.lines import lines_of

    start = int(CASE.starts_at.timestamp() * 1000)
    apart = Calendar(id="a", exceptions=(CalendarException(from_hour=24, to_hour=48, name="Noël"),))
    over = Calendar(
        id="b",
        exceptions=(
            CalendarException(from_hour=24, to_hour=72, works=True),
            CalendarException(from_hour=30, to_hour=40),
        ),
    )
    lines = lines_of(msgspec.structs.replace(CASE, calendars=(apart, over)))

    same = assemble(lines, starts_at_ms=start, now_ms=start)
    later = assemble(lines, starts_at_ms=start + 10 * HOUR_MS, now_ms=start + 10 * HOUR_MS)

    assert same.calendars == (apart, over)
    assert later.calendars[0].exceptions[0].from_hour == 14
    assert later.calendars[1] == over


def test_a_vendor_who_comes_on_one_day_is_there_at_no_other(
    staffed: RestorationIsland, technician: Client
) -> None:
    """A window of a vendor is what most often decides a date."""
    technician.post(
        "/restoration/means/person/",
        {"id": "p2", "step": "dates", "act_key": "k1", "dates-kind": "there", "dates-begins": "24/11/2026 08:00",
         "dates-ends": "24/11/2026 18:00"},
    )  # fmt: skip

    (window,) = _person(staffed, "p2").windows
    assert window.to_hour - window.from_hour in (9, 10)


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("", "", "Écrivez un jour, comme 24/12/2026"),
        ("31/02/2026", "", "Écrivez un jour"),
        ("26/11/2026", "24/11/2026", "La fin vient avant le début"),
        ("01/01/2020", "02/01/2020", "Ces dates sont passées"),
        ("01/01/2026", "01/01/2036", "vérifiez l’année"),
    ],
)
def test_dates_that_cannot_be_are_refused_and_kept_on_the_screen(
    staffed: RestorationIsland, technician: Client, begins: str, ends: str, said: str
) -> None:
    """A slip of the year would take somebody out for ten of them."""
    answer = technician.post(
        "/restoration/means/person/",
        {"id": "p1", "step": "dates", "act_key": "k1", "dates-kind": "away", "dates-begins": begins,
         "dates-ends": ends, "dates-name": "congés"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert said in words_of(answer)
    assert b'value="cong\xc3\xa9s"' in answer.content
    assert _person(staffed).absences == ()


def test_dates_are_taken_out_again(staffed: RestorationIsland, technician: Client) -> None:
    """Somebody comes back early."""
    form = {"id": "p1", "step": "dates", "act_key": "k1", "dates-kind": "away", "dates-begins": "24/11/2026"}
    technician.post("/restoration/means/person/", form)
    page = technician.get("/restoration/means/person/?id=p1").content.decode()
    (dates,) = re.findall(r'name="dates" value="([^"]+)"', page)

    technician.post(
        "/restoration/means/person/", {"id": "p1", "step": "drop", "act_key": "k2", "dates": dates}
    )

    assert _person(staffed).absences == ()


def test_somebody_is_added_with_what_she_can_do_and_then_taken_out(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Three students come to help on the second day."""
    typed = {"step": "person", "name": "Élise Martin", "kind": "staff", "calendar": "office"}
    refused = technician.post("/restoration/means/person/", {**typed, "act_key": "k1"})
    assert refused.status_code == 422
    assert "Cochez-en au moins une" in words_of(refused)
    assert "Élise Martin" in refused.content.decode()

    technician.post("/restoration/means/person/", {**typed, "act_key": "k2", "skills": ["sys", "net"]})
    assert sorted(_person(staffed, "elise-martin").skills) == ["net", "sys"]

    technician.post("/restoration/means/person/", {"id": "elise-martin", "step": "remove", "act_key": "k3"})
    assert all(one.id != "elise-martin" for one in _case(staffed).people)


def _folder(client: Client) -> dict[str, bytes]:
    packed = io.BytesIO(client.get("/restoration/file/catalogue.zip").content)
    with zipfile.ZipFile(packed) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _bring(client: Client, files: dict[str, bytes]) -> str:
    """Bring files as somebody does who reads what would change and then says so; return what was shown."""
    sheets = [SimpleUploadedFile(name, content) for name, content in files.items()]
    answer = client.post("/restoration/catalogue/bring/", {"from": "file", "file": sheets})
    kept = re.search(r'name="kept" value="([^"]*)"', answer.content.decode())
    if kept:
        form = {"from": "file", "kept": html.unescape(kept[1]), "step": "say", "act_key": str(hash(kept[1]))}
        assert client.post("/restoration/catalogue/bring/", form).status_code == 302
    return words_of(answer)


def test_a_folder_brought_back_says_nobody_is_away_twice(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Dates were typed here, a name corrected in a spreadsheet: brought back, her leave would count twice, and stay
    when it is taken out."""
    dates = {"step": "dates", "dates-begins": "24/11/2026", "dates-ends": "26/11/2026"}
    technician.post(
        "/restoration/means/person/", {**dates, "id": "p1", "act_key": "k1", "dates-kind": "away"}
    )
    technician.post(
        "/restoration/means/hours/", {**dates, "id": "office", "act_key": "k2", "dates-kind": "closed"}
    )
    before = _case(staffed)
    files = _folder(technician)
    later = dict(files)
    later["people.csv"] = files["people.csv"].replace(b"Marc", b"Marc Ollivier")
    later["calendars.csv"] = files["calendars.csv"].replace("Heures ouvrées".encode(), b"Bureau")

    shown = _bring(technician, later)

    assert "personne : Marc Ollivier changé" in shown
    now = _case(staffed)
    assert [one.absences for one in now.people] == [one.absences for one in before.people]
    assert now.calendars[0].name == "Bureau"
    assert now.calendars[0].exceptions == before.calendars[0].exceptions
    assert "rien ne diffère" in _bring(technician, later)
    # The sheet of people alone says nothing of when they are away.
    assert "rien ne diffère" in _bring(technician, {"people.csv": later["people.csv"]})
    # Taken out of the sheet, it is taken out here.
    lines = later["absences.csv"].splitlines(keepends=True)
    _bring(
        technician, {**later, "absences.csv": b"".join(line for line in lines if not line.startswith(b"p1"))}
    )
    assert _person(staffed).absences == ()


def test_a_form_that_is_sent_again_leads_where_it_led_though_its_line_is_gone(
    staffed: RestorationIsland, technician: Client
) -> None:
    """The answer was lost on the way, and she presses again: "not found" would read as "not recorded"."""
    form = {"id": "p3", "step": "remove", "act_key": "k1"}
    first = technician.post("/restoration/means/person/", form)

    again = technician.post("/restoration/means/person/", form)

    assert (first.status_code, again.status_code) == (302, 302)
    assert again["Location"] == first["Location"] == MEANS
    assert technician.post("/restoration/means/person/", {**form, "act_key": "k2"}).status_code == 404


def test_a_vendor_comes_some_hours_after_the_cut_and_sometimes_not_at_all(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Whatever the day of the cut; the forecast reckons with one who does not come."""
    technician.post(
        "/restoration/means/person/",
        {"id": "p3", "step": "person", "act_key": "k1", "name": "Omar", "kind": "vendor", "calendar": "always",
         "skills": ["sys"], "after": "48", "no_show": "10"},
    )  # fmt: skip

    omar = _person(staffed, "p3")
    assert [(one.from_hour, one.to_hour) for one in omar.absences] == [(0, 48)]
    assert omar.no_show_probability == pytest.approx(0.1)


def test_the_hours_of_a_team_are_days_and_hours_and_a_night_is_two_lines(
    staffed: RestorationIsland, technician: Client
) -> None:
    """From the third week on nobody works by night any more."""
    typed = {"id": "office", "step": "week", "name": "Équipe"}
    night = {"days-0": ["mon"], "begins-0": "20", "ends-0": "8"}
    refused = technician.post("/restoration/means/hours/", {**typed, **night, "act_key": "k1"})
    assert refused.status_code == 422
    assert "20 à 24, puis 0 à 8" in words_of(refused)
    assert b'value="20"' in refused.content

    technician.post(
        "/restoration/means/hours/",
        {**typed, "act_key": "k2", "days-0": ["mon", "tue", "wed"], "begins-0": "8", "ends-0": "20",
         "days-1": ["sat"], "begins-1": "9 h", "ends-1": "12"},
    )  # fmt: skip

    (calendar,) = _case(staffed).calendars
    assert [(one.days, one.from_hour, one.to_hour) for one in calendar.week] == [
        (("mon", "tue", "wed"), 8, 20), (("sat",), 9, 12)
    ]  # fmt: skip
    assert "lun–mer de 8 h à 20 h, sam de 9 h à 12 h" in words_of(technician.get(MEANS))


def test_hours_that_somebody_has_are_not_taken_away(staffed: RestorationIsland, technician: Client) -> None:
    """A person without a calendar is there at no hour: every plan would leave her work out."""
    answer = technician.post("/restoration/means/hours/", {"id": "office", "step": "remove", "act_key": "k1"})

    assert answer.status_code == 422
    assert _case(staffed).calendars


def test_the_people_of_a_team_are_ticked_on_the_page_of_the_skill(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Whoever leads a team thinks of the team, not of each person's page."""
    technician.post(
        "/restoration/means/skill/",
        {"id": "sys", "name": "Systèmes", "people": ["p1", "p2"], "act_key": "k1"},
    )

    assert [one.id for one in _case(staffed).people if "sys" in one.skills] == ["p1", "p2"]
    in_use = technician.post("/restoration/means/skill/", {"id": "sys", "step": "remove", "act_key": "k2"})
    assert in_use.status_code == 422


def test_more_restores_at_the_same_time_are_typed_in_one_field(
    staffed: RestorationIsland, technician: Client
) -> None:
    """A second bay is plugged in on day three."""
    technician.post(
        "/restoration/means/shared/", {"id": "bench", "name": "Bancs", "units": "5", "act_key": "k1"}
    )
    assert [one.units for one in _case(staffed).resources] == [5]

    none = technician.post(
        "/restoration/means/shared/", {"id": "bench", "name": "Bancs", "units": "0", "act_key": "k2"}
    )
    assert none.status_code == 422


def test_what_is_wrong_with_people_is_said_by_name_and_leads_to_where_it_is_mended(
    island: RestorationIsland, technician: Client
) -> None:
    """ "tasks[R1].team: nobody has the skill net" sends nobody to the right page."""
    people = tuple(msgspec.structs.replace(one, skills=("sys",)) for one in CASE.people)
    empty = Calendar(id="vide", name="Gardes")
    island.catalogue(msgspec.structs.replace(CASE, people=people, calendars=(empty,)))

    page = technician.get(MEANS)

    said = words_of(page)
    assert "personne n’a la compétence Réseau" in said
    assert "Gardes" in said
    assert b'href="/restoration/means/skill/?id=net"' in page.content
    assert b'href="/restoration/means/hours/?id=vide"' in page.content


def test_what_was_said_since_the_plan_stands_beside_the_button_that_plans_again(
    staffed: RestorationIsland, technician: Client
) -> None:
    """Dates that know nothing of an absence are believed until somebody says so."""
    staffed.crisis()
    staffed.plan()
    assert "depuis que ce plan est fait" not in words_of(technician.get(MEANS))
    staffed.now_ms += 60_000

    technician.post(
        "/restoration/means/skill/", {"id": "sys", "name": "Systèmes", "people": ["p1"], "act_key": "k1"}
    )

    assert "1 chose a été dite depuis que ce plan est fait" in words_of(technician.get(MEANS))
    assert "1 chose a été dite depuis que ce plan est fait" in words_of(technician.get("/restoration/"))


def test_whoever_only_reads_sees_no_form(staffed: RestorationIsland, enter: object) -> None:
    """The ward reads who works on it; it changes nothing."""
    nurse: Client = enter()  # type: ignore[operator]

    assert b"/restoration/means/person/" not in nurse.get(MEANS).content
    assert nurse.get("/restoration/means/person/?id=p1").status_code == 403
