"""Wristband, labels of the patient, labels of tubes: for a label printer (ZPL), or on a sheet of A4 when none is left.

Pure but for the press: what is written comes in as `Bearer`, words by language, and bytes come out.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from releve.codecs.zpl import DOTS_PER_MM, Label
from releve.paper.catalogue import catalogue
from releve.paper.glyphs import Signs
from releve.paper.symbols import code128, datamatrix
from releve.paper.typeset import coverage, typeset
from releve.paper.words import labels
from releve.record.tubes import PRINTED_KIND

__all__ = [
    "KINDS",
    "Bearer",
    "LabelPrinted",
    "Kind",
    "bed_sheet",
    "label_sheet",
    "patient_symbol",
    "zpl_of",
]

Kind = Literal["wristband", "patient", "tube", "sheet"]
KINDS: tuple[Kind, ...] = ("wristband", "patient", "tube", "sheet")
WRISTBAND_MM = (25, 279)  # adult band for direct thermal printers
PATIENT_MM = (64, 38)
TUBE_MM = (46, 21)


def _(text: str) -> str:
    """Mark a text for the catalogues; translated when it is set."""
    return text


WORDS = {
    "labels_title": _("Labels · {id}"),
    "labels_of": _("Labels of the patient"),
    "labels_stock": _("Sheet of 21 labels, 63.5 × 38.1 mm, 3 × 7"),
    "wristbands": _("Wristband"),
    "wristband_help": _("Cut along the dashes and slide into a sleeve"),
    "tubes": _("Labels of tubes"),
    "tube_word": _("Tube no."),
    "tube_stock": _("Sheet of 48 labels, 45.7 × 21.2 mm, 4 × 12"),
    "ipp_word": _("IPP"),
    "visit_word": _("Visit"),
    "used_word": _("used name"),
    "mother_word": _("Child of"),
    "identity_doubt": _("IDENTITY TO CONFIRM"),
    "printed_at": _("Printed {at}"),
    "bed_labels": _("Labels of the beds: {ward}"),
}


class LabelPrinted(msgspec.Struct, frozen=True, kw_only=True, tag=PRINTED_KIND):
    """Labels sent to a printer, or that it would not take: for whom, which, how many, where, when (UTC ms).

    `digest` is the SHA-256 of what was sent; `error` is in words, for the person who waits for the label.
    """

    person: str
    visit: str
    ward: str
    what: Kind
    copies: int
    printer: str
    digest: str
    outcome: Literal["printed", "failed"]
    printed_at_ms: int
    by: str
    error: str = ""
    tubes: tuple[str, ...] = ()  # the number of each tube, in the order they came out


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a label names. Texts are as they are read; `birth` and `sex` already in words."""

    name: str  # birth name: the strict trait comes first
    given: str = ""
    used: str = ""
    sex: str = ""
    birth: str = ""
    ipp: str = ""
    visit: str = ""
    place: str = ""  # ward and bed
    mother: str = ""
    doubtful: bool = False
    exercise: str = ""  # words of the mark on an exercise island, "" otherwise

    @property
    def spoken(self) -> str:
        """The name in one line."""
        return f"{self.name} {self.given}".strip()


def patient_symbol(ipp: str, visit: str) -> str:
    """Return the content of the symbol that a scan of the wristband gives back.

    >>> patient_symbol("AP000118", "AV000342")
    'RLV1|P|AP000118|AV000342'
    """
    return f"RLV1|P|{ipp}|{visit}"


def words_of(language: str) -> dict[str, Any]:
    """Return every word of the label template in one language."""
    known = catalogue(language)
    return labels(language) | {key: known.text(source) for key, source in WORDS.items()}


def zpl_of(kind: Kind, bearer: Bearer, *, language: str, copies: int = 1, tubes: Sequence[str] = ()) -> bytes:
    """Return the labels of one person for a label printer.

    Tubes carry their own number of `tubes`, one label each; without any they carry the IPP. Sixteen figures as Code 128
    are 31 mm long, on a label of 46.

    Raises:
        TextTooLong: a text fits nowhere; the sheet of A4 takes it.
        ValueError: a number cannot be a symbol.
    """
    words = words_of(language)
    if kind == "wristband":
        return _wristband(bearer, words, copies)
    if kind == "tube":
        if tubes:
            return b"".join(_tube(bearer, words, 1, tube=number) for number in tubes)
        return _tube(bearer, words, copies)
    return _patient(bearer, words, copies)


def _dots(mm: tuple[int, int]) -> tuple[int, int]:
    return mm[0] * DOTS_PER_MM, mm[1] * DOTS_PER_MM


