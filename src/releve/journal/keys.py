"""The secrets of an island: the one way every process reads a file under DATA/keys, wrapped or bare.

A wrapped file keeps its name. It holds three lines: `RELEVE-WRAPPED 1`, the number of the island key it was wrapped
with, and nonce(12) | ChaCha20-Poly1305 in base64, bound to that number and to the file's name. Whoever holds the
*island key* (32 bytes) reads them all. While an island is open, that key lies in one file of memory (tmpfs, 0600, own
user) outside DATA; it is never written to a disk. How it is put there: `releve.app.keys`.
Source: RFC 8439 (ChaCha20-Poly1305).
"""

import base64
import binascii
import json
import os
import secrets
import shutil
import stat
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from releve.journal import modes
from releve.journal.durable import sync
from releve.journal.errors import FolderError

__all__ = [
    "KEY_BYTES", "KeysLocked", "hand_over", "is_wrapped", "keep_secret", "key_number", "open_keys", "ring_path",
    "run_file", "sealed", "secret", "secret_names", "secret_path", "unsealed", "withdraw", "wrap_file", "wrapped_with",
]  # fmt: skip

KEY_BYTES = 32
_NONCE_BYTES = 12
_FIRST = b"RELEVE-WRAPPED 1\n"
_RUN = "RELEVE_RUN"
_UNITS = Path("/run/releve")  # RuntimeDirectory of the systemd units: a shell of the same user finds it too
# Public, wrapped by a passphrase of their own, a mere digest, or needed to show the page of a locked island over TLS.
_OPEN_ENDINGS = (".crt", ".card", ".part", ".pub", ".vkey", ".json")
_OPEN_NAMES = frozenset({"web.pem", "ca/ca.pem", "ca/server.pem", "first-code", "first-code.new"})


class KeysLocked(FolderError):
    """The island's keys are wrapped and nobody has opened them yet."""

    def __init__(self) -> None:
        super().__init__(
            "keys: expected an open island, it is locked; open it with `releve keys unlock --data DIR`"
        )


def key_number(key: bytes) -> str:
    """Return the number by which an island key is told from others; it tells nothing of the key."""
    return sha256(b"releve/island-key/1\n" + key).hexdigest()[:16]


def ring_path(data: Path) -> Path:
    """Return the file that says by which means the island key is opened. It is there when the island is wrapped."""
    return data / "keys" / "island.json"


def is_wrapped(data: Path) -> bool:
    """Tell whether this island's secrets are wrapped with an island key."""
    return ring_path(data).exists()


def secret_names(data: Path) -> list[str]:
    """Return every file under DATA/keys that is to be wrapped, as `secret` names it."""
    folder = data / "keys"
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(name for name in names if not name.endswith(_OPEN_ENDINGS) and name not in _OPEN_NAMES)


def secret(data: Path, name: str) -> bytes:
    """Return what the secret file `name` under DATA/keys holds, opened with the island key when it is wrapped.

    Raises:
        FileNotFoundError: there is none.
        KeysLocked: it is wrapped and the island is not open.
        FolderError: it is damaged, or was wrapped for another name.
    """
    content = (data / "keys" / name).read_bytes()
    number = wrapped_with(content)
    if not number:
        return content
    key = open_keys(data).get(number)
    if key is None:
        raise KeysLocked
    return _unwrapped(content, key, name)


def secret_path(data: Path, name: str) -> Path:
    """Return a path at which another program can read a secret file (Caddy, the TLS of Python) in the clear.

    That is the file itself while it is bare, a copy beside the island key in memory when it is wrapped.

    Raises:
        FileNotFoundError, KeysLocked, FolderError: as `secret`.
    """
    path = data / "keys" / name
    if not wrapped_with(path.read_bytes()):
        return path
    copy = run_file(data).with_suffix("") / name.replace("/", "-")
    content = secret(data, name)
    _own_folder(copy.parent.parent)
    _own_folder(copy.parent)
    _write(copy, content)
    return copy


def keep_secret(data: Path, name: str, content: bytes, *, replace: bool = True) -> None:
    """Write a secret file under DATA/keys, durable and whole or not at all; wrapped when the island is.

    Raises:
        FileExistsError: it is there already and `replace` is false; nothing was changed.
        KeysLocked: the island is wrapped and not open; nothing was changed.
    """
    if is_wrapped(data):
        # The key the ring opens, not merely one that is open: while keys are changed there are two.
        key = open_keys(data).get(json.loads(ring_path(data).read_bytes())["number"])
        if key is None:
            raise KeysLocked
        content = _wrapped(content, key, name)
    _write(data / "keys" / name, content, replace=replace)


def wrap_file(data: Path, name: str, keys: dict[str, bytes]) -> bool:
    """Wrap one secret file with the first of `keys`, whatever it is wrapped with now; tell whether it changed.

    Raises:
        KeysLocked: it is wrapped with a key that is not among them.
    """
    path = data / "keys" / name
    if wrapped_with(path.read_bytes()) == next(iter(keys)):
        return False
    with path.open("r+b") as file:
        content = file.read()
        number = wrapped_with(content)
        if number and number not in keys:
            raise KeysLocked
        bare = _unwrapped(content, keys[number], name) if number else content
        _write(path, _wrapped(bare, next(iter(keys.values())), name))
        # The bare bytes are overwritten where they lay. On a flash disk a copy may stay: see docs/reference/keys.md.
        file.seek(0)
        file.write(bytes(len(content)))
        file.flush()
        os.fsync(file.fileno())
    return True


