"""What a file brings into the catalogue: a case as JSON, a folder of CSV files, a project of another tool (MSPDI)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext

from releve.restoration.case import Case, CaseError, read_case
from releve.restoration.standing.lines import Line, lines_of

__all__ = ["FILE_BYTES_MAX", "Brought", "read_files"]

FILE_BYTES_MAX = 10 * 1024 * 1024  # of all files of the form; below what an island reads at all
FILES_MAX = 40
SHOWN_MAX = 60


class Brought(NamedTuple):
    """Lines of a catalogue, and what of the files was not kept, in words."""

    lines: list[Line]
    remarks: tuple[str, ...] = ()


def read_files(files: Sequence[Any], *, base: Case | None, starts_at: datetime, whole: bool) -> Brought:
    """Return what these uploaded files bring. `base`: the catalogue that stands, which a project was written from.

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
    language = get_language() or "fr"
    if all(name.endswith(".csv") for name in names):
        reading = read_folder(dict(zip(names, contents, strict=True)), starts_at=starts_at)
        case, remarks = reading.case, reading.remarks
    elif len(files) == 1 and names[0].endswith(".xml"):
        try:
            project = read_mspdi(contents[0], base=base)
        except XmlError as error:
            raise CaseError(str(error)) from error
        case, remarks = project.case, project.remarks
    elif len(files) == 1:
        case, remarks = read_case(contents[0]), ()
    else:
        raise CaseError(gettext("One JSON or XML file, or the CSV files of one folder."))
    if case is None:
        raise CaseError(" · ".join(line(one, language) for one in remarks[:SHOWN_MAX]))
    lines = lines_of(case)
    if base is not None and not whole:
        # A part of a catalogue does not name it anew.
        lines = [one for one in lines if one.what != "case"]
    return Brought(lines, tuple(line(one, language) for one in remarks[:SHOWN_MAX]))
