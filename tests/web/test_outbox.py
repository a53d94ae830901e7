"""The island's half of the outbox: the same receipt each time, under the right name, whatever died in between."""

import json
import os
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections
from django.test import Client, RequestFactory, override_settings
from web_island import PASSWORD, Island
from web_outbox_specimen import KIND, Dose

from releve.journal.entry import Draft, Submission
from releve.journal.errors import RecorderGone
from releve.journal.folder import create_island, open_writer
from releve.web import acting, settling
from releve.web.accounts.draft import draft_disabled
from releve.web.accounts.people import Person
from releve.web.acting import NotRecorded, record_act
from releve.web.outbox.sealing import account_of_owner, author_key, bound, open_sealed, owner_of
from releve.web.runtime.tables import FormKey

OWNER = "HTTP_X_OUTBOX"
FORM = {"line": "L-7", "drug": "morphine 10 mg", "note": "", "happened_at": "03:10", "outcome": "given"}
LATE = {"outbox_at_ms": "1795227000000", "outbox_clock_ms": "1795226990000", "outbox_offset_ms": "10000"}


@pytest.fixture(autouse=True)
def specimen() -> Iterator[None]:
    """Serve the specimen's forms."""
    with override_settings(ROOT_URLCONF="web_outbox_specimen"):
        yield


def doses(island: Island) -> list[Dose]:
    """Return the doses the island holds."""
    return [msgspec.msgpack.decode(entry.body, type=Dose) for entry in island.entries if entry.kind == KIND]


def sealed(
    author: str, content: object, *, act: str = "k1", at_ms: int = 1_795_227_000_000
) -> dict[str, object]:
    """Return what a browser of this author keeps."""
    owner = owner_of(author)
    box = AESGCM(author_key(author)).encrypt(
        b"n" * 12, msgspec.json.encode(content), bound(owner, act, at_ms)
    )
    return {
        "owner": owner, "act": act, "at_ms": at_ms, "nonce": b64encode(b"n" * 12).decode(),
        "sealed": b64encode(box).decode(),
    }  # fmt: skip


def waiting(action: str = "/dose/", key: str = "k1", **fields: str) -> dict[str, object]:
    """Return the content of an act that waits."""
    return {
        "v": 1, "action": action, "fields": [*(FORM | fields).items(), ("act_key", key)], "title": "t", "lines": [],
        "clock_ms": 1_795_226_990_000, "offset_ms": 10_000,
    }  # fmt: skip


def test_an_act_sent_again_gets_its_receipt_before_any_rule(nurse: Client, island: Island) -> None:
    """The reply was lost; by now the line is stopped, and the dose would be refused although it is recorded."""
    mine = {OWNER: owner_of("nkervella")}

    first = nurse.post("/dose/", FORM | LATE | {"act_key": "k1"}, **mine)
    again = nurse.post("/dose/", FORM | LATE | {"act_key": "k1", "drug": "refuse"}, **mine)
    refused = nurse.post("/dose/", FORM | {"act_key": "k2", "drug": "refuse"}, **mine)

    assert first.status_code == again.status_code == 200
    assert first.json()["receipt"] == again.json()["receipt"]
    assert refused.status_code == 422
    assert [dose.waited_at_ms for dose in doses(island)] == [1_795_227_000_000]
    assert island.entries[-1].source == "outbox:127.0.0.1;clock=1795226990000;offset=10000"


def test_an_act_waits_until_its_author_is_there(nurse: Client, client: Client, island: Island) -> None:
    """Sent under the session of whoever signed in meanwhile, it would be signed by the wrong hand."""
    island.account("hvidal", given="Hugo", family="VIDAL")

    other = nurse.post("/dose/", FORM, **{OWNER: owner_of("hvidal")})
    nurse.post("/lock/", {})
    locked = nurse.post("/dose/", FORM, **{OWNER: owner_of("nkervella")})
    nobody = Client().post("/dose/", FORM, **{OWNER: owner_of("nkervella")})

    assert (other.status_code, locked.status_code, nobody.status_code) == (409, 401, 401)
    assert doses(island) == []


def test_an_act_without_the_form_s_protection_is_refused(island: Island) -> None:
    """Another site must not empty its own words into this island; a fresh code takes the old act."""
    island.account("nkervella")
    browser = Client(enforce_csrf_checks=True)
    token = browser.get("/outbox/here/").json()["token"]
    browser.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD, "csrfmiddlewaretoken": token})
    mine = {OWNER: owner_of("nkervella")}

    stale = browser.post("/dose/", FORM | {"act_key": "k1", "csrfmiddlewaretoken": token}, **mine)
    here = browser.get("/outbox/here/").json()
    fresh = browser.post("/dose/", FORM | {"act_key": "k1", "csrfmiddlewaretoken": here["token"]}, **mine)

    assert stale.status_code == 403
    assert here["owner"] == owner_of("nkervella")
    assert fresh.status_code == 200
    assert len(doses(island)) == 1


