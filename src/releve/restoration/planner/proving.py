"""`python -m releve.restoration.planner.proving SECONDS`: the bound of a case, proved in a process of its own.

The case is one line of standard input, which then stays open: at its end, that of whoever asked, this process ends.
Each better bound is a line of standard output.
"""

import os
import sys
import threading

__all__ = ["main"]


def main() -> int:
    """Prove until the seconds have passed; return the exit code."""
    given = sys.stdin.buffer.readline()  # before anything is loaded: whoever asked waits until it is taken
    threading.Thread(target=_end_with_input, daemon=True).start()
    from releve.restoration.case import read_case
    from releve.restoration.planner.bound import lower_bound

    lower_bound(
        read_case(given), seconds=float(sys.argv[1]), heard=lambda bound: print(repr(bound), flush=True)
    )
    return 0


def _end_with_input() -> None:
    # Not by `sys.stdin`: whoever waits in it holds its lock, and an interpreter that ends meanwhile aborts (SIGABRT).
    while os.read(0, 65_536):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
