import unicodedata
from collections.abc import Callable

import msgspec
import pypdfium2
import pytest
import zxingcpp

from releve.paper.forms import FormNumbers, copies
from releve.paper.pack import Dose, KeeperApart, MedicationLine, SourceHorizon, WardPack
from releve.paper.render import Setting, parts_of, render, set_cover, set_plain, set_sheets
from releve.paper.symbols import page_symbol
from releve.paper.typeset import pages_of
from releve.paper.words import labels

Read = Callable[[bytes], list[str]]
Fold = Callable[[str], str]


def pages_of_person(texts: list[str], fold: Fold, words: str) -> str:
    """Join the pages on which `words` stand."""
    return " ".join(text for text in texts if fold(words) in text)


@pytest.fixture(scope="module")
def printed(ward: WardPack) -> tuple[Setting, Setting, Setting]:
    """Return the whole pack of the ward."""
    made, _left = copies(
        {"ADM1": 1, "RX1": 2}, FormNumbers(prefix="3B", first=417, last=999), ("9030004170",)
    )
    cover, sheets, forms = render(ward, made)
    assert forms is not None
    return cover, sheets, forms


def test_every_person_dose_and_allergy_of_the_input_is_read_back_from_the_pdf(
    ward: WardPack, printed: tuple[Setting, ...], pages_text: Read, fold: Fold
) -> None:
    """What the sheet does not say, nobody gives; a dose lost on the way to paper is a dose not given."""
    texts = pages_text(printed[1].pdf)

    for person in ward.patients:
        mine = pages_of_person(texts, fold, f"RLV1|PT1|{ward.id}|{person.ipp}|")
        assert fold(person.name.upper()) in mine
        assert fold(person.used_name.upper()) in mine
        assert fold(person.given) in mine
        for allergy in person.allergies.items:
            assert fold(allergy.text) in mine
        for line in person.lines:
            assert fold(line.name) in mine
        legend = labels("fr")
        signs = sum(
            mine.count(sign) - mine.count(fold(f"{sign} {legend[word]}"))
            for sign, word in (("○", "legend_planned"), ("◎", "legend_double"))
        )
        due = sum(dose.state in ("planned", "untraced") for line in person.lines for dose in line.doses)
        given = sum(dose.state == "given" for line in person.lines for dose in line.doses)
        assert signs == due
        assert mine.count("●") - mine.count(fold(f"● {legend['legend_given']}")) == given


def test_every_sheet_starts_on_its_own_leaf(
    ward: WardPack, printed: tuple[Setting, ...], pages_text: Read
) -> None:
    """Printed two-sided, a person's page on the back of another's goes to the wrong bed."""
    texts = pages_text(printed[1].pdf)

    for person in ward.patients:
        first = next(n for n, text in enumerate(texts, 1) if f"{person.ipp}|1" in text)
        assert first % 2 == 1
    assert printed[1].pages % 2 == 0


def test_the_census_names_each_bed_and_leads_to_the_right_page(
    ward: WardPack, printed: tuple[Setting, ...], pages_text: Read, fold: Fold
) -> None:
    """At night one looks for a bed, not for a name."""
    texts = pages_text(printed[1].pdf)
    census = texts[0]

    for bed in ward.beds:
        assert bed.id in census
    page = next(n for n, text in enumerate(texts, 1) if "8000430027|1" in text)
    assert fold(f"308 page {page}") in census


