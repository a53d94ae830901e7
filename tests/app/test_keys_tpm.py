"""The machine's security chip as a means: tried with swtpm, the software TPM of Debian, through the real programs."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from releve.app.keys.ring import Ring
from releve.app.keys.tpm import make_tpm, open_tpm, tpm_here
from releve.journal.errors import FolderError
from releve.journal.keys import key_number

KEY = b"an island key of 32 bytes, known"

Chip = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def chip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chip]:
    """Return what switches the chip on; its memory survives from one time to the next, as in a machine."""
    if shutil.which("swtpm") is None or tpm_here() == "tools":
        pytest.skip("swtpm, tpm2-tools and libtss2-tcti-swtpm0 are not installed")
    started: list[subprocess.Popen[bytes]] = []

    def on() -> subprocess.Popen[bytes]:
        # The client finds the second port by adding one to the first.
        port = next(
            port for port in range(23000 + os.getpid() % 5000, 32000, 2) if _free(port) and _free(port + 1)
        )
        process = subprocess.Popen(
            [
                "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={tmp_path}", "--server", f"type=tcp,port={port}",
                "--ctrl", f"type=tcp,port={port + 1}", "--flags", "not-need-init,startup-clear",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        deadline = time.monotonic() + 10
        while _free(port) or _free(port + 1):
            assert time.monotonic() < deadline, "swtpm does not listen"
            time.sleep(0.02)
        monkeypatch.setenv("TPM2TOOLS_TCTI", f"swtpm:host=127.0.0.1,port={port}")
        return process

    yield on
    for process in started:
        process.kill()
        process.wait()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_a_chip_opens_after_a_power_cut_and_not_after_secure_boot_changed(chip: Chip) -> None:
    """At 03:10 the power comes back and nobody is there; whoever boots another system from a stick gets nothing."""
    process = chip()
    means = make_tpm(KEY, 1)
    ring = Ring(origin="a", number=key_number(KEY), made_at_us=1, means=(means,))
    assert open_tpm(ring) == (KEY, "open")

    process.terminate()
    process.wait()
    chip()
    assert open_tpm(ring) == (KEY, "open")

    subprocess.run(["tpm2_pcrextend", f"7:sha256={'11' * 32}"], check=True, capture_output=True)
    assert open_tpm(ring) == (None, "refused")


def test_without_a_chip_it_is_said_which_part_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """“It does not work” is no help to somebody who has to choose between a package and a screwdriver."""
    monkeypatch.delenv("TPM2TOOLS_TCTI", raising=False)
    monkeypatch.setattr(shutil, "which", lambda program: None)
    assert tpm_here() == "tools"
    with pytest.raises(FolderError, match="tpm2-tools"):
        make_tpm(KEY, 1)

    monkeypatch.setattr(shutil, "which", lambda program: program)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(FolderError, match="/dev/tpmrm0"):
        make_tpm(KEY, 1)
