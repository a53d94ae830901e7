"""Characters and escape sequences: names must be read as their bearers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2.charset import BYTES_DO_NOT_FIT, UNKNOWN_CHARSET
from releve.codecs.hl7v2.escape import STANDARD, escape, unescape
from releve.codecs.hl7v2.reader import Message


def name_in(declared: str, family: bytes) -> Message:
    """Return a message with `family` as PID-5 and `declared` as MSH-18."""
    return Message(b"MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||%b\rPID|||||%b\r" % (declared.encode(), family))


@pytest.mark.parametrize(
    ("declared", "family", "read"),
    [
        ("", "LEFÈVRE".encode(), "LEFÈVRE"),
        ("", "LEFÈVRE".encode("cp1252"), "LEFÈVRE"),
        ("ASCII", "LEFÈVRE".encode("cp1252"), "LEFÈVRE"),
        ("8859/1", "LEFÈVRE".encode("latin-1"), "LEFÈVRE"),
        ("8859/1", "D’ŒUVRE".encode("cp1252"), "D’ŒUVRE"),
        ("8859/15", "CŒUR €".encode("iso8859-15"), "CŒUR €"),
        ("8859/2", "Wałęsa".encode("iso8859-2"), "Wałęsa"),
        ("UNICODE UTF-8", "Wałęsa".encode(), "Wałęsa"),
        ("UTF-8", "LEFÈVRE".encode(), "LEFÈVRE"),
        ("UNICODE", "LEFÈVRE".encode(), "LEFÈVRE"),
        ("~UNICODE UTF-8", "LEFÈVRE".encode(), "LEFÈVRE"),
        ("ASCII~8859/15", b"3 \xa4", "3 €"),
        ("8859/1", rb"LEF\XC9\VRE", "LEFÉVRE"),
        ("UNICODE UTF-8", rb"LEF\XC389\VRE", "LEFÉVRE"),
        ("UNICODE UTF-8", rb"LEF\XC3\\X89\VRE", "LEFÉVRE"),
        ("", rb"LEF\XC9\VRE", "LEFÉVRE"),
    ],
)
def test_text_is_read_in_the_character_set_of_msh_18(declared: str, family: bytes, read: str) -> None:
    """A name that cannot be read cannot be called, nor found."""
    msg = name_in(declared, family)

    assert msg["PID-5"] == read
    assert msg.charset_trouble == ""
    assert msg.segments("PID")[0].raw_field(5) == family


def test_bytes_that_do_not_fit_are_read_as_well_as_possible_and_flagged() -> None:
    """A flow does not stop for an accent, but nobody may think the name is certain."""
    msg = name_in("UNICODE UTF-8", b"LEF\xc8VRE")

    assert msg["PID-5"] == "LEFÈVRE"
    assert msg.charset_trouble == BYTES_DO_NOT_FIT


def test_every_byte_gives_some_text() -> None:
    """No byte may end the fold; 0x81 is nothing in windows-1252."""
    msg = name_in("UNICODE UTF-8", bytes(range(0x80, 0x100)))

    assert len(msg["PID-5"] or "") == 128
    assert msg.charset_trouble == BYTES_DO_NOT_FIT


def test_an_unknown_character_set_is_flagged() -> None:
    """The published vendor sample says `ISO IR 999`."""
    msg = name_in("ISO IR 999", b"Doe")

    assert msg["PID-5"] == "Doe"
    assert msg.charset_trouble == UNKNOWN_CHARSET


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_message_of_two_bytes_a_character_opens(codec: str) -> None:
    """Files saved as *Unicode* by an office program are dropped in the folder sooner or later."""
    raw = "MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||UNICODE\rPID|||||LEFÈVRE\r".encode(codec)

    msg = Message(raw)

    assert (msg.kind, msg["PID-5"]) == ("ADT", "LEFÈVRE")
    assert msg.raw == raw


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"A\T\B\S\C\F\D\R\E\E\G", "A&B^C|D~E\\G"),
        (r"a\.br\b\.sp2\c\.ce\d", "a\nb\n\nc\nd"),
        (r"\.in+4\a\.fi\b\.nf\c\.ti-2\d\.sk3\e", "abcd   e"),
        (r"\H\critical\N\ value", "critical value"),
        (r"C:\temp\x", r"C:\temp\x"),
        (r"\\server\share", r"\\server\share"),
        (r"\Z99\F\x", r"\Z99\F\x"),
        (r"\C2842\a\M824041\b", r"\C2842\a\M824041\b"),
        (r"\XZZ\ \X4\ \X\ \X41\\XZZ\ ", "\\XZZ\\ \\X4\\ \\X\\ A\\XZZ\\ "),
        (r"\X0D\\X0A\ ", "\r\n "),
        (r"a \ b \T\ c", r"a \ b & c"),
        (r"\.sp9999999999\ ", "\n" * 40 + " "),
        ("a\\", "a\\"),
    ],
)
def test_escape_sequences_are_read_and_nothing_is_swallowed(written: str, read: str) -> None:
    """What is not understood stays as received: a lost word may be the dose."""
    assert unescape(written) == read


@given(
    st.text(alphabet=st.one_of(st.sampled_from("|^~\\&#XFSTRE.br\r\n\x1c0"), st.characters(codec="utf-8")))
)
def test_what_is_escaped_reads_back(text: str) -> None:
    """Whatever a person types must come back the same from the other side."""
    written = escape(text)

    assert unescape(written) == text
    assert not set("|^~&\r\n\x1c\x0b") & set(written)


def test_the_truncation_sign_is_escaped_only_where_it_is_declared() -> None:
    """Before v2.7 a `#` is a `#`."""
    with_sign = STANDARD._replace(truncation="#")

    assert escape("n#1") == "n#1"
    assert escape("n#1", with_sign) == r"n\P\1"
    assert unescape(r"n\P\1", with_sign) == "n#1"
