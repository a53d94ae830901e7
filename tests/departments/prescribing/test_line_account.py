"""Lines in the account of a downtime: in words that can be keyed again, and as FHIR that another application reads."""

from collections.abc import Callable

import msgspec
from django.test import Client
from django.utils.translation import override
from line_island import HOUR_MS, NOW_MS, LineIsland, started

from releve.codecs.fhir.checker import check
from releve.departments.prescribing.account import RESOURCES, TITLES, WORDS
from releve.departments.prescribing.line_fold import LINE_KINDS

IDS = {"patient": "urn:uuid:1", "encounter": "urn:uuid:2", "performer": "urn:uuid:3"}


def test_a_line_is_said_in_words_and_in_fhir(island: LineIsland, enter: Callable[..., Client]) -> None:
    """Whoever keys it again must find product, dose, hours and end; a machine the same."""
    handle = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    assert started(enter("physician", family="VASSEUR"), handle).status_code == 302
    (body,) = island.bodies("prescription.started.1")
    with override("fr"):
        words = dict(WORDS["prescription.started.1"](body))
    assert words["Product"] == "Paracétamol 1 g (LIV0001)"
    assert words["Dose"] == "1\u00a0g"
    assert "6" in words["Rhythm"]
    assert words["From"] == "21 nov. 2026 03:10", "the hour on the wall: it is keyed as it stands"
    resource = RESOURCES["prescription.started.1"](body, IDS)
    assert resource["status"] == "active"
    assert resource["identifier"][0]["value"] == body["order"]
    timing = resource["dosageInstruction"][0]["timing"]["repeat"]
    assert (timing["period"], timing["periodUnit"]) == (6.0, "h")
    assert (
        check(
            msgspec.json.encode(
                {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}
            )
        )
        == []
    )


def test_every_kind_has_a_title_and_says_something() -> None:
    """An act that the account leaves out is lost on the way back."""
    for kind in LINE_KINDS:
        assert kind in TITLES
        assert kind in WORDS
    body = {"line": "CHV:1/RLVX", "label": "Ramipril 5 mg", "reason": "Hypotension", "happened_at": NOW_MS}
    assert RESOURCES["prescription.stopped.1"](body, IDS)["status"] == "stopped"
    assert dict(WORDS["prescription.stopped.1"](body))["Why"] == "Hypotension"


def test_what_waits_for_a_signature_is_a_draft() -> None:
    """Nobody signed it: no application may take it as an order."""
    body = {
        "order": "RLVX",
        "what": {"label": "x"},
        "awaits": True,
        "happened_at": NOW_MS,
        "told_by": "Dr Vasseur",
    }
    resource = RESOURCES["prescription.started.1"](body, IDS)
    assert (resource["status"], resource["reportedBoolean"]) == ("draft", True)
