import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pypdfium2
import pytest

from releve.paper import press as press_room
from releve.paper.forms import FormNumbers, copies
from releve.paper.layout import sheets_digest
from releve.paper.pack import ReceivedPrint, WardPack
from releve.paper.press import WardFiles, WardOrder, press, ward_prefix
from releve.paper.render import set_sheets


def wards(one: Callable[..., WardPack], count: int, **changes: object) -> list[WardPack]:
    """Return small wards, one person each."""
    base = one()
    return [
        msgspec.structs.replace(
            base, id=f"{n}-0412", ward=msgspec.structs.replace(base.ward, code=f"31{n:02d}"), **changes
        )
        for n in range(count)
    ]


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.pdf")}


def test_only_what_changed_is_set_again_and_the_cover_always(
    one: Callable[..., WardPack], tmp_path: Path
) -> None:
    """Thirty wards every hour: only what changed may cost, but every cover must tell the new hour."""
    packs = wards(one, 3)
    first = press([WardOrder(pack=pack) for pack in packs], tmp_path)
    before = digests(tmp_path)

    later = [
        msgspec.structs.replace(
            pack, id=f"{pack.id}-2", data_at="2026-11-22T03:47", printed_at="2026-11-22T03:58"
        )
        for pack in packs
    ]
    person = msgspec.structs.replace(later[1].patients[0], reason="Autre motif")
    later[1] = msgspec.structs.replace(later[1], patients=(person,))
    seen: list[str] = []
    second = press(
        [WardOrder(pack=pack) for pack in later], tmp_path, on_progress=lambda files: seen.append(files.ward)
    )

    after = digests(tmp_path)
    assert [files.ward for files in first.wards] == ["3100", "3101", "3102"]
    assert [files.reused for files in second.wards] == [True, False, True]
    assert sorted(seen) == ["3100", "3101", "3102"]
    assert second.pages == first.pages
    assert second.pages_set < first.pages_set
    changed = {name for name in after if before[name] != after[name]}
    assert changed == {
        "UF3100-1-couverture.pdf",
        "UF3101-1-couverture.pdf",
        "UF3102-1-couverture.pdf",
        "UF3101-2-feuilles.pdf",
    }
    document = pypdfium2.PdfDocument(tmp_path / "UF3100-1-couverture.pdf")
    back = document[1].get_textpage().get_text_bounded()
    document.close()
    assert "0-0412" in back
    assert "inchangées" in back
    assert not list(tmp_path.glob("*.partial"))


def test_a_damaged_or_missing_file_is_set_again(one: Callable[..., WardPack], tmp_path: Path) -> None:
    """A reused sheet that cannot be opened is no sheet."""
    order = [WardOrder(pack=wards(one, 1)[0])]
    press(order, tmp_path, workers=1)
    sheets = tmp_path / "UF3100-2-feuilles.pdf"
    whole = sheets.stat().st_size
    sheets.write_bytes(sheets.read_bytes()[:1000])

    report = press(order, tmp_path, workers=1)

    assert not report.wards[0].reused
    assert sheets.stat().st_size > whole // 2


def test_forms_and_received_prints_follow_the_sheets(one: Callable[..., WardPack], tmp_path: Path) -> None:
    """The pack is one pile: what the hospital printed itself is in it, counted."""
    received = tmp_path / "received.pdf"
    made, _left = copies({"RX1": 1}, FormNumbers(prefix="3B", first=1, last=9))
    pack = wards(
        one, 1, prints=(ReceivedPrint(title="Plan de soins", received_at="2026-11-22T01:00", pages=1),)
    )[0]
    folder = tmp_path / "packs"
    report = press([WardOrder(pack=pack, copies=made)], folder, workers=1)
    received.write_bytes(report.wards[0].paths[0].read_bytes())

    with_prints = press([WardOrder(pack=pack, copies=made, prints=(received,))], folder, workers=1).wards[0]

    assert [path.name[7:] for path in with_prints.paths] == [
        "1-couverture.pdf",
        "2-feuilles.pdf",
        "3-formulaires.pdf",
        "4-recu-1.pdf",
    ]
    assert with_prints.forms_pages == 1
    assert with_prints.prints_pages == 1
    without = press([WardOrder(pack=pack)], folder, workers=1).wards[0]
    assert len(without.paths) == 2
    assert not (folder / "UF3100-3-formulaires.pdf").exists()


