"""Reading HL7 v2 where it lies: addresses, separators, nulls, line ends, lines that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2.reader import NULL, Message, MessageError

MOVEMENT = (
    "MSH|^~\\&|DPI|CHU^1.2.3^ISO|LABO|CHU|20261121031000||ADT^A02^ADT_A02|42|P|2.5|||||FRA|UNICODE UTF-8\r"
    "EVN||20261121031000\r"
    'PID|1||77^^^CHU&1.2.250.1.999&ISO^PI~2790351215189^^^INS&&^INS||LEFÈVRE^Zoé^""^^^^L~MARTIN^Zoé||1950||""\r'
    "PV1|1|I|2710^101^A\r"
    "ZBE|M1|20261121||INSERT|N||^^^^^^2710\r"
    "OBX|1|TX|||un~deux\\.br\\trois||||||F\r"
    "OBX|2|TX|||fièvre & toux ^ 3||||||F\r"
).encode()


def test_values_are_found_at_their_address() -> None:
    """Everything that wards see goes through these addresses."""
    msg = Message(MOVEMENT)

    assert (msg.kind, msg.trigger, msg.control_id, msg.version) == ("ADT", "A02", "42", "2.5")
    assert (msg.sending_application, msg.sending_facility) == ("DPI", "CHU")
    assert msg.charset_declared == "UNICODE UTF-8"
    assert msg["PID-3.1"] == "77"
    assert msg["PID-3.4"] == "CHU&1.2.250.1.999&ISO"
    assert msg["PID-3.4.2"] == "1.2.250.1.999"
    assert msg["PID-3[2].5"] == "INS"
    assert msg["PID-3[3].1"] is None
    assert msg["PID-5.1"] == "LEFÈVRE"
    assert msg["PID-5.1.1"] == "LEFÈVRE"
    assert msg["PID-5.1.2"] is None
    assert msg["PV1-3"] == "2710^101^A"
    assert msg["PV1-44"] is None
    assert msg.get("PV1-44", "?") == "?"
    assert msg["OBX[2]-1"] == "2"
    assert msg["MSH-1"] == "|"
    assert msg["MSH-2"] == "^~\\&"


def test_null_is_told_apart_from_empty() -> None:
    """Null deletes what we know, empty says nothing: taking one for the other loses an allergy or keeps a dead one."""
    msg = Message(MOVEMENT)

    assert msg["PID-9"] is NULL
    assert msg["PID-9.1"] is NULL
    assert msg["PID-5.3"] is NULL
    assert msg["PID-8"] is None
    assert msg["PID-5.4"] is None
    assert NULL == '""'


def test_segments_keep_their_order_and_their_bytes() -> None:
    """Groups (OBR, OBX, NTE) exist only by order; provenance shows the bytes."""
    msg = Message(MOVEMENT)

    assert [segment.name for segment in msg.all_segments()] == [
        "MSH",
        "EVN",
        "PID",
        "PV1",
        "ZBE",
        "OBX",
        "OBX",
    ]
    assert [segment.position for segment in msg.segments("OBX")] == [5, 6]
    assert b"\r".join(segment.raw for segment in msg.all_segments()) + b"\r" == MOVEMENT
    assert msg.raw == MOVEMENT
    assert msg.has("ZBE")
    assert not msg.has("ZFU")


def test_a_text_is_read_whole_even_when_its_sender_forgot_to_escape() -> None:
    """A comment cut at its first "&" may lose the words that matter."""
    first, second = Message(MOVEMENT).segments("OBX")

    assert first.text(5) == "un\ndeux\ntrois"
    assert second.text(5) == "fièvre & toux ^ 3"
    assert second["5"] == "fièvre & toux ^ 3"
    assert second.raw_field(5) == "fièvre & toux ^ 3".encode()


def test_repetitions_are_walked_one_by_one() -> None:
    """A person has several identifiers; which one is which stands in their parts."""
    repetitions = Message(MOVEMENT).segments("PID")[0].repetitions(3)

    assert [(rep["1"], rep["4.1"], rep["5"]) for rep in repetitions] == [
        ("77", "CHU", "PI"),
        ("2790351215189", "INS", "INS"),
    ]
    assert repetitions[0].text == "77^^^CHU&1.2.250.1.999&ISO^PI"


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\r\n ", "\x0b", "\ufeff\x0b", "FHS|^~\\&\r"])
def test_line_ends_marks_and_blanks_do_not_matter(ending: str, before: str) -> None:
    """Each of these was seen in a published sample or on a wire."""
    raw = (
        before + f"MSH|^~\\&|A|B|||||ADT^A01|7|P|2.5{ending}{ending}PID|||9{ending}  PV1||I{ending}"
    ).encode()

    msg = Message(raw)

    assert (msg["MSH-10"], msg["PID-3"], msg["PV1-2"]) == ("7", "9", "I")
    assert [segment.name for segment in msg.all_segments()] == ["MSH", "PID", "PV1"]
    assert msg.raw == raw


def test_a_line_end_inside_a_text_loses_no_word() -> None:
    """Senders leave raw line ends in comments; what follows them is not a segment."""
    raw = b"MSH|^~\\&|||||||ORU^R01|7|P|2.5\rNTE|1||stop the\r\nanticoagulant\r\rat once\rNTE|2||end\r"

    first, second = Message(raw).segments("NTE")

    assert first.raw_field(3) == b"stop the\r\nanticoagulant\r\rat once"
    assert second.text(3) == "end"


def test_separators_are_those_that_the_message_declares() -> None:
    """MSH-1 and MSH-2 decide, not habit."""
    msg = Message(b"MSH@~&#\\@A@B@@@@@ADT~A01@7@P@2.5\rPID@@@1~2\\3&4@@x#F#y#R#z\r")

    assert (msg.kind, msg.trigger) == ("ADT", "A01")
    assert (msg["PID-3.2.2"], msg["PID-3[2]"], msg["PID-5"]) == ("3", "4", "x@y&z")


@pytest.mark.parametrize(
    "header",
    [
        b"MSH",
        b"MSH|",
        b"MSH|^~",
        b"MSH|^~|A|B|||||ADT^A01|7",
        b"MSH||A|B|||||ADT^A01|7",
        "MSH|é~|".encode(),
        b"MSH|^~\\& |A",
    ],
)
def test_a_poor_header_still_opens(header: bytes) -> None:
    """A recorder stores and answers; what is wrong is said later."""
    msg = Message(header + b"\rPID|||1^2&3\r")

    assert msg["PID-3.2.2"] == "3"


def test_names_in_small_letters_are_found() -> None:
    """One published vendor sample writes `pid`."""
    assert Message(b"MSH|^~\\&|A\rpid|||9\r")["PID-3"] == "9"


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"PID|1|", b"EVN|A01|MSH|x", b"MSHX|^~", b"MSH and", b"MSH\xc3\xa9", b"\x00\xff"]
)
def test_bytes_without_header_are_no_message(raw: bytes) -> None:
    """The one thing a reader may refuse."""
    with pytest.raises(MessageError):
        Message(raw)


def test_a_wrong_address_is_our_own_mistake() -> None:
    """A typing error in a fold must fail in its tests, not read as *absent* on the ward."""
    with pytest.raises(ValueError, match=r"PID\.3"):
        Message(MOVEMENT)["PID.3"]


def test_a_long_text_of_many_lines_is_read_in_linear_time() -> None:
    """A report wrapped by its sender in 200,000 lines must not hold the fold for minutes."""
    lines = b"\r".join([b"QUJDREVGRw=="] * 200_000)

    msg = Message(b"MSH|^~\\&|A\rOBX|1|ED|||" + lines + b"\rNTE|1||end\r")

    assert msg["NTE-3"] == "end"
    assert msg.segments("OBX")[0].raw_field(5) == lines


SCRAPS = rb"""MSH|^~\& | ^ ~ & \ \X \T\ PID| OBX "" 1 8859/1""".split()
SCRAPS += [b"\r", b"\n", b" ", b"\x0b", b"\x1c", b"\xef\xbb\xbf", b"\x00", b"\xc3\xa9", b"\xe9"]
BETWEEN = b"\r\n \x0b\x1c"  # what may stand between segments and around a message


@given(st.lists(st.sampled_from(SCRAPS), max_size=40).map(b"".join))
def test_any_bytes_behind_a_header_are_survived(body: bytes) -> None:
    """One sick message must not stop the fold: every value of it can be asked for, and no byte of it vanishes."""
    msg = Message(b"MSH|" + body)

    for segment in msg.all_segments():
        for field in range(1, len(segment) + 3):
            assert isinstance(segment.text(field), str)
            assert segment[f"{field}[2].2.2"] is None or segment.raw_field(field)
            for repetition in segment.repetitions(field):
                assert repetition["1"] is None or repetition.raw
    read = b"".join(segment.raw for segment in msg.all_segments())
    assert sorted(read.translate(None, BETWEEN)) == sorted(
        msg.raw[msg.raw.index(b"MSH") :].translate(None, BETWEEN)
    )
