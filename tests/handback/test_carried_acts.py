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
from releve.record.answers import refuse_answer
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