def test_a_colleague_carries_what_she_cannot_read(nurse: Client, island: Island) -> None:
    """The author went home; her dose must be on the board before the next one is due."""
    island.account("hvidal", given="Hugo", family="VIDAL")
    mine = {OWNER: owner_of("nkervella"), "content_type": "application/json"}

    first = nurse.post("/outbox/carry/", sealed("hvidal", waiting()), **mine)
    again = nurse.post("/outbox/carry/", sealed("hvidal", waiting()), **mine)

    assert first.status_code == 200, first.content
    assert first.json() == again.json()
    assert len(doses(island)) == 1
    entry = island.entries[-1]
    assert entry.author == "hvidal"
    assert entry.source == "outbox:127.0.0.1;clock=1795226990000;offset=10000;by=nkervella"
    assert nurse.get("/dose/").content.decode().count("Enregistré ici") == 0


def test_what_its_author_did_not_seal_is_not_carried(nurse: Client, island: Island) -> None:
    """Otherwise anybody signs anything with a colleague's hand."""
    island.account("hvidal", given="Hugo", family="VIDAL")
    mine = {OWNER: owner_of("nkervella"), "content_type": "application/json"}
    own_key = sealed("nkervella", waiting()) | {"owner": owner_of("hvidal")}
    later = sealed("hvidal", waiting()) | {"at_ms": 1_795_230_000_000}

    for forged in (own_key, later, {}, {"owner": 1}, sealed("hvidal", waiting()) | {"nonce": "é"}):
        assert nurse.post("/outbox/carry/", forged, **mine).status_code == 400
    author_only = nurse.post("/outbox/carry/", sealed("hvidal", waiting("/own/")), **mine)
    nowhere = nurse.post("/outbox/carry/", sealed("hvidal", waiting("/nowhere/")), **mine)
    refused = nurse.post("/outbox/carry/", sealed("hvidal", waiting(drug="refuse")), **mine)
    island.append([draft_disabled(code="hvidal", source="")])
    disabled = nurse.post("/outbox/carry/", sealed("hvidal", waiting()), **mine)

    assert (author_only.status_code, nowhere.status_code) == (409, 410)
    assert (refused.status_code, disabled.status_code) == (422, 403)
    assert doses(island) == []


def test_a_key_opens_its_own_person_s_acts_only(island: Island) -> None:
    """Two people of one ward share the workstation, not what they wrote."""
    kept = sealed("hvidal", {"a": 1})
    nonce, box = (
        b"n" * 12,
        AESGCM(author_key("hvidal")).encrypt(b"n" * 12, b"{}", bound(owner_of("hvidal"), "k1", 5)),
    )

    assert author_key("hvidal") != author_key("nkervella")
    assert account_of_owner(str(kept["owner"])) == "hvidal"
    assert "hvidal" not in json.dumps(kept)
    assert open_sealed(owner_of("hvidal"), "k1", 5, nonce, box) == b"{}"
    assert open_sealed(owner_of("nkervella"), "k1", 5, nonce, box) is None


def test_no_page_hands_a_key_to_a_locked_or_empty_screen(nurse: Client, island: Island) -> None:
    """Whoever finds the screen must not find the key of what waits on it."""
    opened = nurse.get("/dose/").content.decode()
    nurse.post("/lock/", {})
    locked = nurse.get("/lock/").content.decode()
    key = b64encode(author_key("nkervella")).decode()

    assert f'data-key="{key}"' in opened
    for page in (
        locked,
        Client().get("/sign-in/").content.decode(),
        nurse.get("/outbox/offline/").content.decode(),
    ):
        assert "data-key" not in page
        assert "data-owner" not in page
        assert 'id="outbox"' in page
    assert "csrfmiddlewaretoken" not in nurse.get("/outbox/offline/").content.decode()


def test_the_worker_stands_at_the_root_and_keeps_no_page(client: Client) -> None:
    """From below `/static/` it could not serve a ward's page."""
    answer = client.get("/sw.js")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert "/static/web/outbox.js" in answer.content.decode()


# ---- One act, whatever dies ---------------------------------------------------------------------------------------

NADIA = Person(code="nkervella", family="KERVELLA", given="Nadia", role="nurse", wards=("2140",))


def pressed(key: str) -> SimpleNamespace:
    """Return a form sent by Nadia."""
    request = RequestFactory().post("/x/", {"act_key": key})
    request.person = NADIA  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]


def named(key: str) -> Draft:
    """Return an act that says its form's key."""
    return Draft(kind=KIND, body=msgspec.msgpack.encode(Dose(key, {})), source="")


