"""Writing HL7 v2: what is handed back must arrive as it was meant, or not be sent at all."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2.escape import Separators
from releve.codecs.hl7v2.reader import NULL, Message
from releve.codecs.hl7v2.writer import Repetitions, Segment, WriteError, write

HEADER = {"9.1": "ADT", "9.2": "A08", "10": "42", "11": "P", "12": "2.5", "18": "UNICODE UTF-8"}

# Signs that could leak, and everything that people and their tablets type.
texts = st.text(
    alphabet=st.one_of(st.sampled_from('|^~\\&#"XFS.br\r\n\x0b\x1c '), st.characters(codec="utf-8")),
    max_size=8,
)
components = st.lists(st.lists(texts, max_size=3), max_size=4)
fields = st.lists(components, max_size=3).map(Repetitions)
separators = st.permutations("|^~\\&#!@$%*").map(lambda signs: Separators(*signs[:6]))
PLACES = list(product(range(3), range(4), range(3)))  # repetition, component, subcomponent


@given(st.lists(st.lists(fields, min_size=1, max_size=5), max_size=3), separators)
def test_what_is_written_is_read_back(rows: list[list[Repetitions]], signs: Separators) -> None:
    """Every text, at its address, whatever it holds; and no line or field that nobody wrote."""
    filled = [row for row in rows if any(_at(field, *path) for field in row for path in PLACES)]
    segments: list[Segment] = [("MSH", HEADER)]
    for row in filled:
        segments.append(["ZZ1", *row])

    raw = write(segments, separators=signs)

    msg = Message(raw)
    assert [segment.name for segment in msg.all_segments()] == ["MSH"] + ["ZZ1"] * len(filled)
    for segment, row in zip(msg.segments("ZZ1"), filled, strict=True):
        assert len(segment) <= len(row)
        for number, field in enumerate(row, start=1):
            for r, c, s in PLACES:
                meant = _at(field, r, c, s)
                found = segment[f"{number}[{r + 1}].{c + 1}.{s + 1}"]
                assert (found or "") == (meant if meant.strip(" ") else "")
                assert found is not NULL


def _at(field: Repetitions, *path: int) -> str:
    """Return the text at a path, "" where there is none."""
    item: object = field
    for index in path:
        assert isinstance(item, list)
        if index >= len(item):
            return ""
        item = item[index]
    assert isinstance(item, str)
    return item


def test_addresses_and_positions_write_the_same() -> None:
    """Folds and people think in addresses, generators in rows."""
    by_address = (
        "PID",
        {"1": "1", "3.1": "77", "3.4.1": "CHU", "3.4.2": "1.2", "PID-3[2].1": "279", "9": NULL},
    )
    by_position = [
        "PID",
        "1",
        None,
        Repetitions([["77", None, None, ["CHU", "1.2"]], "279"]),
        *[None] * 5,
        NULL,
    ]

    first, second = write([("MSH", HEADER), by_address]), write([("MSH", HEADER), by_position])

    assert first == second
    assert first.endswith(b'\rPID|1||77^^^CHU&1.2~279||||||""\r')


def test_null_is_written_only_when_it_is_meant() -> None:
    """Null deletes at the receiver; two quotation marks that a person typed must not."""
    raw = write([("MSH", HEADER), ("PID", {"5.1": NULL, "5.2": '""'})])

    msg = Message(raw)
    assert msg["PID-5.1"] is NULL
    assert msg["PID-5.2"] == '""'
    assert msg["PID-5.2"] is not NULL


@pytest.mark.parametrize(
    ("charset", "name", "written"),
    [
        ("UNICODE UTF-8", "ŒUVRÉ", "ŒUVRÉ".encode()),
        ("8859/15", "ŒUVRÉ", "ŒUVRÉ".encode("iso8859-15")),
        ("8859/1", "UVRÉ", "UVRÉ".encode("latin-1")),
        ("ASCII", "UVRE", b"UVRE"),
        ("", "UVRE", b"UVRE"),
    ],
)
def test_the_bytes_are_of_the_declared_character_set(charset: str, name: str, written: bytes) -> None:
    """A name in other bytes than declared is somebody else's name."""
    raw = write([("MSH", HEADER | {"18": charset}), ("PID", {"5.1": name})])

    assert written in raw
    assert Message(raw)["PID-5.1"] == name


@pytest.mark.parametrize(
    ("segments", "place"),
    [
        ([], "segment 1"),
        ([("PID", {"1": "1"})], "segment 1"),
        ([("MSH", HEADER), ("MSH", HEADER)], "segment 2"),
        ([("MSH", {"9.1": "ADT", "11": "P", "12": "2.5"})], "MSH-10"),
        ([("MSH", HEADER | {"2": "^~\\&"})], "MSH-2"),
        ([("MSH", HEADER | {"18": "KLINGON"})], "MSH-18"),
        ([("MSH", HEADER | {"18": "8859/1"}), ("PID", {"5.1": "Wałęsa"})], "PID-5"),
        ([("MSH", HEADER | {"18": "8859/1"}), ("PID", {"5.1": "D\x92OR"})], "PID-5"),
        ([("MSH", HEADER | {"18": ""}), ("PID", {"5.1": "Zoé"})], "PID-5"),
        ([("MSH", HEADER), ("PID", {"5.1": "\ud800"})], "PID-5"),
        ([("MSH", HEADER), ("pid", {"1": "1"})], "segment 2"),
        ([("MSH", HEADER), ("PID|1\rZZZ", {"1": "1"})], "segment 2"),
        ([("MSH", HEADER), ("PID", {"three": "1"})], "PID-?"),
        ([("MSH", HEADER), ("PID", {"PV1-3": "1"})], "PV1-3"),
        ([("MSH", HEADER), ("PID", {"1000": "1"})], "PID-1000"),
        ([("MSH", HEADER), ("ZFU", {"1": ""})], "ZFU"),
        ([("MSH", HEADER), ["ZFU"]], "ZFU"),
        ([("MSH", HEADER), ("PID", {"1": 1})], "PID-1"),
    ],
)
def test_what_cannot_be_written_is_refused_by_place(segments: list[object], place: str) -> None:
    """A message that is wrong is better caught here than at the restored application; the log names no patient."""
    with pytest.raises(WriteError) as caught:
        write(segments)  # type: ignore[arg-type]

    assert caught.value.address == place
    assert "Wałęsa" not in str(caught.value)
    assert "Zoé" not in str(caught.value)
    assert caught.value.__context__ is None or not isinstance(caught.value.__context__, UnicodeError)


@pytest.mark.parametrize("sign", ["|", "a", "", "é", '"', ".", "\r", "^^"])
def test_separators_that_cannot_separate_are_refused(sign: str) -> None:
    """Two roles for one sign, or a sign that escape sequences and nulls are made of, cannot be read back."""
    with pytest.raises(WriteError, match="MSH-2"):
        write([("MSH", HEADER)], separators=Separators(repetition=sign))
