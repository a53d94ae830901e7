"""Plans as pictures: what a team reads on a wall must be the plan, and nothing of it may break the page."""

import re
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_case import CASE, PLAN

from releve.restoration.case import Application, Case, Task
from releve.restoration.drawing.canvas import day_names, scale_of
from releve.restoration.drawing.curve import CurvePoint, CurveWords, Lived, curve_svg
from releve.restoration.drawing.gantt import GanttWords, Quantiles, gantt_svg
from releve.restoration.drawing.load import LoadWords, load_svg, team_load
from releve.restoration.drawing.strip import strip_svg
from releve.restoration.plan import BackAt, Plan, PlannedTask

SVG = "{http://www.w3.org/2000/svg}"
DATES = {"PACS": Quantiles(90, 120, 150), "SGL": Quantiles(46, 60, 70)}
ALWAYS = {"grid", "tick", "days", "now", "now-word"}
POINTS = [CurvePoint(0, 0, 0, 0), CurvePoint(50, 0.3, 0.2, 0.1), CurvePoint(120, 1, 0.8, 0.3)]


def _bars(svg: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(svg).iter() if one.get("class", "").startswith("b ")]


def _kinds(svg: str) -> set[str]:
    return {one.get("class", "") for one in ElementTree.fromstring(svg).iter()} - {""}


def test_each_task_is_one_bar_and_a_gate_a_diamond() -> None:
    """A task that is not drawn is a task that nobody does."""
    bars = _bars(gantt_svg(CASE, PLAN, DATES))

    assert len(bars) == len(CASE.tasks)
    assert [one.tag for one in bars if "gate" in one.get("class", "")] == [f"{SVG}path"] * 2


def test_bars_of_one_application_never_lie_over_one_another() -> None:
    """Under another bar a task cannot be read, nor touched."""
    rects = [one for one in _bars(gantt_svg(CASE, PLAN)) if one.tag == f"{SVG}rect"]
    boxes = [tuple(float(one.get(side, "0")) for side in ("x", "y", "width", "height")) for one in rects]

    over = [
        (a, b)
        for place, a in enumerate(boxes)
        for b in boxes[:place]
        if a[0] < b[0] + b[2] - 0.2 and b[0] < a[0] + a[2] - 0.2 and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]
    assert not over


def test_time_is_to_scale_on_the_plan() -> None:
    """A night that looks like a week makes a team wait for nothing."""
    rects = {one[0].text: one for one in _bars(gantt_svg(CASE, PLAN, words=GanttWords(planned="%(name)s")))}

    def wide(name: str) -> float:
        return float(rects[name].get("width", "0"))

    assert wide("Recopier les images") / wide("Refaire le cœur") == pytest.approx(3, abs=0.05)


def test_an_application_shows_its_forecast_and_says_its_p80_in_words() -> None:
    """More than half of the dates of a plan are too early: what is read must be the date that holds."""
    svg = gantt_svg(CASE, PLAN, DATES, words=GanttWords(back="back by %(p80)s"), language="en")

    assert "Archive d’images &lt;PACS&gt; &amp; lecture: back by 26 Nov" in svg


def test_what_was_reported_is_seen_on_the_bar() -> None:
    """Late and blocked are what a crisis cell looks for first."""
    svg = gantt_svg(CASE, PLAN, states={"R1": "done", "P1": "blocked"})

    states = {one[0].text.split(":")[0]: one.get("class") for one in _bars(svg) if len(one)}
    assert states["Refaire le cœur"] == "b rebuild done"
    assert states["Recopier les images"] == "b restore blocked"


def test_an_application_that_moved_shows_where_it_stood() -> None:
    """Who was told a date must see that it moved, and by how much."""
    before = msgspec.structs.replace(
        PLAN, applications=(BackAt(id="PACS", hour=20), BackAt(id="SGL", hour=40))
    )

    svg = gantt_svg(CASE, PLAN, before=before)

    assert svg.count('class="was"') == 1


def test_only_the_tasks_asked_for_are_drawn() -> None:
    """A team reads its own page."""
    svg = gantt_svg(CASE, PLAN, only={"P2", "S1"})

    assert len(_bars(svg)) == 2
    assert "Cœur de réseau" not in svg


@pytest.mark.parametrize(
    "svg",
    [
        gantt_svg(CASE, PLAN, DATES, states={"R1": "late"}),
        curve_svg(CASE, POINTS, actual=[(0, 0), (20, 0.3)], lived=[Lived(1, 55, 0.8, "UVM")]),
        load_svg(CASE, PLAN),
        strip_svg(CASE, "PACS", marks={"RESEAU": "back"}),
    ],
    ids=["gantt", "curve", "load", "strip"],
)
def test_drawings_are_well_formed_named_and_without_a_style_of_their_own(svg: str) -> None:
    """The pages forbid inline style and script; whoever cannot see the drawing hears what it is."""
    root = ElementTree.fromstring(svg)

    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.find(f"{SVG}title") is not None
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", svg)


def test_a_name_with_signs_of_markup_or_control_does_not_break_the_drawing() -> None:
    """A name typed on an application page is never markup."""
    case = msgspec.structs.replace(
        CASE,
        applications=tuple(msgspec.structs.replace(one, name='<b>"&\x00\x1f') for one in CASE.applications),
    )

    for svg in (gantt_svg(case, PLAN, DATES), strip_svg(case, "PACS")):
        assert "&lt;b&gt;" in svg
        ElementTree.fromstring(svg)


