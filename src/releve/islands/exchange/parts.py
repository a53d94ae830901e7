"""What stands on a stick: exports of sealed parts, each part a tar archive of layout files. Pure.

    releve/README.txt                   whom to bring this to
    releve/ORIGIN-20261122t031005z/     one export; nothing in it is ever written again
        000000.age                      its plan: which logs, from where on, for whom
        000001.age …                    the files, in the order of the plan
        SHA256SUMS                      last: the export is complete
    releve/receipts/ORIGIN-…z.age       what an island that read the stick holds now

Names say which island wrote and when, nothing else. Without us: `age -d -i KEY 000001.age | tar x`. A blob over 16 MiB
stands in pieces, PATH.1-of-3 and so on, to be put one after the other.
Source: age-encryption.org/v1 (X25519 recipients), POSIX.1-1988 ustar.
"""

import datetime
import re
import struct
import tarfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec
import pyrage

from releve.islands.exchange import layout
from releve.journal.errors import JournalError

__all__ = [
    "EXPORT", "FOLDER", "PART", "PART_BYTES", "PIECE_BYTES", "PLAN", "RECEIPTS", "RECEIPT_BYTES_MAX",
    "SEALED_BYTES_MAX", "SUMS", "SUMS_BYTES_MAX", "Held", "LogRange", "Member", "Plan", "Receipt", "StickError",
    "export_name", "member", "members", "part_name", "pieces", "read_plan", "read_receipt", "seal", "unseal",
]  # fmt: skip

FOLDER = "releve"
RECEIPTS = "receipts"
SUMS = "SHA256SUMS"
PLAN = "plan"  # the one member of part 0
PART_BYTES = 32 * 1024 * 1024  # what is lost at most when a stick is pulled out; a second or two of writing
PIECE_BYTES = 16 * 1024 * 1024
SEALED_BYTES_MAX = 2 * PART_BYTES
SUMS_BYTES_MAX = 8 * 1024 * 1024
RECEIPT_BYTES_MAX = 1024 * 1024
EXPORT = re.compile(r"([a-z0-9][a-z0-9-]{0,30})-[0-9]{8}t[0-9]{6}z")
PART = re.compile(r"([0-9]{6})\.age")
_PIECE = re.compile(r"(blobs/[0-9a-f]{2}/[0-9a-f]{62})\.([1-9][0-9]{0,3})-of-([1-9][0-9]{0,3})")
_BLOCK = 512
_HEADER = struct.Struct("100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s155s12x")
# A header lists a line for each island; a million lines would be tried one by one with the key.
_AGE_HEADER_BYTES_MAX = 64 * 1024
_Kind = TypeVar("_Kind")
_AGE_MAGIC = b"age-encryption.org/v1\n"


