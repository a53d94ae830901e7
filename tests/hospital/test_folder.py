"""A folder filled in a spreadsheet becomes a map, or every reason why not."""

import re

import pytest

from releve.hospital.columns import TABLES
from releve.hospital.folder import read_folder, write_folder
from releve.hospital.map import Directory
from releve.hospital.problems import EXPECTED, Problem

Files = dict[str, bytes]


def only_error(files: Files) -> Problem:
    """Return the single error of a folder spoiled in one place."""
    reading = read_folder(files)
    assert reading.map is None
    assert len(reading.errors) == 1, [problem.text() for problem in reading.errors]
    return reading.errors[0]


def spoiled(folder: Files, file: str, before: str, after: str) -> Files:
    """Return the folder with one text of one file replaced."""
    text = folder[file].decode()
    assert before in text
    return {**folder, file: text.replace(before, after, 1).encode()}


def test_a_right_folder_becomes_a_map(folder: Files) -> None:
    """What the hospital wrote is what the island knows."""
    reading = read_folder(folder)

    assert reading.problems == ()
    directory = Directory(reading.map)
    assert directory.ward("0201").name == "Cardiologie"
    assert [bed.code for bed in directory.beds_of("0201")] == ["0201-12P", "0201-12F"]
    assert directory.bed_at("0201", "12", "F").code == "0201-12F"
    assert directory.staff["M001"].wards == ("0201", "0204")
    assert directory.needs_of("DPI") == ("AD", "GAM")
    assert directory.feed_for("GAM", "VAL", "10.4.2.20:40112").code == "ADT"
    assert directory.feed_for("GAM", "VAL", "10.9.9.9:40112") is None
    assert [printer.code for printer in directory.printers_of("0201")] == ["P1", "P2"]
    assert reading.map.confidential.rules[0].address == "PV1-16"
    assert [(one.start, one.end) for one in directory.on_call_of("0201")] == [
        ("2026-11-21T20:00", "2026-11-22T08:00")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_what_any_spreadsheet_writes_is_read(folder: Files, encoding: str, delimiter: str) -> None:
    """Nobody at the hospital chooses the encoding or the separator; the spreadsheet does."""
    expected = read_folder(folder).map

    files = write_folder(expected, delimiter=delimiter, encoding=encoding)

    assert read_folder(files).map == expected


@pytest.mark.parametrize(
    ("after", "key"),
    [("demain", "moment"), ("31/02/2026 08:00", "moment"), ("2026-11-21 08:00", "after-start")],
)
def test_hours_on_call_that_nobody_can_be_at_are_told(folder: Files, after: str, key: str) -> None:
    """A list that ends before it starts would leave the cover without a name, and nobody would know why."""
    problem = only_error(spoiled(folder, "on-call.csv", "2026-11-22 08:00", after))

    assert (problem.file, problem.line, problem.column, problem.expected) == ("on-call.csv", 2, "end", key)


def test_blank_lines_trailing_separators_and_spaces_do_no_harm(folder: Files) -> None:
    """Spreadsheets leave empty lines and columns behind; people leave spaces."""
    folder["wards.csv"] = (
        b"\xef\xbb\xbfsep=;\r\ncode; name ;building;kind;;\r\n\r\n;;;;;\r\n"
        b"0201; Cardiologie\xc2\xa0;A;Inpatient;;\r\n0204;Psychiatrie;A;;;\r\n;;;;;\r\n"
    )

    wards = read_folder(folder).map.wards

    assert [(ward.code, ward.name, ward.kind) for ward in wards] == [
        ("0201", "Cardiologie", "inpatient"),
        ("0204", "Psychiatrie", "inpatient"),
    ]


def test_french_column_names_are_understood(folder: Files) -> None:
    """A French spreadsheet carries French headings, with or without accents and capitals."""
    folder["wards.csv"] = "UF;Nom;Batiment;Étage\n0201;Cardiologie;A;2\n0204;Psychiatrie;A;3\n".encode()

    assert [ward.floor for ward in read_folder(folder).map.wards] == ["2", "3"]


@pytest.mark.parametrize(
    ("file", "before", "after", "line", "column", "expected"),
    [
        ("beds.csv", "0201-12F;0201-12;", "0201-12F;0201-99;", 3, "room", "reference"),
        ("beds.csv", "0201-12F;0201-12;F", "0201-12F;0201-12;P", 3, "name", "same-place"),
        ("beds.csv", "0201-12F;", "0201-12P;", 3, "code", "duplicate"),
        ("beds.csv", "F;bed", "F;bedd", 3, "kind", "choice-near"),
        ("rooms.csv", "0204-01;0204;1", "0204-01;204;1", 3, "ward", "reference-zero"),
        ("wards.csv", "0201;Cardiologie", "0201;", 2, "name", "required"),
        ("wards.csv", "0201;Cardiologie", "0201;#REF!", 2, "name", "formula"),
        ("wards.csv", "Cardiologie", "Cardio\ufffdlogie", 2, "name", "sign"),
        ("wards.csv", "Psychiatrie", '"Psychiatrie', 3, "", "quotes"),
        ("wards.csv", "A;inpatient\n0204", "A;inpatient;;x\n0204", 2, "", "cell-outside"),
        ("staff.csv", "physician", "docteur", 2, "role", "choice"),
        ("staff.csv", "10000023084", "1,00E+10", 2, "rpps", "scientific"),
        ("printers.csv", "10.4.9.1:9100", "10.4.9.1", 2, "address", "printer-address"),
        ("applications.csv", ";AD;4", ";AD;soon", 3, "mtpd_hours", "integer"),
        ("applications.csv", "prescribe document", "prescribe dokument", 4, "care_functions", "choice-near"),
        ("applications.csv", "authenticate;;2", "authenticate;DPI;2", 2, "needs", "cycle"),
        ("feeds.csv", "RX;Prescription;DPI", "RX;Prescription;DPX", 3, "application", "reference"),
        ("feeds.csv", "10.4.2.20", "10.4.2.256", 2, "addresses", "address"),
        ("feeds.csv", "DPI;DPI;VAL;;", "DPI;GAM;VAL;10.4.2.20;", 3, "sending_application", "same-sender"),
        ("hospital.toml", 'feed = "ADT"', 'feed = "ADTT"', 6, "identity.feed", "reference"),
        ("hospital.toml", "Europe/Paris", "Europe/Valombre", 3, "zone", "zone"),
        ("hospital.toml", "[confidential]", 'ipp = "(8+)+"\n[confidential]', 9, "identity.ipp", "shape"),
        ("hospital.toml", 'wards = ["0204"]', 'wards = ["0999"]', 10, "confidential.wards", "reference"),
        ("hospital.toml", '"PV1-16"', '"PV1 16"', 12, "confidential.values", "hl7-address"),
        ("hospital.toml", "[identity]", "[identity", 5, "", "toml"),
    ],
)
def test_each_error_names_its_file_line_and_column(
    folder: Files, file: str, before: str, after: str, line: int, column: str, expected: str
) -> None:
    """Whoever corrects 3,000 lines must be led to the cell."""
    problem = next(
        p for p in read_folder(spoiled(folder, file, before, after)).errors if p.expected == expected
    )

    assert (problem.file, problem.line, problem.column) == (file, line, column)
    assert read_folder(spoiled(folder, file, before, after)).map is None


def test_all_errors_are_told_at_once(folder: Files) -> None:
    """Correcting one, running again, correcting the next: nobody has that time."""
    files = spoiled(folder, "staff.csv", "physician", "docteur")
    files = spoiled(files, "beds.csv", "0201-12F;0201-12;", "0201-12F;0201-99;")

    assert [problem.file for problem in read_folder(files).errors] == ["beds.csv", "staff.csv"]


def test_an_unclosed_quotation_mark_is_found_where_it_opens(folder: Files) -> None:
    """The reader would swallow the rest of the file; the person needs the line of the mark."""
    folder["staff.csv"] += b'M002;"Le Bris;Anna;nurse;;0201\nM003;Petit;Ali;nurse;;0201\n'

    problem = only_error(folder)

    assert (problem.line, problem.expected) == (3, "quotes")


@pytest.mark.parametrize("title", ["password", "Mot de passe", "MDP", "code PIN", "api_key", "Jeton"])
def test_a_column_of_passwords_is_refused(folder: Files, title: str) -> None:
    """The map is copied to every island and shown on screens: a password in it is a password lost."""
    folder["staff.csv"] = folder["staff.csv"].replace(b"wards\n", b"wards;" + title.encode() + b"\n")

    problem = only_error(folder)

    assert (problem.column, problem.expected, problem.found) == (title, "secret", "secret")


def test_a_circle_of_needs_names_its_applications(folder: Files) -> None:
    """Two applications that wait for one another can never be restarted in order."""
    errors = read_folder(spoiled(folder, "applications.csv", "authenticate;;2", "authenticate;DPI;2")).errors

    assert [problem.details["path"] for problem in errors] == ["AD → DPI → GAM → AD", "AD → DPI → AD"]


@pytest.mark.parametrize("file", [table.file for table in TABLES if table.required])
def test_a_missing_file_is_one_error_not_one_for_each_line(folder: Files, file: str) -> None:
    """A thousand lines pointing at nothing would hide that one file was forgotten."""
    del folder[file]

    problem = only_error(folder)

    assert (problem.file, problem.line, problem.expected) == (file, 0, "file-missing")


def test_a_workbook_saved_under_a_csv_name_is_recognised(folder: Files) -> None:
    """Renaming hospital.xlsx is the commonest mistake, and its bytes tell nobody anything."""
    folder["wards.csv"] = b"PK\x03\x04" + bytes(100)

    assert only_error(folder).expected == "file-not-text"


def test_wrong_national_numbers_are_doubted_not_refused(folder: Files) -> None:
    """Public registers hold wrong check digits; a hospital must not be stopped by one."""
    files = spoiled(folder, "staff.csv", "10000023084", "10000023085")
    files = spoiled(files, "hospital.toml", "010000016", "000897406")

    reading = read_folder(files)

    assert reading.map is not None
    assert [problem.expected for problem in reading.warnings] == ["finess", "rpps"]


def test_a_file_that_will_not_be_read_is_told(folder: Files) -> None:
    """A file forgotten because of its name is worse than an error."""
    folder["staff 2.csv"] = b"code\n"

    reading = read_folder(folder)

    assert [(p.file, p.expected, p.severity) for p in reading.problems] == [
        ("staff 2.csv", "file-unknown", "warning")
    ]


def test_a_ward_without_a_printer_is_told(folder: Files) -> None:
    """Its pack would come out nowhere, on the night when it matters."""
    folder["printers.csv"] = folder["printers.csv"].replace(b"P2;Bureau;0204;0201", b"P2;Bureau;;0201")

    assert [(p.line, p.expected) for p in read_folder(folder).warnings] == [(3, "no-printer")]


def test_two_applications_for_the_same_act_are_told(folder: Files) -> None:
    """A stand-in nobody thought of would become the place where every ward is sent to write."""
    folder["applications.csv"] += b"OLD;Ancien dossier;prescribe;;\n"

    assert [(p.line, p.expected, p.details["line"]) for p in read_folder(folder).warnings] == [
        (5, "second-carrier", 4)
    ]


def test_no_value_of_a_cell_stands_in_a_problem(folder: Files) -> None:
    """The report is sent by mail and read aloud; names and numbers of people have no place in it."""
    files = spoiled(
        folder, "staff.csv", "M001;N’Guyen;Zoé;physician;10000023084", "SECRÉTAIRE-42;N’Guyen;;docteur;123"
    )

    for problem in read_folder(files).problems:
        for language in ("fr", "en"):
            assert not re.search("SECRÉTAIRE|Guyen|docteur|123", problem.text(language))


def test_every_sentence_can_be_said_in_both_languages() -> None:
    """A sentence with a wrong placeholder would crash the very report that should help."""
    details = dict.fromkeys(
        ("without", "allowed", "nearest", "low", "high", "line", "where", "file", "path", "function"), 1
    )
    for key, sentences in EXPECTED.items():
        for sentence in sentences:
            assert sentence.format(**details), key
        assert sentences[0] != sentences[1]
        # French typography: no plain space before double punctuation.
        assert not re.search(r" [:;?!»]|« ", sentences[1]), key