def test_pressed_eight_times_at_once_is_one_act(island: Island) -> None:
    """A frozen screen is pressed again and again, and each press may meet another process."""
    receipts: list[object] = []

    def press() -> None:
        try:
            receipts.append(record_act(pressed("k1"), named("k1")))  # type: ignore[arg-type]
        finally:
            for alias in ("default", "runtime"):
                connections[alias].close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 8
    assert len(set(receipts)) == 1
    assert len(doses(island)) == 1


PROCESS = """
import os, sys
from types import SimpleNamespace
import django
django.setup()
from releve.journal.entry import Draft, Receipt
from releve.web.acting import record_act, use_recorder

class Recorder:
    def append(self, drafts):
        place = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(place, b"x")
        return [Receipt("a", 1, os.fstat(place).st_size - 1, 7)]

use_recorder(Recorder)
request = SimpleNamespace(POST={"act_key": "k1"}, META={}, person=SimpleNamespace(code="nkervella"))
print(record_act(request, Draft(kind="crisis.note.1", body=b"\\x80", source="t")).index)
"""


def test_pressed_in_four_processes_and_again_after_a_restart_is_one_act(
    island: Island, tmp_path: Path
) -> None:
    """The island makes pages in several processes, and each may die between two presses."""
    appended = tmp_path / "appended"
    here = {
        **os.environ,
        "RELEVE_DATA": str(island.data),
        "RELEVE_URLS": "releve.web.urls",
        "DJANGO_SETTINGS_MODULE": "releve.web.settings",
    }

    def press(number: int) -> list[str]:
        command = [sys.executable, "-c", PROCESS, str(appended)]
        pressed = [
            subprocess.Popen(command, env=here, stdout=subprocess.PIPE, text=True) for _ in range(number)
        ]
        return [process.communicate(timeout=60)[0].strip() for process in pressed]

    assert press(4) == ["0"] * 4
    assert press(1) == ["0"]
    assert appended.stat().st_size == 1


@pytest.fixture
def journal(island: Island, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that writes acts of Nadia, by their keys, into a real journal."""
    data = tmp_path / "real"
    data.mkdir()
    create_island(data, "a", False, "CHV", 1)
    monkeypatch.setattr(acting, "data_folder", lambda: data)

    def write(*keys: str) -> None:
        with closing(open_writer(data)) as writer:
            bodies = [msgspec.msgpack.encode(Dose(key, {})) for key in keys]
            writer.append(
                [Submission(kind=KIND, body=body, source="t", author="nkervella") for body in bodies],
                acting.now_ms() * 1000,
            )

    return write


def test_an_act_whose_process_died_after_the_journal_is_found_again(
    island: Island, journal: Callable[..., None]
) -> None:
    """The journal had it, the note was never written: without looking, the nurse is told to doubt for ever."""
    journal("k0", "k1", "k2")
    long_ago = acting.now_ms() - settling.IN_FLIGHT_MS - 1_000
    FormKey.objects.create(key="nkervella.k1", at_ms=long_ago)
    FormKey.objects.create(key="nkervella.k9", at_ms=long_ago)

    found = record_act(pressed("k1"), named("k1"))  # type: ignore[arg-type]
    lost = record_act(pressed("k9"), named("k9"))  # type: ignore[arg-type]

    assert found.origin == "a"
    assert [dose.act for dose in doses(island)] == ["k9"], "k1 stood in the journal, k9 did not"
    assert lost.index == len(island.entries) - 1


def test_an_act_that_may_be_on_its_way_is_not_sent_beside_itself(
    island: Island, journal: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder went silent a moment ago: what it was given may become durable any second."""
    monkeypatch.setattr(acting, "_TWIN_SECONDS", 0.1)
    island.failure = RecorderGone("recorder: went away")
    with pytest.raises(NotRecorded):
        record_act(pressed("k1"), named("k1"))  # type: ignore[arg-type]
    island.failure = None

    with pytest.raises(NotRecorded) as told:
        record_act(pressed("k1"), named("k1"))  # type: ignore[arg-type]
    assert told.value.may_have_arrived
    assert doses(island) == []

    FormKey.objects.update(at_ms=acting.now_ms() - settling.IN_FLIGHT_MS - 1)
    record_act(pressed("k1"), named("k1"))  # type: ignore[arg-type]
    assert [dose.act for dose in doses(island)] == ["k1"]


def test_saved_but_not_yet_shown_says_so_and_pressing_again_is_the_same_act(
    nurse: Client, island: Island
) -> None:
    """A board that catches up must not make a nurse chart the dose twice."""
    island.folds = False
    form = FORM | {"act_key": "k1"}

    nurse.post("/dose/", form)
    page = nurse.get("/dose/").content.decode()
    nurse.post("/dose/", form)

    assert "Enregistré ici" in page
    assert "les pages se mettent à jour" in page
    assert len(doses(island)) == 1
