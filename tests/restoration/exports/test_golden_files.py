"""What is written, as files a reviewer reads: a change of format shows as a change of these.

To write them anew: `python tests/restoration/exports/test_golden_files.py`, then read the difference.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from told_case import told_case, told_plan

from releve.restoration.exports.folder import write_folder
from releve.restoration.exports.ics import write_ics
from releve.restoration.exports.mspdi import write_mspdi
from releve.restoration.exports.table import write_table

GOLDEN = Path(__file__).parent / "golden"
STAMP = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)


def written() -> dict[str, bytes]:
    """Return every golden file by name, as it is written now."""
    case, plan = told_case(), told_plan()
    files = write_folder(case, language="fr")
    return {
        "plan.xml": write_mspdi(case, plan),
        "plan.ics": write_ics(case, plan, stamp=STAMP, language="fr", p80={"AD": 100}),
        "plan.csv": write_table(case, plan),
        "case-tasks.csv": files["tasks.csv"],
        "case-people.csv": files["people.csv"],
        "case-impacts.csv": files["impacts.csv"],
    }


@pytest.mark.parametrize(
    "name", ["plan.xml", "plan.ics", "plan.csv", "case-tasks.csv", "case-people.csv", "case-impacts.csv"]
)
def test_what_is_written_is_what_was_agreed(name: str) -> None:
    """Other tools, and calendars already handed out, depend on every sign of it."""
    assert written()[name] == (GOLDEN / name).read_bytes()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file, data in written().items():
        (GOLDEN / file).write_bytes(data)
