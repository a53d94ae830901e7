"""Holds an island's views and packs against the truth of a simulated hospital. Only reads."""

import re
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from releve.exercise.night_result import NightResult
from releve.exercise.truth import Snapshot, Whereabouts
from releve.hospital.map import Directory, HospitalMap
from releve.views.numbers import number_alone

Steps = Callable[[str, int, int], None]
_EXAMPLES = 3


class ViewsUnreachable(Exception):
    """The views cannot be read, or do not catch up."""


def open_views(data: Path) -> sqlite3.Connection:
    """Return a connection that can only read the views in force."""
    return sqlite3.connect(f"file:{(data / 'views.sqlite3').resolve()}?mode=ro", uri=True, timeout=30)


def wait_until_folded(data: Path, entries: int, seconds: float, steps: Steps) -> None:
    """Return once the views hold so many entries of the island's log.

    Raises:
        ViewsUnreachable: they do not, within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        folded = 0
        if (data / "views.sqlite3").exists():
            views = open_views(data)
            try:
                row = views.execute('SELECT max("index") FROM views_position').fetchone()
                folded = int(row[0] or 0)
            except sqlite3.OperationalError:
                folded = 0  # the tables are being made
            finally:
                views.close()
        steps("views", min(folded, entries), entries)
        if folded >= entries:
            return
        time.sleep(0.2)
    raise ViewsUnreachable(f"views: expected {entries} entries folded within {seconds:.0f} s, found {folded}")


def compare_views(data: Path, hospital: HospitalMap, truth: Snapshot, result: NightResult) -> None:
    """Compare persons, where they are, allergies, lines and results with the truth; note every kind of difference."""
    views = open_views(data)
    try:
        differences = [
            *_persons(views, hospital, truth, result),
            *_encounters(views, hospital, truth, result),
            *_allergies(views, hospital, truth),
            *_lines(views, truth),
            *_results(views, truth),
        ]
    finally:
        views.close()
    by_kind = Counter(kind for kind, _ in differences)
    for kind, count in by_kind.items():
        examples = [where for what, where in differences if what == kind][:_EXAMPLES]
        result.problems.append(f"{kind}: {count} (such as {', '.join(examples)})")


Difference = tuple[str, str]


def _persons(
    views: sqlite3.Connection, hospital: HospitalMap, truth: Snapshot, result: NightResult
) -> Iterator[Difference]:
    prefix = hospital.identity.namespace + ":"
    rows = {
        str(key).removeprefix(prefix): (name, birth, sex, cluster)
        for key, name, birth, sex, cluster in views.execute(
            "SELECT id, birth_name, birth_date, sex, cluster FROM record_person"
        )
        if str(key).startswith(prefix)
    }
    result.persons = len(rows)
    named = truth.named
    for number in sorted(named - set(rows)):
        yield "person missing in the views", number
    for number in sorted(set(rows) - named):
        yield "person in the views whom nobody sent", number
    for number, told in truth.persons.items():
        if number in rows:
            name, birth, sex, _ = rows[number]
            if told.family.split("^")[0].casefold() not in (name or "").casefold():
                yield "birth name differs", number
            if (birth or "").replace("-", "") != told.birth:
                yield "birth date differs", number
            if sex != told.sex:
                yield "sex differs", number
    for other in truth.links:
        if other in rows and truth.stands_for(other) in rows:
            stands = prefix + truth.stands_for(other)
            if (rows[other][3] or prefix + other) != (rows[truth.stands_for(other)][3] or stands):
                yield "merged persons are apart", other


def _encounters(
    views: sqlite3.Connection, hospital: HospitalMap, truth: Snapshot, result: NightResult
) -> Iterator[Difference]:
    directory = Directory(hospital)
    prefix = hospital.identity.namespace + ":"
    found: dict[str, list[tuple[str, str, str, str, str]]] = {}
    for person, visit, status, ward, room, bed in views.execute(
        "SELECT person, visit, status, ward, room, bed FROM record_encounter"
    ):
        if status != "moved":
            found.setdefault(str(visit), []).append((str(person), status, ward or "", room or "", bed or ""))
    result.encounters = sum(1 for visit in found if visit in truth.visits)
    result.present = sum(1 for rows in found.values() for row in rows if row[1] in ("present", "leave"))
    for visit, where in truth.visits.items():
        rows = [row for row in found.get(visit, []) if row[1]]
        if not rows:
            yield "encounter missing in the views", visit
            continue
        if len(rows) > 1:
            # After a merge both records may bear the visit: then they must stand for one person and agree.
            owners = {truth.stands_for(row[0].removeprefix(prefix)) for row in rows}
            if len(owners) > 1:
                yield "encounter of two persons", visit
                continue
        row = next((row for row in rows if row[0] == prefix + where.ipp), rows[0])
        if truth.stands_for(row[0].removeprefix(prefix)) != truth.stands_for(where.ipp):
            yield "encounter of somebody else", visit
        if row[1] != where.status:
            yield f"status {row[1]} instead of {where.status}", visit
        elif where.status in ("present", "leave") and not _same_place(directory, where, row[2:]):
            yield "elsewhere than the patient is", visit
    known = set(truth.visits)
    for visit, rows in found.items():
        if visit not in known and any(row[1] in ("present", "leave") for row in rows):
            yield "present in the views, of whom no movement came", visit


def _same_place(directory: Directory, where: Whereabouts, row: tuple[str, str, str]) -> bool:
    ward, room, bed = row
    if ward != where.ward or not where.bed:
        return ward == where.ward
    wanted = directory.bed_at(where.ward, where.room, where.bed)
    said = directory.bed_at(ward, room, bed)
    return (wanted is not None and wanted == said) or (room, bed) == (where.room, where.bed)


def _allergies(views: sqlite3.Connection, hospital: HospitalMap, truth: Snapshot) -> Iterator[Difference]:
    prefix = hospital.identity.namespace + ":"
    said: dict[str, set[str]] = {}
    rows = views.execute("SELECT person, label, state FROM record_allergy ORDER BY stated_at")
    for person, label, state in rows:
        if state == "none-known":
            said.setdefault(str(person), set()).add("")
        elif state != "removed":
            # Once an allergy is stated, "none known" is what was believed before.
            said.setdefault(str(person), set()).discard("")
            said[str(person)].add(str(label))
    for number, labels in truth.allergies.items():
        if said.get(prefix + number, set()) != (set(labels) or {""}):
            yield "allergies differ from what was stated", number
    silent = set(truth.persons) - set(truth.allergies)
    for number in sorted(silent & {key.removeprefix(prefix) for key in said}):
        yield "allergies of somebody who was never asked", number


def _lines(views: sqlite3.Connection, truth: Snapshot) -> Iterator[Difference]:
    rows = {
        str(placer): (status, dose)
        for placer, status, dose in views.execute(
            "SELECT placer, status, dose_value FROM prescribing_request WHERE retold IS NULL"
        )
    }
    present = truth.present()
    for placer, told in truth.lines.items():
        if told.visit not in present:
            continue
        status, dose = rows.get(placer, (None, None))
        if status is None:
            yield "medication line missing", placer
        elif status != told.status and not (told.status == "active" and status == "completed"):
            yield f"medication line {status} instead of {told.status}", placer
        elif told.status == "active" and dose != told.dose:
            yield "dose differs", placer


def _results(views: sqlite3.Connection, truth: Snapshot) -> Iterator[Difference]:
    rows = {
        (number_alone(str(sample)), str(code)): (value, status)
        for sample, code, value, status in views.execute(
            "SELECT sample, code, value, status FROM laboratory_result WHERE current"
        )
    }
    names = {"P": "preliminary", "F": "final", "C": "corrected"}
    for (filler, code), told in truth.results.items():
        value, status = rows.get((filler, code), (None, None))
        if value is None:
            yield "result missing", filler
        elif value != told.value:
            yield "value of a result differs", filler
        elif status != names[told.status]:
            yield f"result {status} instead of {names[told.status]}", filler


def read_packs(folder: Path, truth: Snapshot, result: NightResult, steps: Steps) -> None:
    """Read every page of every pack back; everybody present must stand on some page, and no page may be empty."""
    files = sorted(folder.rglob("*.pdf"))
    result.files = len(files)
    texts: dict[str, str] = {}
    for number, path in enumerate(files, start=1):
        pages = pages_of(path)
        result.pages += len(pages)
        if not all(page.strip() for page in pages):
            result.problems.append(f"{path.name}: expected words on every page")
        texts[path.name] = re.sub(r"\s+", "", "".join(pages))
        steps("packs read back", number, len(files))
    missing = []
    for where in truth.present().values():
        # A patient belongs into the pack of her own ward: in another one nobody would look for her.
        pack = "".join(text for name, text in texts.items() if where.ward in name)
        if where.ipp not in pack and truth.stands_for(where.ipp) not in pack:
            missing.append(where.visit)
    if missing:
        result.problems.append(
            f"packs: {len(missing)} present patients on no page of their ward (such as {missing[0]})"
        )
    if not files:
        result.problems.append("packs: expected a PDF for each ward")


def pages_of(path: Path) -> list[str]:
    """Return the text of each page of a PDF.

    Raises:
        ViewsUnreachable: nothing here can read a PDF.
    """
    try:
        import pypdfium2
    except ImportError:
        program = shutil.which("pdftotext")
        if program is None:
            raise ViewsUnreachable("packs: expected pypdfium2 or pdftotext to read them back") from None
        done = subprocess.run([program, "-layout", str(path), "-"], capture_output=True, check=True)
        return done.stdout.decode("utf-8", "replace").split("\f")[:-1]
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
