"""The text by which one island is made known to another: whole, checked, compared by telephone."""

import pytest

from releve.islands.introduction import (
    Introduction,
    IntroductionError,
    epoch_of,
    fingerprint,
    in_words,
    read_text,
    write_text,
)
from releve.journal.note import Signer

SHOWN = Introduction(
    origin="b",
    name="Îlot B",
    epoch=2,
    log=Signer("releve/b/2", b"l" * 32).verifier.vkey,
    audit=Signer("releve/b-audit/7", b"a" * 32).verifier.vkey,
    mirror=Signer("releve/b/mirror", b"m" * 32).verifier.vkey,
    recipient="age1" + "q" * 58,
    certificate="-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    addresses=("10.4.2.1:8443", "[fd00::1]:8443"),
    wards=("2140", "2141"),
)


def test_what_is_written_is_read_again_whatever_the_line_ends() -> None:
    """A stick passes through machines that change line ends."""
    text = write_text(SHOWN)

    assert read_text(text) == SHOWN
    assert read_text(text.replace("\n", "\r\n")) == SHOWN
    assert read_text(write_text(read_text(text))) == SHOWN


def test_without_a_second_log_the_line_is_left_out() -> None:
    """An island may keep no audit yet."""
    bare = Introduction(**{name: getattr(SHOWN, name) for name in SHOWN.__struct_fields__ if name != "audit"})

    assert "audit:" not in write_text(bare)
    assert read_text(write_text(bare)) == bare


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("RELEVE-ISLAND 1", "RELEVE-ISLAND 2", "begins with"),
        ("origin: b", "origin: c", "log"),
        ("origin: b", "origin: b-audit", "origin"),
        ("name: Îlot B\n", "", "a line name"),
        ("name: Îlot B\n", "name: Îlot B\nname: Îlot X\n", "once"),
        ("name: Îlot B", "name: " + "x" * 81, "name"),
        ("epoch: 2", "epoch: 1", "log"),
        ("epoch: 2", "epoch: two", "epoch"),
        ("releve/b-audit/7", "releve/c-audit/7", "log or audit"),
        ("mirror: releve/b/mirror", "mirror: releve/a/mirror", "mirror"),
        ("recipient: age1", "recipient: ssh-", "recipient"),
        ("10.4.2.1:8443", "10.4.2.1", "address"),
        ("ward: 2140", "ward: 21 40", "ward"),
        ("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY", "certificate"),
        ("\ncertificate:\n", "\n", "begins with"),
        ("name: Îlot B", "name: Îlot B\nsudo: yes", "line 4"),
        ("name: Îlot B", "name: " + "x" * 20_000, "one page"),
    ],
)
def test_a_text_that_does_not_hold_together_is_refused_at_its_line(old: str, new: str, line: str) -> None:
    """What is typed or carried by hand has slips; an attacker's has more."""
    with pytest.raises(IntroductionError, match=line):
        read_text(write_text(SHOWN).replace(old, new))


def test_one_changed_letter_gives_other_words() -> None:
    """Eight words are compared by telephone at night; they must stand for every line."""
    assert len(in_words(SHOWN).split()) == 8
    for old, new in (("10.4.2.1", "10.4.2.2"), ("ward: 2141", "ward: 2142"), ("MIIB", "MIIC")):
        other = read_text(write_text(SHOWN).replace(old, new))
        assert in_words(other) != in_words(SHOWN)
        assert fingerprint(other) != fingerprint(SHOWN)


def test_the_epoch_of_a_log_stands_in_the_name_of_its_key() -> None:
    """The second log counts its own epochs."""
    assert epoch_of(SHOWN.audit) == 7
    with pytest.raises(IntroductionError):
        epoch_of(SHOWN.mirror)
