"""Make the zstd dictionary that new logs begin with: `python -m releve.journal.train --out FILE FILES…`.

Each FILE holds messages: one HL7 v2 message, or many one after the other (each begins with `MSH`). Only invented
messages may be used: a dictionary is shipped to every hospital.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import zstandard

DICTIONARY_BYTES = 32 * 1024  # larger gained less than 1 % (measured on generated messages)
LEVEL = 1  # the one `releve.journal.entry` packs with


def messages(content: bytes) -> list[bytes]:
    """Return the HL7 v2 messages in `content`, their segments ended by CR."""
    content = re.sub(rb"\r?\n|\x1c|\x0b", b"\r", content)
    return [
        part.strip(b"\r") + b"\r"
        for part in re.split(rb"(?:^|\r)(?=MSH.)", content)
        if part.startswith(b"MSH")
    ]


def train(samples: Sequence[bytes], size: int = DICTIONARY_BYTES) -> bytes:
    """Return a zstd dictionary for these samples, always the same for the same samples."""
    return zstandard.train_dictionary(size, list(samples), level=LEVEL).as_bytes()


def main() -> int:
    """Run as a command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m releve.journal.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where the dictionary goes")
    parser.add_argument("--bytes", type=int, default=DICTIONARY_BYTES, help="how large it may be")
    parser.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    samples = [message for path in arguments.files for message in messages(path.read_bytes())]
    if len(samples) < 8:
        print("expected at least eight messages", file=sys.stderr)
        return 1
    arguments.out.write_bytes(train(samples, arguments.bytes))
    print(f"{len(samples)} messages, {arguments.out.stat().st_size} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
