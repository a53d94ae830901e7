"""Run every measurement, or those named: `python -m bench [ack …]`, and write `results/README.md`.

All of them take about half an hour on two cores, most of it the fold of a million messages;
RELEVE_BENCH_MESSAGES=100000 brings that to ten minutes. Loopback only; whatever is started is stopped.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.figures import write_summary

HERE = Path(__file__).parent
# As the table of what must be reached; what is not named here comes after.
ORDER = ("ack", "append", "wire", "fold", "board", "writes", "packs", "start", "islands")


def main() -> int:
    """Return 0 when every measurement could be made (whatever it shows)."""
    found = [
        path.stem
        for path in sorted(HERE.glob("*.py"))
        if not path.stem.startswith("_") and "\ndef measure(" in path.read_text(encoding="utf-8")
    ]
    known = sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all when none is named"
    )
    names = parser.parse_args().names or known
    for name in names:
        if name not in known:
            parser.error(f"expected one of {', '.join(known)}")
    failed = 0
    for name in names:
        started = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            failed += importlib.import_module(f"bench.{name}").measure() != 0
        except Exception as error:  # one measurement that cannot be made must not keep the others from theirs
            print(f"{name}: could not be measured: {type(error).__name__}: {error}", file=sys.stderr)
            failed += 1
        print(f"   {time.monotonic() - started:.0f} s", flush=True)
    print("\n" + write_summary(known))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
