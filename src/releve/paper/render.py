"""The three documents of a ward's pack as PDF/UA-1 bytes: cover, sheets, forms. The pack always comes out.

A sheet that cannot be set is found by setting the sheets one by one; it is tried again in plain letters, then
replaced by a page that names the person and says why. If the ward still cannot be set, `plain.typ` lists it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from releve.paper import symbols
from releve.paper.forms import FormCopy, form_specs
from releve.paper.glyphs import Signs
from releve.paper.layout import common_data, cover_data, sheets_data
from releve.paper.pack import KeeperApart, PatientSheet, WardPack
from releve.paper.typeset import TypesetError, coverage, pages_of, text_coverage, typeset, zones
from releve.paper.words import labels

_LOCAL = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d\dT\d\d:\d\d[AB]?$", re.ASCII)
Setter = Callable[[str, dict[str, Any]], bytes]
# Letters that no font lacks and no script can disturb: the second chance of a sheet.
PLAIN = frozenset((*range(0x20, 0x7F), 0xA0, *range(0xA1, 0x180), *map(ord, "–—‘’“”…⟦⟧◆")))


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet replaced by a page that says why; `why` is the key of a word, `error` names no value."""

    patient: str
    why: str
    error: str = ""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was set: its PDF, its pages, the characters printed as codes, the sheets replaced."""

    pdf: bytes
    pages: int
    coded: bool = False
    faults: tuple[Fault, ...] = ()
    last_resort: bool = False


class DocumentPart(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a pack as its cover lists it; `kind` is a word `part_…`, `set_at` and `pack` say from when."""

    kind: str
    pages: int
    title: str = ""
    state: str = ""


def render(
    pack: WardPack, copies: Sequence[FormCopy] = (), *, setter: Setter = typeset
) -> tuple[Setting, Setting, Setting | None]:
    """Return cover, sheets and forms (None without copies) of one ward, all set anew."""
    sheets = set_sheets(pack, setter=setter)
    forms = set_forms(pack, copies, setter=setter) if copies else None
    cover = set_cover(pack, parts_of(pack, sheets.pages, copies, forms.pages if forms else 0), setter=setter)
    return cover, sheets, forms


def set_sheets(pack: WardPack, *, setter: Setter = typeset) -> Setting:
    """Return the sheets of a ward: census, persons, hand-overs; whatever happens, something comes out."""
    words = labels(pack.language)
    faults: dict[str, Fault] = {}
    plain: set[str] = set()
    try:
        return _sheets(pack, faults, plain, setter, words)
    except TypesetError:
        pass
    for index, sheet in enumerate(pack.patients):
        error = _trial(pack, index, faults, plain, setter, words)
        if not error:
            continue
        # In plain letters; else the page that says why, with the name as it should be written; else both.
        reason = Fault(patient=sheet.key, why="fault_setting", error=error)
        for is_plain, fault in ((True, None), (False, reason), (True, reason)):
            plain = plain - {sheet.key} | ({sheet.key} if is_plain else set())
            faults |= {sheet.key: fault} if fault else {}
            if not _trial(pack, index, faults, plain, setter, words):
                break
    for attempt in (plain, {"", *(sheet.key for sheet in pack.patients)}):
        try:
            return _sheets(pack, faults, attempt, setter, words)
        except TypesetError as error:
            last = str(error)
    return _last_resort(pack, last, setter, words)


def set_plain(pack: WardPack, *, setter: Setter = typeset) -> Setting:
    """Return the plainest list of a ward, for one whose sheets brought down the process that set them."""
    return _last_resort(pack, "process ended", setter, labels(pack.language))


def set_cover(pack: WardPack, parts: Sequence[DocumentPart], *, setter: Setter = typeset) -> Setting:
    """Return the cover; its own pages (one leaf) are counted among `parts`, which must not hold them."""
    words = labels(pack.language)
    own = DocumentPart(kind="part_cover", pages=2, state=_moment(pack.printed_at, words))
    for letters in (coverage(), PLAIN & text_coverage()):
        signs = Signs(letters)
        rows = [
            {
                "name": words[part.kind].replace("{title}", part.title),
                "pages": part.pages,
                "state": part.state,
            }
            for part in (own, *parts)
        ]
        try:
            pdf = setter("cover", cover_data(pack, signs, rows))
            if pages_of(pdf) != own.pages:  # many persons missing from a list: the cover takes another leaf
                rows[0]["pages"] = pages_of(pdf)
                pdf = setter("cover", cover_data(pack, signs, rows))
        except TypesetError as error:
            last = str(error)
            continue
        return Setting(pdf=pdf, pages=pages_of(pdf), coded=signs.codes > 0)
    return _last_resort(pack, last, setter, words)


def set_forms(pack: WardPack, copies: Sequence[FormCopy], *, setter: Setter = typeset) -> Setting:
    """Return the blank forms, numbered.

    Raises:
        TypesetError: a form does not fit its page; forms hold no data, so this is a mistake of ours.
    """
    pdf = setter("forms", _forms_data(pack, copies))
    return Setting(pdf=pdf, pages=pages_of(pdf))


def form_zones(pack: WardPack, code: str) -> list[dict[str, Any]]:
    """Return where each box of a form lies, in millimetres from the top left of the page, for its reader."""
    data = _forms_data(pack, [FormCopy(code=code, number="000000")])
    return zones("forms", data | {"map": True})


