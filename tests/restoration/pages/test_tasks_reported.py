"""Tasks reported from the list: one press, a gate with its evidence, two islands that disagree."""

import re

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE

from releve.restoration.case import Task
from releve.web import uploads
from screens import words_of


def test_a_task_is_done_in_one_press_from_the_list(begun: RestorationIsland, technician: Client) -> None:
    """Two clicks: the list, "done". More is not filled in at three in the morning."""
    assert "Refaire le cœur" in words_of(technician.get("/restoration/tasks/"))

    answer = technician.post(
        "/restoration/tasks/report/",
        {"task": "R1", "state": "done", "act_key": "k1", "next": "/restoration/tasks/"},
    )

    assert answer.status_code == 302
    assert begun.last("restoration.task.1")["state"] == "done"
    assert b'value="R1"' not in technician.get("/restoration/tasks/").content
    assert "Refaire le cœur" in words_of(technician.get("/restoration/tasks/?show=done"))


def test_the_same_press_twice_is_one_report(begun: RestorationIsland, technician: Client) -> None:
    """A slow night makes people press twice."""
    for _ in range(2):
        technician.post("/restoration/tasks/report/", {"task": "R1", "state": "done", "act_key": "k1"})

    assert begun.kinds().count("restoration.task.1") == 1


def test_late_keeps_what_was_typed_when_something_is_missing(
    begun: RestorationIsland, technician: Client
) -> None:
    """A form that forgets teaches people to telephone instead."""
    answer = technician.post(
        "/restoration/tasks/report/",
        {"task": "P1", "state": "late", "reason": "Baie en panne", "act_key": "k1"},
    )

    assert answer.status_code == 422
    assert "Combien d’heures de travail restent" in words_of(answer)
    assert b'value="Baie en panne"' in answer.content
    assert "restoration.task.1" not in begun.kinds()


def test_a_gate_asks_for_its_evidence_and_keeps_the_file(
    begun: RestorationIsland, technician: Client
) -> None:
    """The scanner's report is what somebody will ask for in a year."""
    refused = technician.post("/restoration/tasks/report/", {"task": "PG", "state": "done", "act_key": "k1"})
    assert refused.status_code == 422
    assert "Une porte ne passe qu’avec sa preuve" in words_of(refused)

    file = SimpleUploadedFile("C:\\scan\\rapport.pdf", b"%PDF-1.7 rien de suspect", "text/html")
    answer = technician.post(
        "/restoration/tasks/report/", {"task": "PG", "state": "done", "act_key": "k2", "file": file}
    )

    assert answer.status_code == 302
    said = begun.last("restoration.task.1")
    kept = begun.last("restoration.evidence.1")
    assert (kept["name"], kept["media_type"]) == ("rapport.pdf", "application/pdf")
    assert said["sha256"]
    page = technician.get("/restoration/task/?id=PG")
    link = re.search(r'href="(/restoration/evidence/[^"]+)"', page.content.decode())
    assert link


