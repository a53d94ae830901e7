"""FHIR R4 read thinly: nothing lost, nothing guessed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from releve.codecs.fhir.reader import DocumentError, Node, read_document
from releve.codecs.fhir.values import read_date_time

PARIS = ZoneInfo("Europe/Paris")
CORPUS = Path(os.environ.get("RELEVE_CORPORA", "../shared/corpora")) / "fhir"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="RELEVE_CORPORA names no folder of FHIR examples"
)


def bundle(*resources: object, **more: object) -> bytes:
    """Return a Bundle of `resources`; the entry at place N is named urn:uuid:N."""
    entries = [{"fullUrl": f"urn:uuid:{place}", "resource": item} for place, item in enumerate(resources)]
    return msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries, **more})


@needs_corpus
def test_every_example_of_the_corpus_is_read_and_its_bytes_are_kept() -> None:
    """A message we cannot read today must be readable after an upgrade: only the bytes allow that."""
    files = sorted(CORPUS.rglob("*.json"))
    assert len(files) > 50
    for file in files:
        raw = file.read_bytes()

        document = read_document(raw)

        assert document.raw == raw, file.name
        assert document.root.type
        assert document.resources or document.root.type == "Bundle"
        assert all(resource.type for resource in document.resources), file.name


def test_each_resource_of_a_bundle_carries_the_address_where_it_stood() -> None:
    """ "Something is wrong in this bundle of 4,000 entries" helps nobody."""
    inner = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Location"}}],
    }

    document = read_document(bundle({"resourceType": "Patient", "id": "p"}, inner))

    assert [(resource.type, resource.address) for resource in document.resources] == [
        ("Patient", "Bundle.entry[0].resource"),
        ("Location", "Bundle.entry[1].resource.entry[0].resource"),
    ]


def test_a_deletion_in_a_transaction_is_not_read_as_a_statement() -> None:
    """An encounter the sender removed must not come back as a patient in a bed."""
    raw = msgspec.json.encode(
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"request": {"method": "DELETE", "url": "Encounter/7"}},
                {
                    "resource": {"resourceType": "Encounter"},
                    "request": {"method": "PUT", "url": "Encounter/8"},
                },
            ],
        }
    )

    document = read_document(raw)

    assert [(item.type, item.method, item.url) for item in document.resources] == [
        ("Encounter", "PUT", "Encounter/8")
    ]


def test_the_digits_of_a_dose_are_those_received() -> None:
    """0.40 says how precisely it was measured; a binary float would say 0.4, or 0.30000000000000004."""
    raw = b'{"resourceType":"Observation","valueQuantity":{"value":0.40,"unit":"mg","code":"mg","comparator":"<"}}'

    quantity = read_document(raw).root.quantity("valueQuantity")

    assert quantity is not None
    assert str(quantity.value) == "0.40"
    assert (quantity.value, quantity.unit, quantity.comparator) == (Decimal("0.40"), "mg", "<")


def test_a_choice_of_types_tells_which_was_sent() -> None:
    """A potassium as text and as quantity are not drawn on the same curve."""
    node = Node({"valueString": "voir commentaire", "value": "no"}, "Observation")

    assert node.choice("value") == ("String", "voir commentaire")
    assert node.choice("effective") is None


@pytest.mark.parametrize(
    ("literal", "kind", "name"),
    [
        ("Patient/123", "Patient", "123"),
        ("https://his.example/fhir/Patient/123/_history/4", "Patient", "123"),
        ("https://his.example/fhir/Patient/a.b-c", "Patient", "a.b-c"),
        ("urn:uuid:6f1b", "", ""),
        ("nonsense", "", ""),
    ],
)
def test_a_reference_is_taken_apart_whatever_server_wrote_it(literal: str, kind: str, name: str) -> None:
    """The same patient is named in four ways by four applications."""
    reference = Node({"subject": {"reference": literal}}, "Observation").reference("subject")

    assert reference is not None
    assert (reference.type, reference.id, reference.text) == (kind, name, literal)


def test_references_are_followed_inside_the_document() -> None:
    """Results in a bundle name their patient by fullUrl; filed under nobody they are lost."""
    document = read_document(
        bundle(
            {"resourceType": "Patient", "id": "p"},
            {
                "resourceType": "Observation",
                "subject": {"reference": "urn:uuid:0"},
                "focus": [{"reference": "Patient/p"}],
                "specimen": {"reference": "#s"},
                "contained": [{"resourceType": "Specimen", "id": "s"}],
            },
        )
    )
    patient, observation = document.resources

    assert document.resolve(observation.reference("subject")) is patient
    assert document.resolve(observation.reference("focus")) is patient
    specimen = document.resolve(observation.reference("specimen"), within=observation)
    assert specimen is not None
    assert specimen.type == "Specimen"


def test_codes_are_found_by_system_and_shown_by_text() -> None:
    """The laboratory's own code and LOINC stand side by side; a person reads the text."""
    node = read_document(
        msgspec.json.encode(
            {
                "resourceType": "Observation",
                "code": {
                    "coding": [
                        {"system": "urn:labo", "code": "K"},
                        {"system": "http://loinc.org", "code": "2823-3"},
                    ],
                    "text": "Potassium",
                },
            }
        )
    ).root
    concept, coding = node.concept("code"), node.coding("code", "http://loinc.org")

    assert coding is not None
    assert coding.code == "2823-3"
    assert concept is not None
    assert (concept.code("urn:labo"), concept.code("urn:none"), concept.label) == ("K", "", "Potassium")