def test_a_person_whom_no_bed_names_still_stands_in_the_census(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """People lie in corridors when a hospital is full."""
    pack = one({"beds": ()})

    texts = pages_text(set_sheets(pack).pdf)

    assert fold("MARTIN Jeanne Nom utilisé LEFÈVRE") in texts[0]


def test_the_cover_says_how_old_what_is_silent_who_is_missing_and_where_to_write(
    ward: WardPack, printed: tuple[Setting, ...], pages_text: Read, fold: Fold
) -> None:
    """In ten seconds, by lamp light: how old, what is silent, whom to call."""
    front, back = pages_text(printed[0].pdf)

    for words in ("22 nov. 2026, 02 h 47", "MUET DEPUIS 21 nov., 18 h 12", "NON REÇU", "CARON Paul", "Zoé"):
        assert fold(words) in front
    for phone in ward.phones:
        assert fold(phone.number) in front
    assert fold("demander la biologie sur papier · formulaire LAB1") in front
    assert "https://10.20.3.5:8443/" in back
    assert "9F86 D081" in back
    assert fold("3B-000417-40 à 3B-000419-34") in back
    total = sum(setting.pages for setting in printed)
    assert fold(f"{total} pages en tout") in front


def test_a_cover_over_earlier_sheets_says_so(ward: WardPack, pages_text: Read, fold: Fold) -> None:
    """The nurse sees another pack number on the sheets: the cover must explain it."""
    parts = parts_of(ward, 24, (), 0, set_at="2026-11-22T01:12", set_as="3B-0411")

    back = pages_text(set_cover(ward, parts).pdf)[1]

    assert fold("établies le 22 nov., 01 h 12, classeur 3B-0411, inchangées depuis") in back


def test_a_cover_says_that_the_island_of_its_ward_is_silent(
    ward: WardPack, pages_text: Read, fold: Fold
) -> None:
    """Paper is believed: "up to date" beside a feed of the whole hospital is not true of a ward that says nothing."""
    apart = KeeperApart(name="C", step="silent", since="2026-11-22T01:41")
    pack = msgspec.structs.replace(ward, apart=apart)

    front = pages_text(set_cover(pack, ()).pdf)[0]

    assert (
        fold("Service tenu par l’îlot C\u00a0: muet depuis le 22 nov., 01 h 41. Ce qui y a été dit depuis")
        in front
    )
    assert fold("ce que le service a dit lui-même manque peut-être") in front
    assert fold("À jour à cette heure") not in front
    assert fold("Service tenu par") not in pages_text(set_cover(ward, ()).pdf)[0]
    with_plain = pages_text(set_plain(pack).pdf)[0]
    assert fold("l’îlot C\u00a0: muet depuis le 22 nov., 01 h 41") in with_plain


@pytest.mark.parametrize("language", ["fr", "en"])
def test_exercise_stands_twice_on_every_page(
    ward: WardPack, language: str, pages_text: Read, fold: Fold
) -> None:
    """A sheet of an exercise found in a real ward can kill."""
    made, _left = copies({"OBS1": 1, "NOTE1": 1}, FormNumbers(prefix="3B", first=1, last=9))
    pack = msgspec.structs.replace(ward, exercise=True, language=language)

    settings = render(pack, made)

    for setting in settings:
        assert setting is not None
        for text in pages_text(setting.pdf):
            assert text.count(fold(labels(language)["exercise"])) == 2


def test_a_real_ward_never_prints_exercise(printed: tuple[Setting, ...], pages_text: Read) -> None:
    """The word must keep its force."""
    for setting in printed:
        assert not any("EXERCICE" in text for text in pages_text(setting.pdf))


def test_a_ward_without_a_medication_feed_says_so_and_shows_no_grid(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """An empty grid reads as "nothing to give"."""
    silent = (SourceHorizon(key="identity", state="live", last="2026-11-22T02:47"),)
    pack = one({"medication": "not_fed", "sources": silent}, lines=())

    texts = pages_text(set_sheets(pack).pdf)

    verso = next(text for text in texts if "8000412301|2" in text)
    assert fold(labels("fr")["not_fed_title"]) in verso
    assert fold(labels("fr")["active_lines"]) not in verso
    assert "21 22 23 00" not in verso
    cover = pages_text(set_cover(pack, ()).pdf)
    assert fold(labels("fr")["no_doses_known"]) in cover[0]
    assert fold(labels("fr")["step_4_without"]) in cover[1]


def test_words_of_absence_are_not_interchangeable(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """*Nobody asked* and *asked, none* lead to two different acts."""
    words = labels("fr")
    states = ("not_asked", "not_recorded", "unknown", "not_received", "unreadable")

    for state in states:
        pack = one(allergies=msgspec.convert({"state": state}, type(one().patients[0].allergies)))
        text = " ".join(pages_text(set_sheets(pack).pdf))
        assert fold(words[f"allergy_{state}"]) in text
        assert fold(words["none_stated"]) not in text


def test_a_dose_that_cannot_be_read_is_printed_as_received(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """Guessing "1,000" is an error by a thousand."""
    lines = (
        MedicationLine(name="Héparine", dose_text="1,000 U", mode="unplaced", schedule="q8h"),
        MedicationLine(name="Fer", mode="prn"),
    )

    text = " ".join(pages_text(set_sheets(one(lines=lines)).pdf))

    assert fold("DOSE TELLE QUE REÇUE : 1,000 U") in text
    assert fold("DOSE NON REÇUE : demander") in text
    assert fold(labels("fr")["mode_unplaced"]) in text


def test_two_doses_in_one_hour_both_stand_with_their_minutes(
    one: Callable[..., WardPack], pages_text: Read
) -> None:
    """A second dose hidden under the first would be forgotten."""
    doses = (Dose(at="2026-11-22T08:00", state="planned"), Dose(at="2026-11-22T08:30", state="omitted"))
    line = msgspec.structs.replace(one().patients[0].lines[0], doses=doses)

    texts = pages_text(set_sheets(one(lines=(line,))).pdf)

    verso = next(text for text in texts if "8000412301|2" in text)
    assert verso.count("○") == 2  # the dose and the legend
    assert verso.count("×") == 2
    assert "30" in verso.split("Nouvelle ligne")[0]


def test_the_symbols_of_every_page_are_read_from_the_rendered_page(
    ward: WardPack, printed: tuple[Setting, ...]
) -> None:
    """Paper comes back by scanner: a page that cannot be read goes to a person."""
    document = pypdfium2.PdfDocument(printed[1].pdf)
    seen: set[str] = set()
    for number in (2, 3, 4, 5):  # two people, recto and verso
        image = document[number].render(scale=200 / 72).to_pil()
        found = [barcode.text for barcode in zxingcpp.read_barcodes(image)]
        pages = [text for text in found if text.startswith("RLV1|")]
        assert len(pages) == 2
        assert len(set(pages)) == 1
        seen |= set(found)
    for person in ward.patients[:2]:
        assert person.ipp in seen
        for page in ("1", "2"):
            assert page_symbol("PT1", ward.id, person.ipp, page) in seen
    document.close()


def test_the_cover_s_qr_leads_to_the_island(ward: WardPack, printed: tuple[Setting, ...]) -> None:
    """Nobody types an address at 3 a.m."""
    document = pypdfium2.PdfDocument(printed[0].pdf)
    image = document[1].render(scale=200 / 72).to_pil()
    document.close()

    assert ward.reach is not None
    assert ward.reach.address in [barcode.text for barcode in zxingcpp.read_barcodes(image)]


def test_a_form_s_number_is_in_its_symbol_and_its_corner(
    printed: tuple[Setting, ...], pages_text: Read
) -> None:
    """A form without its number cannot be counted back."""
    texts = pages_text(printed[2].pdf)

    assert all(
        number in text
        for number, text in zip(("3B-000417-40", "3B-000418-37", "3B-000419-34"), texts, strict=True)
    )
    document = pypdfium2.PdfDocument(printed[2].pdf)
    image = document[0].render(scale=200 / 72).to_pil()
    document.close()
    found = {barcode.text for barcode in zxingcpp.read_barcodes(image)}
    assert {"RLV1|ADM1|3B-000417-40|1", "9030004170"} <= found


def test_the_pages_counted_are_those_of_the_file(printed: tuple[Setting, ...]) -> None:
    """The cover asks a person to count pages: the number must be right."""
    for setting in printed:
        document = pypdfium2.PdfDocument(setting.pdf)
        assert len(document) == setting.pages == pages_of(setting.pdf)
        document.close()


def test_names_longer_than_the_banner_stand_whole_below_it(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """A name cut in silence is another name."""
    name = "Maximilienne " * 12
    used = "Desbordes " * 9
    pack = one(name=name.strip(), given="Anne-Charlotte", birth_name=name.strip(), used_name=used.strip())

    texts = pages_text(set_sheets(pack).pdf)

    recto = next(text for text in texts if "8000412301|1" in text)
    assert fold(name.upper() + "Anne-Charlotte").replace(" ", "") in recto.replace(" ", "").replace(
        "\ufffe", ""
    )
    assert fold(used.strip().upper()) in recto.replace("\ufffe", "")
    assert unicodedata.normalize("NFC", "…") in recto


def test_an_empty_ward_has_its_pack_too(ward: WardPack, pages_text: Read, fold: Fold) -> None:
    """A ward opened for the crisis has beds and nobody in them yet."""
    beds = tuple(bed for bed in ward.beds if bed.state == "free")

    cover, sheets, _forms = render(msgspec.structs.replace(ward, patients=(), beds=beds))

    assert fold("0 patient présent") in pages_text(cover.pdf)[0]
    assert fold("Lit par lit : 0 personne") in pages_text(sheets.pdf)[0]


def test_what_is_lacking_or_badly_written_is_printed_as_it_came(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """A date that a feed wrote its own way must not cost a person her sheet."""
    pack = one(
        {"sources": (), "grid": (), "shifts": (), "writing": ()},
        birth_date="14/07/1945",
        admitted="20261118",
        reason=None,
        age=None,
        last_change=None,
        identity_status="XX",
        lines=(msgspec.convert({"name": "Fer", "dose": {"value": "1.0", "unit": "mg"}}, MedicationLine),),
    )

    setting = set_sheets(pack)

    assert not setting.faults
    text = " ".join(pages_text(setting.pdf))
    for words in ("14/07/1945", "20261118", "statut non reçu", "DOSE TELLE QUE REÇUE : 1.0 mg"):
        assert fold(words) in text
    assert fold("Aucune ligne de prescription active") in " ".join(
        pages_text(set_sheets(one({"sources": ()}, lines=())).pdf)
    )


def test_partial_birth_dates_stay_partial(one: Callable[..., WardPack], pages_text: Read, fold: Fold) -> None:
    """Inventing the 1st of January makes another person of her."""
    for received, printed_as in (("1945", "Née le 1945 ("), ("1945-07", "Née le juil. 1945 (")):
        text = " ".join(pages_text(set_sheets(one(birth_date=received)).pdf))
        assert fold(printed_as.removeprefix("Née le ")) in text
        assert "1er janv." not in text


def test_pages_are_tagged_in_their_language_and_settle(
    ward: WardPack, printed: tuple[Setting, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """A screen reader needs tags and language; numbers of pages that never settle would be wrong."""
    set_sheets(ward)

    assert not caplog.records
    for setting in printed:
        assert b"<pdfuaid:part>1</pdfuaid:part>" in setting.pdf
        assert b"/Lang(fr)" in setting.pdf
