"""`releve epochs`: how long the journal stays on this island, and how a part of it leaves."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.islands import AsJson, Data, Yes, agree, record_signed, said_of_islands, two_cards
from releve.app.commands.output import fail, progress, say
from releve.app.commands.signing import SignWith
from releve.app.recorder_process import recorder_for
from releve.app.retention.archive import Archive, read_archive, write_archive
from releve.app.settings import SettingsError, read_settings
from releve.journal.client import Recorder
from releve.journal.errors import JournalError
from releve.journal.folder import Log, log_path, own_log, roll_epoch, roll_path
from releve.journal.reader import LogReader
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.app.retention.carrying import Carried

__all__ = ["app"]

app = typer.Typer(
    help="The epochs of this island's journal: how old and large, what is carried on, archived, dropped.",
    no_args_is_help=True,
)
Epoch = Annotated[int, typer.Argument(help="Number of the epoch, as `releve epochs status` lists it.", min=1)]
InCare = Annotated[
    bool,
    typer.Option(
        "--in-care",
        help="Only who is in care or has something open, and of them what is still needed; the rest follows at the "
        "drop.",
    ),
]
Whole = Annotated[bool, typer.Option("--whole", help="With --in-care: all that was said of them.")]
ROLL_SECONDS_MAX = 30.0


@app.command()
def status(data: Data, as_json: AsJson = False) -> None:
    """List this island's epochs, and for each what keeps it here.

    Example: releve epochs status --data /srv/releve
    """
    _views_up(data)
    from releve.app.retention.carrying import closed_epochs
    from releve.app.retention.owed import archive_confirmed, reasons_against
    from releve.app.retention.proving import read_proof

    lines: list[dict[str, Any]] = []
    try:
        own = own_log(data)
        for log in [*closed_epochs(data), own]:
            with LogReader(log.path) as reader:
                head, opened_us = reader.head(), reader.opened().opened_at_us
            archive = archive_confirmed(log, head)
            proof = read_proof(data, log.name)
            lines.append(
                {
                    "log": log.name, "open": log == own, "entries": head.size, "bytes": log.path.stat().st_size,
                    "opened_at_us": opened_us, "archive": archive.where if archive is not None else "",
                    "proof_holds": proof.holds if proof is not None else None,
                    "reasons": [one._asdict() for one in reasons_against(data, log)],
                }
            )  # fmt: skip
    except JournalError as error:
        fail(str(error))
    text = []
    for line in lines:
        state = "is written" if line["open"] else f"archived: {line['archive'] or 'no'}"
        text.append(
            f"{line['log']:<10} {line['entries']:>12,} entries {line['bytes'] >> 20:>8,} MiB  {state}"
        )
        if not line["open"]:
            text += [f"    {reason['text']}" for reason in line["reasons"]]
    say({"epochs": lines}, json=as_json, text="\n".join(text))


@app.command()
def roll(data: Data, as_json: AsJson = False) -> None:
    """Go on in a new epoch now, without waiting for its age or size; senders wait for less than two seconds.

    Works while the island runs and while it is stopped. Example: releve epochs roll --data /srv/releve
    """
    try:
        before = own_log(data)
        if _runs(data):
            roll_path(data).touch()
            deadline = time.monotonic() + ROLL_SECONDS_MAX
            while own_log(data) == before:
                if time.monotonic() > deadline:
                    roll_path(data).unlink(missing_ok=True)
                    fail(
                        f"the island runs and did not go on from {before.name}: see what `releve serve` says"
                    )
                time.sleep(0.05)
            log = own_log(data)
        else:
            log = roll_epoch(data, "it was asked for", now_us())
    except JournalError as error:
        fail(str(error))
    say(
        {"log": log.name, "before": before.name},
        json=as_json,
        text=f"{log.name} is open, {before.name} is closed",
    )


@app.command()
def carry(data: Data, in_care: InCare = False, whole: Whole = False, as_json: AsJson = False) -> None:
    """Restate in the epoch being written what still matters of those before; done by itself after each roll.

    May be cut short and run again. Example: releve epochs carry --data /srv/releve
    """
    if in_care:
        os.nice(10)  # whoever records comes first
    began = time.monotonic()
    done = _carry(data, 0 if in_care else _recent_days(data), in_part=in_care and not whole)
    seconds = round(time.monotonic() - began, 1)
    text = (
        f"{done.log}: {counted(done.entries, 'entry')} restated in {seconds} s ({done.already:,} were already), "
        f"of {done.of:,}; {done.persons:,} of {counted(done.persons_known, 'person')}"
    )
    say({**done._asdict(), "seconds": seconds}, json=as_json, text=text)


@app.command()
def prove(
    data: Data,
    epoch: Annotated[
        int | None, typer.Argument(help="The epoch to leave out; by default all that are closed.", min=1)
    ] = None,
    in_care: InCare = False,
    whole: Whole = False,
    as_json: AsJson = False,
) -> None:
    """Fold the views without an epoch, beside those in force, and compare what still matters; nothing is changed.

    Example: releve epochs prove 12 --data /srv/releve
    """
    if in_care:
        os.nice(10)
    _views_up(data)
    from releve.app.retention.carrying import closed_epochs
    from releve.app.retention.proving import proved
    from releve.views.database import RebuildRunning

    try:
        left = closed_epochs(data) if epoch is None else [_closed(data, epoch)]
        if not left:
            fail("expected a closed epoch; see `releve epochs status`")
        recent_days = 0 if in_care else _recent_days(data)
        with progress() as steps, proved(
            data, frozenset(log.name for log in left), now_ms=now_us() // 1000, recent_days=recent_days,
            show=steps.show, in_part=in_care and not whole,
        ) as (proof, _):  # fmt: skip
            pass
    except (JournalError, RebuildRunning) as error:
        fail(str(error))
    names = ", ".join(proof.without)
    tables = ", ".join(f"{table} ({count:,})" for table, count in sorted(proof.differs.items()))
    text = (
        f"{names}: without it {counted(proof.rows, 'row')} of {counted(proof.persons, 'person')} stay the "
        f"same ({proof.seconds} s)"
        if proof.holds
        else f"{names}: without it the views would differ: {tables}"
    )
    say(
        {
            "logs": list(proof.without), "holds": proof.holds, "entries": proof.entries, "subjects": proof.subjects,
            "persons": proof.persons, "persons_known": proof.persons_known, "rows": proof.rows,
            "differs": proof.differs, "seconds": proof.seconds,
        },
        json=as_json, text=text,
    )  # fmt: skip
    if not proof.holds:
        raise typer.Exit(1)


@app.command()
def archive(
    data: Data,
    epoch: Epoch,
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where the archive's folder is made.", file_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Write a closed epoch into a folder of its own, with all it names, and read it back.

    Example: releve epochs archive 12 --to /media/archive --data /srv/releve
    """
    log = _closed(data, epoch)
    try:
        with progress() as steps:
            made = write_archive(data, log, to, steps.show)
    except JournalError as error:
        fail(str(error))
    except OSError as error:
        fail(f"--to: expected a folder that can be written ({error.strerror})")
    held = f"{counted(made.size, 'entry')}, {counted(made.files, 'file')}"
    text = f"{made.folder}: {held}, read back; manifest {made.manifest.hex()}"
    say(_told(made), json=as_json, text=text)