def test_names_and_identifiers_keep_accents_and_order() -> None:
    """RPPS, INS and IPP are told apart by system; LÉVY is not LEVY."""
    root = read_document(
        msgspec.json.encode(
            {
                "resourceType": "Patient",
                "identifier": [
                    {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "255069312345678"},
                    {"system": "urn:empty"},
                    {"value": "IPP1", "type": {"coding": [{"code": "PI"}]}},
                ],
                "name": [{"family": "LÉVY", "given": ["Anaïs", "Zoé"], "use": "official"}],
            }
        )
    ).root

    assert [(item.value, item.type_code) for item in root.identifiers()] == [
        ("255069312345678", ""),
        ("IPP1", "PI"),
    ]
    assert [(name.family, name.given) for name in root.names()] == [("LÉVY", ("Anaïs", "Zoé"))]


@pytest.mark.parametrize(
    ("text", "precision", "instant"),
    [
        ("1954", "year", datetime(1953, 12, 31, 23, tzinfo=UTC)),
        ("1954-02", "month", datetime(1954, 1, 31, 23, tzinfo=UTC)),
        ("2026-07-14", "day", datetime(2026, 7, 13, 22, tzinfo=UTC)),
        ("2026-07-14T10:15", "minute", datetime(2026, 7, 14, 8, 15, tzinfo=UTC)),
        ("2026-07-14T10:15:30Z", "second", datetime(2026, 7, 14, 10, 15, 30, tzinfo=UTC)),
        ("2026-07-14T10:15:30.125-03:30", "fraction", datetime(2026, 7, 14, 13, 45, 30, 125000, tzinfo=UTC)),
    ],
)
def test_a_time_keeps_its_text_and_says_how_precise_it_is(
    text: str, precision: str, instant: datetime
) -> None:
    """A birth date of "1954" shown as the first of January is an invention."""
    moment = read_date_time(text, PARIS)

    assert moment is not None
    assert (moment.text, moment.precision, moment.ambiguous) == (text, precision, False)
    assert moment.at_us == int(instant.timestamp()) * 1_000_000 + instant.microsecond


def test_the_hour_that_happens_twice_is_marked_unless_an_offset_says_which() -> None:
    """A dose at 02:30 on the night of the change may be either of two doses."""
    doubled = read_date_time("2026-10-25T02:30:00", PARIS)
    told = read_date_time("2026-10-25T02:30:00+01:00", PARIS)
    skipped = read_date_time("2026-03-29T02:30:00", PARIS)

    assert doubled is not None
    assert doubled.ambiguous
    assert told is not None
    assert not told.ambiguous
    assert skipped is not None
    assert not skipped.ambiguous
    assert skipped.skipped


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13", "demain", "", "2026-07-14T25:00:00Z", "26-07-14", 2026]
)
def test_what_is_not_a_time_is_absent_not_invented(text: object) -> None:
    """The text stays in the stored bytes; an invented hour would be acted on."""
    assert read_date_time(text, PARIS) is None


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (b'{"resourceType":"Patient","name":DUPONT}', "byte 33"),
        (b'{"resourceType":"Patient"', "end of document"),
        (b"[1]", "document"),
        (b'{"resourceType":"DU PONT"}', "resourceType"),
        (b"", "end of document"),
        (b"[" * 100_000, "document"),
    ],
)
def test_what_is_not_a_resource_is_refused_by_place_without_its_content(raw: bytes, address: str) -> None:
    """The error goes into a log; the name of the patient must not go with it."""
    with pytest.raises(DocumentError) as caught:
        read_document(raw)

    assert caught.value.address == address
    assert "DUPONT" not in str(caught.value)
    assert "DU PONT" not in str(caught.value)


def test_values_of_the_wrong_shape_are_absent() -> None:
    """One malformed element must not hide the rest of a patient."""
    node = Node(
        {"name": "X", "subject": 4, "value": {"value": "five"}, "code": {"coding": "no"}}, "Observation"
    )

    assert node.names() == []
    assert node.reference("subject") is None
    assert node.quantity("value") is None
    assert node.concept("code") is None
    assert node.nodes("name") == []
    assert node.get("name.family") is None
