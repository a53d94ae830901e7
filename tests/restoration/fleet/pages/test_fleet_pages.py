"""The pages of the fleet, as a technician and the crisis cell use them."""

import hashlib
import io
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client
from fleet_island import CONTENT, IMAGE, REPORT_SHA, FleetIsland
from ward_island import HOSPITAL

from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.map import Printer
from releve.restoration.fleet.facts import BatchMade
from releve.restoration.fleet.pages import machine_page
from releve.restoration.fleet.tables import Batch, MachineRow, Report
from releve.web import uploads
from screens import words_of

DAY_MS = 86_400_000


def key(text: str) -> str:
    """Return an act key."""
    return f"key-{text}"


def file(content: bytes = CONTENT, name: str = "scan.txt") -> io.BytesIO:
    """Return a file as a browser sends it."""
    made = io.BytesIO(content)
    made.name = name
    return made


def test_an_empty_fleet_says_what_to_do(technician: Client) -> None:
    """An empty table at 3 a.m. reads as "nothing to clean"."""
    for address in ("/fleet/", "/fleet/scan/", "/fleet/batches/", "/fleet/batches/new/", "/fleet/machines/"):
        answer = technician.get(address)
        assert answer.status_code == 200
        assert "/fleet/machines/" in answer.content.decode()


