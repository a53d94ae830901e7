"""That several threads may decode one type as soon as a process serves."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from releve.exercise.demo import demo_hospital

# The threads change hands at every chance they get, so that what may go wrong does.
FIRST_PAGES = """
import sys, threading
import releve.app.serving
import msgspec
from pathlib import Path
from releve.hospital.map import HospitalMap

sys.setswitchinterval(1e-6)
raw, together = Path(sys.argv[1]).read_bytes(), threading.Barrier(8)

def first_page():
    together.wait()
    msgspec.json.decode(raw, type=HospitalMap)

threads = [threading.Thread(target=first_page) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("alive")
"""


def test_the_first_pages_asked_at_once_do_not_end_a_worker(tmp_path: Path) -> None:
    """Thirty wards open their boards in the same second, and all their requests would be lost with the process."""
    told = tmp_path / "map.json"
    told.write_bytes(msgspec.json.encode(demo_hospital()))

    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGES, str(told)],
        env={**os.environ, "RELEVE_DATA": str(tmp_path)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr[-2000:]