def parts_of(
    pack: WardPack,
    sheets_pages: int,
    copies: Sequence[FormCopy],
    forms_pages: int,
    *,
    set_at: str = "",
    set_as: str = "",
) -> tuple[DocumentPart, ...]:
    """Return the documents a cover lists; `set_at` and `set_as` when the sheets come from an earlier printing."""
    words = labels(pack.language)
    if set_as and set_as != pack.id:
        state = words["set_before"].replace("{at}", _moment(set_at, words)).replace("{id}", set_as)
    else:
        state = words["set_now"].replace("{at}", _moment(set_at or pack.printed_at, words))
    parts = [DocumentPart(kind="part_sheets", pages=sheets_pages, state=state)]
    if copies:
        numbers = (
            words["forms_range"].replace("{first}", copies[0].number).replace("{last}", copies[-1].number)
        )
        parts.append(DocumentPart(kind="part_forms", pages=forms_pages, state=numbers))
    for received in pack.prints:
        state = words["received_on"].replace("{at}", _moment(received.received_at, words))
        parts.append(DocumentPart(kind="part_print", pages=received.pages, title=received.title, state=state))
    return tuple(parts)


def _sheets(
    pack: WardPack, faults: dict[str, Fault], plain: set[str], setter: Setter, words: dict[str, Any]
) -> Setting:
    """Set all sheets, those of `plain` in plain letters; the empty key stands for the ward's own pages."""
    data = _data(pack, faults, plain, words)
    pdf = setter("sheets", data)
    return Setting(pdf=pdf, pages=pages_of(pdf), coded=data["coded"], faults=tuple(faults.values()))


def _data(pack: WardPack, faults: dict[str, Fault], plain: set[str], words: dict[str, Any]) -> dict[str, Any]:
    def signs_for(sheet: PatientSheet | None) -> Signs:
        key = sheet.key if sheet else ""
        return Signs(PLAIN & text_coverage() if key in plain else coverage())

    said = {key: words[fault.why].replace("{error}", fault.error) for key, fault in faults.items()}
    data = sheets_data(pack, signs_for, said)
    for sheet in data["patients"]:
        sheet["plain"] = sheet["key"] in plain
    return data


def _trial(
    pack: WardPack,
    index: int,
    faults: dict[str, Fault],
    plain: set[str],
    setter: Setter,
    words: dict[str, Any],
) -> str:
    """Return why one sheet alone cannot be set, empty when it can."""
    alone = msgspec.structs.replace(pack, patients=(pack.patients[index],), beds=())
    try:
        setter("sheets", _data(alone, faults, plain, words) | {"only": 0})
    except TypesetError as error:
        return str(error)
    return ""


def _forms_data(pack: WardPack, copies: Sequence[FormCopy]) -> dict[str, Any]:
    """Return the data of `forms.typ`."""
    data = Signs(coverage()).tree(common_data(pack)) | form_specs(pack.language)
    used = {copy.code for copy in copies}
    data["forms"] = {code: form for code, form in data["forms"].items() if code in used}
    drawn = {}
    for copy in copies:
        content = f"RLV1|{copy.code}|{copy.number}|1"
        drawn[content] = symbols.datamatrix(content)
        bars = symbols.code128(copy.reserved_ipp)
        if bars:
            drawn[copy.reserved_ipp] = bars
    return data | {
        "symbols": drawn,
        "copies": msgspec.to_builtins(tuple(copies)),
        "coded": False,
        "map": False,
    }


def _last_resort(pack: WardPack, error: str, setter: Setter, words: dict[str, Any]) -> Setting:
    """Return the plainest list of the persons present."""
    signs = Signs(PLAIN & text_coverage())
    lines = []
    for sheet in pack.patients:
        allergies = (
            "; ".join(item.text for item in sheet.allergies.items)
            or words.get(f"allergy_{sheet.allergies.state}")
            or words["none_stated"]
        )
        said = (
            sheet.birth_date or words["birth_unknown"],
            sheet.ipp,
            sheet.visit,
            f"{words['allergies']} {allergies}",
        )
        called = f"{sheet.bed} {sheet.name} {sheet.given}" + (
            f" ({sheet.used_name})" if sheet.used_name else ""
        )
        lines.append({"name": called, "words": " · ".join(filter(None, said))})
    title = words["pack_title"].replace("{ward}", pack.ward.name).replace("{id}", pack.id)
    state = words["data_of"].replace("{at}", pack.data_at.replace("T", " "))
    if pack.apart is not None:
        state += (
            f". {words['apart_title'].replace('{name}', pack.apart.name)} {_apart_words(pack.apart, words)}"
        )
    data = signs.tree({"title": title, "state": state, "lines": lines})
    data |= {"lang": pack.language, "labels": words, "exercise": pack.exercise}
    pdf = setter("plain", data)
    faults = tuple(Fault(patient=sheet.key, why="fault_setting", error=error) for sheet in pack.patients)
    return Setting(pdf=pdf, pages=pages_of(pdf), coded=signs.codes > 0, faults=faults, last_resort=True)


def _apart_words(apart: KeeperApart, words: dict[str, Any]) -> str:
    """Return what is missing because the island that keeps the ward is not in step."""
    if apart.step != "silent":
        return str(words[f"apart_{apart.step}"])
    if apart.since is None:
        return str(words["apart_silent_ever"])
    return str(words["apart_silent"]).replace("{at}", _moment(apart.since, words))


def _moment(at: str, words: dict[str, Any]) -> str:
    """Return a local time in words, as the templates write it; what has another form stays as it came."""
    if not _LOCAL.match(at):
        return at
    day = words["first_of_month"] if at[8:10] == "01" else str(int(at[8:10]))
    hour = words["time_format"].replace("{h}", at[11:13]).replace("{m}", at[14:16])
    letter = f"\u00a0{at[16:]}" if at[16:] else ""
    return f"{day}\u00a0{words['months'][int(at[5:7]) - 1]}{words['date_time_space']}{hour}{letter}"
