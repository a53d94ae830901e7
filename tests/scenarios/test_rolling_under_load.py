"""The journal goes on in a new epoch while messages flow."""

import json
import threading
import time
from collections import Counter

from living_island import LivingIsland, Load, lived, wait_until

from releve.journal.folder import logs, own_log
from releve.journal.reader import LogReader


class Pause:
    """Watches a count, and remembers the longest time for which it stood still."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seconds = 0.0

    def __enter__(self) -> "Pause":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _watch(self) -> None:
        last, since = -1, time.monotonic()
        while not self._over.wait(0.005):
            count, now = sum(self._load.acknowledged.values()), time.monotonic()
            if count != last:
                last, since = count, now
            self.seconds = max(self.seconds, now - since)


def stored(island: LivingIsland) -> Counter[bytes]:
    """Return the messages in all logs, and how often each is there."""
    found: Counter[bytes] = Counter()
    for log in logs(island.data):
        with LogReader(log.path) as reader:
            found.update(
                entry.body
                for entry in reader.read(0, 1_000_000, lane="feed")
                if entry.kind == "message.hl7v2"
            )
    return found


def test_a_roll_under_load_loses_and_doubles_nothing_and_is_carried_by_itself(island: LivingIsland) -> None:
    """Once a week the log goes on in another file; no ward and no sender may notice more than a moment."""
    island.serve()
    with Load(island, lived(6), lines=4, pause_seconds=0.01) as load:
        wait_until(lambda: sum(load.acknowledged.values()) > 150, "messages to flow")
        before = own_log(island.data)
        with Pause(load) as pause:
            rolled = island.result("epochs", "roll")
            for _ in range(5):
                load.wait_for_more("messages to flow in the next epoch")
        assert rolled == {"log": "a/2", "before": "a/1"}
    in_all = stored(island)
    assert load.acknowledged - in_all == Counter()
    assert all(count == 1 for message, count in in_all.items() if message in load.acknowledged)
    with LogReader(before.path) as reader:
        assert reader.get(reader.size - 1).kind == "journal.closed.1"
    with LogReader(own_log(island.data).path) as reader:
        assert reader.opened().handover
    print(f"senders waited {pause.seconds:.2f} s")
    assert pause.seconds < 2

    kept = island.data / "retention" / "a.1.json"
    wait_until(kept.exists, "what matters to be restated and proved", 90)
    assert json.loads(kept.read_bytes())["holds"]
    assert island.ask("SELECT count(*) FROM views_carried")[0][0] > 100
