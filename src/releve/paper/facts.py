"""What can be said of paper: numbers spent, documents that came out (pure)."""

from typing import Literal

import msgspec

PrintOutcome = Literal["printed", "failed"]


class FormNumbersTaken(msgspec.Struct, frozen=True, kw_only=True, tag="paper.form-numbers.1"):
    """Numbers given to blank forms, recorded before the press starts: a number is printed once, ever.

    `first` and `last` are inclusive counters of the range that `prefix` names.
    """

    ward: str
    pack: str
    prefix: str
    first: int
    last: int


class PaperPrinted(msgspec.Struct, frozen=True, kw_only=True, tag="paper.printed.1"):
    """A document sent to a printer, or that none would take: what came out, where, when.

    `document` is the file of the pack (named by its UF), `digest` its SHA-256, `job` the queue's own number when
    there is one, `printed_at_ms` UTC milliseconds. `error` is in words, for the person who waits for the paper.
    """

    ward: str
    pack: str
    document: str
    digest: str
    pages: int
    printer: str
    outcome: PrintOutcome
    printed_at_ms: int
    job: str = ""
    error: str = ""
