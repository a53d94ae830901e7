"""`releve exercise feed --tls` against an island that speaks TLS only, and hears nobody without a certificate."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from living_island import LivingIsland, releve

sys.path.insert(0, str(Path(__file__).parent.parent / "gateway"))

from gateway_certificates import make_certificates


@pytest.mark.whole
def test_a_hospital_speaks_tls_with_a_certificate_of_its_own_and_nobody_else_is_heard(
    island: LivingIsland, tmp_path: Path
) -> None:
    """Messages of patients cross the hospital's network: unread on the way, from known senders only."""
    made = make_certificates(tmp_path)
    ours = tmp_path / "ours.pem"
    ours.write_bytes(made.client.read_bytes() + made.client_key.read_bytes())
    settings = island.data / "releve.toml"
    before = settings.read_text()
    assert "\n[mllp]\n" in before
    settings.write_text(
        before.replace("\n[mllp]\n", f'\n[mllp]\ntls = true\nclient_authorities = "{made.authority}"\n')
        .replace("\ntls = false", "")
        .replace('\nclient_authorities = ""', "")
    )
    island.serve()

    def feed(*options: str) -> subprocess.CompletedProcess[str]:
        return releve(
            "exercise", "feed", "--to", "{}:{}".format(*island.mllp), "--hours", "0.1", "--speed", "0",
            "--occupancy", "0.02", "--json", *options, seconds=60,
        )  # fmt: skip

    theirs = str(island.data / "keys" / "web.crt")
    trusted = feed("--tls", "--ca", theirs, "--certificate", str(ours))
    stored = island.size()
    nameless = feed("--tls", "--ca", theirs)
    deceived = feed("--tls", "--ca", str(made.authority), "--certificate", str(ours))

    assert trusted.returncode == 0, trusted.stderr
    told = json.loads(trusted.stdout.splitlines()[-1])
    assert told["acknowledged"] == told["sent"] > 50
    assert sum(island.messages().values()) == told["sent"]
    assert (nameless.returncode, deceived.returncode) == (1, 1)
    assert "--certificate: expected" in nameless.stderr
    assert "--ca: expected" in deceived.stderr
    assert island.size() == stored
