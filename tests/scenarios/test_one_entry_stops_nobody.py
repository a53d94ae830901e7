"""An entry that no fold can take: every board goes on without it, and says so."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from living_island import LivingIsland, lived

from releve.app.recorder_process import recorder_for
from releve.journal.entry import Draft

MESSAGES = 60


@pytest.mark.parametrize("places", [{12}, {1, 2, 32, 59}], ids=["one", "several"])
def test_an_entry_that_stops_the_fold_is_set_aside_and_listed(island: LivingIsland, places: set[int]) -> None:
    """One message in a million must not leave thirty wards without boards at 3 a.m."""
    bodies = list(islice(lived(1), MESSAGES))
    with recorder_for(island.data) as recorder:
        receipts = recorder.append(
            [Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1") for body in bodies]
        )
    ill = {receipts[place].index for place in places}

    script = Path(__file__).with_name("breaking_fold.py")
    folded = subprocess.run(
        [sys.executable, str(script), str(island.data), *map(str, sorted(ill))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert folded.returncode == 0, folded.stderr
    assert island.ask('SELECT "index" FROM views_position') == [(receipts[-1].index + 1,)]
    listed = island.ask(
        'SELECT "index", reason FROM views_not_understood WHERE reason LIKE ?', "%the fold stopped%"
    )
    assert dict(listed) == dict.fromkeys(ill, "message.hl7v2: the fold stopped at KeyError")
    told = {index for (index,) in island.ask('SELECT DISTINCT "index" FROM views_subject_entry')}
    assert not told & ill
    assert len(told) >= MESSAGES - len(ill) - 5
    assert all(
        f"a/1#{index}: the fold stopped at KeyError (breaking_fold.py" in folded.stderr for index in ill
    )
    assert "LEFEBVRE" not in folded.stderr
