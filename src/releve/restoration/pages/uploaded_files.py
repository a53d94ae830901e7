"""What a file brings into the catalogue: a case as JSON, a folder of CSV files, a project of another tool (MSPDI)."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import get_language, gettext

from releve.restoration.case import Case, CaseError, read_case

__all__ = ["FILE_BYTES_MAX", "SHOWN_MAX", "FilesRead", "read_files"]

FILE_BYTES_MAX = 10 * 1024 * 1024  # of all files of the form; below what an island reads at all
FILES_MAX = 40
SHOWN_MAX = 60
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
_AT_LINE = re.compile(r"line (\d+): ")


class FilesRead(NamedTuple):
    """The case of what was uploaded; what of it was not kept, in words; file and line by list, id, list within."""

    case: Case
    remarks: tuple[str, ...] = ()
    places: Mapping[tuple[str, str, str], tuple[str, int]] = {}


def read_files(files: Sequence[Any], *, base: Case | None, starts_at: datetime) -> FilesRead:
    """Return what these uploaded files hold.

    `base`: the catalogue that stands, which a project was written from.

    Raises:
        CaseError: nothing that can be read; the message names the place.
    """
    # Loaded when a file comes: no start of the pages waits for readers of other tools' files.
    from releve.restoration.exports.folder import read_folder
    from releve.restoration.exports.mspdi_read import read_mspdi
    from releve.restoration.exports.remarks import line
    from releve.restoration.exports.xml_tree import XmlError

    if not files or len(files) > FILES_MAX or not all(file.size for file in files):
        raise CaseError(gettext("Choose a file."))
    if sum(file.size for file in files) > FILE_BYTES_MAX:
        raise CaseError(gettext("The file is larger than 10 MB."))
    names = [str(file.name or "").casefold() for file in files]
    contents = [file.read() for file in files]
    if len(files) == 1 and names[0].endswith(".zip"):
        names, contents = _unpacked(contents[0])
    language = get_language() or "fr"
    places: Mapping[tuple[str, str, str], tuple[str, int]] = {}
    if any(name.endswith(_WORKBOOKS) for name in names):
        raise CaseError(
            gettext("A workbook is not read: save each of its sheets as CSV, then bring the CSV files.")
        )
    if any(name.endswith((".ics", ".ical")) for name in names):
        raise CaseError(
            gettext(
                "A calendar (iCalendar) is brought in under People and means: Dates from a calendar file."
            )
        )
    if all(name.endswith(".csv") for name in names):
        reading = read_folder(dict(zip(names, contents, strict=True)), starts_at=starts_at, base=base)
        case, remarks, places = reading.case, reading.remarks, reading.places
        if case is not None and base is not None:
            case = _with_what_no_file_says(case, base, set(names))
    elif len(files) == 1 and names[0].endswith(".xml"):
        try:
            project = read_mspdi(contents[0], base=base)
        except XmlError as error:
            raise CaseError(_not_xml(str(error))) from error
        case, remarks = project.case, project.remarks
    elif len(files) == 1:
        case, remarks = _case_of(contents[0]), ()
    else:
        raise CaseError(gettext("One JSON or XML file, or the CSV files of one folder."))
    if case is None:
        raise CaseError(" · ".join(line(one, language) for one in remarks[:SHOWN_MAX]))
    return FilesRead(case, tuple(line(one, language) for one in remarks[:SHOWN_MAX]), places)


def _unpacked(data: bytes) -> tuple[list[str], list[bytes]]:
    """Return the CSV files of an archive, as the page of the catalogue gives it out.

    Raises:
        CaseError: no archive, or one whose files are more or larger than those of a form may be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [one for one in archive.infolist() if one.filename.casefold().endswith(".csv")]
            if len(found) > FILES_MAX or sum(one.file_size for one in found) > FILE_BYTES_MAX:
                raise CaseError(gettext("The file is larger than 10 MB."))
            names = [one.filename.rpartition("/")[2].casefold() for one in found]
            contents = [archive.read(one) for one in found]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise CaseError(gettext("This archive cannot be read: bring the CSV files themselves.")) from error
    if not names:
        raise CaseError(gettext("There is no CSV file in this archive."))
    return names, contents


def _case_of(data: bytes) -> Case:
    """Return the case of a JSON file.

    Raises:
        CaseError: in words; where a value stands wrong, with its place.
    """
    try:
        return read_case(data)
    except CaseError as error:
        if isinstance(error.__cause__, msgspec.ValidationError) or error.__cause__ is None:
            raise CaseError(_wrong_value(str(error))) from error
        raise CaseError(
            gettext("This file is not read: expected a case (JSON), CSV files or a project (MSPDI, XML).")
        ) from error


_VALUE = re.compile(
    r"(?:Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`|(?P<said>.+?)) - at `\$\.?(?P<place>.*)`"
)


def _wrong_value(text: str) -> str:
    """Return what msgspec says of a value, in words: the place, and what was expected there."""
    found = _VALUE.fullmatch(text)
    if found is None:
        return text
    kinds = {
        "int": gettext("a whole number"),
        "float": gettext("a number"),
        "str": gettext("a text"),
        "bool": gettext("true or false"),
        "array": gettext("a list"),
        "object": gettext("an object"),
        "datetime": gettext("a date and time with its zone"),
    }
    if found["wanted"] is None:
        return f"{found['place']}: {found['said']}"
    wanted = " | ".join(kinds.get(one, one) for one in found["wanted"].split(" | "))
    return gettext("%(place)s: expected %(wanted)s") % {"place": found["place"], "wanted": wanted}


def _not_xml(text: str) -> str:
    """Return why a project is not read, in words, with the line."""
    found = _AT_LINE.match(text)
    if found is None:
        return gettext("This project is not read: expected a file of 10 MB at most.")
    if "expected a Project" in text:
        said = gettext("line %(n)s: expected a project in the XML of Microsoft Project (MSPDI)")
    elif "document type" in text:
        said = gettext("line %(n)s: expected no document type and no entities: they are not read")
    elif "at most" in text:
        said = gettext("line %(n)s: expected a smaller project: fewer lines, fewer levels")
    else:
        said = gettext(
            "line %(n)s: expected XML that is whole; from here on the file is cut short or damaged"
        )
    return said % {"n": found[1]}


def _with_what_no_file_says(case: Case, base: Case, names: set[str]) -> Case:
    """Return the case, what stands in a file that did not come as the base has it.

    The list of people alone says nothing of when they are away: that is another sheet.
    """
    from releve.restoration.exports.columns import TABLES

    for table in TABLES:
        if not table.within or table.file in names:
            continue
        held = {one.id: getattr(one, table.within) for one in getattr(base, table.list)}
        items = tuple(
            msgspec.structs.replace(one, **{table.within: held[one.id]})
            if one.id in held and not getattr(one, table.within)
            else one
            for one in getattr(case, table.list)
        )
        case = msgspec.structs.replace(case, **{table.list: items})
    return case
