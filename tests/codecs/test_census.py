"""The census: whoever writes it uses a spreadsheet."""

from __future__ import annotations

import pytest

from releve.codecs.census import CensusError, read_census


@pytest.mark.parametrize(
    "raw",
    [
        "ipp;family;ward;bed\n800123;LÉVY;2140;12P\n".encode(),
        '\ufeffIPP,ward,family,more,bed\r\n800123,2140,"LÉVY",x,12P\r\n'.encode(),
        "ward\tipp\tbed\tfamily\n2140\t800123\t12P\tLÉVY\n\n".encode("cp1252"),
    ],
)
def test_a_census_is_read_however_the_spreadsheet_wrote_it(raw: bytes) -> None:
    """Separator, order of columns and character set are settings nobody knows of."""
    (row,) = read_census(raw).rows

    assert (row.ipp, row.family, row.ward, row.bed, row.line) == ("800123", "LÉVY", "2140", "12P", 2)


def test_a_line_without_its_patient_is_named_and_the_others_stand() -> None:
    """One bad line must not make a ward disappear; nor must it pass unseen."""
    census = read_census(b"ipp;ward;family\n800123;2140;A\n;2140;DUPONT\n800125;2140;C\n")

    assert [row.ipp for row in census.rows] == ["800123", "800125"]
    assert census.problems == ("line 3: expected a value in ipp",)


def test_a_file_without_the_columns_is_refused_by_name_of_column() -> None:
    """The export changed its header; someone must learn it the same night."""
    with pytest.raises(CensusError, match="line 1: expected the columns ward"):
        read_census(b"ipp;nom\n1;DUPONT\n")
    with pytest.raises(CensusError):
        read_census(b"")
