"""RPPS numbers of accounts: read from the staff list, kept as typed, doubted where they do not fit."""

from releve.app.staff_file import read_staff

STAFF = """code;nom;prénom;rôle;rpps;services
vasseur;VASSEUR;Hugo;physician;10 00 00 23 08 4;1130
morel;MOREL;Bruno;physician;10000023085;
kervella;KERVELLA;Nadia;nurse;;
"""


def test_a_number_that_does_not_fit_is_told_with_its_place_and_stops_nobody() -> None:
    """A slip in a number must not cost a ward its physician the night accounts are made."""
    lines, problems = read_staff("staff.csv", STAFF.encode(), wards=("1130",), taken=())

    assert [line.rpps for line in lines] == ["10000023084", "10000023085", ""]
    assert [(one.line, one.column, one.expected, one.severity) for one in problems] == [
        (3, "rpps", "rpps", "warning")
    ]


def test_the_staff_list_of_the_hospital_folder_serves_as_it_is() -> None:
    """A second list to fill is a second list that nobody keeps."""
    from_folder = "matricule;nom;prénom;rôle;rpps;services\nM1;X;Y;physician;10000023084;1130\n"

    lines, problems = read_staff("staff.csv", from_folder.encode(), wards=("1130",), taken=())

    assert [line.code for line in lines] == ["m1"]
    assert not problems
