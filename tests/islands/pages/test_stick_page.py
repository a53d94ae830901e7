"""The page that leads somebody who never did it through carrying a stick."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from neighbours import NeighbourIsland

from releve.islands.exchange.peers import Peer
from releve.islands.exchange.state import Copy
from releve.islands.sticks.media import Lying, Medium
from releve.islands.sticks.request import Carry, Complaint, Job, Request, read_request, write_carry
from releve.islands.sticks.words import COMPLAINT_WORDS, STOP_WORDS
from screens import compile_french

SAULES = Peer(origin="b", name="Les Saules", recipient="age1b", epochs={"1": "b"})
STICK = Medium(path="/media/CLE", device="8:17", free_bytes=3 << 30, total_bytes=4 << 30, writable=True)
Enter = Callable[..., Client]


@pytest.fixture(scope="module", autouse=True)
def french() -> None:
    """Let pages speak French."""
    compile_french()


@pytest.fixture
def crisis(enter: Enter, island: NeighbourIsland) -> Client:
    """Return a client of the crisis cell; another island is known, and the carrier sees one stick."""
    island.others(peers=(SAULES,))
    said(island, STICK)
    return enter("crisis")


def said(island: NeighbourIsland, *media: Medium, job: Job | None = None) -> None:
    """Let the carrier have said this a moment ago."""
    write_carry(island.data, Carry(at_us=island.now_ms * 1000 - 500_000, media=media, job=job))


def job(island: NeighbourIsland, **more: object) -> Job:
    """Return a job that was asked for a minute ago."""
    asked_us = (island.now_ms - 60_000) * 1000
    request = Request(key="k", kind="write", path=STICK.path, since="last", asked_us=asked_us, by="it1")
    return msgspec.structs.replace(Job(request=request, ended_us=asked_us + 30_000_000), **more)


def text(client: Client) -> str:
    """Return the page."""
    return client.get("/islands/stick/").content.decode()


def test_without_a_stick_the_page_asks_for_one(crisis: Client, island: NeighbourIsland) -> None:
    """The first of the three actions; nothing has to be typed."""
    said(island)
    assert "Branchez une clé sur la machine de cet îlot" in text(crisis)


def test_one_button_writes_and_the_form_sent_twice_is_one_job(
    crisis: Client, island: NeighbourIsland
) -> None:
    """Pressing twice at 03:10 must not write twice; what was asked for survives the web."""
    page = text(crisis)
    assert "Clé «\u00a0CLE\u00a0»" in page
    assert "Rien de Relève ne s’y trouve." in page
    assert "Prendre ce qu’elle apporte</button>" not in page
    form = {"stick": STICK.path, "act_key": "one"}

    assert crisis.post("/islands/stick/write/", form).status_code == 302
    first = read_request(island.data)
    assert first is not None
    assert (first.kind, first.path, first.since, first.key) == ("write", STICK.path, "last", "crisis1.one")
    assert "Cela commence" in text(crisis)
    assert crisis.post("/islands/stick/write/", form).status_code == 302
    assert crisis.post("/islands/stick/write/", form | {"act_key": "two"}).status_code == 422
    assert read_request(island.data) == first


def test_what_lies_on_it_decides_which_button_is_the_main_one(
    crisis: Client, island: NeighbourIsland
) -> None:
    """Whoever brings a stick from the other island wants it taken in."""
    lying = (
        Lying(name="b-1", origin="b", whole=True, read=False),
        Lying(name="b-2", origin="b", whole=True, read=True),
        Lying(name="a-1", origin="a", whole=False, read=False),
    )
    said(island, msgspec.structs.replace(STICK, lying=lying))
    page = text(crisis)
    assert "De Les Saules\u00a0: un envoi attend d’être pris." in page
    assert "Commencée ici et pas finie" in page
    assert 'class="btn btn--main" type="submit">Prendre ce qu’elle apporte' in page

    crisis.post("/islands/stick/read/", {"stick": STICK.path, "act_key": "one"})
    asked = read_request(island.data)
    assert asked is not None
    assert asked.kind == "read"


def test_a_stick_that_went_away_or_a_carrier_that_died_is_told(
    crisis: Client, island: NeighbourIsland
) -> None:
    """What was not done must never look as if it were."""
    answer = crisis.post("/islands/stick/write/", {"stick": "/etc", "act_key": "one"})
    assert answer.status_code == 422
    assert "n’est plus branchée" in answer.content.decode()

    island.now_ms += 60_000
    answer = crisis.post("/islands/stick/write/", {"stick": STICK.path, "act_key": "two"})
    assert answer.status_code == 422
    assert "Rien n’a été fait." in answer.content.decode()
    assert read_request(island.data) is None
    assert "ne peut pas regarder les clés" in text(crisis)


def test_progress_and_the_end_are_said(crisis: Client, island: NeighbourIsland) -> None:
    """She stands there with her hand on the stick: leave it, or take it."""
    said(island, STICK, job=job(island, phase="parts", done=32 << 20, total=64 << 20, parts=2))
    page = text(crisis)
    assert "Laissez-la branchée." in page
    assert 'value="33554432"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    live = crisis.get("/islands/stick/live/")
    assert "Laissez-la branchée." in live.content.decode()
    assert crisis.get("/islands/stick/live/", headers={"If-None-Match": live["ETag"]}).status_code == 304

    said(island, STICK, job=job(island, ending="done", exports=1, entries=1200, written_bytes=5_000_000))
    page = text(crisis)
    assert "Vous pouvez la retirer maintenant" in page
    assert "1\u202f200 inscriptions y sont" in page
    said(island, job=job(island, ending="done", exports=1, entries=1200))
    assert "Une clé a été écrite" in text(crisis)


@pytest.mark.parametrize("code", sorted(STOP_WORDS))
def test_each_way_to_stop_is_said_in_words(crisis: Client, island: NeighbourIsland, code: str) -> None:
    """A code tells nobody what to do with the thing in her hand."""
    said(island, STICK, job=job(island, ending="stopped", trouble=code))
    page = text(crisis)
    assert str(STOP_WORDS[code].what) in page
    assert str(STOP_WORDS[code].do) in page
    assert "Vous pouvez la retirer" not in page
    assert '<h2 id="k-job">' in page


def test_what_was_not_taken_is_said_with_the_island_it_came_from(
    crisis: Client, island: NeighbourIsland
) -> None:
    """Torn, not for us, refused: each is put right by another person."""
    complaints = tuple(Complaint(code=code, of="b") for code in COMPLAINT_WORDS)
    request = job(island).request
    told = job(
        island,
        request=msgspec.structs.replace(request, kind="read"),
        ending="done", exports=1, entries=12, complaints=complaints,
    )  # fmt: skip
    said(island, STICK, job=told)
    page = text(crisis)
    assert "12 nouvelles inscriptions ont été prises" in page
    assert "mais pas tout" in page
    assert page.count("(de Les Saules)") == len(COMPLAINT_WORDS)


def test_a_nurse_reads_whom_to_call_and_presses_nothing(nurse: Client, island: NeighbourIsland) -> None:
    """Who carries the hospital's journal is decided by few; everybody may read how it goes."""
    island.others(peers=(SAULES,))
    said(island, STICK)
    page = text(nurse)
    assert "L’informatique ou la cellule de crise" in page
    assert "Écrire ce qui manque aux autres</button>" not in page
    assert 'releve islands export <span class="nowrap">--data</span>' in page
    assert nurse.post("/islands/stick/write/", {"stick": STICK.path}).status_code == 403


