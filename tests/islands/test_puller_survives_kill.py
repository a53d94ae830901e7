"""A puller killed at any moment: what it signed for is held, what is held is whole, and the next one goes on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from three_islands import islands

from releve.islands.exchange.cosign import cosigned_path
from releve.journal import folder, verify
from releve.journal.reader import LogReader

_PULL = """
import sys
from pathlib import Path
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
data, other = Path(sys.argv[1]), Path(sys.argv[2])
puller = Puller(data, read_peers(data), signer=read_mirror_signer(data), quota=Quota(free_bytes_min=0))
source = Publisher(other)
print("ready", flush=True)
while True:
    puller.pull_from(source, "a")
"""


def test_a_killed_puller_leaves_a_sound_copy_and_signed_for_no_more_than_it_holds(
    tmp_path: Path, rounds: int
) -> None:
    """A power switch, an upgrade, an operator: the puller dies in the middle of a catch-up and nobody is told a lie."""
    a, b = islands(tmp_path, "a", "b")
    choose = random.Random(5)
    for _ in range(max(3, rounds // 3)):
        a.record(choose.choice([30, 400, 18_000]))
        process = subprocess.Popen(
            [sys.executable, "-c", _PULL, str(b.data), str(a.data)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(choose.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        cosigned = cosigned_path(b.data, "a", 1)
        signed = int(cosigned.read_text("utf-8").partition("\n")[0]) if cosigned.exists() else 0
        assert b.size("a") >= signed
        if b.size("a"):
            log = folder.Log("a", 1, folder.log_path(b.data, "a", 1))
            assert [str(one) for one in verify.verify_log(b.data, log)] == []
    b.pull(a)
    with LogReader(a.log.path) as theirs, LogReader(folder.log_path(b.data, "a", 1)) as ours:
        assert ours.head() == theirs.head()
    for island in (a, b):
        island.close()
