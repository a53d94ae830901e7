from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from releve.paper.forms import FORMS
from releve.paper.glyphs import FontError, Signs, coverage_of
from releve.paper.pack import Allergies, Allergy, Dose, WardPack
from releve.paper.render import form_zones, set_cover, set_sheets
from releve.paper.typeset import TEMPLATES, TypesetError, coverage, text_coverage, typeset
from releve.paper.words import UNITS, WORDS, labels

Read = Callable[[bytes], list[str]]
Fold = Callable[[str], str]


def test_every_sign_claimed_is_drawn_by_typst_itself() -> None:
    """The coverage of the embedded face is written by hand here: Typst must agree, or sheets fail at night."""
    let_through = Signs(coverage())
    signs = "".join(sign for sign in map(chr, sorted(coverage())) if let_through.text(sign) == sign)
    parts = [signs[n : n + 60] for n in range(0, len(signs), 60)]
    lines = [{"name": part, "words": part.upper()} for part in parts]  # bold, and in capitals

    pdf = typeset(
        "plain",
        {"lang": "fr", "title": "x", "state": "x", "lines": lines, "labels": labels("fr"), "exercise": False},
    )

    assert len(signs) > 1900

    assert pdf.startswith(b"%PDF")


def test_typst_refuses_what_it_cannot_draw() -> None:
    """The last gate: without it a sign that our coverage claims by mistake would vanish."""
    data = {"lang": "fr", "title": "😀", "state": "x", "lines": [], "labels": labels("fr"), "exercise": False}

    with pytest.raises(TypesetError) as refusal:
        typeset("plain", data)

    assert "😀" not in str(refusal.value)


def test_the_signs_of_our_own_templates_and_words_are_covered() -> None:
    """A template that asks for a sign nobody draws must fail here, not on the night of the cut."""
    texts = [path.read_text("utf-8") for path in TEMPLATES.glob("*.typ")]
    texts += [str(labels(language)) for language in ("fr", "en")]
    wanted = {ord(sign) for text in texts for sign in text if not sign.isspace()}

    assert wanted <= coverage()
    assert {ord(sign) for sign in "○◎●▲▼×⟦⟧↵◆→"} <= coverage()


def test_the_text_face_draws_the_names_of_the_country() -> None:
    """Accents are in most names; a face without them would print codes everywhere."""
    for sign in "ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆàâäçéèêëîïôöùûüÿœæ’«»–…°€":
        assert ord(sign) in text_coverage()


def test_a_file_that_is_no_font_is_refused_in_words() -> None:
    """A broken package must not look like a font without any sign."""
    with pytest.raises(FontError):
        coverage_of(b"not a font at all")


@pytest.mark.parametrize(
    ("received", "printed"),
    [
        ("Zoé 😀", "Zoé ⟦U+1F600⟧"),
        ("a\x07b", "a⟦U+0007⟧b"),
        ("a\ue000b", "a⟦U+E000⟧b"),
        ("a\u200bb", "a⟦U+200B⟧b"),
        ("محمد", "⟦U+0645⟧⟦U+062D⟧⟦U+0645⟧⟦U+062F⟧"),
        ("王", "⟦U+738B⟧"),
        ("e\u0301", "é"),
        ("l1\r\nl2", "l1 ↵ l2"),
        ("\ud800", "⟦U+D800⟧"),
        ("≥ 5 µg → 1\u202fg", "≥ 5 µg → 1\u202fg"),
        ("\u200e12", "⟦U+200E⟧12"),
    ],
)
def test_what_cannot_be_drawn_becomes_its_code(received: str, printed: str) -> None:
    """A sign that vanishes changes a name or a dose, and nobody knows."""
    signs = Signs(coverage())

    assert signs.text(received) == printed


def test_a_letter_whose_capital_is_lacking_is_a_code_too() -> None:
    """Names are set in capitals: ǆ has a glyph, Ǆ has none, and the sheet would fail."""
    assert Signs(coverage()).text("ǆ") == "⟦U+01C6⟧"


HARD = "Zoé 😀 \x07 \ue123 محمد 王小明 \u200b fin"
CODES = ("1F600", "0007", "E123", "0645", "738B", "5C0F", "200B")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_ward_of_impossible_signs_comes_out_whole_and_marked(
    ward: WardPack, language: str, pages_text: Read, fold: Fold
) -> None:
    """Feeds carry anything; paper must carry it too, in every place where a text can stand."""
    replace = msgspec.structs.replace
    person = ward.patients[0]
    person = replace(
        person,
        name=f"Un{HARD}",
        given=f"Deux{HARD}",
        birth_name=f"Un{HARD}",
        used_name=f"Trois{HARD}",
        reason=f"Motif{HARD}",
        bed="30😀",
        ipp="80😀12",
        visit="v\x01",
        allergies=Allergies(state="listed", items=(Allergy(text=f"Allergie{HARD}", source=HARD),)),
        lines=tuple(replace(line, name=f"{line.name}{HARD}", schedule=HARD) for line in person.lines),
        results=tuple(replace(result, test=f"Examen{HARD}", value=HARD) for result in person.results),
        plan=(replace(person.pending[0], text=f"Plan{HARD}"),),
    )
    pack = replace(
        ward,
        language=language,
        patients=(person, *ward.patients[1:]),
        only_in_census=(replace(ward.only_in_census[0], name=HARD),),
        phones=(replace(ward.phones[0], who=HARD),),
    )

    sheets, cover = set_sheets(pack), set_cover(pack, ())

    assert sheets.coded
    assert cover.coded
    assert not sheets.faults
    texts = pages_text(sheets.pdf)
    mine = [text for text in texts if "PT1|3B-0412|80%F0%9F%98%8012" in text]
    assert len(mine) >= 2
    for code in CODES:
        assert all(f"⟦U+{code}⟧" in text.replace(" ", "") for text in mine)
        assert f"⟦U+{code}⟧" in pages_text(cover.pdf)[0].replace(" ", "")
    assert all("◆" in text for text in mine)
    others = [text for text in texts if "8000398817|" in text]
    assert others
    assert not any("◆" in text or "⟦" in text for text in others)


