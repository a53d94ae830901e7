"""The page of what is owed, its files, and the acts that came late."""

import csv
import io
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from owed_island import PASSWORD, dose, small_island
from paper_island import PaperIsland

from releve.codecs.fhir.checker import check
from screens import addresses_of_the_island


@pytest.fixture
def island(tmp_path: Path) -> PaperIsland:
    """Return an island where three doses were charted, one of them late, one offline."""
    made = small_island(tmp_path / "island")
    made.record(dose("100", "k1", 3), dose("100", "k2", 2, late=True), dose("100", "k3", 1, offline=True))
    return made


@pytest.fixture
def cell(island: PaperIsland) -> Client:
    """Return a client where the crisis cell is signed in."""
    from releve.web.database import prepare_runtime

    prepare_runtime()
    client = Client(HTTP_ACCEPT_LANGUAGE="fr")
    with addresses_of_the_island():
        assert client.post("/sign-in/", {"badge": "crise", "pin": PASSWORD}).status_code == 302
        yield client


def test_the_page_counts_what_is_owed_and_names_nobody(cell: Client) -> None:
    """The crisis cell needs the figures on its wall; the names stay in the files."""
    text = cell.get("/account/").content.decode()

    assert "3\u202factes" in text or "3 actes inscrits ici" in text
    assert "Prescription" in text
    assert "1 acte tardif" in text
    assert "MARTIN" not in text


def test_each_file_holds_every_act(cell: Client) -> None:
    """Whichever file is keyed from, nothing may be missing."""
    lines = csv.DictReader(
        io.StringIO(cell.get("/account/csv/?application=PRESC").content.decode("utf-8-sig")), delimiter=";"
    )
    bundle = cell.get("/account/fhir/")
    pdf = cell.get("/account/pdf/")

    assert [(line["late"], line["offline"]) for line in lines] == [("", ""), ("1", ""), ("", "1")]
    assert check(bundle.content) == []
    kinds = [entry["resource"]["resourceType"] for entry in msgspec.json.decode(bundle.content)["entry"]]
    assert kinds.count("Provenance") == 3
    assert pdf.content.startswith(b"%PDF-")
    # File names travel: no patient in them.
    assert pdf["Content-Disposition"] == 'attachment; filename="account.pdf"'
    assert cell.get("/account/csv/?application=NOPE").status_code == 404
    assert cell.get("/account/exe/").status_code == 404


def test_whoever_acted_is_named_by_her_numbers_where_the_act_goes(cell: Client, island: PaperIsland) -> None:
    """The application that takes the act back knows its people by their register, not by how we spell them."""
    island.record(dose("100", "k4", 1, second="medecin", second_name="A. MEDECIN"))

    bundle = msgspec.json.decode(cell.get("/account/fhir/").content)

    assert check(msgspec.json.encode(bundle)) == []
    by_url = {one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    people = {
        one["identifier"][0]["value"]: [number["value"] for number in one["identifier"][1:]]
        for one in by_url.values()
        if one["resourceType"] == "Practitioner"
    }
    assert people == {"nuit": [], "medecin": ["10000023084"]}
    doses = [one for one in by_url.values() if one["resourceType"] == "MedicationAdministration"]
    said = {by_url[one["performer"][0]["actor"]["reference"]]["name"][0]["text"] for one in doses}
    assert said == {"N. KERVELLA"}
    agents = [
        agent["who"]
        for one in by_url.values()
        if one["resourceType"] == "Provenance"
        for agent in one["agent"]
    ]
    assert all(who["reference"] in by_url for who in agents)


def test_a_late_act_is_listed_with_both_hours(cell: Client) -> None:
    """Somebody has to look at what came in after the ward had gone back."""
    text = cell.get("/account/late/").content.decode()

    assert text.count("N. KERVELLA") == 1
    assert "MARTIN" in text


def test_a_nurse_does_not_take_the_account_of_the_hospital_home(island: PaperIsland) -> None:
    """One file with every patient in it is for those who answer for it."""
    from releve.web.database import prepare_runtime

    prepare_runtime()
    client = Client()
    with addresses_of_the_island():
        assert client.post("/sign-in/", {"badge": "nuit", "pin": PASSWORD}).status_code == 302
        assert client.get("/account/").status_code == 403
        assert client.get("/account/pdf/").status_code == 403
