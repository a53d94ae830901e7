"""A plan made in a process of its own: a request on its standard input, lines of progress and the plan on its output.

`python -m releve.restoration.making.process`. What plans (numba, OR-Tools) holds hundreds of megabytes; they are given
back when this process ends, and what broke here breaks nothing else. Each line of output is one JSON object:
`{"done": 0.4}` while it works, then `{"made": {…}}` or `{"failed": {…}}`.
"""

import sys
import time
from typing import IO

import msgspec

from releve.restoration.making.messages import Answer, Failed, Request
from releve.restoration.making.steps import make

__all__ = ["main"]


def main(source: IO[bytes] | None = None, target: IO[bytes] | None = None) -> int:
    """Read a request, write progress and the answer; return the exit code."""
    read, write = source or sys.stdin.buffer, target or sys.stdout.buffer
    encode = msgspec.json.Encoder().encode

    def say(answer: Answer) -> None:
        write.write(encode(answer) + b"\n")
        write.flush()

    last = [0.0]

    def progress(step: str, done: float) -> None:
        if time.monotonic() - last[0] > 0.3 or step != "plan":
            last[0] = time.monotonic()
            say(Answer(step=step, done=round(done, 3)))

    try:
        request = msgspec.json.decode(read.read(), type=Request)
        made = make(request, progress)
    except Exception as error:
        # Its text could carry what somebody typed; the kind is enough for whoever looks.
        say(Answer(failed=Failed(reason="broke", places=(type(error).__name__,))))
        raise
    if isinstance(made, Failed):
        say(Answer(failed=made))
        return 1
    say(Answer(made=made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
