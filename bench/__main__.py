"""Run every measurement, or those named: `python -m bench [ack …]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Return 0 when every measurement could be made (whatever it shows)."""
    known = [
        path.stem
        for path in sorted(HERE.glob("*.py"))
        if not path.stem.startswith("_") and "\ndef measure(" in path.read_text(encoding="utf-8")
    ]
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
        print(f"== {name}", flush=True)
        failed += importlib.import_module(f"bench.{name}").measure() != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
