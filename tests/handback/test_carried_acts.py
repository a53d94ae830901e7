"""What a colleague's session recorded in one's name is confirmed, or contested, by its author."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from owed_island import PASSWORD, dose, small_island
from paper_island import PaperIsland

from releve.app.recorder_process import recorder_for
from releve.journal.entry import Draft, Receipt
from releve.record.answers import refuse_answer, refuse_settling
from releve.record.carried import ABSENT_MS
from screens import addresses_of_the_island


@pytest.fixture
def enter(tmp_path: Path) -> Iterator[Callable[[str], Client]]:
    """Return a function that signs somebody in where the physician's session carried a dose of the nurse."""
    from releve.web.acting import use_recorder
    from releve.web.database import prepare_runtime

    island: PaperIsland = small_island(tmp_path / "island")
    source = "outbox:10.0.0.7;clock=1;offset=2;by=medecin"
    carried = msgspec.structs.replace(dose("100", "k1", 3), author="nuit", source=source)
    island.record(carried, dose("100", "k2", 2))

    class Folding:
        def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
            with recorder_for(island.data) as recorder:
                receipts = recorder.append(list(drafts))
            island.fold()
            return receipts

    def enter(code: str) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="fr")
        assert client.post("/sign-in/", {"badge": code, "pin": PASSWORD}).status_code == 302
        return client

    with addresses_of_the_island():
        prepare_runtime()
        use_recorder(Folding)
        yield enter
        use_recorder(None)


def timeline(client: Client) -> str:
    """Return the course of events of the patient, asked by whoever this client is."""
    from releve.web.opaque import seal

    return client.get(f"/patient/{seal('VAL:100')}/timeline/").content.decode()


def test_what_a_colleague_carried_is_confirmed_by_its_author_and_until_then_says_so(
    enter: Callable[[str], Client],
) -> None:
    """A dose signed with her hand that she never gave must not pass as hers because it came sealed."""
    nurse, physician = enter("nuit"), enter("medecin")

    page = nurse.get("/mine/carried/").content.decode()
    before = timeline(nurse)
    elsewhere = nurse.get("/post/").content.decode()
    of = re.findall(r'name="of" value="([^"]+)"', page)
    not_hers = physician.post("/mine/carried/", {"of": of[0], "answer": "confirm", "act_key": "x"})
    said = nurse.post("/mine/carried/", {"of": of[0], "answer": "confirm", "act_key": "a1"})

    assert len(of) == 1, "only what was carried waits for her word"
    assert "Bisoprolol" in page
    assert "transmis par A MEDECIN" in page
    assert before.count("transmis par A MEDECIN, pas encore confirmé") == 1
    assert "1 acte a été inscrit en votre nom" in elsewhere
    assert "inscrit en votre nom" not in physician.get("/post/").content.decode()
    assert (not_hers.status_code, said.status_code) == (422, 302)
    assert "transmis par A MEDECIN, confirmé<" in timeline(nurse)
    assert "inscrit en votre nom" not in nurse.get("/post/").content.decode()


def test_what_is_contested_stands_marked_with_its_reason_and_the_change_of_mind_after_it(
    enter: Callable[[str], Client],
) -> None:
    """The account that is keyed into the application must say that its author denies it; both answers are kept."""
    from releve.record.tables import ActAnswer

    nurse = enter("nuit")
    of = re.findall(r'name="of" value="([^"]+)"', nurse.get("/mine/carried/").content.decode())[0]

    without = nurse.post("/mine/carried/", {"of": of, "answer": "contest", "act_key": "a1"})
    nurse.post("/mine/carried/", {"of": of, "answer": "contest", "reason": "donné au 302", "act_key": "a2"})
    told = enter("crise").get("/account/csv/").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(told), delimiter=";"))
    shown = timeline(nurse)
    nurse.post("/mine/carried/", {"of": of, "answer": "confirm", "act_key": "a3"})

    assert without.status_code == 422
    assert "Écrire ce qui n’est pas exact." in without.content.decode()
    assert [line["carried"] for line in lines] == [
        "transmis par A MEDECIN, contesté par son auteur\u00a0: donné au 302",
        "",
    ]
    assert "contesté par son auteur" in shown
    assert "donné au 302" in shown
    assert ActAnswer.objects.count() == 2
    assert "transmis par A MEDECIN, confirmé<" in timeline(nurse)


def test_only_its_author_answers_for_an_act_and_a_denial_says_why() -> None:
    """Whoever carried it would otherwise confirm her own carrying."""
    assert refuse_answer(author="nuit", person="nuit", contests=False, reason="") is None
    other = refuse_answer(author="nuit", person="medecin", contests=False, reason="")
    silent = refuse_answer(author="nuit", person="nuit", contests=True, reason=" ")

    assert other is not None
    assert other.code == "author"
    assert silent is not None
    assert (silent.code, silent.field) == ("reason", "reason")


