"""The restoration on paper: PDF/UA that says what the page says, and a sign that the scanner reads."""

import re
from collections.abc import Callable

import msgspec
import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE, PLAN

from releve.restoration.pages import plan_on_paper
from screens import words_of

PAPER = "/restoration/paper/"


def _text(body: bytes) -> str:
    # What archives and screen readers ask of a PDF (ISO 14289-1).
    assert b"pdfuaid:part" in body
    pages = pypdfium2.PdfDocument(body)
    said = " ".join(page.get_textpage().get_text_range() for page in pages)
    return re.sub(r"\s+", " ", said.replace("\u00a0", " ").replace("\u202f", " "))


def test_a_plan_that_is_not_in_force_is_printed_itself_and_says_so(
    begun: RestorationIsland, technician: Client
) -> None:
    """The wall of the crisis cell held the plan in force; what was pressed was "print" on another."""
    late = tuple(msgspec.structs.replace(one, start=one.start + 72, end=one.end + 72) for one in PLAN.tasks)
    other = begun.plan(adopted=False, plan=msgspec.structs.replace(PLAN, id="plan-2", tasks=late))
    link = re.search(r'href="(/restoration/paper/plan\.pdf[^"]*)"', technician.get(f"/restoration/plan/?plan={other.replace('#', '%23')}").content.decode())  # fmt: skip # noqa: E501
    assert link is not None

    printed = _text(technician.get(link[1].replace("&amp;", "&")).content)
    in_force = _text(technician.get(PAPER + "plan.pdf").content)

    assert "Ce plan n’est pas en vigueur" in printed
    assert "Ce plan n’est pas en vigueur" not in in_force
    assert "22 nov. 21:00" in printed  # 72 hours after the hour 0 of the plan in force
    assert technician.get(PAPER + "plan.pdf?plan=a/1%23999").status_code == 404


def test_the_plan_of_a_team_is_its_own_page_and_bears_every_sign(
    begun: RestorationIsland, technician: Client
) -> None:
    """Bars without words are read wrong by lamp light; a name that no font draws must not vanish."""
    named = msgspec.structs.replace(CASE.tasks[0], name="Refaire le cœur \U0001f4a3")
    begun.catalogue(msgspec.structs.replace(CASE, tasks=(named, *CASE.tasks[1:])))

    said = _text(technician.get(PAPER + "plan.pdf?team=net").content)

    assert "Refaire le cœur ⟦U+1F4A3⟧" in said
    assert "Cœur de réseau de retour le 20 nov. au plus tard, à 80" in said
    assert "Laboratoire" not in said


def test_a_wall_gets_what_comes_next_and_the_whole_for_the_asking(
    begun: RestorationIsland, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seventy-six pages are hung by nobody, and read by nobody; the next weeks are."""
    far = tuple(
        msgspec.structs.replace(one, start=one.start + 24 * 60, end=one.end + 24 * 60)
        if one.task in ("P1", "P2", "PG")
        else one
        for one in PLAN.tasks
    )
    begun.plan(plan=msgspec.structs.replace(PLAN, id="plan-2", tasks=far))
    fits = _text(technician.get(PAPER + "plan.pdf").content)
    monkeypatch.setattr(plan_on_paper, "PAGES_MAX", 2)
    monkeypatch.setattr(plan_on_paper, "LINES_A_PAGE", 3)

    next_ = _text(technician.get(PAPER + "plan.pdf").content)
    whole = _text(technician.get(PAPER + "plan.pdf?whole=yes").content)

    assert "Recopier les images" in fits
    assert "Ce qui vient d’ici au" not in fits
    assert "Ce qui vient d’ici au" in next_
    assert "Recopier les images" not in next_
    assert "Laboratoire" in next_
    assert "Recopier les images" in whole


def test_the_sign_on_a_sheet_is_the_one_that_the_scan_page_takes(
    begun: RestorationIsland, technician: Client
) -> None:
    """A sheet whose sign leads nowhere is typed by hand, wrongly."""
    body = technician.get(PAPER + "tasks.pdf?application=PACS&show=all").content
    assert "rapport d’analyse sans alerte" in _text(body)

    page = pypdfium2.PdfDocument(body)[0].render(scale=3).to_numpy()
    signs = {found.text for found in zxingcpp.read_barcodes(page)}

    assert len(signs) == sum(task.application == "PACS" for task in CASE.tasks)
    for sign in signs:
        answer = technician.post("/restoration/tasks/scan/", {"code": sign})
        assert answer.status_code == 302
        assert "/restoration/task/?id=P" in answer["Location"]


def test_how_far_it_is_goes_on_paper_with_curve_next_care_and_phases(
    begun: RestorationIsland, technician: Client
) -> None:
    """The director has no screen, and reads it at the telephone to the agency."""
    begun.report("S1", "done", hours_ago=2)
    begun.report("SG", "done", evidence="Analyse sans alerte", hours_ago=2)
    begun.report("P1", "blocked", reason="Baie en panne")

    said = _text(technician.get(PAPER + "report.pdf").content)

    assert "150 / 500" in said
    assert "Imagerie 24 nov." in said
    assert "Phases de trois mois" in said
    assert "Baie en panne" in said


def test_without_a_cut_there_is_nothing_to_print_of_how_far_it_is(
    island: RestorationIsland, technician: Client
) -> None:
    """An empty curve on a wall frightens people."""
    island.catalogue()

    assert technician.get(PAPER + "report.pdf").status_code == 404
    assert technician.get(PAPER + "plan.pdf").status_code == 404
    assert "0 fiche" in _text(technician.get(PAPER + "tasks.pdf").content)


def test_tasks_have_labels_for_a_label_printer(
    begun: RestorationIsland, technician: Client, enter: Callable[..., Client]
) -> None:
    """Stuck on the machine that is worked on, it opens the task by one scan; the filter is that of the list."""
    page = technician.get("/restoration/labels/", {"show": "all", "team": "net"})
    file = technician.get("/restoration/labels/labels.zpl", {"show": "all", "team": "net"})

    assert "Étiquettes des tâches : Réseau" in words_of(page)
    assert "/restoration/labels/?show=today" not in page.content.decode()
    assert (file.content.count(b"^XA"), b"RLV1|R|R1" in file.content) == (1, True)
    assert technician.post("/restoration/labels/?show=all", {"printer": "none"}).status_code == 422
    assert enter("nurse").get("/restoration/labels/").status_code == 403
