"""`releve journal`: check, count and read the journal of a data folder. Nothing here writes to a log."""

import base64
import contextlib
import json
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import msgspec
import typer

from releve.app.commands.output import fail, progress, say
from releve.islands.scrub import Mended, mend_log
from releve.journal import folder
from releve.journal.entry import Entry
from releve.journal.errors import FolderError, JournalError
from releve.journal.folder import Log
from releve.journal.reader import LogReader
from releve.journal.verify import Finding, verify_log
from releve.web.words import counted

CHUNK = 500

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
Which = Annotated[
    str,
    typer.Option("--log", metavar="ORIGIN/EPOCH", help="Which log; by default the one this island writes."),
]

_MENDED = {
    "mended": "{0}: put back from island {2}; everything in it is as promised again",
    "anew": "{0}: set aside beside itself; the next pull brings it anew",
    "own": "{0}: this island's own log is not written by this; see docs/operations/backup-and-restore.md",
    "alone": "{0}: no island could be asked; nothing was changed",
}

app = typer.Typer(name="journal", help="Check, count and read the journal.", no_args_is_help=True)


@app.command()
def verify(
    data: Data,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put damaged copies of other islands' logs back from an island.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Re-hash everything: entries, tree, checkpoints, head files, blobs. Once a month, by itself (deploy/systemd).

    Example: releve journal verify --data /srv/releve
    """
    logs = folder.every_log(data)
    if not logs:
        fail(f"{data}: expected a journal")
    findings: list[Finding] = []
    mended: list[Mended] = []
    entries = redacted = 0
    with progress() as steps:
        for log in logs:
            here = list(verify_log(data, log, partial(steps.show, log.name)))
            for finding in here:
                typer.echo(str(finding), err=True)
            if here and repair:
                with _told_plainly():
                    mended.append(mend_log(data, log, time.time_ns() // 1000))
                typer.echo(_MENDED[mended[-1].what].format(*mended[-1]), err=True)
                here = [] if mended[-1].what == "mended" else here
            findings += here
            size, without = _size(log)
            entries, redacted = entries + size, redacted + without
    verdict = (
        "everything is as promised" if not findings else f"{counted(len(findings), 'finding')}, see above"
    )
    say(
        {
            "ok": not findings,
            "logs": len(logs),
            "entries": entries,
            "redacted": redacted,
            "findings": [finding._asdict() for finding in findings],
            **({"mended": [one._asdict() for one in mended]} if repair else {}),
        },
        json=as_json,
        text=f"{counted(len(logs), 'log')}, {counted(entries, 'entry')}{_without(redacted)}: {verdict}",
    )
    if findings:
        raise typer.Exit(1)


@app.command()
def stats(data: Data, as_json: AsJson = False) -> None:
    """Count what the journal holds, by log and kind, and what it weighs.

    Example: releve journal stats --data /srv/releve --json
    """
    with _told_plainly():
        told = [_stats(data, log) for log in folder.every_log(data)]
        if not told:
            raise FolderError("data folder: expected a journal")
    if as_json:
        _print_json({"logs": told})
        return
    for log in told:
        print(f"{log['log']}{' (exercise)' if log['exercise'] else ''}: {counted(log['entries'], 'entry')}")
        print(
            f"  file {log['file_bytes']:,} bytes; stored bytes a message: median {log['message_bytes_median']:,}"
        )
        print(f"  blobs {log['blobs']:,}, {log['blob_bytes']:,} bytes; redacted {log['redacted']:,}")
        for kind, count in log["kinds"].items():
            print(f"  {count:>12,}  {kind}")


@app.command()
def cat(
    data: Data,
    kind: Annotated[str, typer.Option("--kind", help="Only entries of this kind.")] = "",
    since: Annotated[int, typer.Option("--since", min=0, help="From this index on.")] = 0,
    log: Which = "",
    as_json: AsJson = False,
) -> None:
    """Write entries as JSON lines, the received bytes as base64 in `raw`.

    With --json a last line counts them. Example: releve journal cat --data DIR --kind message.hl7v2 --since 1000
    """
    printed = 0
    with _told_plainly(), _reader(data, log) as reader:
        for entry in _entries(reader, since):
            if not kind or entry.kind == kind:
                _print_json(_as_json(entry))
                printed += 1
        if as_json:
            _print_json({"log": reader.name, "printed": printed})


@app.command()
def show(
    index: Annotated[int, typer.Argument(min=0, help="The entry's place in the log, from 0 on.")],
    data: Data,
    log: Which = "",
    as_json: AsJson = False,
) -> None:
    """Show one entry whole: envelope, body, leaf hash.

    Example: releve journal show 41207 --data /srv/releve
    """
    with _told_plainly(), _reader(data, log) as reader:
        entry = reader.get(index)
        stored = reader.stored(index)
        told = _as_json(entry)
        told["stored_bytes"] = None if stored is None else len(stored)
        told["leaf"] = reader.tile_hashes()(0, index, index + 1)[0].hex()
        if entry.lane == "act" and entry.body:
            told["fact"] = _fact(entry.body)
    if as_json:
        _print_json(told)
        return
    for name, value in told.items():
        if name != "raw":
            print(f"{name:<16} {value}")
    if entry.lane == "feed":
        print(entry.body.decode("utf-8", "backslashreplace").replace("\r", "\n"))


@app.command("new-epoch")
def new_epoch(
    data: Data,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded in the first entry.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on in a new epoch with a new key, the way out when a log is damaged. The log before is left untouched.

    Stop the island first. Example: releve journal new-epoch --data DIR --reason "damaged write-ahead log"
    """
    with _told_plainly():
        before = folder.own_log(data)
        print(
            f"{before.name} stays as it is; recording goes on in a new epoch with a new key.", file=sys.stderr
        )
        if not yes:
            typer.confirm("Begin it?", abort=True, err=True)
        log = folder.start_epoch(data, reason, time.time_ns() // 1000)
    say({"log": log.name, "before": before.name}, json=as_json, text=f"{log.name} is open")


def _stats(data: Path, log: Log) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    message_bytes: list[int] = []
    redacted = blobs = blob_bytes = 0
    with LogReader(log.path, folder.blobs_path(data)) as reader, progress() as steps:
        opened, size, lanes = reader.opened(), reader.size, Counter[str]()
        checkpoint = reader.checkpoint()
        seen: set[bytes] = set()
        for start in range(0, size, CHUNK):
            for outline in reader.outlines(start, CHUNK):
                kinds[outline.kind] += 1
                if outline.blob is not None:
                    if outline.blob not in seen:
                        seen.add(outline.blob)
                        blobs, blob_bytes = blobs + 1, blob_bytes + outline.body_bytes
                elif outline.kind.startswith("message.") and outline.stored_bytes:
                    message_bytes.append(outline.stored_bytes)
                redacted += not outline.stored_bytes
                lanes[outline.lane] += 1
            steps.show(log.name, min(start + CHUNK, size), size)
        first, last = reader.get(0).recorded_at_us, reader.get(size - 1).recorded_at_us
    return {
        "log": log.name,
        "exercise": opened.exercise,
        "hospital": opened.hospital,
        "entries": size,
        "feed": lanes["feed"],
        "act": lanes["act"],
        "kinds": dict(kinds.most_common()),
        "redacted": redacted,
        "message_bytes_median": int(median(message_bytes)) if message_bytes else 0,
        "file_bytes": log.path.stat().st_size,
        "blobs": blobs,
        "blob_bytes": blob_bytes,
        "first_recorded_at": _instant(first),
        "last_recorded_at": _instant(last),
        "checkpoint": checkpoint,
    }


def _entries(reader: LogReader, since: int) -> Iterator[Entry]:
    size = reader.size  # as it stands now: `cat` ends even while the hospital goes on
    while since < size:
        found = reader.read(since, min(CHUNK, size - since))
        if not found:
            return
        yield from found
        since += len(found)


def _as_json(entry: Entry) -> dict[str, Any]:
    told = {
        "log": f"{entry.origin}/{entry.epoch}",
        "index": entry.index,
        "kind": entry.kind,
        "lane": entry.lane,
        "occurred_at": None if entry.occurred_at_us is None else _instant(entry.occurred_at_us),
        "recorded_at": _instant(entry.recorded_at_us),
        "hlc": list(entry.hlc),
        "author": entry.author,
        "recorder": entry.recorder,
        "source": entry.source,
        "subjects": list(entry.subjects),
        "raw": base64.b64encode(entry.body).decode(),
    }
    if entry.redacted:
        told["redacted"] = True
    if entry.missing:
        told["missing"] = True
    return told


def _fact(body: bytes) -> Any:
    try:
        return json.loads(msgspec.json.encode(msgspec.msgpack.decode(body)))
    except (msgspec.DecodeError, msgspec.EncodeError, TypeError, ValueError):
        return None


def _instant(at_us: int) -> str:
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, OSError):
        return f"{at_us} us"


def _size(log: Log) -> tuple[int, int]:
    """Return how many entries a log has, and of how many the bytes were removed by a signed act."""
    try:
        with LogReader(log.path) as reader:
            (without,) = reader.connection.execute("SELECT count(redacted) FROM entry").fetchone()
            return reader.size, int(without)
    except (JournalError, OSError, sqlite3.Error):
        return 0, 0


def _without(redacted: int) -> str:
    return f" ({redacted:,} without their bytes, which a signed act removed)" if redacted else ""


@contextlib.contextmanager
def _reader(data: Path, name: str) -> Iterator[LogReader]:
    logs = folder.every_log(data)
    chosen = [log for log in logs if log.name == name] if name else []
    if not name:
        chosen = logs if len(logs) == 1 else [folder.own_log(data)]
    if not chosen:
        raise FolderError(f"{name or data}: expected one of the logs of the data folder")
    with LogReader(chosen[0].path, folder.blobs_path(data)) as reader:
        yield reader


@contextlib.contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # `cat … | head`
        sys.stderr.close()
        raise typer.Exit(1) from None
    except JournalError as error:
        fail(str(error))


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")), flush=True)
