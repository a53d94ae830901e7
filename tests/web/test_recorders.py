"""The web's way to the recorder: forms of one process do not wait for each other's disk."""

import threading
from collections.abc import Sequence

import pytest

from releve.journal.entry import Draft, Receipt
from releve.journal.errors import RecorderGone
from releve.web.recorders import Recorders

ACT = Draft(kind="crisis.note.1", body=b"\x80", source="")


class Connection:
    """One that answers once two have been asked, or fails."""

    def __init__(self, both: threading.Barrier) -> None:
        self.both, self.failure = both, False

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Return when another append is on its way too."""
        if self.failure:
            raise RecorderGone("recorder: went away")
        self.both.wait(5)
        return [Receipt("a", 1, 0, 0)]


def test_two_forms_are_on_their_way_at_once() -> None:
    """One commit takes both; over a single connection the second would wait for the first one's disk."""
    made: list[Connection] = []
    both = threading.Barrier(2)

    def connect() -> Connection:
        made.append(Connection(both))
        return made[-1]

    recorders, found = Recorders(connect), []
    threads = [threading.Thread(target=lambda: found.append(recorders.append([ACT]))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert (len(found), len(made)) == (2, 2)
    both.reset()
    both = made[0].both = made[1].both = threading.Barrier(1)
    recorders.append([ACT])
    assert len(made) == 2  # kept open


def test_a_connection_that_failed_is_asked_again() -> None:
    """It makes its link anew by itself; thrown away, each fault of the recorder would leave a socket open."""
    made: list[Connection] = []

    def connect() -> Connection:
        made.append(Connection(threading.Barrier(1)))
        made[-1].failure = True
        return made[-1]

    recorders = Recorders(connect)
    with pytest.raises(RecorderGone):
        recorders.append([ACT])
    made[0].failure = False

    assert recorders.append([ACT])
    assert len(made) == 1