def test_a_tag_is_scanned_its_next_step_shown_and_enter_records_it(
    island: FleetIsland, technician: Client
) -> None:
    """Two thousand times a day: one scan, one key."""
    island.machines("PC-1")

    shown = technician.post("/fleet/scan/", {"code": "pc-1"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert re.search(r'name="code"[^>]*autofocus', page)
    assert 'name="to" value="suspect"' in page
    done = technician.post("/fleet/scan/", {"tag": "PC-1", "to": "suspect", "code": "", "act_key": key("1")})

    assert (done.status_code, done.headers["Location"]) == (302, "/fleet/scan/")
    assert island.row("PC-1").state == "suspect"
    assert re.search(r'name="code"[^>]*autofocus', technician.get("/fleet/scan/").content.decode())


def test_the_same_label_again_confirms_and_another_label_records_nothing(
    island: FleetIsland, technician: Client
) -> None:
    """A scanner ends with Enter: the next machine’s label must not confirm the one before."""
    island.machines("PC-1", "PC-2")

    other = technician.post(
        "/fleet/scan/", {"tag": "PC-1", "to": "isolated", "code": "PC-2", "act_key": key("1")}
    )
    assert 'name="tag" value="PC-2"' in other.content.decode()
    assert island.row("PC-1").state is None
    technician.post(
        "/fleet/scan/", {"tag": "PC-1", "to": "isolated", "code": "RLV1|M|PC-1", "act_key": key("2")}
    )

    assert island.row("PC-1").state == "isolated"
    before = len(island.entries)
    technician.post("/fleet/scan/", {"tag": "PC-1", "to": "isolated", "code": "", "act_key": key("2")})
    assert len(island.entries) == before  # the same form twice is one act


def test_what_is_no_machine_stands_in_no_address(island: FleetIsland, technician: Client) -> None:
    """A wristband scanned by mistake must not be kept in a browser’s history."""
    island.machines("PC-1")

    answer = technician.post("/fleet/scan/", {"code": "RLV1|P|80004127|V1"})

    assert answer.status_code == 422
    assert "Location" not in answer.headers


def test_steps_between_are_asked_and_what_was_typed_is_kept(island: FleetIsland, technician: Client) -> None:
    """A machine re-imaged without a word about the wipe is refused, and nobody types the place twice."""
    island.machines("PC-1")
    form = {"tag": "PC-1", "to": "reimaged", "place": "Atelier 2", "image_sha256": IMAGE, "act_key": key("1")}

    refused = technician.post("/fleet/scan/", form)
    assert refused.status_code == 422
    assert "Atelier 2" in refused.content.decode()
    assert island.row("PC-1").state is None
    told = {"step_isolated": "done", "step_collected": "skipped", "step_wiped": "done"}
    assert technician.post("/fleet/scan/", form | told | {"act_key": key("2")}).status_code == 422
    done = technician.post(
        "/fleet/scan/", form | told | {"reason": "cleaned in the ward", "act_key": key("3")}
    )

    assert done.status_code == 302
    said = island.last("fleet.step.1")
    assert (said["done"], said["skipped"], said["reason"]) == (
        ["isolated", "wiped"],
        ["collected"],
        "cleaned in the ward",
    )


def test_a_report_is_attached_given_back_and_makes_the_return_possible(
    island: FleetIsland, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the machine stays in the workshop; with it anybody can read why it left."""
    island.machines("PC-1")
    island.tell(island.step("S1", "checked", ["PC-1"], done=("isolated",)))
    form: dict[str, Any] = {"to": "returned", "act_key": key("1")}

    refused = technician.post("/fleet/machine/PC-1/", form)
    assert refused.status_code == 422
    assert island.row("PC-1").state == "checked"
    assert technician.post("/fleet/machine/PC-1/", form | {"image_sha256": IMAGE}).status_code == 422
    done = technician.post(
        "/fleet/machine/PC-1/", form | {"image_sha256": IMAGE, "report_file": file(), "act_key": key("2")}
    )

    assert done.status_code == 302
    assert island.row("PC-1").state == "returned"
    report = Report.objects.get()
    # The island of the tests keeps its journal in memory; on a disk the page reads it from there.
    assert technician.get(f"/fleet/report/{report.id}/").status_code == 404
    kept = next(entry for entry in island.entries if entry.kind == "fleet.report.1")
    monkeypatch.setattr(machine_page, "entry_body", lambda log, index: (kept.kind, kept.body))
    answer = technician.get(f"/fleet/report/{report.id}/")
    assert answer.content == CONTENT
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "scan" not in answer.headers["Content-Disposition"]
    page = technician.get("/fleet/machine/PC-1/").content.decode()
    assert IMAGE in page
    assert "scan.txt" in page


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"x" * (10 * 1024 * 1024 + 1), 422), (CONTENT, 302)]
)
def test_a_report_is_bounded(island: FleetIsland, technician: Client, content: bytes, status: int) -> None:
    """A disk image sent as a report would fill the island’s disk."""
    island.machines("PC-1")
    island.tell(island.step("S1", "reimaged", ["PC-1"], image_sha256=IMAGE))

    form = {"to": "checked", "report_file": file(content), "act_key": key("1")}
    assert technician.post("/fleet/machine/PC-1/", form).status_code == status


def test_a_file_beyond_what_is_read_records_no_step_without_it(
    island: FleetIsland, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Checked" without the report that was sent with it would be another step."""
    island.machines("PC-1")
    island.tell(island.step("S1", "reimaged", ["PC-1"], image_sha256=IMAGE))
    monkeypatch.setattr(uploads, "FILE_BYTES_MAX", 1000)
    form = {"to": "checked", "place": "Atelier 7", "report_file": file(b"x" * 2000), "act_key": key("1")}

    answer = technician.post("/fleet/machine/PC-1/", form)

    assert answer.status_code == 422
    assert "Atelier 7" in answer.content.decode()
    assert island.row("PC-1").state == "reimaged"
    assert technician.post("/fleet/machines/", {"file": file(b"y" * 2000)}).status_code == 422


def test_a_batch_of_fifty_moves_in_three_actions(island: FleetIsland, technician: Client) -> None:
    """Batch, step, confirmed: what takes fifty times one minute is not done."""
    tags = [f"PC-{number:02d}" for number in range(50)]
    island.machines(*tags)
    made = technician.post(
        "/fleet/batches/new/", {"name": "Chirurgie", "wards": ["2140"], "act_key": key("b")}
    )
    address = made.headers["Location"]
    assert Batch.objects.get().name == "Chirurgie"
    before = len(island.entries)

    page = technician.get(address).content.decode()
    assert 'href="?to=suspect"' in page
    step = technician.get(address, {"to": "suspect"}).content.decode()
    assert 'name="to" value="suspect"' in step
    technician.post(address, {"to": "suspect", "act_key": key("1")})

    assert len(island.entries) == before + 1
    assert MachineRow.objects.filter(state="suspect").count() == 50


def test_of_a_batch_the_one_elsewhere_is_left_and_named(island: FleetIsland, technician: Client) -> None:
    """It moves only when somebody says so, with the steps between."""
    island.machines("PC-1", "PC-2")
    island.tell(BatchMade(act="B", happened_at=1, by="x", batch="B", name="Un", tags=("PC-1", "PC-2")))
    island.tell(island.step("S1", "collected", ["PC-1"]))

    shown = technician.get("/fleet/batch/B/", {"to": "wiped"}).content.decode()
    assert "also=behind" in shown
    technician.post("/fleet/batch/B/", {"to": "wiped", "act_key": key("1")})
    assert (island.row("PC-1").state, island.row("PC-2").state) == ("wiped", None)
    refused = technician.post("/fleet/batch/B/", {"to": "wiped", "also": "behind", "act_key": key("2")})
    assert refused.status_code == 422
    technician.post(
        "/fleet/batch/B/",
        {
            "to": "wiped",
            "also": "behind",
            "step_isolated": "done",
            "step_collected": "done",
            "act_key": key("3"),
        },
    )

    assert island.row("PC-2").state == "wiped"


def test_two_reports_are_both_shown_until_one_is_settled(island: FleetIsland, technician: Client) -> None:
    """Whoever opens the machine sees both, from whom, and settles with a sentence."""
    island.machines("PC-1")
    island.tell(island.step("S1", "isolated", ["PC-1"], by_name="Awa DIOP"))
    island.told(island.step("S2", "wiped", ["PC-1"], by_name="Luc PETIT"))

    page = technician.get("/fleet/machine/PC-1/").content.decode()
    assert "Awa DIOP" in page
    assert "Luc PETIT" in page
    assert 'name="settles"' not in page  # none of the two is proposed
    assert (
        'name="settles" value="1"' in technician.get("/fleet/machine/PC-1/", {"to": "wiped"}).content.decode()
    )
    assert (
        technician.get("/fleet/stuck/", {"show": "two"}).content.decode().count("/fleet/machine/PC-1/") == 1
    )
    form = {"to": "wiped", "settles": "1", "act_key": key("1")}
    assert technician.post("/fleet/machine/PC-1/", form).status_code == 422
    # A page opened before the second report arrived settles nothing, whatever reason it gives.
    unseen = {"to": "wiped", "reason": "found in the corridor", "act_key": key("3")}
    assert technician.post("/fleet/machine/PC-1/", unseen).status_code == 422
    told = form | {"reason": "the disk is blank", "act_key": key("2")}
    assert technician.post("/fleet/machine/PC-1/", told).status_code == 302

    row = island.row("PC-1")
    assert (row.state, row.two) == ("wiped", None)
    assert island.last("fleet.step.1")["settles"] is True


def test_a_step_is_taken_back_with_a_reason(island: FleetIsland, technician: Client) -> None:
    """The label of the neighbour was scanned."""
    island.machines("PC-1")
    island.tell(island.step("S1", "isolated", ["PC-1"]))
    form = {"what": "withdraw", "step": "S1", "act_key": key("1")}

    assert technician.post("/fleet/machine/PC-1/", form).status_code == 422
    assert technician.post("/fleet/machine/PC-1/", form | {"reason": "not this one"}).status_code == 302

    assert island.row("PC-1").state is None
    assert "not this one" in technician.get("/fleet/machine/PC-1/").content.decode()


def test_a_list_is_taken_line_by_line_and_the_wrong_lines_are_said(
    island: FleetIsland, technician: Client
) -> None:
    """2,480 machines today are worth more than 2,500 tomorrow."""
    lines = (
        "Étiquette;Nom;Type;Service\r\nPC-1;POSTE-1;Poste;2140\r\nPC-2;;Frigo;2140\r\nPC-3;;serveur;9999\r\n"
    )

    answer = technician.post(
        "/fleet/machines/", {"file": file(lines.encode("cp1252"), "parc.csv"), "act_key": key("1")}
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "machines.csv, ligne 3" in page
    assert "machines.csv, ligne 4" in page
    assert [(row.id, row.kind, row.name) for row in MachineRow.objects.all()] == [
        ("PC-1", "workstation", "POSTE-1")
    ]
    before = len(island.entries)
    technician.post("/fleet/machines/", {"file": file(lines.encode(), "parc.csv"), "act_key": key("2")})
    assert len(island.entries) == before  # nothing new: nothing recorded


def test_a_machine_nobody_listed_is_added_and_scanned_on(island: FleetIsland, technician: Client) -> None:
    """The inventory was encrypted too: the label in the hand is all there is."""
    form = {"tag": "PC-9", "kind": "workstation", "ward": "2140", "act_key": key("1")}

    answer = technician.post("/fleet/machines/add/", form)

    assert answer.headers["Location"] == "/fleet/scan/?tag=PC-9"
    assert island.row("PC-9").ward == "2140"
    assert technician.post("/fleet/machines/add/", form | {"act_key": key("2")}).status_code == 422


def test_dates_come_with_the_pace_and_are_words_before(island: FleetIsland, technician: Client) -> None:
    """A date made of nothing is believed like any other."""
    tags = [f"PC-{number:03d}" for number in range(60)]
    island.machines(*tags)
    island.report("R1")
    proof: dict[str, Any] = {"image_sha256": IMAGE, "report": "R1", "report_sha256": REPORT_SHA}
    island.tell(island.step("S0", "suspect", tags, happened_at=island.now_ms - 6 * DAY_MS))
    page = technician.get("/fleet/").content.decode()
    assert "P80" in page
    assert "too early to say" in page or "trop tôt" in page
    for day in range(1, 6):
        part = tags[day * 8 - 8 : day * 8]
        island.tell(
            island.step(
                f"S{day}", "returned", part, ["S0"], happened_at=island.now_ms - day * DAY_MS, **proof
            )
        )

    page = technician.get("/fleet/").content.decode()

    assert MachineRow.objects.filter(state="returned").count() == 40
    assert re.search(r"2[2-9]\s+nov", page)
    assert technician.get("/fleet/ward/2140/").status_code == 200
    assert technician.get("/fleet/stuck/", {"days": "3"}).content.decode().count("PC-0") >= 20


def test_a_ward_of_which_one_machine_is_back_is_not_said_to_be_unspoken_of(
    island: FleetIsland, technician: Client
) -> None:
    """ "Nobody spoke of it yet", above a machine that is back: whoever reads that believes neither."""
    island.machines("PC-1", "PC-2", "PC-3")
    before = words_of(technician.get("/fleet/ward/2140/"))
    island.report("R1")
    island.tell(island.step("S0", "suspect", ["PC-1"]))
    proof: dict[str, Any] = {"image_sha256": IMAGE, "report": "R1", "report_sha256": REPORT_SHA}
    island.tell(island.step("S1", "returned", ["PC-1"], ["S0"], **proof))

    after = words_of(technician.get("/fleet/ward/2140/"))

    assert "Personne n’a encore rien dit" in before
    assert "Personne n’a encore rien dit" not in after
    assert "sont rendues ; de 2 machines personne n’a encore rien dit" in after


def test_the_work_sheet_and_the_labels_come_out(island: FleetIsland, technician: Client) -> None:
    """Paper goes where no screen does; a label is read back by any scanner."""
    pytest.importorskip("zxingcpp")
    tags = [f"PC-{number:02d}" for number in range(23)]
    island.machines(*tags, name="Poste é 😀", serial="5CG1")
    island.tell(BatchMade(act="B", happened_at=1, by="x", batch="B", name="Réa", tags=tuple(tags)))

    for address in ("/fleet/batch/B/sheet.pdf", "/fleet/batch/B/labels.pdf", "/fleet/label/PC-01.pdf"):
        answer = technician.get(address)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
    assert technician.get("/fleet/batch/none/sheet.pdf").status_code == 404


def test_the_labels_of_a_batch_go_to_a_label_printer_of_the_map(
    island: FleetIsland, technician: Client
) -> None:
    """The workshop has a label printer and no sheets of 21; a file serves one that hangs on the workstation."""
    island.machines("PC-1", "PC-2", "PC é")
    island.tell(
        BatchMade(act="B", happened_at=1, by="x", batch="B", name="Réa", tags=("PC-1", "PC-2", "PC é"))
    )
    address = "/fleet/labels/?batch=B"
    assert "la carte de l’hôpital n’a pas d’imprimante" in words_of(technician.get(address))
    with socket.create_server(("127.0.0.1", 0)) as printer:
        place = f"127.0.0.1:{printer.getsockname()[1]}"
        machine = Printer(code="ZD1", name="Atelier", kind="label", address=place)
        hospital = msgspec.structs.replace(HOSPITAL, printers=(machine,))
        island.say("hospital.map.1", write_map(HospitalMapImported(map=hospital)))
        took: list[bytes] = []

        def take() -> None:
            connection, _ = printer.accept()
            with connection:
                while block := connection.recv(4096):
                    took.append(block)

        thread = threading.Thread(target=take)
        thread.start()
        sent = technician.post(address, {"printer": "ZD1", "act_key": "k1"})
        thread.join(10)
        again = technician.post(address, {"printer": "ZD1", "act_key": "k1"})
    shown = words_of(technician.get(sent.headers["Location"]))
    file = technician.get("/fleet/labels/labels.zpl?batch=B")

    assert sent.status_code == again.status_code == 302
    assert island.kinds().count("restoration.labels.1") == 1
    printed = island.last("restoration.labels.1")
    assert (printed["symbols"], printed["printer"], printed["outcome"], printed["error"]) == (
        ["RLV1|M|PC-1", "RLV1|M|PC-2"], "ZD1", "printed", "",
    )  # fmt: skip
    assert printed["digest"] == hashlib.sha256(b"".join(took)).hexdigest()
    assert printed["by"] == "it1"
    assert b"".join(took).count(b"^XA") == 2
    assert b"RLV1|M|PC-2" in b"".join(took)
    assert "Envoyé à Atelier." in shown
    assert "1 ne tient pas sur une étiquette" in shown
    assert "PC é" in shown
    assert file.content == b"".join(took)
    assert 'filename="labels.zpl"' in file.headers["Content-Disposition"]
    silent = technician.post("/fleet/labels/?tag=PC-1", {"printer": "ZD1"})  # it is switched off now
    assert silent.status_code == 422
    assert "Atelier ne répond pas" in words_of(silent)
    failed = island.last("restoration.labels.1")
    assert (failed["symbols"], failed["outcome"]) == (["RLV1|M|PC-1"], "failed")
    assert technician.post(address, {"printer": "X"}).status_code == 422
    assert technician.get("/fleet/labels/?batch=none").status_code == 404


def test_only_the_information_systems_and_the_crisis_cell_open_the_fleet(
    island: FleetIsland, enter: Callable[..., Client]
) -> None:
    """A ward’s shared screen must not return a machine."""
    island.machines("PC-1")

    assert enter("crisis", wards=(), code="crise1").get("/fleet/").status_code == 200
    assert enter("nurse", code="nurse9").get("/fleet/").status_code == 403


def test_batches_are_put_in_order(island: FleetIsland, technician: Client) -> None:
    """Who comes first is decided by a person, and seen by all."""
    island.machines("PC-1", "PC-2")
    for number, name in enumerate(("Un", "Deux")):
        island.tell(
            BatchMade(act=f"B{number}", happened_at=number, by="x", batch=name, name=name, tags=("PC-1",))
        )

    moved = technician.post("/fleet/batches/", {"batch": "Deux", "way": "first", "act_key": key("1")})

    assert moved.status_code == 302
    assert island.last("fleet.order.1")["batches"] == ["Deux", "Un"]
    assert technician.post("/fleet/batches/", {"batch": "Deux", "way": "up"}).status_code == 422
    technician.post("/fleet/batch/Un/", {"what": "close", "act_key": key("2")})
    assert Batch.objects.get(id="Un").closed