def wrapped_with(content: bytes) -> str:
    """Return the number of the island key that these bytes of a file were wrapped with, "" when they are bare."""
    if not content.startswith(_FIRST):
        return ""
    return content[len(_FIRST) :].split(b"\n", 1)[0].decode("ascii", "replace")


def sealed(key: bytes, content: bytes, bound_to: str) -> bytes:
    """Return nonce | ciphertext of `content` under `key`, bound to a text that must be said again to open it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, content, bound_to.encode())


def unsealed(key: bytes, content: bytes, bound_to: str) -> bytes | None:
    """Return what `sealed` was given, or None when the key, the text or a single bit is another."""
    try:
        return ChaCha20Poly1305(key).decrypt(
            content[:_NONCE_BYTES], content[_NONCE_BYTES:], bound_to.encode()
        )
    except (InvalidTag, ValueError):
        return None


def run_file(data: Path) -> Path:
    """Return where the island key of this data folder lies in memory while it is open.

    `RELEVE_RUN` names another folder (an own one for each user of a unit); it has to be on a tmpfs.

    Raises:
        FolderError: no folder of memory here, or it is somebody else's.
    """
    name = f"{sha256(os.fsencode(data.resolve())).hexdigest()[:16]}.key"
    if given := os.environ.get(_RUN):
        return Path(given) / name
    if _UNITS.is_dir() and _UNITS.stat().st_uid == os.getuid() and _in_memory(_UNITS.parent):
        return _UNITS / name
    for place in (Path("/run"), Path("/dev/shm")):
        if place.is_dir() and os.access(place, os.W_OK) and _in_memory(place):
            return place / f"releve-{os.getuid()}" / name
    raise FolderError("RELEVE_RUN: expected a folder in memory (tmpfs), for /run and /dev/shm are none here")


def open_keys(data: Path) -> dict[str, bytes]:
    """Return the island keys that are open, by number, the one in force first; empty when the island is locked."""
    path = run_file(data)
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or not _is_ours(found) or found.st_mode & modes.OTHERS:
            raise FolderError("the island key in memory: expected a file of this user, mode 0600")
        keys = [binascii.unhexlify(line) for line in path.read_bytes().split()]
    except FileNotFoundError:
        return {}
    except binascii.Error:
        raise FolderError("the island key in memory: expected lines of 64 hexadecimal figures") from None
    return {key_number(key): key for key in keys if len(key) == KEY_BYTES}


def hand_over(data: Path, keys: dict[str, bytes]) -> None:
    """Put the island keys where every process of this island and user finds them, the one in force first.

    Raises:
        FolderError: the folder in memory is somebody else's.
    """
    path = run_file(data)
    _own_folder(path.parent)
    _write(path, b"".join(key.hex().encode() + b"\n" for key in keys.values()))
    path.chmod(modes.FILE)


def withdraw(data: Path) -> None:
    """Take the island keys out of memory: whoever starts from now on finds the island locked."""
    run_file(data).unlink(missing_ok=True)
    shutil.rmtree(run_file(data).with_suffix(""), ignore_errors=True)


def _own_folder(folder: Path) -> None:
    folder.mkdir(mode=modes.FOLDER, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _is_ours(found) or found.st_mode & modes.OTHERS:
        raise FolderError(f"{folder}: expected a folder of this user, mode 0700")


def _is_ours(found: os.stat_result) -> bool:
    """Tell whether it belongs to this account; where accounts share, root or one of them opens the island for all."""
    return found.st_uid == os.getuid() or (
        modes.SHARED and (found.st_uid == 0 or found.st_gid == os.getgid())
    )


def _bound(number: str, name: str) -> str:
    return f"releve/wrapped/1\n{number}\n{name}"


def _wrapped(content: bytes, key: bytes, name: str) -> bytes:
    number = key_number(key)
    return b"%s%s\n%s\n" % (
        _FIRST, number.encode(), base64.b64encode(sealed(key, content, _bound(number, name)))
    )  # fmt: skip


def _unwrapped(content: bytes, key: bytes, name: str) -> bytes:
    number = key_number(key)
    try:
        raw = base64.b64decode(content[len(_FIRST) + len(number) + 1 :].strip(), validate=True)
    except binascii.Error:
        raise FolderError(f"keys/{name}: expected a wrapped key, it is damaged") from None
    bare = unsealed(key, raw, _bound(number, name))
    if bare is None:
        raise FolderError(f"keys/{name}: expected a key wrapped for this name, unchanged")
    return bare


def _write(path: Path, content: bytes, *, replace: bool = True) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        part.replace(path)
    else:
        try:
            os.link(part, path)
        finally:
            part.unlink()
    sync(path.parent)


def _in_memory(place: Path) -> bool:
    """Tell whether a folder lies on a tmpfs of its own, by the kernel's list of mounts."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(
        words[1:3] in ([str(place), "tmpfs"], [str(place), "ramfs"])
        for words in (line.split(" ") for line in lines)
    )