def test_a_plan_without_tasks_is_still_a_drawing() -> None:
    """An empty plan does not take the page down: the drawing says what it is, its days stand there, and no mark."""
    empty = Plan(tasks=())

    for svg, said, full in (
        (gantt_svg(CASE, empty, DATES), GanttWords(), gantt_svg(CASE, PLAN, DATES)),
        (load_svg(CASE, empty), LoadWords(), load_svg(CASE, PLAN)),
        (curve_svg(CASE, []), CurveWords(), curve_svg(CASE, POINTS)),
    ):
        drawing = ElementTree.fromstring(svg)
        assert drawing.get("aria-label") == f"{said.title}. {said.description}"
        assert _kinds(svg) <= {f"drawing {drawing.get('class', '').split()[1]}", *ALWAYS}
        assert [one.text for one in drawing.iterfind(f"{SVG}g[@class='days']/{SVG}text")] != []
        assert _kinds(full) - _kinds(svg), "what is planned is drawn by marks that an empty plan has not"


def test_twelve_hundred_bars_weigh_less_than_300_kib() -> None:
    """The plan is read over a hospital's poor network, and printed."""
    applications = tuple(Application(id=f"A{n}", name=f"Application de soins numéro {n}") for n in range(200))
    tasks = tuple(
        Task(id=f"T{n}", application=f"A{n // 6}", kind="restore", name="Restaurer et vérifier", work_hours=9)
        for n in range(1200)
    )
    planned = tuple(PlannedTask(task=f"T{n}", start=n * 2, end=n * 2 + 40) for n in range(1200))
    case = Case(starts_at=CASE.starts_at, applications=applications, tasks=tasks, services=())
    dates = {one.id: Quantiles(n * 12, n * 12 + 30, n * 12 + 90) for n, one in enumerate(applications)}

    svg = gantt_svg(case, Plan(tasks=planned), dates, states={f"T{n}": "done" for n in range(300)})

    assert len(_bars(svg)) == 1200
    assert len(svg.encode()) <= 300 * 1024


def test_the_curve_stops_what_was_lived_at_now_and_goes_on_with_the_forecast() -> None:
    """A line of what happened drawn into next week would be taken for a promise."""
    svg = curve_svg(CASE, POINTS, actual=[(0, 0), (20, 0.3)])
    scale = scale_of(CASE, [120, CASE.now], left=44, width=720 - 54, language="fr")

    actual = re.search(r'class="actual" d="M([^"]+)"', svg)
    assert actual
    last = float(actual[1].split("L")[-1].split()[0])
    assert last == pytest.approx(scale.x(CASE.now), abs=0.2)
    forecast = re.search(r'class="p50" d="M([^"]+)"', svg)
    assert forecast
    assert float(forecast[1].split("L")[-1].split()[0]) > last


def test_a_share_is_written_in_the_language_of_the_page() -> None:
    """80 % in French has its narrow space; the page chooses it."""
    svg = curve_svg(CASE, POINTS, words=CurveWords(percent="\u202f%"))

    assert "75\u202f%" in svg


def test_a_load_is_written_with_the_decimal_sign_of_its_reader() -> None:
    """ "0.8" is no French figure, "0,8" no English one."""
    assert ": 0,8 of 1" in load_svg(CASE, PLAN, language="fr")
    assert ": 0.8 of 1" in load_svg(CASE, PLAN, language="en")


def test_the_load_counts_people_held_each_day() -> None:
    """A team that is asked for more than it has is where a plan breaks."""
    held = team_load(CASE, PLAN)

    assert held["net"] == pytest.approx([20 / 24, 0, 0, 0])
    assert held["sys"] == pytest.approx([2 * 4 / 24, (2 * 20 + 4) / 24, 1.0, 2 / 24])


def test_the_strip_stands_an_application_between_what_it_needs_and_what_needs_it() -> None:
    """Why does it wait, and who waits for it: the first two questions asked on a corridor."""
    texts = [one.text for one in ElementTree.fromstring(strip_svg(CASE, "RESEAU")).iter(f"{SVG}text")]

    assert "Needs" not in texts
    assert "Needed by" in texts
    assert "Laboratoire" in texts


def test_the_strip_of_something_everybody_needs_counts_the_rest() -> None:
    """The network is needed by two hundred applications; two hundred boxes say nothing."""
    many = tuple(msgspec.structs.replace(CASE.applications[1], id=f"X{n}", name=f"X{n}") for n in range(30))
    case = msgspec.structs.replace(CASE, applications=(CASE.applications[0], *many))

    assert "18 more" in strip_svg(case, "RESEAU")


def test_names_of_days_do_not_run_into_one_another() -> None:
    """On paper a plan is narrow; dates that touch are read as another date."""
    scale = scale_of(CASE, [200 * 24], left=0, width=570, language="fr")

    marks = [scale.x(hour) for hour, _ in scale.marks()]

    assert min(after - before for before, after in pairwise(marks)) > 55


@pytest.mark.parametrize("hours", range(24 * 60, 24 * 70, 9))
def test_no_name_of_a_day_is_cut_by_the_edge(hours: int) -> None:
    """ "7 j" where "7 juin" was meant reads as the seventh day."""
    scale = scale_of(CASE, [hours], left=190, width=982, language="fr")
    kept = day_names(scale, 24, 1180)

    assert 0 <= len(list(scale.marks())) - len(kept) <= 1
    for name in kept:
        found = re.search(r'x="([0-9.]+)".*>(.+)</text>', name)
        assert found is not None
        assert float(found[1]) + 5.5 * len(found[2]) < 1180


def test_a_summer_night_moves_the_marks_with_the_wall_clock() -> None:
    """A day begins at midnight of the hospital, whatever its length in hours."""
    scale = scale_of(
        msgspec.structs.replace(CASE, starts_at=CASE.starts_at.replace(month=10, day=24)),
        [72],
        left=0,
        width=400,
        language="en",
    )

    hours = [hour for hour, _ in scale.marks()]

    assert hours[1] - hours[0] == pytest.approx(25)