def test_an_island_that_lacks_nothing_is_told_to_need_no_stick(
    nurse: Client, island: NeighbourIsland
) -> None:
    """Nobody should walk through the night for what is there already."""
    left = Peer(origin="c", name="Logistique", recipient="age1c", epochs={"1": "c"}, left=True)
    island.others(peers=(SAULES, left))
    island.exchange(copies={"a/1": {"b": Copy(1_000, island.now_ms * 1000)}})

    page = text(nurse)

    assert "aucune clé n’est nécessaire" in page
    assert "Logistique" not in page  # it left: nothing is sealed for it


def test_the_request_of_the_page_is_one_the_carrier_reads(island: NeighbourIsland, tmp_path: Path) -> None:
    """What is torn is nothing asked for: nobody's stick is touched."""
    folder = island.data / "runtime" / "carry"
    folder.mkdir(parents=True)
    (folder / "request.json").write_bytes(b'{"key":')
    assert read_request(island.data) is None


@pytest.mark.parametrize(
    ("language", "folder"), [("fr", "DOSSIER-DE-L’AUTRE-ÎLOT"), ("en", "FOLDER-OF-THE-OTHER-ISLAND")]
)
def test_the_command_for_the_other_island_names_no_folder_of_this_one(
    crisis: Client, island: NeighbourIsland, language: str, folder: str
) -> None:
    """Typed as it stood, on a machine that has its data elsewhere, it would make an empty folder of this name."""
    page = crisis.get("/islands/stick/", headers={"accept-language": language}).content.decode()
    commands = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<code>(.*?)</code>", page)]

    assert commands == [
        f"releve islands export --data {island.data} --to /media/stick --since last",
        f"releve islands import --data {folder} --from /media/stick",
    ]
    assert page.count(folder) == 2