def test_a_ward_that_kills_its_process_still_gets_a_plain_list(
    one: Callable[..., WardPack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in native code must cost a layout, not a pack."""
    packs = wards(one, 2)
    real = press_room._Run._ask
    asked: list[bool] = []

    def deadly(self: press_room._Run, process: object, job: press_room.Job) -> object:
        if job.pack.ward.code == "3100" and isinstance(job, press_room.SheetsJob) and not job.plain:
            asked.append(True)
            os.kill(process.pid, 9)  # type: ignore[attr-defined]
        return real(self, process, job)  # type: ignore[arg-type]

    monkeypatch.setattr(press_room._Run, "_ask", deadly)

    report = press([WardOrder(pack=pack) for pack in packs], tmp_path)

    assert len(asked) == 2
    assert [files.last_resort for files in report.wards] == [True, False]
    assert [files.error for files in report.wards] == ["", ""]
    document = pypdfium2.PdfDocument(tmp_path / "UF3100-2-feuilles.pdf")
    assert "8000412301" in document[0].get_textpage().get_text_bounded()
    document.close()


def test_orders_are_read_in_the_caller_s_thread_and_never_far_ahead(
    one: Callable[..., WardPack], tmp_path: Path
) -> None:
    """Orders come from a database that belongs to this thread, and 30 wards at once do not fit in memory."""
    import threading

    taken: list[int] = []
    done: list[WardFiles] = []
    ahead: list[int] = []

    def orders() -> Iterator[WardOrder]:
        for pack in wards(one, 8):
            taken.append(threading.get_ident())
            ahead.append(len(taken) - len(done))
            yield WardOrder(pack=pack)

    report = press(orders(), tmp_path, workers=1, on_progress=done.append)

    assert set(taken) == {threading.get_ident()}
    assert max(ahead) <= 4
    assert len(report.wards) == 8
    assert report.workers_started == 1


def test_what_only_the_cover_shows_does_not_change_the_sheets(ward: WardPack) -> None:
    """Every message of the hospital moves the horizons: that alone must not set 2,500 pages again."""
    replace = msgspec.structs.replace
    moved = tuple(
        replace(source, last="2026-11-22T02:59") if source.state == "live" else source
        for source in ward.sources
    )
    later = replace(ward, id="x", data_at="2026-11-22T03:00", sources=moved, staff=(), only_in_view=())

    assert sheets_digest(later, "v") == sheets_digest(ward, "v")


def test_what_the_sheets_show_changes_their_digest(ward: WardPack) -> None:
    """A sheet kept by mistake shows yesterday's treatment."""
    replace = msgspec.structs.replace
    silent = tuple(replace(source, state="silent") for source in ward.sources)
    person = replace(ward.patients[3], last_change="2026-11-22T02:46")
    changed = [
        replace(ward, sources=silent),
        replace(ward, exercise=True),
        replace(ward, language="en"),
        replace(ward, medication="not_fed"),
        replace(ward, patients=(*ward.patients[:3], person, *ward.patients[4:])),
        replace(ward, writing=()),
        replace(ward, grid=ward.grid[1:]),
    ]

    found = {sheets_digest(pack, "v") for pack in (ward, *changed)}

    assert len(found) == 1 + len(changed)
    assert sheets_digest(ward, "w") != sheets_digest(ward, "v")


def test_file_names_hold_a_ward_code_and_nothing_else() -> None:
    """A folder of packs is copied, listed, shown: no name of a person may be in it, no path may leave it."""
    assert ward_prefix("2140") == "UF2140"
    assert ward_prefix("UF2140") == "UF2140"
    assert "/" not in ward_prefix("../../etc")
    assert ward_prefix("3/B") != ward_prefix("3-B")


def test_a_disk_that_takes_nothing_is_said_in_words(one: Callable[..., WardPack], tmp_path: Path) -> None:
    """Nobody should hunt a printer when the disk is full."""
    folder = tmp_path / "packs"
    (folder / "UF3100-2-feuilles.pdf").mkdir(parents=True)  # a name that cannot be replaced by a file

    report = press([WardOrder(pack=wards(one, 1)[0])], folder, workers=1)

    assert "could not be written" in report.wards[0].error
    assert report.wards[0].paths == ()


def test_sheets_come_out_even_when_their_cover_cannot(
    one: Callable[..., WardPack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sheets without a cover are still treatments; a cover of yesterday over them would be a lie."""
    pack = wards(one, 1)[0]
    press([WardOrder(pack=pack)], tmp_path, workers=1)
    real = press_room._Run._ask

    def deadly(self: press_room._Run, process: object, job: press_room.Job) -> object:
        return None if isinstance(job, press_room.CoverJob) else real(self, process, job)  # type: ignore[arg-type]

    monkeypatch.setattr(press_room._Run, "_ask", deadly)

    files = press([WardOrder(pack=pack)], tmp_path, workers=1).wards[0]

    assert [path.name for path in files.paths] == ["UF3100-2-feuilles.pdf"]
    assert files.error
    assert not (tmp_path / "UF3100-1-couverture.pdf").exists()


def test_a_line_that_is_stopped_says_so_across_the_grid(
    one: Callable[..., WardPack], pages_text: Callable[[bytes], list[str]], fold: Callable[[str], str]
) -> None:
    """A drug that vanished from the sheet is looked for; one that is stopped is not given."""
    line = msgspec.structs.replace(one().patients[0].lines[0], mode="stopped", doses=(), mode_words="à 23 h")

    text = " ".join(pages_text(set_sheets(one(lines=(line,))).pdf))

    assert fold("ARRÊTÉ : ne pas donner · à 23 h") in text
