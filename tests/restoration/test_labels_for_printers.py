"""Labels of machines and tasks for a label printer: what comes out is what a scan gives back."""

import re
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

sys.path.insert(0, str(Path(__file__).parent / "drawing"))

from small_case import CASE, PLAN

from releve.journal.entry import Entry
from releve.restoration.fleet.sheets import SheetLine
from releve.restoration.fleet.sheets import symbol_of as machine_symbol
from releve.restoration.fleet.sheets import things_of as machines
from releve.restoration.labels import labels_of
from releve.restoration.labels_printed import LABELS_KIND, LabelsPrinted, read_labels
from releve.restoration.sheets import task_sheets
from releve.restoration.sheets import things_of as tasks
from releve.views.reading import Context, NotRead

FIELD = re.compile(r"\^FH_\^FD(.*?)\^FS")


def _fields(content: bytes) -> list[str]:
    unescape = {"_5E": "^", "_7E": "~", "_5F": "_"}
    return [
        re.sub("_5E|_7E|_5F", lambda found: unescape[found[0]], text)
        for text in FIELD.findall(content.decode())
    ]


def test_a_machine_has_a_label_with_the_sign_that_its_scan_gives_back() -> None:
    """A workshop has a label printer, not a sheet of 21 labels."""
    made = labels_of(
        machines([SheetLine(tag="PC-042", name="poste 3", place="Pédiatrie, 201")]), exercise="EXERCICE"
    )

    fields = _fields(made.content)
    assert (made.printed, made.left_out) == (1, ())
    assert made.content.startswith(b"^XA")
    assert machine_symbol("PC-042") in fields
    assert {"PC-042", "poste 3", "Pédiatrie, 201", "EXERCICE"} <= set(fields)


def test_a_tag_that_no_label_gives_back_is_left_out_and_said() -> None:
    """A label that reads otherwise than it is written sends the wrong machine back to a ward."""
    lines = [SheetLine(tag="PC 1é"), SheetLine(tag="PC-2"), SheetLine(tag="X" * 90)]

    made = labels_of(machines(lines))

    assert (made.printed, made.left_out) == (1, ("PC 1é", "X" * 90))
    assert made.content.count(b"^XA") == 1


def test_a_task_has_a_label_that_finds_it_again() -> None:
    """It is stuck on the machine that is worked on: the scan opens the task, no list is searched at night."""
    sheets = task_sheets(CASE, PLAN, CASE.tasks, done=["R1"])

    fields = _fields(labels_of(tasks(sheets)).content)

    assert "RLV1|R|P1" in fields
    assert "Recopier les images" in fields
    assert "RLV1|R|R1" not in fields


def test_that_labels_were_printed_is_read_and_makes_no_row() -> None:
    """It answers who printed what, months later; no page waits for it. What is no such body is counted as not read."""
    said = LabelsPrinted(
        symbols=("RLV1|M|PC-1",), printer="ZD1", digest="0" * 64, outcome="printed", printed_at_ms=1, by="it1"
    )

    def read(body: bytes) -> list[Any]:
        entry = Entry(
            version=1, origin="a", epoch=1, index=7, hlc=(0, 0), occurred_at_us=None, recorded_at_us=0, author="x",
            recorder="r", source="screen", kind=LABELS_KIND, subjects=(), body=body,
        )  # fmt: skip
        context = Context(zone=ZoneInfo("UTC"), namespace="CHV", log="a/1", index=7, recorded_at=0)
        return list(read_labels(entry, context))

    assert read(msgspec.msgpack.encode(said)) == []
    for body in (b"no body", msgspec.msgpack.encode({"by": "it1"})):
        (line,) = read(body)
        assert isinstance(line, NotRead)
