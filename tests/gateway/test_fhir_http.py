"""FHIR over HTTP: kept as received before it is answered; refusals name places, never values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gateway_processes import Processes, processes

PATIENT = b'{"resourceType":"Patient","id":"p1", "name":[{"family":"DUPONT"}],"birthDate":"1954-02"}'


@pytest.fixture(scope="module")
def django(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Django, as `serve` prepares it; another test may have done so before."""
    from releve.app.django_setup import prepare_django

    prepare_django(tmp_path_factory.mktemp("fhir"))


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Processes]:
    """A recorder that runs."""
    with processes(tmp_path, gateway=False) as running:
        yield running


class Door:
    """Calls the view as Django would."""

    def __init__(self, island: Processes) -> None:
        self._island = island

    def send(
        self,
        body: bytes,
        *,
        method: str = "POST",
        kind: str = "",
        name: str = "",
        address: str = "127.0.0.1",
        content_type: str = "application/fhir+json; charset=utf-8",
        door: object = None,
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and the OperationOutcome."""
        from django.test import RequestFactory, override_settings

        from releve.gateway.fhir_http import FhirDoor, receive

        request = RequestFactory().generic(
            method, "/fhir", body, content_type=content_type, REMOTE_ADDR=address, headers=headers
        )
        with override_settings(RELEVE_DATA=self._island.data, RELEVE_FHIR=door or FhirDoor()):
            answer = receive(request, kind, name) if kind else receive(request)
        assert answer["Content-Type"] == "application/fhir+json"
        outcome = msgspec.json.decode(answer.content)
        assert outcome["resourceType"] == "OperationOutcome"
        assert b"DUPONT" not in answer.content
        return answer.status_code, outcome


@pytest.fixture
def door(island: Processes, django: None) -> Door:
    """The view over a running recorder."""
    return Door(island)


def test_a_resource_is_kept_byte_for_byte_and_told_so(door: Door, island: Processes) -> None:
    """Spaces and the order of keys belong to what was signed elsewhere."""
    status, outcome = door.send(PATIENT, kind="Patient")

    (entry,) = island.entries("message.fhir")
    assert status == 201
    assert entry.body == PATIENT
    assert entry.source == "fhir:127.0.0.1"
    assert f"entry {entry.index} " in outcome["issue"][0]["diagnostics"]


def test_every_example_of_the_corpus_is_kept(
    door: Door, island: Processes, corpus: Callable[[str], Path]
) -> None:
    """The recorder keeps what it does not understand, and what is not quite right."""
    bodies = [path.read_bytes() for path in sorted(corpus("fhir").rglob("*.json"))]

    statuses = {door.send(body)[0] for body in bodies}

    assert statuses <= {200, 201}
    assert [entry.body for entry in island.entries("message.fhir")] == bodies


def test_what_is_not_right_is_kept_and_said(door: Door, island: Processes) -> None:
    """The sender can repair the interface; the patient is on the board meanwhile."""
    status, outcome = door.send(b'{"resourceType":"Patient","birthDate":"DUPONT"}')

    assert status == 201
    assert len(island.entries("message.fhir")) == 1
    assert outcome["issue"][1] == {
        "severity": "warning",
        "code": "invariant",
        "diagnostics": "Patient.birthDate: expected a valid date",
        "expression": ["Patient.birthDate"],
    }


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"body": b'{"resourceType":"Patient","name":DUPONT}'}, 400, "byte 33: expected JSON"),
        ({"body": b"[]"}, 400, "expected a JSON object"),
        ({"body": PATIENT, "kind": "Observation"}, 400, "expected the type in the address"),
        ({"body": PATIENT, "kind": "Patient", "name": "p2", "method": "PUT"}, 400, "expected the id"),
        ({"body": PATIENT, "method": "DELETE", "kind": "Patient"}, 405, "POST"),
        ({"body": PATIENT, "method": "PUT"}, 405, "POST"),
        ({"body": PATIENT, "content_type": "application/fhir+xml"}, 415, "Content-Type"),
        ({"body": PATIENT, "address": "10.0.0.9"}, 403, "address"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_place(
    door: Door, island: Processes, options: dict[str, Any], status: int, words: str
) -> None:
    """The person at the other end reads this answer; so does their log."""
    got, outcome = door.send(**options)

    assert got == status
    assert words in outcome["issue"][0]["diagnostics"]
    assert island.entries("message.fhir") == []


def test_a_bundle_and_an_update_are_answered_with_200(door: Door, island: Processes) -> None:
    """Nothing was created under an address that could be read back."""
    assert door.send(b'{"resourceType":"Bundle","type":"batch","entry":[]}')[0] == 200
    assert door.send(PATIENT, method="PUT", kind="Patient", name="p1")[0] == 200
    assert len(island.entries("message.fhir")) == 2


def test_too_much_is_refused_before_it_is_read(door: Door) -> None:
    """One request may not take the memory of the pages."""
    from releve.gateway.fhir_http import FhirDoor

    assert door.send(PATIENT, door=FhirDoor(body_bytes_max=10))[0] == 413


def test_with_a_token_file_only_who_shows_a_token_may_send(door: Door, tmp_path: Path) -> None:
    """An address can be borrowed by whoever sits on the same network."""
    from releve.gateway.fhir_http import FhirDoor

    tokens = tmp_path / "tokens"
    tokens.write_text("first-token\nsecond-token\n", encoding="ascii")
    locked = FhirDoor(allow=("0.0.0.0/0",), token_file=tokens)

    assert door.send(PATIENT, door=locked)[0] == 401
    assert door.send(PATIENT, door=locked, authorization="Bearer third")[0] == 401
    assert door.send(PATIENT, door=locked, authorization="Bearer second-token", address="10.0.0.9")[0] == 201
    tokens.unlink()
    assert door.send(PATIENT, door=locked, authorization="Bearer second-token")[0] == 503


def test_without_recorder_nothing_is_promised_and_it_works_again_after(door: Door, island: Processes) -> None:
    """503 with Retry-After: every engine keeps the resource and tries again."""
    island.kill("recorder")
    assert door.send(PATIENT)[0] == 503

    island.start_recorder()

    assert door.send(PATIENT)[0] == 201
    assert len(island.entries("message.fhir")) == 1


def test_the_capability_statement_is_sound_and_names_no_reading(django: None) -> None:
    """A client asks this first; it must not be told that patients can be read here."""
    from django.test import RequestFactory, override_settings

    from releve.codecs.fhir.checker import check
    from releve.gateway.fhir_http import FhirDoor, metadata

    with override_settings(RELEVE_FHIR=FhirDoor()):
        answer = metadata(RequestFactory().get("/fhir/metadata"))
        refused = metadata(RequestFactory().get("/fhir/metadata", REMOTE_ADDR="10.0.0.9"))

    assert check(answer.content) == []
    assert b'"read"' not in answer.content
    assert refused.status_code == 403
