"""What can go wrong with a journal, told apart by what the caller may do next.

*Safe to retry*: `StorageFull`, `RecorderBusy`, `RecorderUnreachable`. *May already have arrived*:
`RecorderGone`, `StorageFailed`. *Will never pass*: `DraftRefused`. *Needs a person*: `CorruptLog`.
"""


class JournalError(Exception):
    """Any refusal or failure of the journal. Its text names a place and an expectation, never a value."""


class EntryError(JournalError):
    """Stored bytes do not hold what the format requires."""


class NoteError(JournalError):
    """A signed note or checkpoint is malformed, or its signature is not the log's."""


class ClockError(JournalError):
    """A hybrid clock was asked for a time it cannot give."""


class FolderError(JournalError):
    """The data folder does not hold an island's journal where one is expected, or already holds one."""


class DraftRefused(JournalError):
    """The recorder will never take this draft: it is over a limit, or of a kind the journal keeps for itself."""


class StorageFull(JournalError):
    """No room on the disk. Nothing was stored; the same drafts may be sent again later."""


class StorageFailed(JournalError):
    """The disk failed while writing. The drafts may already have arrived; they may be sent again later."""


class RecorderBusy(JournalError):
    """Another process already writes this log. Nothing was stored."""


class RecorderGone(JournalError):
    """The recorder cannot be reached, or went away before it answered. The drafts may already have arrived."""


class RecorderUnreachable(RecorderGone):
    """The recorder does not listen. Nothing was sent; the same drafts may be sent again later."""


class CorruptLog(JournalError):
    """A log is shorter than, or disagrees with, what was promised about it. Nothing may be written to it.

    `place` names log and entry; `way_out` says which command to type next.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        self.way_out = (
            "Nothing was changed. Copy the journal folder aside, run `releve journal verify --data DIR`; then bring "
            "the log back from a mirror, or go on in a new epoch with `releve journal new-epoch --data DIR`."
        )
        super().__init__(f"{place}: {problem}. {self.way_out}")
