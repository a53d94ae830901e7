"""Two scans and one key: the wristband, the product, Enter."""

import re

import pytest
from django.test import Client
from dose_forms import THREE, form_of, open_form
from dose_island import HOUR_MS, MINUTE_MS, NOW_MS, DoseIsland

GS = "\x1d"
PACK = f"0103400893766521{'17'}271130{'10'}A1234B{GS}21XK9F7Q0001"
FRENCH = str.maketrans("1234567890AQWZ|M", "&é\"'(-è_çàQAZWµ?")


@pytest.fixture
def patient(island: DoseIsland) -> str:
    """Return the address of a person with furosemide due at 03:00 and her neighbour, while the record is cut."""
    handle = island.admit("8000201", "DELORME", "201")
    island.admit("8000202", "KERBRAT", "202")
    island.prescribe("8000201", "Furosémide", "0300", "0900", code="3400893766521")
    island.prescribe("8000201", "Bisoprolol", "0800", placer="P2", code="3400893936047", dose="2.5")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    return handle


def scan(client: Client, handle: str, code: str, read: str = ""):
    """Return the answer to a product read on the grid."""
    return client.post(f"/patient/{handle}/dose/scan/", {"code": code, "read": read})


@pytest.mark.parametrize("typed", ["RLV1|P|8000201|V8000201", "RLV1|P|8000201|V8000201".translate(FRENCH)])
def test_two_scans_and_one_key_chart_the_dose_with_lot_and_expiry(
    island: DoseIsland, nurse: Client, patient: str, typed: str
) -> None:
    """At three in the morning nobody looks for a line in a list; a scanner left on a US keyboard works as well."""
    answer = nurse.post("/scan/", {"code": typed})
    assert answer["Location"].startswith(f"/patient/{patient}/grid/?read=")
    read = re.search(r'name="read" value="([^"]+)"', nurse.get(answer["Location"]).content.decode())
    assert read is not None

    page = scan(nurse, patient, PACK if typed.startswith("RLV1") else PACK.translate(FRENCH), read[1])

    assert page.status_code == 200
    text = page.content.decode()
    assert "Furosémide" in text
    assert "A1234B" in text
    assert island.doses() == []  # chosen, not recorded
    fields = form_of(text)
    assert nurse.post(f"/patient/{patient}/dose/", fields | {"what": "given"}).status_code == 302
    (dose,) = island.doses()
    assert (dose.status, dose.product, dose.lot, dose.expiry, dose.wristband, dose.due_at) == (
        "given", "3400893766521", "A1234B", "2027-11-30", True, THREE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("3400935955838", "Aucune ligne de ce patient"),  # somebody else's product
        ("3400893936047", "aucune dose n’est due maintenant"),  # hers, at eight
        (PACK.replace(GS, ""), "perd le séparateur"),
        ("3400893766522", "mal lu"),
        ("0103400893766521" + "17271340", "péremption"),
        ("<script>alert(1)</script>", "pas un code de produit"),
        ("\u202e\U0001f48a", "pas un code de produit"),
        ("9" * 100_000, "pas un code de produit"),
        ("", "pas un code de produit"),
        ("\x00", "pas un code de produit"),
    ],
)
def test_a_product_that_is_not_for_her_records_nothing_and_says_so(
    island: DoseIsland, nurse: Client, patient: str, code: str, words: str
) -> None:
    """The wrong product in the hand of somebody tired is the error this page is for."""
    answer = scan(nurse, patient, code)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert island.doses() == []


def test_a_product_of_another_line_typed_into_the_form_is_refused(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """The form of furosemide does not take a box of bisoprolol."""
    fields = form_of(scan(nurse, patient, PACK).content.decode()) | {
        "product": "3400893936047",
        "what": "given",
    }

    answer = nurse.post(f"/patient/{patient}/dose/", fields)

    assert answer.status_code == 422
    assert "n’est pas celui de cette ligne" in answer.content.decode()
    assert island.doses() == []


def test_an_expired_product_is_asked_about_before_it_is_recorded(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """A pack of last year at the back of the drawer."""
    fields = form_of(scan(nurse, patient, PACK.replace("271130", "260100")).content.decode()) | {
        "what": "given"
    }
    answer = nurse.post(f"/patient/{patient}/dose/", fields)
    assert answer.status_code == 422
    assert "périmé" in answer.content.decode()

    again = form_of(answer.content.decode()) | {"what": "given", "sure": "on"}

    assert nurse.post(f"/patient/{patient}/dose/", again).status_code == 302
    assert island.last("dose.given.1")["warned"] == ["expired"]
    assert island.last("dose.given.1")["expiry"] == "2026-01-31"


def test_a_wristband_read_where_a_product_is_asked_opens_whoever_wears_it(
    nurse: Client, patient: str
) -> None:
    """Two patients in a room: what is on the screen is the one whose wristband was read last."""
    answer = scan(nurse, patient, "RLV1|P|8000202|V8000202")

    assert answer.status_code == 302
    assert patient not in answer["Location"]


def test_a_wristband_read_long_ago_no_longer_counts(island: DoseIsland, nurse: Client, patient: str) -> None:
    """A page left open for a quarter of an hour does not prove who lies here."""
    where = nurse.post("/scan/", {"code": "RLV1|P|8000201"})["Location"]
    read = where.partition("read=")[2]
    island.now_ms += HOUR_MS // 4

    fields = form_of(scan(nurse, patient, PACK, read).content.decode()) | {"what": "given", "read": read}
    assert nurse.post(f"/patient/{patient}/dose/", fields).status_code == 302

    assert island.doses()[0].wristband is False


def test_a_product_that_nothing_can_compare_is_asked_about(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """A line in free words: the scanner proves nothing, so the eyes must."""
    line = island.prescribe("8000201", "Préparation du service", "0300", placer="P3", code="local-7")
    form = open_form(nurse, patient, line=line) | {"product": PACK, "what": "given"}

    answer = nurse.post(f"/patient/{patient}/dose/", form)

    assert answer.status_code == 422
    assert "lisez son étiquette" in answer.content.decode()
    assert island.doses() == []
