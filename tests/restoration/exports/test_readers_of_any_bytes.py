"""Readers of files from outside, given what nobody would write: a sentence or a case, never a traceback."""

import random
from pathlib import Path

import pytest
from told_case import told_case, told_plan

from releve.restoration.catalogue.problems import problems, what_remains
from releve.restoration.exports.folder import read_folder, write_folder
from releve.restoration.exports.mspdi import XmlError, read_mspdi, write_mspdi
from releve.restoration.exports.remarks import line
from thinned import whole

# A third in `make test`, the rest in `make soak`.
SEEDS = [seed if seed % 3 == 0 else whole(seed) for seed in range(60)]
SAMPLES = Path(__file__).parent / "samples"
PIECES = (
    b"0", b"-1", b"999999999999", b"1e308", b"nan", b"", b"PT", b"P1Y2M3DT4H5M6S", b"-PT8H0M0S", b"1984-01-01",
    b"2026-11-23T08:00:00Z", b"0001-01-01T00:00:00", b"9999-12-31T23:59:59", b"<a/>", b"&amp;", b"\xff", b"always",
    b"2", b"1",
)  # fmt: skip


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """Return the data with some values, pieces or bytes replaced."""
    for _ in range(chance.randint(1, 6)):
        how = chance.randrange(4)
        at = chance.randrange(len(data))
        if how == 0:  # the text of an element
            start = data.find(b">", at)
            end = data.find(b"<", start)
            if 0 <= start < end:
                data = data[: start + 1] + chance.choice(PIECES) + data[end:]
        elif how == 1:  # a line gone, or twice
            lines = data.splitlines(keepends=True)
            which = chance.randrange(len(lines))
            lines[which : which + 1] = [lines[which]] * chance.choice((0, 2))
            data = b"".join(lines)
        elif how == 2:  # a byte
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        else:  # cut
            data = data[:at] if chance.random() < 0.1 else data
        data = data or b"x"
    return data


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spoiled_mspdi_file_is_read_or_refused(seed: int) -> None:
    """It comes from a vendor's machine, by mail, in the worst week of the year."""
    chance = random.Random(seed)
    whole = [write_mspdi(told_case(), told_plan())] + [
        path.read_bytes() for path in sorted(SAMPLES.glob("*.xml"))
    ]
    data = spoiled(chance.choice(whole), chance)

    try:
        reading = read_mspdi(data)
    except XmlError:
        return
    for remark in reading.remarks:
        assert line(remark)
    rest, _ = what_remains(reading.case)
    assert not [problem for problem in problems(rest) if problem.severity == "stops"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spoiled_folder_is_read_or_its_lines_are_said(seed: int) -> None:
    """Whatever the spreadsheet did to it."""
    chance = random.Random(seed)
    files = write_folder(told_case(), language=chance.choice(("fr", "en")))
    for name in chance.sample(sorted(files), 3):
        cells = files[name].split(b";")
        for _ in range(chance.randint(1, 4)):
            cells[chance.randrange(len(cells))] = chance.choice(PIECES)
        files[name] = b";".join(cells)

    reading = read_folder(files)

    for remark in reading.remarks:
        assert line(remark, "fr")
    if reading.case is not None:
        rest, _ = what_remains(reading.case)
        assert not [problem for problem in problems(rest) if problem.severity == "stops"]
