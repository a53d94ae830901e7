import pytest

from releve.paper.catalogue import CatalogueError, catalogue, read_po
from releve.paper.forms import FORMS, FormNumbers, copies, form_specs, usual_counts
from releve.paper.quantities import SAFE, quantity, unit_code
from releve.paper.symbols import code128, page_symbol


@pytest.mark.parametrize(
    ("received", "safe"),
    [
        ("1.0", "1"),
        (".5", "0.5"),
        ("0,5", "0.5"),
        ("007", "7"),
        ("4000", "4000"),
        ("2.50", "2.5"),
        ("0", "0"),
    ],
)
def test_a_dose_is_put_in_safe_form(received: str, safe: str) -> None:
    """`1.0` read as 10, `.5` read as 5: the oldest errors by ten."""
    found = quantity(received, "mg")

    assert found is not None
    assert found.value == safe
    assert SAFE.match(found.value)


@pytest.mark.parametrize("received", ["", "1,000", "1-2", "1e3", "10 mg", "²", "1.000.000", ".", "<5", "-1"])
def test_a_dose_that_could_be_two_things_is_not_read(received: str) -> None:
    """One, or a thousand? The sheet prints it as received and says so."""
    assert quantity(received, "mg") is None


@pytest.mark.parametrize(
    ("received", "code"),
    [
        ("UI", "[iU]"),
        ("U", "[iU]"),
        ("µg", "ug"),
        ("μg", "ug"),
        ("mcg", "ug"),
        ("MG", "mg"),
        ("cp", "{tbl}"),
        ("xyz", "xyz"),
    ],
)
def test_dangerous_units_get_a_code_whose_word_is_written_in_full(received: str, code: str) -> None:
    """`U` is read as a zero, `µg` as mg: paper writes `unités` and `microgrammes`."""
    assert unit_code(received) == code


def test_an_untranslated_word_stops_the_print() -> None:
    """Better a failure at build time than half a sheet in another language."""
    with pytest.raises(CatalogueError):
        catalogue("fr").text("A sentence that nobody translated")
    with pytest.raises(CatalogueError):
        catalogue("xx")


def test_a_catalogue_is_read_with_its_escapes_and_without_what_is_fuzzy() -> None:
    """A fuzzy translation is a guess of a tool."""
    head = 'msgid ""\nmsgstr "Language: fr\\n"\n\n'
    text = head + 'msgid "a"\n"b"\nmsgstr "à \\"b\\""\n\n#, fuzzy\nmsgid "c"\nmsgstr "d"\n'

    assert read_po(text) == {"ab": 'à "b"'}


def test_form_numbers_are_never_given_twice() -> None:
    """Two sheets with one number are one sheet for whoever counts them."""
    numbers = FormNumbers(prefix="3B", first=1, last=5)

    taken, left = numbers.take(3)
    more, left = left.take(2)

    assert len({*taken, *more}) == 5
    with pytest.raises(ValueError, match="at most 0"):
        left.take(1)


def test_copies_are_numbered_in_order_and_admissions_reserve_a_hospital_number() -> None:
    """A person who arrives during the cut gets a number that no other system will give."""
    made, left = copies({"RX1": 2, "ADM1": 1}, FormNumbers(prefix="3B", first=7, last=99), ("9030004170",))

    assert [(copy.code, copy.number, copy.reserved_ipp) for copy in made] == [
        ("ADM1", "3B-000007-09", "9030004170"),
        ("RX1", "3B-000008-06", ""),
        ("RX1", "3B-000009-03", ""),
    ]
    assert left.first == 10
    with pytest.raises(ValueError, match="reserved"):
        copies({"ADM1": 1}, left)
    with pytest.raises(ValueError, match="codes"):
        copies({"XX": 1}, left)


def test_every_ward_gets_every_form() -> None:
    """A ward with two patients may receive twenty in the night."""
    counts = usual_counts(2)

    assert set(counts) == {form.code for form in FORMS}
    assert all(count >= 2 for count in counts.values())
    assert set(form_specs("fr")["forms"]) == set(counts)


def test_symbols_take_only_what_survives_a_copy() -> None:
    """A bar code too fine to be read is worse than none."""
    assert code128("8000412301") is not None
    assert code128("") is None
    assert code128("é") is None
    assert code128("1" * 21) is None
    assert page_symbol("PT1", "3B|x", "a b", "1") == "RLV1|PT1|3B%7Cx|a%20b|1"
