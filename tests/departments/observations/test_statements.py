"""Allergies, alerts and problems stated here: asked and answered, never inferred, never taken back by accident."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from ward_island import HOUR_MS, WardIsland

from releve.record.tables import Act, Alert, Allergy, Problem


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def state(client: Client, handle: str, **said: str) -> Any:
    """Send one statement."""
    return client.post(f"/patient/{handle}/statements/", {"act_key": "s1", **said})


def sealed(client: Client, handle: str, nth: int = 0) -> str:
    """Return what the page says of one statement that may end."""
    page = client.get(f"/patient/{handle}/statements/").content.decode()
    return re.findall(r'name="row" value="([^"]+)"', page)[nth]


def test_an_allergy_stated_by_a_nurse_is_in_the_banner(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """Whoever prescribes next must see it, whichever page she opens."""
    answer = state(
        nurse, handle, what="allergy", state="stated", label="Pénicilline", reaction="œdème", severity="SV"
    )

    assert answer.status_code == 302, text_of(answer)
    assert "Pénicilline œdème, sévère" in text_of(nurse.get(f"/patient/{handle}/"))
    row = Allergy.objects.get()
    assert (row.state, row.severity, row.criticality) == ("stated", "SV", "high")
    assert Act.objects.get().kind == "allergy.stated.1"
    assert island.last("allergy.stated.1")["by"] == "nurse1"


def test_asked_and_none_known_has_its_day(nurse: Client, handle: str) -> None:
    """“Not asked” and “none” are not the same, and an answer grows old."""
    state(nurse, handle, what="allergy", state="none-known")

    page = text_of(nurse.get(f"/patient/{handle}/"))

    assert re.search(r"Aucune allergie connue ?, .{0,20}21 nov. 2026", page), page
    assert Allergy.objects.get().state == "none-known"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"what": "allergy", "state": "stated", "label": ""}, "Écrivez la substance"),
        ({"what": "allergy", "state": "none-known", "label": "Iode"}, "Une substance est écrite"),
        ({"what": "allergy", "state": "stated", "label": "aucune"}, "aucune n’est connue"),
        ({"what": "allergy", "state": "maybe", "label": "Iode"}, "n’en fait pas partie"),
        ({"what": "allergy", "state": "stated", "label": "x" * 161}, "caractères"),
        ({"what": "allergy", "state": "stated", "label": "a\x00"}, "nul"),
        ({"what": "alert", "code": ""}, "Choisissez une alerte"),
        ({"what": "alert", "code": "NOPE"}, "n’en fait pas partie"),
        ({"what": "problem", "label": " "}, "Écrivez le problème"),
        ({"what": "end", "row": "forged"}, "entre-temps"),
    ],
)
def test_what_says_nothing_is_refused_at_its_field(
    island: WardIsland, nurse: Client, handle: str, said: dict[str, str], words: str
) -> None:
    """An empty allergy in a banner frightens nobody and warns of nothing."""
    before = len(island.entries)

    answer = state(nurse, handle, **said)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert len(island.entries) == before


def test_none_known_never_takes_a_stated_allergy_back(island: WardIsland, nurse: Client, handle: str) -> None:
    """A confused patient answers no to everything."""
    state(nurse, handle, what="allergy", state="stated", label="Latex")

    answer = state(nurse, handle, act_key="s2", what="allergy", state="none-known")

    assert answer.status_code == 422
    assert "un médecin doit d’abord la retirer" in text_of(answer)
    assert Allergy.objects.get().state == "stated"


def test_an_allergy_is_withdrawn_by_a_physician_with_a_reason(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """The allergy that disappears is the one that kills."""
    state(nurse, handle, what="allergy", state="stated", label="Latex")
    physician = enter("physician")
    row = sealed(physician, handle)

    by_nurse = state(nurse, handle, act_key="s2", what="end", row=row, reason="erreur")
    silent = state(physician, handle, act_key="s3", what="end", row=row, reason="")
    answer = state(physician, handle, act_key="s4", what="end", row=row, reason="confondue avec la voisine")

    assert by_nurse.status_code == 422
    assert silent.status_code == 422
    assert answer.status_code == 302
    assert Allergy.objects.get().state == "removed"
    assert island.last("allergy.stated.1")["reason"] == "confondue avec la voisine"


def test_alerts_and_problems_are_stated_and_ended(nurse: Client, handle: str) -> None:
    """An isolation that nobody ends is soon believed by nobody."""
    state(nurse, handle, what="alert", code="ISO-CONTACT")
    state(nurse, handle, act_key="s2", what="problem", label="Escarre sacrée")
    shown = text_of(nurse.get("/ward/2140/"))
    state(nurse, handle, act_key="s3", what="end", row=sealed(nurse, handle))
    state(nurse, handle, act_key="s4", what="end", row=sealed(nurse, handle))

    assert "Isolement contact" in shown
    assert Alert.objects.get().status == "ended"
    assert Problem.objects.get().status == "resolved"


def test_the_receipt_says_what_was_stated_and_the_journal_keeps_the_language_of_the_hospital(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """ "Saved" alone is read as whatever she had in mind; an alert in a reader's own language, by nobody else."""
    english = {"accept-language": "en"}

    def receipt(**said: str) -> str:
        sent = nurse.post(f"/patient/{handle}/statements/", said, headers=english)
        page = nurse.get(sent["Location"], headers=english)
        found = re.search(r'<div class="saved".*?</div>', page.content.decode(), re.S)
        assert found
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))

    assert "allergy" in receipt(act_key="s1", what="allergy", state="stated", label="Latex")
    assert "alert raised" in receipt(act_key="s2", what="alert", code="ISO-CONTACT")
    assert "problem stated" in receipt(act_key="s3", what="problem", label="Chute")
    assert island.last("alert.raised.1")["label"] == "Isolement contact"
    assert "alert ended" in receipt(act_key="s4", what="end", row=sealed(nurse, handle))
    assert "problem resolved" in receipt(act_key="s5", what="end", row=sealed(nurse, handle))


