"""Units as people read them: never a code from the laboratory's catalogue, never a sign taken for another."""

import pytest

from releve.codecs.ucum import dose_unit, symbol, unit_code


@pytest.mark.parametrize(
    ("received", "french", "english"),
    [
        ("umol/L", "µmol/L", "µmol/L"),
        ("ug/L", "µg/L", "µg/L"),
        ("mmol/L", "mmol/L", "mmol/L"),
        ("{IU}/mL", "UI/mL", "IU/mL"),
        ("[iU]/L", "UI/L", "IU/L"),
        ("U/L", "U/L", "U/L"),
        ("[pH]", "", ""),
        ("{INR}", "", ""),
        ("1", "", ""),
        ("10*9/L", "10⁹/L", "10⁹/L"),
        ("10*12/L", "10¹²/L", "10¹²/L"),
        ("mm[Hg]", "mmHg", "mmHg"),
        ("mL/min/{1.73_m2}", "mL/min/1,73\u00a0m²", "mL/min/1.73\u00a0m²"),
        ("kg/m2", "kg/m²", "kg/m²"),
        ("/min", "/min", "/min"),
        ("Cel", "°C", "°C"),
        ("%", "%", "%"),
        ("mU/L", "mU/L", "mU/L"),
    ],
)
def test_a_unit_is_written_as_people_write_it(received: str, french: str, english: str) -> None:
    """At three in the morning nobody reads `10*9/L`."""
    assert symbol(received, "fr") == french
    assert symbol(received, "en") == english


@pytest.mark.parametrize("received", ["G/L", "par champ", "{cellules}/champ", "mg.h/L", "10*x", "Ωm", ""])
def test_a_unit_that_is_not_known_is_shown_as_received(received: str) -> None:
    """A guess would change what the laboratory said."""
    assert symbol(received, "fr") == received


@pytest.mark.parametrize(
    ("received", "value", "french", "english"),
    [
        ("UI", "4000", "unités", "units"),
        ("U", "1", "unité", "unit"),
        ("µg", "75", "microgrammes", "micrograms"),
        ("μg", "75", "microgrammes", "micrograms"),
        ("goutte", "1,5", "goutte", "drops"),
        ("sachet", "0.5", "sachet", "sachets"),
        ("comprimé", "1-2", "comprimés", "tablets"),
        ("mg", "500", "mg", "mg"),
        ("cuillère", "1", "cuillère", "cuillère"),
    ],
)
def test_dangerous_dose_units_are_written_in_full(
    received: str, value: str, french: str, english: str
) -> None:
    """`10 U` was given as 100, `µg` as mg."""
    assert dose_unit(received, value, "fr") == french
    assert dose_unit(received, value, "en") == english


def test_micro_is_read_with_both_of_its_signs() -> None:
    """U+00B5 and U+03BC look the same and are not."""
    assert unit_code("\u00b5g") == unit_code("\u03bcg") == "ug"
