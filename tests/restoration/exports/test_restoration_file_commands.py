"""`releve restoration problems`, `template`, `export`, `import`: what scripts and tired people rely on."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from told_case import told_case, told_plan
from typer.testing import CliRunner, Result

from releve.app.cli import app
from releve.restoration.case import read_case, write_case
from releve.restoration.forecast.forecast import BackBy, Forecast, Spread
from releve.restoration.plan import read_plan, write_plan


def run(*words: str | Path) -> Result:
    """Return what the command line answers."""
    return CliRunner().invoke(app, ["restoration", *(str(word) for word in words)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a case and a plan of it, as files."""
    case, plan = tmp_path / "case.json", tmp_path / "plan.json"
    case.write_bytes(write_case(told_case()))
    plan.write_bytes(write_plan(told_plan()))
    return case, plan


def test_problems_of_a_sound_case_are_none(files: tuple[Path, Path]) -> None:
    """Status 0 lets a script go on."""
    result = run("problems", files[0], "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["stops"] == 0


def test_problems_are_one_json_document_and_what_remains_is_written(tmp_path: Path) -> None:
    """A script reads one document; a person reads the lines beside it."""
    wrong, rest = tmp_path / "wrong.json", tmp_path / "rest.json"
    case = told_case()
    wrong.write_bytes(
        write_case(replace(case, tasks=(*case.tasks[:4], replace(case.tasks[4], work_hours=-1))))
    )

    result = run("problems", wrong, "--out", rest, "--json", "--language", "fr")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["stops"] == 1
    assert "stops: tasks[RIS-1].work_hours\u00a0: -1 heures" in result.stderr
    assert {(each["list"], each["id"]) for each in found["left_out"]} == {
        ("applications", "RIS"),
        ("applications", "PACS"),
        ("services", "images"),
    }
    assert [line.id for line in read_case(rest.read_bytes()).applications] == ["AD", "EMPTY"]


def test_templates_are_listed_and_a_first_case_is_written(tmp_path: Path) -> None:
    """Where there is no map at all, there is a beginning."""
    listed = run("template", "--list", "--json", "--language", "fr")
    out = tmp_path / "first.json"
    result = run("template", "--out", out, "--starts-at", "2026-11-22T03:10:00+01:00", "--json")

    assert len(json.loads(listed.stdout)["templates"]) >= 40
    assert json.loads(result.stdout)["applications"] == len(read_case(out.read_bytes()).applications)
    assert run("problems", out).exit_code == 0


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-22T03:10:00"])
def test_a_cut_without_its_zone_is_refused_in_a_sentence(tmp_path: Path, moment: str) -> None:
    """Three o'clock in Paris is not three o'clock on the server."""
    result = run("template", "--out", tmp_path / "x.json", "--starts-at", moment)

    assert result.exit_code == 1
    assert result.stderr.startswith("releve: --starts-at: expected a")
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("to", "begins"),
    [
        ("mspdi", b"<?xml"),
        ("csv", b"\xef\xbb\xbfapplication;"),
        ("ics", b"BEGIN:VCALENDAR\r\n"),
        ("svg", b"<?xml"),
        ("html", b"<!DOCTYPE html>"),
    ],
)
def test_a_plan_is_written_in_each_format(files: tuple[Path, Path], to: str, begins: bytes) -> None:
    """Each for whoever has only that tool left."""
    out = files[0].with_name(f"plan.{to}")

    result = run("export", *files, "--to", to, "--out", out, "--language", "fr", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"out": str(out), "to": to, "files": [str(out)]}
    assert out.read_bytes().startswith(begins)


def test_a_drawing_and_a_page_need_nothing_from_elsewhere(files: tuple[Path, Path]) -> None:
    """They are opened on a machine without a network."""
    for to in ("svg", "html"):
        out = files[0].with_name(f"plan.{to}")
        run("export", *files, "--to", to, "--out", out)
        text = out.read_text()
        assert "<style>" in text
        assert "src=" not in text
        assert "href=" not in text
        assert "Annuaire" in text
        assert "&lt;d’images&gt;" in text


def test_the_dates_of_a_forecast_stand_in_what_is_sent(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A drawing without the P80 invites somebody to announce the end of a bar."""
    told = tmp_path / "forecast.json"
    forecast = Forecast(
        runs=100,
        seed=1,
        horizon=1000,
        applications=(
            BackBy(id="AD", p50=60, p80=131, p95=200),
            BackBy(id="PACS", p50=300, p80=None, p95=None),
        ),
        services=(),
        curve=(),
        loss=Spread(mean=1.0, p50=1.0, p80=1.0, p95=1.0),
    )
    told.write_bytes(msgspec.json.encode(forecast))

    for to in ("svg", "html", "ics"):
        run("export", *files, "--forecast", told, "--to", to, "--out", tmp_path / to, "--language", "fr")

    assert 'class="p80"' in (tmp_path / "svg").read_text()
    assert "<td>2026-10-29</td>" in (tmp_path / "html").read_text()
    assert "pas dans le temps examiné" in (tmp_path / "html").read_text()
    assert "revenue le 2026-10-29 à 80\u202f%" in (tmp_path / "ics").read_text().replace("\n ", "")


def test_a_case_goes_through_other_tools_and_comes_back(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Out, back with the case it came from, and the plan in it."""
    xml, back, dates = tmp_path / "plan.xml", tmp_path / "back.json", tmp_path / "dates.json"
    run("export", *files, "--to", "mspdi", "--out", xml)

    result = run("import", xml, "--case", files[0], "--out", back, "--plan", dates, "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["lost"] == 0
    assert read_case(back.read_bytes()) == told_case()
    assert {each.task for each in read_plan(dates.read_bytes()).tasks} == {
        task.id for task in told_case().tasks
    }


def test_a_folder_goes_out_and_comes_back(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Corrected in a spreadsheet by somebody who has never seen a case."""
    folder, back = tmp_path / "folder", tmp_path / "back.json"

    assert run("export", files[0], "--to", "folder", "--out", folder).exit_code == 0
    assert run("import", folder, "--out", back).exit_code == 0
    assert read_case(back.read_bytes()) == told_case()


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        (("export", "CASE", "PLAN", "--to", "pdf", "--out", "x"), "--to: expected one of mspdi", 2),
        (("export", "CASE", "PLAN", "--to", "svg"), "--out: expected a path", 2),
        (("export", "CASE", "--to", "ics", "--out", "x"), "expected PLAN.json after the case", 2),
        (
            ("export", "CASE", "PLAN", "--to", "ics", "--person", "nobody", "--out", "x"),
            "expected a person, skill or application",
            1,
        ),
        (("export", "PLAN", "--to", "mspdi", "--out", "x"), "plan.json: ", 1),
        (("import", "nowhere.xml", "--out", "x"), "nowhere.xml: No such file", 1),
        (("import", "CASE", "--out", "x"), "case.json: line 1: expected well-formed XML", 1),
        (("import", "CASE", "--out", "x", "--zone", "Mars"), "--zone: expected a time zone", 2),
        (("template",), "expected --out CASE.json or --list", 2),
        (("template", "--data", "nowhere", "--out", "x"), "nowhere", 1),
    ],
)
def test_wrong_words_are_answered_with_one_sentence(
    files: tuple[Path, Path], words: tuple[str, ...], said: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback at three in the morning tells nobody what to type instead."""
    monkeypatch.chdir(files[0].parent)
    named = {"CASE": "case.json", "PLAN": "plan.json"}

    result = run(*(named.get(word, word) for word in words))

    assert result.exit_code == status
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.output
    assert not Path("x").exists()
