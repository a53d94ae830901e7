"""The machine's TPM 2 as a means, through the programs of `tpm2-tools`: sealed under the owner's storage key, to be
opened only while PCR 7 (Secure Boot: keys and state) is what it was.

A TPM opens for whoever holds the whole machine: it spares people a walk after a power cut, and protects a disk that
is taken out, not a machine that is carried away. Source: TCG TPM 2.0 Library; tpm2_create(1), tpm2_unseal(1).
"""

import base64
import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from releve.app.keys.ring import Ring, Tpm, seal_key, unseal_key
from releve.journal.errors import FolderError

__all__ = ["make_tpm", "open_tpm", "tpm_here"]

PCRS = "sha256:7"
_SECONDS = 20.0
_PROGRAMS = ("tpm2_createprimary", "tpm2_createpolicy", "tpm2_create", "tpm2_load", "tpm2_unseal")


class _TpmRefused(Exception):
    """A program ended with an error."""


def tpm_here() -> str:
    """Return "" when a TPM can be used here, else why not: tools (not installed), device (none, or not ours)."""
    if any(shutil.which(program) is None for program in _PROGRAMS):
        return "tools"
    if os.environ.get("TPM2TOOLS_TCTI") or os.access("/dev/tpmrm0", os.R_OK | os.W_OK):
        return ""
    return "device"


def make_tpm(key: bytes, now_us: int) -> Tpm:
    """Return the means by which this machine's TPM opens the island key.

    Raises:
        FolderError: no TPM, or it refused.
    """
    if why := tpm_here():
        wanted = (
            "the package tpm2-tools" if why == "tools" else "a TPM 2 at /dev/tpmrm0 that this user may use"
        )
        raise FolderError(f"tpm: expected {wanted}")
    secret = secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="releve-") as folder:
        where = Path(folder)
        try:
            _primary(where)
            _run(where, "tpm2_createpolicy", "--policy-pcr", "-l", PCRS, "-L", "pcr.policy")
            _run(
                where, "tpm2_create", "-C", "primary.ctx", "-g", "sha256", "-L", "pcr.policy", "-i", "-",
                "-u", "key.pub", "-r", "key.priv", stdin=secret,
            )  # fmt: skip
        except _TpmRefused as error:
            raise FolderError(f"tpm: expected it to seal a key, {error} failed") from None
        finally:
            _flush(where)
        made = Tpm(
            made_at_us=now_us, pcrs=PCRS, public=_text(where / "key.pub"), private=_text(where / "key.priv"),
            sealed=seal_key(secret, key, "tpm"),
        )  # fmt: skip
    return made


def open_tpm(ring: Ring) -> tuple[bytes | None, str]:
    """Return the island key and how it stands: open, none (no such means), tools, device, refused."""
    means = ring.of("tpm")
    if not isinstance(means, Tpm):
        return None, "none"
    if why := tpm_here():
        return None, why
    with tempfile.TemporaryDirectory(prefix="releve-") as folder:
        where = Path(folder)
        (where / "key.pub").write_bytes(base64.b64decode(means.public))
        (where / "key.priv").write_bytes(base64.b64decode(means.private))
        try:
            _primary(where)
            _run(where, "tpm2_load", "-C", "primary.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx")
            secret = _run(where, "tpm2_unseal", "-c", "key.ctx", "-p", f"pcr:{means.pcrs}")
        except _TpmRefused:
            return None, "refused"
        finally:
            _flush(where)
    key = unseal_key(secret, means.sealed, "tpm", ring.number)
    return (key, "open") if key is not None else (None, "refused")


def _primary(where: Path) -> None:
    _run(where, "tpm2_createprimary", "-C", "o", "-g", "sha256", "-G", "ecc", "-c", "primary.ctx")


def _run(where: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    # A TPM without resource manager has room for three objects; where there is one, nothing is there to be flushed.
    _flush(where)
    try:
        done = subprocess.run(
            arguments, cwd=where, input=stdin, capture_output=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        raise _TpmRefused(arguments[0]) from None
    return done.stdout


def _flush(where: Path) -> None:
    if not os.environ.get("TPM2TOOLS_TCTI"):
        return
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            ["tpm2_flushcontext", "-t"], cwd=where, capture_output=True, timeout=_SECONDS, check=False
        )


def _text(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
