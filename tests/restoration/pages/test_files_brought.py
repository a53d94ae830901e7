"""What is brought to the restoration from elsewhere, and taken there: the map, a case, spreadsheets, projects."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE

from releve.restoration.case import write_case
from screens import words_of


def test_the_map_brings_a_first_catalogue_and_says_before_what_it_changes(
    island: RestorationIsland, technician: Client
) -> None:
    """A first plan exists within the hour, and nothing is written unseen."""
    shown = technician.post("/restoration/catalogue/bring/", {"from": "map"})
    assert shown.status_code == 200
    assert "restoration.lines.1" not in island.kinds()

    technician.post("/restoration/catalogue/bring/", {"from": "map", "step": "say", "act_key": "k1"})

    assert island.last("restoration.lines.1")["come_from"] == "map"
    assert "Dossier du patient" in words_of(technician.get("/restoration/catalogue/"))
    again = technician.post("/restoration/catalogue/bring/", {"from": "map"})
    assert "rien ne diffère" in words_of(again)


def test_a_file_is_read_line_by_line_and_a_wrong_one_says_where(
    island: RestorationIsland, technician: Client
) -> None:
    """A case prepared elsewhere is brought in; a slip in it is found by its place."""
    wrong = SimpleUploadedFile(
        "case.json", write_case(CASE).replace(b'"work_hours": 20', b'"work_hours": "x"')
    )
    answer = technician.post("/restoration/catalogue/bring/", {"from": "file", "file": wrong})
    assert answer.status_code == 422
    assert "tasks[0].work_hours" in words_of(answer)

    right = SimpleUploadedFile("case.json", write_case(CASE))
    review = technician.post("/restoration/catalogue/bring/", {"from": "file", "file": right})
    kept = re.search(r'name="kept" value="([^"]+)"', review.content.decode())
    assert kept
    import html

    technician.post(
        "/restoration/catalogue/bring/",
        {"from": "file", "kept": html.unescape(kept[1]), "step": "say", "act_key": "k1"},
    )
    assert len(island.last("restoration.lines.1")["lines"]) == 17


def test_spreadsheets_and_projects_come_back_as_they_went(
    island: RestorationIsland, technician: Client
) -> None:
    """Those who run an application correct it in what they know; nothing is lost on the way."""
    import io
    import zipfile

    island.catalogue()
    island.plan(starts_ms=island.now_ms)
    packed = technician.get("/restoration/file/catalogue.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["tasks.csv"] = files["tasks.csv"].replace(b"Recopier les images", b"Recopier toutes les images")
    sheets = [SimpleUploadedFile(name, content) for name, content in files.items()]

    shown = words_of(technician.post("/restoration/catalogue/bring/", {"from": "file", "file": sheets}))

    assert "tâche 0 1 0" in shown
    for name, head in (
        ("plan.csv", b"\xef\xbb\xbf"),
        ("plan.ics", b"BEGIN:VCALENDAR"),
        ("plan.xml", b"<?xml"),
    ):
        assert technician.get(f"/restoration/file/{name}").content.startswith(head)
    assert technician.get("/restoration/file/other.exe").status_code == 404