def test_an_act_whose_author_is_away_is_looked_into_by_her_ward_with_every_name(
    enter: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is on leave for a fortnight: without anybody to ask, a dose that nobody vouches for stays so."""
    ward = enter("jour")
    assert "absents" not in ward.get("/mine/carried/").content.decode(), "for a shift she may be asleep"
    monkeypatch.setattr("releve.record.carried.ABSENT_MS", -1)

    page = ward.get("/mine/carried/").content.decode()
    told = ward.get("/ward/3120/to-sign/").content.decode()
    of = re.findall(r'name="of" value="([^"]+)"', page)
    for_others = [enter(code).get("/mine/carried/").content.decode() for code in ("medecin", "ailleurs")]
    silent = ward.post("/mine/carried/", {"of": of[0], "answer": "holds", "act_key": "s1"})
    carrier = enter("medecin").post(
        "/mine/carried/", {"of": of[0], "answer": "holds", "reason": "vu", "act_key": "s2"}
    )
    other = enter("ailleurs").post(
        "/mine/carried/", {"of": of[0], "answer": "holds", "reason": "vu", "act_key": "s3"}
    )
    said = ward.post(
        "/mine/carried/", {"of": of[0], "answer": "holds", "reason": "poche vide au lit", "act_key": "s4"}
    )

    assert len(of) == 1
    assert "au nom de N. KERVELLA, transmis par A MEDECIN" in page
    assert "1 acte transmis par la session d’un collègue" in told
    assert not any("absents" in one for one in for_others), "neither who carried it nor another ward"
    assert (silent.status_code, carrier.status_code, other.status_code, said.status_code) == (
        422,
        422,
        422,
        302,
    )
    assert "Écrire ce que vous avez vu" in silent.content.decode()
    shown = timeline(ward).replace("\u00a0", " ")
    assert "transmis par A MEDECIN, pas encore confirmé" in shown, "her own word is still hers to give"
    assert "vérifié par A JOUR : c’est exact" in shown
    assert "poche vide au lit" in shown
    assert "absents" not in ward.get("/mine/carried/").content.decode()
    assert "1 acte a été inscrit en votre nom" in enter("nuit").get("/post/").content.decode()
    rows = csv.DictReader(
        io.StringIO(enter("crise").get("/account/csv/").content.decode("utf-8-sig")), delimiter=";"
    )
    assert "vérifié par A JOUR\u00a0: c’est exact, poche vide au lit" in next(iter(rows))["carried"]


def test_a_contested_act_is_handed_to_the_ward_at_once(enter: Callable[[str], Client]) -> None:
    """Its author says that it is not so: whether the patient had the dose must be known before the next one."""
    nurse, ward = enter("nuit"), enter("jour")
    of = re.findall(r'name="of" value="([^"]+)"', nurse.get("/mine/carried/").content.decode())[0]
    nurse.post("/mine/carried/", {"of": of, "answer": "contest", "reason": "donné au 302", "act_key": "a2"})

    page = ward.get("/mine/carried/").content.decode()
    her_own = nurse.post("/mine/carried/", {"of": of, "answer": "holds", "reason": "vu", "act_key": "a3"})
    ward.post("/mine/carried/", {"of": of, "answer": "not-holds", "reason": "dose retirée", "act_key": "a4"})

    assert "donné au 302" in page
    assert "au nom de N. KERVELLA" in page
    assert her_own.status_code == 422
    assert "vérifié par A JOUR : ce n’est pas exact" in timeline(ward).replace("\u00a0", " ")
    assert "au nom de" not in ward.get("/mine/carried/").content.decode()


def test_who_may_look_into_an_act_of_a_colleague() -> None:
    """Whoever carried it would vouch for herself, and a clerk has not seen the patient."""
    asked = {"author": "nuit", "carrier": "medecin", "person": "jour", "role": "nurse", "in_charge": True}
    refused = {
        "": refuse_settling(**asked, reason="vu"),  # type: ignore[arg-type]
        "looked": refuse_settling(**asked, reason=" "),  # type: ignore[arg-type]
        "third": refuse_settling(**asked | {"person": "medecin"}, reason="vu"),  # type: ignore[arg-type]
        "ward": refuse_settling(**asked | {"role": "clerk"}, reason="vu"),  # type: ignore[arg-type]
    }

    assert {code: one.code if one is not None else "" for code, one in refused.items()} == {
        code: code for code in refused
    }
    assert refuse_settling(**asked | {"in_charge": False}, reason="vu") is not None  # type: ignore[arg-type]
    assert 8 * 3_600_000 <= ABSENT_MS <= 24 * 3_600_000
