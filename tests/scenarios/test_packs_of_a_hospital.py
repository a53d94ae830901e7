"""The packs of a generated hospital, read back from their PDF and held against the views."""

import json
import re
import sys
import unicodedata
from datetime import timedelta
from pathlib import Path

import msgspec
import pypdfium2
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "paper"))

from paper_island import MEDICINE, PSYCHIATRY, PaperIsland, admission, message, now, prescription

from releve.app.packing import PacksReport, Printing, set_packs
from releve.app.recorder_process import recorder_for
from releve.bedside.census import present_in
from releve.bedside.files import files_of
from releve.codecs.dropped import DroppedDocument, encode_document
from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import HospitalLife
from releve.journal.entry import Draft
from releve.paper.gather_treatment import active_lines
from releve.paper.lying import forget_forms
from releve.paper.typeset import typeset
from releve.paper.words import labels

WARDS = ("3130", "2170", "1110")
LINE = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return a text as paper and reader have it in common."""
    return LINE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def pages_of(path: Path) -> list[str]:
    """Return the text of each page of a PDF."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [plain(page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()


def set_all(island: PaperIsland, **how: object) -> PacksReport:
    """Set the packs of an island as the command does."""
    island.serve()
    with recorder_for(island.data) as recorder:
        return set_packs(island.data, Printing(**how), recorder=recorder)  # type: ignore[arg-type]


def sheets_of(report: PacksReport, ward: str) -> Path:
    """Return the sheets of a ward."""
    files = next(files for files in report.wards if files.ward == ward)
    return next(path for path in files.paths if "-2-" in path.name)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> PaperIsland:
    """Return an island that heard two hours of three wards of a hospital, half of whose beds are filled."""
    whole = demo_hospital()
    map_ = msgspec.structs.replace(whole, beds=tuple(bed for bed in whole.beds if bed.ward in WARDS))
    island = PaperIsland(tmp_path_factory.mktemp("packs") / "island", map_, exercise=True)
    life = HospitalLife(map_, seed=412, start=now() - timedelta(hours=2), occupancy=0.4)
    island.record(*(emission.payload for emission in life.run(2.0)))
    return island


def test_patients_allergies_and_lines_on_paper_are_those_of_the_views(hospital: PaperIsland) -> None:
    """What the sheet does not say, nobody gives."""
    report = set_all(hospital, wards=WARDS, forms=False)

    assert report.complete
    frame = hospital.gather().frame
    people = 0
    for ward in WARDS:
        texts = pages_of(sheets_of(report, ward))
        present = present_in(ward)
        files = files_of(present, now_ms=frame.now_ms)
        for one in present:
            people += 1
            pack = next(files.pack for files in report.wards if files.ward == ward)
            mine = " ".join(text for text in texts if f"PT1|{pack}|{one.ipp}|" in text)
            assert plain((one.person.used_name or one.person.birth_name or "").upper()) in mine
            for allergy in files[one.head].allergies:
                if allergy.state == "stated":
                    assert plain(allergy.label or "") in mine
            if files[one.head].allergy_state == "not-said":
                assert "NON RENSEIGNÉ" in mine
            for line in active_lines(files[one.head], frame):
                assert plain(line.label or "") in mine
    assert people == report.patients > 20
    for files in report.wards:
        for path in files.paths:
            assert all("EXERCICE" in text for text in pages_of(path))


def test_a_second_printing_sets_only_the_wards_that_changed(hospital: PaperIsland) -> None:
    """Thirty wards set again each hour would take the processor from the boards."""
    wards = WARDS[:2]
    at = int(now().timestamp() * 1000)
    hospital.serve()
    with recorder_for(hospital.data) as recorder:
        set_packs(hospital.data, Printing(wards=wards, forms=False), recorder=recorder, now_ms=at)
        one = present_in("3130")[0]
        again = set_packs(hospital.data, Printing(wards=wards, forms=False), recorder=recorder, now_ms=at)
    assert again.set_again == ()

    hospital.record(
        message(
            "ADT^A31^ADT_A05",
            f"PID|1||{one.ipp}^^^VALOMBRE^PI||{one.person.birth_name}^X^^^^^L",
            "AL1|1|DA|NEW^Kétamine-essai^L|SV|Choc",
        )
    )
    with recorder_for(hospital.data) as recorder:
        changed = set_packs(hospital.data, Printing(wards=wards, forms=False), recorder=recorder, now_ms=at)

    assert changed.set_again == ("3130",)
    assert any("Kétamine-essai" in text for text in pages_of(sheets_of(changed, "3130")))


NAMES = {
    "501": ("LI 李小龙", "\U0001f600 Zoé"),
    "502": ("أحمد محمد", "Ahmed"),
    "503": ("BELL\x07A\x1b", "\ue000Privée"),
    "504": ("O'NEILL‮", "\u200bJean"),
    "505": ("N" * 180, "X" * 90),
}