@app.command()
def confirm(
    data: Data,
    folder: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="The archive, where it will stay.", exists=True)
    ],
    where: Annotated[str, typer.Option(help="Where it is kept, in words.")],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Read an archive back where it will stay, and let two managers confirm that the hospital has it.

    Example: releve epochs confirm --from /mnt/vault/releve-a.12 --where "coffre, bâtiment B" --sign-with card-1
    --sign-with card-2 --data /srv/releve
    """
    from releve.islands.retention_facts import EpochArchived

    try:
        with progress() as steps:
            held = read_archive(folder, steps.show)
        origin, _, number = held.log.rpartition("/")
        log = _closed(data, int(number))
        if origin != log.origin:
            fail(f"--from: expected an epoch of {log.origin}, not of {origin}")
        with LogReader(log.path) as reader:
            head = reader.head()
        if (held.size, held.root) != (head.size, head.root):
            fail(f"--from: expected the {head.size:,} entries of {log.name} as they are here")
        typer.echo(
            f"{held.log}: {counted(held.size, 'entry')} read back from {folder}, kept at: {where}",
            err=True,
        )
        signers = two_cards(sign_with)
        agree("Has the hospital this archive, and will keep it?", yes)
        fact = EpochArchived(
            island=log.origin,
            epoch=log.epoch,
            size=held.size,
            root=held.root,
            manifest=held.manifest,
            where=where,
        )
        (receipt,) = record_signed(data, [fact], signers)
    except JournalError as error:
        fail(str(error))
    place = receipt.place
    say(
        {**_told(held), "entry": place},
        json=as_json,
        text=f"{held.log} is archived at {where}; entry {place}",
    )


@app.command()
def drop(
    data: Data,
    epoch: Epoch,
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a closed epoch from this island and from all others; refused while anything keeps it here.

    What it removes is shown first. Example: releve epochs drop 12 --reason "older than a year" --sign-with card-1
    --sign-with card-2 --data /srv/releve
    """
    _views_up(data)
    log = _closed(data, epoch)
    from releve.app.retention.dropping import dropped_fact, remove_epoch, what_goes
    from releve.app.retention.owed import archive_confirmed, reasons_against
    from releve.app.retention.proving import proved
    from releve.views.database import RebuildRunning

    now_ms, recent_days = now_us() // 1000, _recent_days(data)
    try:
        reasons = reasons_against(data, log)
        with LogReader(log.path) as reader:
            archived = archive_confirmed(log, reader.head())
        if reasons or archived is None:
            fail(f"{log.name} stays:\n" + "\n".join(f"  {one.text} [{one.code}]" for one in reasons))
        goes = what_goes(log, now_ms=now_ms, recent_days=recent_days)
        for line in _shown(log, goes, archived.where):
            typer.echo(line, err=True)
        signers = two_cards(sign_with)
        agree(f"Shall {log.name} be removed, here and on all islands?", yes)
        _carry(data, recent_days)
        with progress() as steps, proved(
            data, frozenset({log.name}), now_ms=now_ms, recent_days=recent_days, show=steps.show
        ) as (proof, generation):  # fmt: skip
            if not proof.holds:
                tables = ", ".join(sorted(proof.differs))
                fail(f"{log.name} stays:\n  without it the views would differ: {tables} [proof]")
            fact = dropped_fact(data, log, archived, goes, reason)
            (receipt,) = record_signed(data, [fact], signers)
            freed = remove_epoch(data, log, fact, generation)
    except (JournalError, RebuildRunning) as error:
        fail(str(error))
    place = receipt.place
    result = {"log": log.name, "entry": place, "freed": freed, **fact.removed}
    say(result, json=as_json, text=f"{log.name} is removed, {freed >> 20:,} MiB are free; entry {place}")