class StickError(JournalError):
    """Something on a stick is not what it should be; `code` is one word for whoever puts it into a sentence."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code


class LogRange(msgspec.Struct, frozen=True, kw_only=True):
    """What an export carries of one log: entries `start` to `size` - 1, all below `checkpoint`."""

    origin: str
    epoch: int
    start: int
    size: int
    checkpoint: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one export carries, decided before its first file is written."""

    origin: str
    at_us: int
    asked: str  # what was asked for, so that only the same request goes on with it
    recipients: tuple[str, ...]
    logs: tuple[LogRange, ...]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One log as an island that read a stick holds it: the checkpoint, with that island's own cosignature."""

    origin: str
    epoch: int
    size: int
    checkpoint: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What an island leaves on a stick that it read, for the one that writes the next."""

    origin: str
    at_us: int
    logs: tuple[Held, ...]


class Member(NamedTuple):
    """A file, or a piece of one, in an unsealed part."""

    path: str
    piece: int  # from 1 on
    pieces: int
    start: int
    length: int


def export_name(origin: str, now_us: int) -> str:
    """Return the folder of an export that `origin` begins now."""
    return f"{origin}-{datetime.datetime.fromtimestamp(now_us // 1_000_000, datetime.UTC):%Y%m%dt%H%M%Sz}"


def part_name(number: int) -> str:
    """Return the file name of a part."""
    return f"{number:06d}.age"


def pieces(path: str, size: int) -> list[tuple[str, int, int]]:
    """Return under which names a file goes into parts, each with the bytes [start, stop) it takes."""
    if size <= PIECE_BYTES:
        return [(path, 0, size)]
    count = -(-size // PIECE_BYTES)
    return [
        (f"{path}.{number + 1}-of-{count}", number * PIECE_BYTES, min(size, (number + 1) * PIECE_BYTES))
        for number in range(count)
    ]


def member(path: str, content: bytes) -> bytes:
    """Return one file as it stands in a part: a ustar header and the content, filled up to whole blocks."""
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(content), 0o600
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % _BLOCK)


def members(raw: bytes) -> Iterator[Member]:
    """Yield the files of an unsealed part; only plain files with names of the layout are read.

    Raises:
        StickError: it is not such an archive.
    """
    at = 0
    while at < len(raw):
        block = raw[at : at + _BLOCK]
        found = _read_header(block)
        at += _BLOCK
        if at + found.length > len(raw):
            raise StickError("torn", f"part: expected {found.length} bytes of a file")
        yield found._replace(start=at)
        at += found.length + -found.length % _BLOCK


def _read_header(block: bytes) -> Member:
    if len(block) != _BLOCK:
        raise StickError("torn", "part: expected whole blocks")
    fields = _HEADER.unpack(block)
    try:
        name = fields[0].rstrip(b"\0").decode("ascii")
        length = int(fields[4].rstrip(b"\0 "), 8)
        stated = int(fields[6].rstrip(b"\0 "), 8)
    except ValueError:
        raise StickError("foreign", "part: expected a ustar header") from None
    computed = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if fields[9] != b"ustar\0" or stated != computed or fields[7] != b"0" or fields[15].strip(b"\0"):
        raise StickError("foreign", "part: expected a ustar header of a plain file")
    if name == PLAN:
        return Member(name, 1, 1, 0, length)
    if piece := _PIECE.fullmatch(name):
        number, count = int(piece[2]), int(piece[3])
        if number > count:
            raise StickError("foreign", "part: expected a piece of a blob")
        return Member(piece[1], number, count, 0, length)
    try:
        layout.parse_path(name)
    except layout.LayoutError:
        raise StickError("foreign", "part: expected names of the layout") from None
    return Member(name, 1, 1, 0, length)


def seal(raw: bytes, recipients: Sequence[str]) -> bytes:
    """Return `raw` so that only the holders of these age recipients can read it.

    Raises:
        StickError: one of them is no age X25519 recipient, or there is none.
    """
    try:
        found = [pyrage.x25519.Recipient.from_str(text) for text in recipients]
    except pyrage.RecipientError:
        raise StickError("recipient", "stick: expected the age recipient of each island") from None
    if not found:
        raise StickError("recipient", "stick: expected the age recipient of one island at least")
    return pyrage.encrypt(raw, found)


def unseal(raw: bytes, identity: str) -> bytes:
    """Return what was sealed, opened with an age identity (`AGE-SECRET-KEY-1…`).

    Raises:
        StickError: `not-for-us`, `torn`, or `foreign`.
    """
    if not raw.startswith(_AGE_MAGIC):
        raise StickError("foreign", "part: expected a file in the age format")
    if raw.find(b"\n---", 0, _AGE_HEADER_BYTES_MAX) < 0:
        raise StickError("foreign", f"part: expected an age header of {_AGE_HEADER_BYTES_MAX} bytes at most")
    try:
        return pyrage.decrypt(raw, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.IdentityError:
        raise StickError("identity", "key of this island for sticks: expected an age identity") from None
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise StickError("not-for-us", "part: expected to be sealed for this island") from None
        raise StickError("torn", "part: expected to be whole, as it was written") from None


def read_plan(raw: bytes) -> Plan:
    """Return the plan in an unsealed part 0.

    Raises:
        StickError: it holds none.
    """
    found = list(members(raw))
    if len(found) != 1 or found[0].path != PLAN:
        raise StickError("foreign", "part 0: expected the plan of an export")
    return _decode(raw[found[0].start : found[0].start + found[0].length], Plan)


def read_receipt(raw: bytes) -> Receipt:
    """Return an unsealed receipt.

    Raises:
        StickError: it is none.
    """
    return _decode(raw, Receipt)


def _decode(raw: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, ValueError):
        raise StickError("foreign", f"stick: expected a {kind.__name__.lower()}") from None
