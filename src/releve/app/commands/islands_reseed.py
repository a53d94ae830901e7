"""`releve islands reseed`: a bare machine becomes an island again, from a survivor or a stick."""

from __future__ import annotations

import contextlib
import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from releve.app.certificate import make_certificate
from releve.app.clock import now_us
from releve.app.commands.islands import Addresses, AsJson, Wards, app
from releve.app.commands.output import fail, progress, say
from releve.app.settings import Island, IslandSettings, write_settings
from releve.islands.exchange import parts
from releve.islands.exchange.source import HttpsSource, Source, SourceGone
from releve.islands.exchange.unseal import exports_on, stick_identity, unsealed
from releve.islands.introduction import (
    Introduction,
    IntroductionError,
    fingerprint,
    in_words,
    read_text,
    write_text,
)
from releve.islands.reborn import announce, begin, fetch
from releve.islands.sticks.taking_in import LogArrived
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.web.words import counted

__all__ = ["reseed"]

SHOWN = "introduction.txt"
WAITING = 3  # exit status: announced, nothing could be copied yet


@app.command()
def reseed(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="A new folder on the bare machine.")],
    origin: Annotated[str, typer.Option(help="Name in the journal of the island that was lost.")],
    epoch: Annotated[
        int,
        typer.Option(min=2, help="One more than the newest epoch others hold of it: `releve journal stats`."),
    ],
    introduction: Annotated[
        list[Path], typer.Option("--introduction", metavar="FILE", help="What a survivor showed; repeat it.")
    ],
    source: Annotated[
        str, typer.Option("--from", metavar="HOST:PORT|DIR", help="A survivor, or a stick written by one.")
    ],
    name: Annotated[str, typer.Option(help="Name people read, as in “îlot B”.")] = "",
    address: Addresses = None,
    ward: Wards = None,
    as_json: AsJson = False,
) -> None:
    """Make the island that was lost anew on this machine: new epoch, new key, every log copied and verified.

    Given twice: the first time it shows who it is, for the managers to add on a survivor; then it copies. Example:
    releve islands reseed --data /srv/releve --origin b --epoch 2 --introduction a.txt --from 10.4.1.1:8443
    """
    from releve.web.accounts import verifier

    _check_new(data)
    survivors = [_read(file) for file in introduction]
    try:
        own = announce(data, origin, epoch, name or origin.upper(), address or (), ward or ())
        text = write_text(read_text(write_text(own)))
        (data / SHOWN).write_text(text, "utf-8")
    except JournalError as error:
        fail(str(error))
    came, logs = 0, list[LogArrived]()
    with progress() as steps:
        try:
            for place in _sources(data, source, survivors):
                turn, ended = fetch(data, place, survivors, progress=steps.show)
                came, logs = came + turn, _joined(logs, ended)
        except (SourceGone, parts.StickError) as error:
            logs = []
            typer.echo(f"releve: {error}", err=True)
        except (JournalError, OSError) as error:
            fail(str(error))
    if not any(log.ended == "whole" for log in logs):
        say(
            {"state": "announced", "introduction": str(data / SHOWN), "words": in_words(own), "logs": []},
            json=as_json,
            text=f"""this machine shows itself in {data / SHOWN}
fingerprint  {fingerprint(own)}
in words     {in_words(own)}
1. carry that file to a survivor; two managers compare the words: releve islands add {SHOWN}
2. from a stick: write it there now, releve islands export
3. give this command again: it copies then""",
        )
        raise typer.Exit(WAITING)
    try:
        log = begin(data, survivors, now_us())
        write_settings(data, IslandSettings(island=Island(origin=origin, name=name or origin.upper())))
        moment = datetime.datetime.fromtimestamp(now_us() / 1e6, datetime.UTC)
        make_certificate(data, names=(), island=name or origin.upper(), now=moment)
        with contextlib.suppress(FileExistsError):
            verifier.make_key(data)
    except JournalError as error:
        fail(str(error))
    short = [one for one in logs if one.ended in ("gap", "refused", "unknown")]
    for one in short:
        typer.echo(
            f"releve: {one.origin}/{one.epoch}: {one.held:,} of {one.carried:,} entries were copied ({one.ended})",
            err=True,
        )
    say(
        {"state": "begun", "log": log.name, "entries": came, "logs": [one._asdict() for one in logs]},
        json=as_json,
        text=f"{counted(came, 'entry')} of {counted(len(logs), 'log')} copied and verified; this island "
        f"goes on as {log.name}. Now: releve serve --data {data}. Wards can be read while the rest is folded behind.",
    )


def _check_new(data: Path) -> None:
    with contextlib.suppress(JournalError):
        log = own_log(data)
        fail(f"--data: expected a new folder, {log.name} lives there; nothing was changed")


def _read(file: Path) -> Introduction:
    try:
        return read_text(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        fail(f"--introduction {file.name}: expected a file that can be read")
    except IntroductionError as error:
        fail(f"--introduction {file.name}: {error}")


def _sources(data: Path, where: str, survivors: list[Introduction]) -> Iterator[Source]:
    folder = Path(where)
    if folder.is_dir():
        root = folder / parts.FOLDER
        names = exports_on(root)
        if not names:
            raise parts.StickError("empty", f"--from: expected a stick with a folder {parts.FOLDER}")
        for name in names:
            export = unsealed(root, name, stick_identity(data), data / "incoming", room=_has_room(data))
            for bad in export.bad:
                typer.echo(f"releve: {bad.place}: {bad.detail}", err=True)
            try:
                yield export
            finally:
                export.remove()
        return
    known = [one for one in survivors if where in one.addresses]
    chosen = known or survivors
    if len(chosen) != 1:
        fail("--from: expected an address of one of the introductions, or the folder of a stick")
    source = HttpsSource(where, origin=chosen[0].origin, certificate=chosen[0].certificate, data=data)
    try:
        yield source
    finally:
        source.close()


def _has_room(data: Path) -> Callable[[int], bool]:
    # What is unsealed is removed again, and comes a second time as logs.
    return lambda size: shutil.disk_usage(data).free > 4 * size


def _joined(before: list[LogArrived], now: list[LogArrived]) -> list[LogArrived]:
    merged = {(log.origin, log.epoch): log for log in before}
    for log in now:
        former = merged.get((log.origin, log.epoch))
        if former is None or former.held <= log.held:
            merged[(log.origin, log.epoch)] = log
    return [merged[name] for name in sorted(merged)]