def _shown(log: Log, goes: Any, where: str) -> list[str]:
    return [
        f"{log.name}: {counted(goes.entries, 'entry')}, {goes.acts:,} of them acts, {goes.bytes >> 20:,} MiB",
        f"  persons  of {goes.persons:,} nothing is left on the islands: they are in the archive alone",
        "  others   persons in care, open orders, accounts and what else matters stay, restated and proved",
        f"  archive  {where}",
    ]


def _views_up(data: Path) -> None:
    try:
        said_of_islands(data)
    except JournalError as error:
        fail(str(error))


def _carry(data: Path, recent_days: int, *, in_part: bool = False) -> Carried:
    _views_up(data)
    from releve.app.retention.carrying import carry_forward

    try:
        with recorder_for(data) as recorder, progress() as steps:
            done = carry_forward(
                data, recorder, now_ms=now_us() // 1000, recent_days=recent_days, show=steps.show,
                in_part=in_part,
            )  # fmt: skip
    except JournalError as error:
        fail(str(error))
    _views_up(data)
    return done


def _closed(data: Path, epoch: int) -> Log:
    try:
        own = own_log(data)
    except JournalError as error:
        fail(str(error))
    log = Log(own.origin, epoch, log_path(data, own.origin, epoch))
    if epoch >= own.epoch or not log.path.exists():
        fail(f"{log.name}: expected a closed epoch of this island; see `releve epochs status`")
    return log


def _recent_days(data: Path) -> int:
    try:
        return read_settings(data).retention.recent_days
    except SettingsError as error:
        fail(str(error))


def _runs(data: Path) -> bool:
    try:
        with Recorder(data) as recorder:
            recorder.state()
    except JournalError:
        return False
    return True


def _told(one: Archive) -> dict[str, Any]:
    return {
        "log": one.log, "folder": str(one.folder), "entries": one.size, "files": one.files, "bytes": one.bytes,
        "manifest": one.manifest.hex(),
    }  # fmt: skip
