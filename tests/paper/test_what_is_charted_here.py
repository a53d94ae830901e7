"""What was charted and planned on the island stands on the sheet that is printed next."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from paper_island import MEDICINE, PARIS, PaperIsland, admission, now, prescription

from releve.crisis.facts import CutDeclared
from releve.departments.observations.care_facts import CareDone, CarePlanned
from releve.departments.prescribing.dose_facts import DoseOmitted
from releve.hospital.status import Place
from releve.journal.entry import Draft
from releve.record.acts import draft_of


def local(at_ms: int, zone: ZoneInfo) -> str:
    """Return an hour as a prescription says it."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone):%H%M}"


def test_a_dose_not_given_says_why_and_the_grid_since_when_doses_are_charted_here(tmp_path: Path) -> None:
    """An hour struck out without a word is asked about by telephone; the reason was already said."""
    island = PaperIsland(tmp_path / "island")
    island.fold()
    at = now()
    grid_ms = island.gather(at=at).frame.grid_ms
    since = at - timedelta(hours=1)
    cut = CutDeclared(
        applications=("PRESC",), places=(Place(kind="all"),), status="down",
        since_us=int(since.timestamp() * 1_000_000), reason="breakdown", note="", by="x", second="y",
    )  # fmt: skip
    said: dict[str, Any] = {
        "person": "VAL:100", "visit": "V100", "ward": MEDICINE, "by": "nuit", "by_name": "N. KERVELLA",
        "happened_at": grid_ms,
    }  # fmt: skip
    island.record(
        admission("100", "MARTIN"),
        prescription("100", "P1", "Bisoprolol", "2.5", "mg", f"|{local(grid_ms, PARIS)}"),
        Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(cut), source="test"),
        draft_of(
            DoseOmitted(
                act="k1", function="administer", request="VAL:100/P1", label="Bisoprolol", reason="absent",
                due_at=grid_ms, **said,
            )
        ),
        draft_of(
            CarePlanned(
                act="c1", function="observe", problem="Risque d’escarre", action="Changer de position", every="hours-4",
                **said,
            )
        ),
    )  # fmt: skip

    pack = island.pack(at=at)

    (sheet,) = pack.patients
    line = next(one for one in sheet.lines if one.name == "Bisoprolol")
    assert "non donné à" in line.note
    assert "absent" in line.note
    charted = next(one for one in pack.sources if one.key == "administrations")
    assert charted.label.startswith("Administrations, tracées ici depuis")
    assert [one.note for one in sheet.plan or ()] == ["Risque d’escarre"]


def test_care_by_the_hour_is_printed_with_its_hours_as_doses_are(tmp_path: Path) -> None:
    """ "Every 4 h" alone leaves each nurse to count from an hour that is not on the sheet."""
    island = PaperIsland(tmp_path / "island")
    island.fold()
    at = now()
    frame = island.gather(at=at).frame
    said: dict[str, Any] = {
        "person": "VAL:100", "visit": "V100", "ward": MEDICINE, "function": "observe", "by": "nuit",
    }  # fmt: skip
    due = [one.at[11:] for one in frame.grid if int(one.at[11:13]) % 4 == 0]
    first_ms = frame.grid_ms + 3_600_000 * [one.at[11:] for one in frame.grid].index(due[0])
    island.record(
        admission("100", "MARTIN"),
        draft_of(
            CarePlanned(
                act="c1", problem="Risque d’escarre", action="Changer de position", every="hours-4",
                happened_at=frame.grid_ms, **said,
            )
        ),
    )  # fmt: skip
    told = draft_of(
        CareDone(
            act="d1",
            care="VAL:100/c1",
            action="Changer de position",
            shift="",
            done=True,
            happened_at=first_ms,
            **said,
        )
    )

    (planned,) = island.pack(at=at).patients[0].plan or ()
    island.record(told)
    (done,) = island.pack(at=at).patients[0].plan or ()

    words = "soin\u00a0: Changer de position, toutes les 4\u00a0h, à faire à "
    assert planned.text == words + " ".join(due)
    assert done.text == words + " ".join(due[1:])
