"""docs/reference/journal.md is the promise to readers in ten years: what it shows must be what is written."""

import doctest
import re
import sqlite3
from pathlib import Path

import msgspec
import zstandard
from recorder_here import message

from releve.journal import folder, head, opening
from releve.journal.entry import Envelope, Submission
from releve.journal.folder import Log

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "journal.md"


def test_the_examples_of_the_page_give_what_it_shows() -> None:
    """A worked example that is wrong is worse than none."""
    assert doctest.testfile(str(PAGE), module_relative=False) == doctest.TestResults(failed=0, attempted=19)


def test_the_page_names_every_column_place_and_size() -> None:
    """A column added without a word here could not be read by a stranger."""
    page = PAGE.read_text(encoding="utf-8")

    for column in re.findall(r"^    (\w+) +(?:INTEGER|BLOB|TEXT)", opening.SCHEMA, re.MULTILINE):
        assert column == "one" or f"`{column}`" in page
    assert len(Envelope.__struct_fields__) == 18
    assert re.findall(r"^\| (\d+) \| ", page, re.MULTILINE) == [str(number) for number in range(18)]
    assert f"0x{opening.APPLICATION_ID:X}" in page
    assert f"two slots of {head.SLOT_BYTES} bytes" in page


def test_a_stranger_reads_a_log_with_the_pages_words_alone(data: Path, log: Log) -> None:
    """The loop of the page, run: SQLite, MessagePack and zstd, nothing of ours."""
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", message(number), "mllp:10.0.0.5") for number in range(20)], 1)
    writer.close()
    loop = re.search(r"```python\nimport msgpack.*?\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert loop is not None
    printed: list[tuple[int, bytes]] = []

    class Msgpack:
        unpackb = staticmethod(msgspec.msgpack.decode)

    source = loop[1].replace("file:1.sqlite3", f"file:{log.path}")
    names = {"msgpack": Msgpack, "sqlite3": sqlite3, "zstandard": zstandard}
    exec(source, {**names, "print": lambda index, body: printed.append((index, body))})

    assert printed == [(number + 2, message(number)) for number in range(20)]