def test_a_ward_of_names_that_no_font_draws_comes_out_with_every_name(tmp_path: Path) -> None:
    """A name dropped by a font is a person without a sheet."""
    island = PaperIsland(tmp_path / "island")
    people = [
        admission(ipp, family, given, bed=str(301 + place), extra=["AL1|1|DA|L1^Latex \U0001f95c^L"])
        for place, (ipp, (family, given)) in enumerate(NAMES.items())
    ]
    island.record(*people, prescription("501", "P1", "糖 5 %", "1", "g", "|0800"))

    report = set_all(island, wards=(MEDICINE,), forms=False)

    assert report.complete
    assert report.patients == len(NAMES)
    texts = pages_of(sheets_of(report, MEDICINE))
    whole = " ".join(texts)
    for ipp in NAMES:
        assert any(f"|{ipp}|1" in text for text in texts), ipp
    for code in ("⟦U+674E⟧", "⟦U+1F600⟧", "⟦U+0623⟧", "⟦U+E000⟧", "⟦U+202E⟧", "⟦U+1F95C⟧", "⟦U+7CD6⟧"):
        assert code in whole.replace("⟦ ", "⟦"), code


def test_a_ward_without_prescriptions_says_so_and_its_received_print_is_bound(tmp_path: Path) -> None:
    """The hospital's own treatment sheet is all there is: it goes with the pack, dated."""
    island = PaperIsland(tmp_path / "island", exercise=True)
    island.record(admission("200", "PETIT", "Paul", ward=PSYCHIATRY, bed="1", sex="M"))
    bare = set_all(island, wards=(PSYCHIATRY,), forms=False)
    assert any("PRESCRIPTIONS NON REÇUES" in text for text in pages_of(sheets_of(bare, PSYCHIATRY)))

    listing = {"title": "Feuille", "state": "Traitements", "lines": [["PETIT", "Halopéridol 5 mg"]]}
    pdf = typeset("listing", listing | {"lang": "fr", "exercise": ""})
    body = encode_document(
        DroppedDocument(kind="medication-sheet", media_type="application/pdf", content=pdf, ward=PSYCHIATRY)
    )
    xml = b"<M_prescription><Patient><IPP>200</IPP></Patient><Produit>Clozapine 100 mg</Produit></M_prescription>"
    island.record(
        Draft(kind="initial.document", body=body, source="file:1"),
        Draft(kind="initial.pn13", body=xml, source="file:2"),
    )
    report = set_all(island, wards=(PSYCHIATRY,), forms=False)

    (files,) = report.wards
    bound = [path for path in files.paths if "-4-recu-" in path.name]
    texts = [" ".join(pages_of(path)) for path in bound]
    assert len(bound) == 2
    assert "Halopéridol 5 mg" in texts[0]
    assert "Clozapine 100 mg" in texts[1]
    assert all("EXERCICE" in text for text in texts)
    cover = " ".join(pages_of(files.paths[0]))
    assert "feuille de traitement de l’unité" in cover
    said = plain(labels("fr")["not_fed_printed"])
    assert any(said in text for text in pages_of(sheets_of(report, PSYCHIATRY)))


def form_numbers(report: PacksReport) -> set[str]:
    """Return the numbers on the forms of the first ward."""
    texts = pages_of(next(path for path in report.wards[0].paths if "-3-" in path.name))
    return set(re.findall(r"A-\d{6}", " ".join(texts)))


def test_form_numbers_are_taken_once_and_never_come_back(tmp_path: Path) -> None:
    """Two sheets with one number are keyed in as one act."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN"))
    report = set_all(island, wards=(MEDICINE,))
    first = form_numbers(report)

    forget_forms(
        next(path for path in report.wards[0].paths if "-3-" in path.name)
    )  # as when they were printed
    second = form_numbers(set_all(island, wards=(MEDICINE,)))

    assert first
    assert second
    assert not first & second


def test_forms_that_nobody_printed_are_the_same_file_again(tmp_path: Path) -> None:
    """Two thousand pages of forms are not set anew because three wards changed; the cover still names them."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN"))
    report = set_all(island, wards=(MEDICINE,))
    forms = next(path for path in report.wards[0].paths if "-3-" in path.name)
    before, numbers = forms.read_bytes(), form_numbers(report)

    again = set_all(island, wards=(MEDICINE,))

    assert forms.read_bytes() == before
    assert again.wards[0].forms_pages == report.wards[0].forms_pages
    assert again.pages_set < report.pages_set
    assert min(numbers) in " ".join(pages_of(again.wards[0].paths[0]))


@pytest.mark.whole
def test_forms_touched_by_another_hand_are_not_trusted(tmp_path: Path) -> None:
    """A half-copied file with good numbers would come out torn."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN"))
    report = set_all(island, wards=(MEDICINE,))
    forms = next(path for path in report.wards[0].paths if "-3-" in path.name)
    numbers = form_numbers(report)
    forms.write_bytes(forms.read_bytes()[:-10])

    assert not numbers & form_numbers(set_all(island, wards=(MEDICINE,)))


@pytest.mark.whole
def test_the_manifest_may_be_lost_and_everything_is_set_again(tmp_path: Path) -> None:
    """The folder of packs may be deleted at any moment: it is printed again."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN"))
    first = set_all(island, forms=False)
    manifest = first.folder / "manifest.json"
    assert MEDICINE in json.loads(manifest.read_bytes())["wards"]

    manifest.write_bytes(b"{")
    again = set_all(island, forms=False)

    assert set(again.set_again) == set(first.set_again) == {MEDICINE, PSYCHIATRY}
