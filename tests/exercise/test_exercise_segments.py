"""The fast builder of messages says what the codecs read."""

from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2 import reader
from releve.exercise.demo import demo_hospital
from releve.exercise.pdf import pdf
from releve.exercise.segments import Authority, coded, escaped, placed, professional, segment
from releve.hospital.map import Staff

HEADER = "MSH|^~\\&|A|B|C|D|2026||ADT^A08|1|T|2.5||||||UNICODE UTF-8\r"
# By the reader's own rule blanks alone say nothing, and two quotation marks alone delete: no name is either.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\n\x0b\x1c", exclude_categories=["Cs"]), max_size=60
).filter(lambda text: text != '""' and not escaped(text).encode().isspace())


@given(TEXT)
def test_escaped_text_is_read_back_as_it_was(text: str) -> None:
    """A separator in a drug's name (amoxicilline & acide clavulanique) must not cut the name."""
    message = reader.Message((HEADER + f"ZZZ|{escaped(text)}|x^{escaped(text)}\r").encode())

    assert (message["ZZZ-1"] or "") == text
    assert (message["ZZZ-2.2"] or "") == text


def test_fields_stand_where_their_numbers_say() -> None:
    """A date one field too far to the right is a patient admitted at her discharge."""
    message = reader.Message((HEADER + placed("PV1", _2="I", _19="V1", _44="20261121") + "\r").encode())

    assert (message["PV1-2"], message["PV1-19"], message["PV1-44"]) == ("I", "V1", "20261121")
    assert message["PV1-45"] is None
    assert segment("AL1", 1, "DA", "", "") == "AL1|1|DA"


def test_identifiers_name_their_authority_and_type() -> None:
    """A number without authority belongs to nobody once two hospitals meet."""
    hospital = demo_hospital()
    authority = Authority(hospital)
    pid = f"PID|1||{authority.ipp('8001')}|||||||||||||||{authority.account('9001')}\r"
    message = reader.Message((HEADER + pid).encode())

    assert (message["PID-3.1"], message["PID-3.5"], message["PID-18.5"]) == ("8001", "PI", "AN")
    assert message["PID-3.4.1"] == hospital.identity.namespace
    assert message["PID-3.4.2"] == hospital.identity.oid
    nurse = professional(Staff(code="N1", family="O'NEIL & Co", given="Zoé", role="nurse"))
    assert reader.Message((HEADER + f"ZZZ|{nurse}\r").encode())["ZZZ-1.2"] == "O'NEIL & Co"
    assert coded("X", "a^b", "99L") == "X^a\\S\\b^99L"


def test_a_pdf_without_words_is_still_a_pdf() -> None:
    """The binder must not stumble over an empty letter."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf([[], ["Page (deux) \\ é"]]))

    assert len(document) == 2
    assert document[1].get_textpage().get_text_range().strip() == "Page (deux) \\ é"
