"""What an island shows of itself so that another may add it: a text to carry by hand and to compare by telephone. Pure.

    RELEVE-ISLAND 1
    origin: b
    name: Îlot B
    epoch: 1
    log: verifier key of its log            (C2SP: name+keyID+key)
    audit: verifier key of its second log
    mirror: verifier key of its cosignatures
    recipient: age1…                        (what is sealed for it)
    address: 10.4.2.1:8443                  (repeated, nearest first)
    ward: 2140                              (repeated)
    certificate:
    -----BEGIN CERTIFICATE-----
    …

Nothing in it is secret; that it comes from the island is what two managers vouch for when they add it.
"""

import re
import unicodedata
from hashlib import sha256

import msgspec
from shamir_mnemonic.wordlist import WORDLIST

from releve.journal.errors import JournalError, NoteError
from releve.journal.note import Verifier

__all__ = [
    "Introduction",
    "IntroductionError",
    "epoch_of",
    "fingerprint",
    "in_words",
    "read_text",
    "write_text",
]

_FIRST = "RELEVE-ISLAND 1"
_ORIGIN = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
# Numbers only: a server of names is among the first things an attack takes.
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}):[0-9]{1,5}")
_WARD = re.compile(r"[^\s]{1,40}")
_TEXT_CHARS_MAX = 20_000
_WORDS = 8  # of ten bits each: 80 bits, read aloud in ten seconds


class IntroductionError(JournalError):
    """A text is no introduction; the message names the line."""


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """An island as it shows itself. Keys are C2SP verifier keys, the certificate is PEM."""

    origin: str
    name: str
    epoch: int
    log: str
    audit: str = ""  # "" when it keeps no second log
    mirror: str
    recipient: str  # age1…
    certificate: str
    addresses: tuple[str, ...] = ()  # HOST:PORT, nearest first
    wards: tuple[str, ...] = ()  # UF codes it keeps


def write_text(introduction: Introduction) -> str:
    """Return the introduction as the text that is carried."""
    lines = [
        _FIRST,
        f"origin: {introduction.origin}",
        f"name: {introduction.name}",
        f"epoch: {introduction.epoch}",
        f"log: {introduction.log}",
        *([f"audit: {introduction.audit}"] if introduction.audit else []),
        f"mirror: {introduction.mirror}",
        f"recipient: {introduction.recipient}",
        *(f"address: {address}" for address in introduction.addresses),
        *(f"ward: {ward}" for ward in introduction.wards),
        "certificate:",
    ]
    return "\n".join(lines) + "\n" + introduction.certificate.strip() + "\n"


def read_text(text: str) -> Introduction:
    """Return the introduction in a text, every line of it checked.

    Raises:
        IntroductionError: a line is missing, said twice, or not what it should be.
    """
    if len(text) > _TEXT_CHARS_MAX:
        raise IntroductionError("introduction: expected a text of one page")
    head, found, certificate = text.replace("\r\n", "\n").partition("\ncertificate:\n")
    lines = head.split("\n")
    if not found or lines[0].strip() != _FIRST:
        raise IntroductionError(f"introduction: expected a text that begins with {_FIRST}")
    once: dict[str, str] = {}
    several: dict[str, list[str]] = {"address": [], "ward": []}
    for number, line in enumerate(lines[1:], start=2):
        name, mark, value = line.partition(": ")
        if name in several and mark:
            several[name].append(value.strip())
        elif mark and name in _ONCE and name not in once:
            once[name] = value.strip()
        elif line.strip():
            raise IntroductionError(f"introduction, line {number}: expected one of its own lines, once")
    if missing := [name for name in _ONCE if name not in once and name != "audit"]:
        raise IntroductionError(f"introduction: expected a line {missing[0]}")
    return checked(
        Introduction(
            origin=once["origin"],
            name=once["name"],
            epoch=int(once["epoch"]) if re.fullmatch(r"[1-9][0-9]{0,8}", once["epoch"]) else 0,
            log=once["log"],
            audit=once.get("audit", ""),
            mirror=once["mirror"],
            recipient=once["recipient"],
            certificate=certificate.strip() + "\n",
            addresses=tuple(several["address"]),
            wards=tuple(several["ward"]),
        )
    )


def checked(said: Introduction) -> Introduction:
    """Return the introduction when all of it belongs to one island.

    Raises:
        IntroductionError: names the line that does not.
    """
    if not _ORIGIN.fullmatch(said.origin) or said.origin.endswith("-audit"):
        raise IntroductionError("introduction, origin: expected 1 to 31 of a-z 0-9 -")
    if said.epoch < 1:
        raise IntroductionError("introduction, epoch: expected 1, 2, …")
    if not said.name or len(said.name) > 80:
        raise IntroductionError("introduction, name: expected 1 to 80 characters")
    if any(_is_unseen(letter) for letter in "".join((said.name, *said.wards))):
        raise IntroductionError("introduction, name, ward: expected letters that can be seen")
    try:
        if Verifier.from_vkey(said.log).name != f"releve/{said.origin}/{said.epoch}":
            raise IntroductionError("introduction, log: expected the key of this origin and epoch")
        if said.audit and not Verifier.from_vkey(said.audit).name.startswith(f"releve/{said.origin}-audit/"):
            raise IntroductionError("introduction, audit: expected the key of this origin's second log")
        if said.audit:
            epoch_of(said.audit)
    except NoteError as error:
        raise IntroductionError(f"introduction, log or audit: {error}") from None
    if not said.mirror.startswith(f"releve/{said.origin}/mirror+"):
        raise IntroductionError("introduction, mirror: expected the cosigning key of this origin")
    if not re.fullmatch(r"age1[0-9a-z]{20,100}", said.recipient):
        raise IntroductionError("introduction, recipient: expected one that begins with age1")
    if not said.certificate.startswith("-----BEGIN CERTIFICATE-----"):
        raise IntroductionError("introduction, certificate: expected PEM")
    if not all(_ADDRESS.fullmatch(address) for address in said.addresses):
        raise IntroductionError(
            "introduction, address: expected an IP address and a port, such as 10.4.2.1:8443"
        )
    if not all(_WARD.fullmatch(ward) for ward in said.wards):
        raise IntroductionError("introduction, ward: expected a code without spaces")
    return said


def _is_unseen(letter: str) -> bool:
    # What turns the reading round, or is no sign at all, makes one name look like another on every screen.
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def epoch_of(vkey: str) -> int:
    """Return the epoch that stands in the name of a log's key, `releve/ORIGIN/EPOCH`.

    Raises:
        IntroductionError: it is no key of a log.
    """
    last = vkey.partition("+")[0].rpartition("/")[2]
    if not re.fullmatch(r"[1-9][0-9]{0,8}", last):
        raise IntroductionError("key: expected the name releve/ORIGIN/EPOCH")
    return int(last)


def fingerprint(introduction: Introduction) -> str:
    """Return the SHA-256 of the text in groups of four digits."""
    digits = sha256(write_text(introduction).encode()).hexdigest().upper()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def in_words(introduction: Introduction) -> str:
    """Return the first 80 bits of that fingerprint as eight words to compare by telephone (list of SLIP-39)."""
    number = int.from_bytes(sha256(write_text(introduction).encode()).digest()[:10], "big")
    return " ".join(WORDLIST[number >> 10 * (_WORDS - 1 - place) & 1023] for place in range(_WORDS))


_ONCE = ("origin", "name", "epoch", "log", "audit", "mirror", "recipient")