def test_one_sheet_that_cannot_be_set_is_named_and_the_others_come_out(
    ward: WardPack, pages_text: Read, fold: Fold
) -> None:
    """One bad record must not cost a ward its pack, nor a person her place in it."""
    victim = ward.patients[2]

    def refusing(template: str, data: dict[str, Any]) -> bytes:
        whole = [sheet for sheet in data.get("patients", ()) if sheet["fault"] is None]
        chosen = whole if data["only"] is None else [data["patients"][data["only"]]]
        if any(sheet["key"] == victim.key and sheet["fault"] is None for sheet in chosen):
            raise TypesetError("sheets: a page that never ends")
        return typeset(template, data)

    setting = set_sheets(ward, setter=refusing)

    assert [(fault.patient, fault.why) for fault in setting.faults] == [(victim.key, "fault_setting")]
    texts = pages_text(setting.pdf)
    mine = next(text for text in texts if f"{victim.ipp}|1" in text)
    assert fold("NGUYỄN") in mine
    assert fold(labels("fr")["fault_words"]) in mine
    assert "a page that never ends" in mine
    assert fold(labels("fr")["none_stated"]) in mine  # even then, what is known of allergies
    for person in ward.patients:
        assert any(f"{person.ipp}|1" in text for text in texts)
    assert fold(labels("fr")["fault_title"]) in texts[0]


def test_a_dose_that_has_no_column_is_written_under_its_line(
    one: Callable[..., WardPack], pages_text: Read, fold: Fold
) -> None:
    """A grid can only drop what lies outside it, without a word."""
    doses = (Dose(at="2026-11-22T08:00", state="planned"), Dose(at="2026-11-24T09:00", state="planned"))
    lines = one().patients[0].lines
    scheduled = msgspec.structs.replace(lines[0], doses=doses)
    needed = msgspec.structs.replace(lines[3], doses=(Dose(at="2026-11-22T04:00", state="given"),))

    setting = set_sheets(one(lines=(scheduled, needed)))

    assert not setting.faults
    text = " ".join(pages_text(setting.pdf))
    assert fold(f"{labels('fr')['outside_grid']} ○ 24 nov., 09 h 00") in text
    assert fold(f"{labels('fr')['outside_grid']} ● 22 nov., 04 h 00") in text


@pytest.mark.parametrize(
    "allergies",
    [
        Allergies(state="listed"),
        Allergies(state="none_stated", items=(Allergy(text="PÉNICILLINE : œdème"),)),
    ],
)
def test_allergies_that_contradict_themselves_are_said_and_none_is_lost(
    one: Callable[..., WardPack], allergies: Allergies, pages_text: Read, fold: Fold
) -> None:
    """ "No known allergy" beside a list: neither may hide the other."""
    text = " ".join(pages_text(set_sheets(one(allergies=allergies)).pdf))

    assert fold(labels("fr")["allergy_contradiction"]) in text
    assert fold(labels("fr")["none_stated"]) not in text
    for allergy in allergies.items:
        assert text.count(fold(allergy.text)) >= 3  # census, recto, verso


def test_when_nothing_can_be_set_a_plain_list_comes_out(ward: WardPack, pages_text: Read, fold: Fold) -> None:
    """The pack always comes out: names, birth dates and allergies at the very least."""

    def broken(template: str, data: dict[str, Any]) -> bytes:
        if template != "plain":
            raise TypesetError("sheets: nothing works tonight")
        return typeset(template, data)

    setting = set_sheets(ward, setter=broken)

    text = " ".join(pages_text(setting.pdf))
    assert setting.last_resort
    for person in ward.patients:
        assert person.ipp in text
        for allergy in person.allergies.items:
            assert fold(allergy.text) in text


def test_the_map_of_a_form_gives_each_box_once_inside_the_page(ward: WardPack) -> None:
    """The reader of scans finds its boxes by this map: a wrong one ticks the wrong drug."""
    for form in FORMS:
        found = form_zones(ward, form.code)
        names = [zone["id"] for zone in found]
        assert len(names) == len(set(names)) > 10
        for zone in found:
            assert zone["page"] == 1
            assert 17 <= zone["x"] <= 200
            assert zone["x"] + zone["w"] <= 201
            assert zone["y"] + zone["h"] <= 270


def test_every_word_is_translated_and_typographic() -> None:
    """A sheet half in English is a sheet half read."""
    french = labels("fr")

    assert set(WORDS) == {
        key
        for name, value in french.items()
        if name != "units"
        for key in (
            [f"{name}.{sub}" for sub in value]
            if isinstance(value, dict)
            else [f"{name}.{n}" for n in range(12)]
            if isinstance(value, list)
            else [name]
        )
    }
    assert set(UNITS) == set(french["units"])
    for text in _texts(french):
        assert "'" not in text
        assert " :" not in text
        assert " ;" not in text
        assert " %" not in text


def _texts(value: Any) -> Iterator[str]:
    """Return every text of a tree of words."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)
