"""The hospital's life, so many messages a second: one connection a feed, each waits for its answer, as senders do.

`python -m bench.feeder PORT START RATE SECONDS` prints one line of JSON. A process of its own, so that its work is
told apart from the island's.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from datetime import datetime

from bench.living import SEED
from releve.exercise.demo import demo_hospital
from releve.exercise.feed import Address, Feeder, Pace
from releve.exercise.hospital_life import HospitalLife


def main() -> None:
    """Send what happens after START."""
    port, start, rate, seconds = sys.argv[1:]
    begin = datetime.fromisoformat(start)
    until_us = int(begin.timestamp()) * 1_000_000
    life = HospitalLife(demo_hospital(), seed=SEED, start=begin).run()
    later = itertools.dropwhile(lambda emission: emission.at_us <= until_us, life)
    emissions = itertools.islice(later, int(float(rate) * float(seconds)))
    first = next(emissions)  # the past is made up before the clock starts
    feeder = Feeder(
        itertools.chain((first,), emissions),
        Address("127.0.0.1", int(port)),
        Pace(start_us=0, rate=float(rate)),
    )
    started, cpu = time.monotonic(), time.process_time()
    counts = asyncio.run(feeder.run())
    elapsed = time.monotonic() - started
    print(
        json.dumps(
            {
                "sent": counts.sent,
                "acknowledged": counts.acknowledged,
                "seconds": round(elapsed, 1),
                "per_second": round(counts.acknowledged / elapsed, 1),
                "cpu": round((time.process_time() - cpu) / elapsed, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
