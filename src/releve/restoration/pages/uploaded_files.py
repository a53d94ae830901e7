"""What a file brings into the catalogue: a case as JSON, a folder of CSV files, a project of another tool (MSPDI)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.utils.translation import get_language, gettext

from releve.restoration.case import Case, CaseError, read_case

__all__ = ["FILE_BYTES_MAX", "SHOWN_MAX", "read_files"]

FILE_BYTES_MAX = 10 * 1024 * 1024  # of all files of the form; below what an island reads at all
FILES_MAX = 40
SHOWN_MAX = 60


def read_files(
    files: Sequence[Any], *, base: Case | None, starts_at: datetime
) -> tuple[Case, tuple[str, ...]]:
    """Return the case of these uploaded files, and what of them was not kept, in words.

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
    language = get_language() or "fr"
    if all(name.endswith(".csv") for name in names):
        reading = read_folder(dict(zip(names, contents, strict=True)), starts_at=starts_at)
        case, remarks = reading.case, reading.remarks
        if case is not None and base is not None:
            case = _with_what_no_file_says(case, base, set(names))
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
    return case, tuple(line(one, language) for one in remarks[:SHOWN_MAX])


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