def test_hostile_words_in_a_banner_are_only_words(nurse: Client, handle: str) -> None:
    """The banner stands on every page of the patient."""
    state(
        nurse, handle, what="allergy", state="stated", label="<script>alert(1)</script>", reaction="\u202e😀"
    )

    for page in ("", "statements/", "observations/", "notes/"):
        assert "<script>alert" not in nurse.get(f"/patient/{handle}/{page}").content.decode()


def test_who_only_reads_states_nothing(island: WardIsland, enter: Callable[..., Client], handle: str) -> None:
    """And nobody does while the record answers."""
    assert state(enter("clerk"), handle, what="alert", code="FALL").status_code == 403
    other = island.admit("8002", "MARTIN^Paul", "202")
    island.now_ms += 3 * HOUR_MS
    island.cut("DPI", status="live", at_ms=island.now_ms - 60_000)
    assert state(enter(), other, what="alert", code="FALL").status_code == 422


def test_what_was_stated_during_the_cut_is_taken_afterwards_and_marked(
    island: WardIsland, handle: str, enter: Callable[..., Client]
) -> None:
    """An allergy told to a nurse at three, found on paper at nine, must not be lost because the record is back."""
    island.now_ms += 5 * HOUR_MS
    island.cut("DPI", status="live", at_ms=island.now_ms - 4 * HOUR_MS)
    nurse = enter()

    closed = nurse.get(f"/patient/{handle}/statements/")
    opened = nurse.get(f"/patient/{handle}/statements/?late=1")
    now = state(nurse, handle, what="allergy", state="stated", label="Latex")
    then = state(
        nurse,
        handle,
        what="allergy",
        state="stated",
        label="Latex",
        happened_at="03:30",
        paper="F-12",
        act_key="s2",
    )

    assert "Saisir ce qui a été fait pendant la coupure" in text_of(closed)
    assert 'name="what" value="allergy"' in opened.content.decode()
    assert 'name="what" value="end"' not in opened.content.decode(), (
        "what stands now is ended where one writes now"
    )
    assert (now.status_code, then.status_code) == (422, 302)
    assert island.last("allergy.stated.1")["late"]
    assert Act.objects.get().paper == "F-12"