def test_a_file_beyond_what_is_read_is_said_and_no_gate_passes_without_it(
    begun: RestorationIsland, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words that came with it alone would open the gate, and the report would be nowhere."""
    monkeypatch.setattr(uploads, "FILE_BYTES_MAX", 1000)
    form = {"task": "PG", "state": "done", "evidence": "Analyse sans alerte", "act_key": "k1"}
    file = SimpleUploadedFile("rapport.pdf", b"%PDF-" + b"x" * 2000, "application/pdf")
    before = len(begun.entries)

    answer = technician.post("/restoration/tasks/report/", {**form, "file": file})

    assert answer.status_code == 422
    assert "Le fichier dépasse 10\u00a0Mo" in answer.content.decode()
    assert "Analyse sans alerte" in words_of(answer)
    assert len(begun.entries) == before
    large = SimpleUploadedFile("case.json", b"{" + b" " * 2000)
    brought = technician.post("/restoration/catalogue/bring/", {"from": "file", "file": large})
    assert "Le fichier dépasse 10\u00a0Mo" in brought.content.decode()


def test_what_a_refused_form_carried_is_not_kept(begun: RestorationIsland, technician: Client) -> None:
    """A file of ten megabytes in the journal for nothing stays there for ever."""
    file = SimpleUploadedFile("rapport.pdf", b"%PDF-", "application/pdf")

    technician.post(
        "/restoration/tasks/report/",
        {"task": "PG", "state": "blocked", "act_key": "k1", "file": file},  # no reason
    )

    assert "restoration.evidence.1" not in begun.kinds()


def test_two_islands_that_disagree_are_shown_side_by_side_until_somebody_decides(
    begun: RestorationIsland, technician: Client
) -> None:
    """Neither word is lost, and neither is believed."""
    from releve.journal.entry import Draft
    from releve.restoration.facts import TaskReported

    begun.report("PG", "done", evidence="Analyse sans alerte")
    other = TaskReported(
        task="PG",
        state="blocked",
        at_us=begun.now_ms * 1000,
        reason="alerte sur 3 fichiers",
        by="x",
        by_name="Lina",
    )
    begun.hear(Draft(kind="restoration.task.1", body=msgspec.msgpack.encode(other), source="screen"), "b")

    assert "deux îlots se contredisent" in words_of(technician.get("/restoration/"))
    page = technician.get("/restoration/task/?id=PG")
    assert "alerte sur 3 fichiers" in words_of(page)
    seen = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert seen
    assert len(seen[1].split()) == 2

    technician.post(
        "/restoration/tasks/report/",
        {
            "task": "PG",
            "state": "done",
            "evidence": "Faux positif, analysé deux fois",
            "seen": seen[1],
            "act_key": "k",
        },
    )
    assert "deux îlots se contredisent" not in words_of(technician.get("/restoration/task/?id=PG"))


def test_a_file_that_is_not_here_proves_nothing(begun: RestorationIsland, cell: Client) -> None:
    """A hash alone can be typed by anybody, on any island."""
    begun.report("PG", "done", attachment="b/1#9", sha256="ab" * 32)
    form = {
        "status": "restored", "applications": ["PACS"], "places": ["all"], "since": "21/11/2026 03:00",
        "reason": "attack", "note": "", "switch": "", "step": "review",
    }  # fmt: skip

    assert cell.post("/declare/", form).status_code == 422


def test_what_one_chooses_by_is_folded_away_until_something_is_chosen(
    begun: RestorationIsland, technician: Client
) -> None:
    """On a telephone two lists and three buttons stood before the first task; chosen, what hides the rest is seen."""
    every = technician.get("/restoration/tasks/").content.decode()
    chosen = technician.get("/restoration/tasks/?team=sys").content.decode()

    assert '<details class="fold choose"><summary>' in every
    assert '<details class="fold choose" open><summary>' in chosen
    assert every.index('id="t-team"') < every.index("</details>") < every.index('<table class="list tasks">')


def test_twelve_hundred_tasks_are_read_page_by_page(begun: RestorationIsland, technician: Client) -> None:
    """A list of two hundred is thirty screens of a telephone, and the rest of it could not be reached at all."""
    more = tuple(
        Task(id=f"X{number:03}", application="PACS", kind="test", name=f"Essai {number:03}", work_hours=1)
        for number in range(120)
    )
    begun.catalogue(msgspec.structs.replace(CASE, tasks=(*CASE.tasks, *more)))
    every = len(CASE.tasks) + 120

    first = words_of(technician.get("/restoration/tasks/?show=all"))
    last = words_of(technician.get("/restoration/tasks/?show=all&page=3"))

    assert f"1 à 50 sur {every}" in first
    assert "Essai 119" not in first
    assert f"101 à {every} sur {every}" in last
    assert "Essai 119" in last
    assert "page=2" in technician.get("/restoration/tasks/?show=all&page=3").content.decode()


def test_a_task_is_found_by_words_of_its_name_or_of_its_application(
    begun: RestorationIsland, technician: Client
) -> None:
    """ "The one that copies the images": nobody knows by heart which of twelve hundred that is."""
    found = technician.get("/restoration/tasks/?show=all&words=IMAGES+recopier").content.decode()
    none = words_of(technician.get("/restoration/tasks/?show=all&words=chocolat"))

    assert re.findall(r'<tr id="t-\d+">', found) == ['<tr id="t-1">']
    assert "Recopier les images" in found
    assert "aucune tâche ici" in none
    sheets = technician.get("/restoration/labels/labels.zpl?show=all&words=recopier").content
    assert sheets.count(b"^XZ") < technician.get("/restoration/labels/labels.zpl?show=all").content.count(
        b"^XZ"
    )