def _wristband(bearer: Bearer, words: dict[str, Any], copies: int) -> bytes:
    """A band comes out lengthwise: text is turned, and the symbol returns so that one always faces up."""
    width, height = _dots(WRISTBAND_MM)
    label = Label(width=width, height=height, copies=copies)
    content = patient_symbol(bearer.ipp, bearer.visit)
    module = 5  # 20 to 24 cells: 12.5 to 15 mm
    for start in (60, 820, 1580):
        label.datamatrix(content, x=(width - 24 * module) // 2, y=start, module=module)
    for start in (210, 970):
        label.column(
            [bearer.spoken, *_lines(bearer, words)], x=width - 8, y=start, width=580, depth=width - 16,
            heights=((44, 24), (36, 22), (28, 18), (24, 16), (20, 14), (16, 12)), along=True,
        )  # fmt: skip
    return label.encode()


def _patient(bearer: Bearer, words: dict[str, Any], copies: int) -> bytes:
    width, height = _dots(PATIENT_MM)
    label = Label(width=width, height=height, copies=copies)
    label.column(
        [bearer.spoken, *_lines(bearer, words)], x=20, y=12, width=width - 170, depth=height - 90,
        heights=((40, 26), (34, 22), (28, 18), (22, 16), (18, 14), (14, 12)),
    )  # fmt: skip
    label.datamatrix(patient_symbol(bearer.ipp, bearer.visit), x=width - 140, y=20, module=5)
    label.code128(bearer.ipp, x=20, y=height - 66, height=52)
    return label.encode()


def _tube(bearer: Bearer, words: dict[str, Any], copies: int, *, tube: str = "") -> bytes:
    """Analysers read lines only: the number as Code 128 along the tube; the tube's own, or the IPP."""
    width, height = _dots(TUBE_MM)
    label = Label(width=width, height=height, copies=copies)
    seen = " ".join(part for part in (bearer.birth, bearer.sex) if part)
    label.column(
        [bearer.spoken, seen], x=12, y=6, width=width - 24, depth=height - 94,
        heights=((30, 20), (24, 18), (20, 16), (16, 14), (13, 12)),
    )  # fmt: skip
    label.code128(tube or bearer.ipp, x=12, y=height - 84, height=48)
    said = f"{words['tube_word']} {tube}" if tube else f"{words['ipp_word']} {bearer.ipp}"
    number = said + (f" {bearer.exercise}" if bearer.exercise else "")
    label.column(
        [number], x=12, y=height - 30, width=width - 24, depth=28, heights=((22, 22), (18, 18), (12, 12))
    )
    return label.encode()


def _lines(bearer: Bearer, words: dict[str, Any]) -> list[str]:
    lines = [" · ".join(part for part in (bearer.birth, bearer.sex) if part).replace("·", "-")]
    if bearer.used:
        lines.append(f"{words['used_word']} {bearer.used}")
    if bearer.mother:
        lines.append(f"{words['mother_word']} {bearer.mother}")
    lines.append(f"{words['ipp_word']} {bearer.ipp}  {words['visit_word']} {bearer.visit}")
    if bearer.doubtful:
        lines.append(words["identity_doubt"])
    if bearer.exercise:
        lines.append(bearer.exercise)
    return lines


def label_sheet(
    bearer: Bearer,
    *,
    language: str,
    hospital: str,
    printed_at: str,
    newborn: bool = False,
    tube_ipp: bool = False,
) -> bytes:
    """Return an A4 PDF: 21 labels of the patient, wristband strips, 48 labels of tubes. `printed_at` is local ISO.

    Tubes carry the IPP when `tube_ipp`, else an empty place for the laboratory's own number.

    Raises:
        TypesetError: a sign without glyph that was not foreseen.
    """
    signs = Signs(coverage())
    symbol = patient_symbol(bearer.ipp, bearer.visit)
    symbols = {symbol: datamatrix(symbol)}
    bars = code128(bearer.ipp)
    if bars is not None:
        symbols[bearer.ipp] = bars
    told = signs.tree(msgspec.to_builtins(bearer))
    data = {
        "lang": language,
        "labels": words_of(language),
        "pack": {"id": bearer.ipp, "hospital": signs.text(hospital), "exercise": bool(bearer.exercise)},
        "bearer": told,
        "symbol": symbol,
        "symbols": symbols,
        "printed_at": printed_at,
        "newborn": newborn,
        "tube_ipp": tube_ipp,
        "coded": signs.codes > 0,
    }
    return typeset("labels", data)


def bed_sheet(
    beds: Sequence[tuple[str, str]], *, ward: str, language: str, hospital: str, exercise: str = ""
) -> bytes:
    """Return an A4 PDF with one label for each bed: (code on the map, what people call it).

    Raises:
        TypesetError: a sign without glyph that was not foreseen.
    """
    signs = Signs(coverage())
    symbols = {code: bed_symbol(code) for code, _name in beds}
    data = {
        "lang": language,
        "labels": words_of(language),
        "pack": {
            "id": signs.text(ward), "hospital": signs.text(hospital), "exercise": bool(exercise),
            "ward": {"name": signs.text(ward)},
        },
        "mark": exercise,
        "beds": [{"name": signs.text(name), "symbol": symbols[code]} for code, name in beds],
        "symbols": {symbol: datamatrix(symbol) for symbol in symbols.values()},
        "coded": signs.codes > 0,
    }  # fmt: skip
    return typeset("bed-labels", data)


def bed_symbol(code: str) -> str:
    """Return the content of the symbol of a bed.

    >>> bed_symbol("2140-206")
    'RLV1|B|2140-206'
    """
    return f"RLV1|B|{code}"
