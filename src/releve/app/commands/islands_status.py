"""`releve islands status`, `pull`: which islands are in step, since when not, what would be lost, what was refused."""

from __future__ import annotations

import contextlib
import getpass
import secrets
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from releve.app.clock import now_us
from releve.app.commands.islands import AsJson, Data, app, said_of_islands
from releve.app.commands.output import fail, progress, say
from releve.app.recorder_process import recorder_for
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.state import Exchange, read_exchange
from releve.islands.facts import ViewsCompared
from releve.islands.held import Held, step_of
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.journal.folder import log_path, own_log
from releve.journal.reader import LogReader
from releve.views.acts import acts_of
from releve.web.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from releve.islands.compared import Compared
    from releve.islands.sampled import Outcome

__all__ = ["status"]

COMPARED = "islands.compared.1"
_MINUTE_US = 60_000_000


@app.command()
def status(
    data: Data,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="Count this island's views now, and let the others compare theirs with it."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say which islands are in step, since when not, what would be lost with this one, and what was refused.

    Example: releve islands status --data /srv/releve --json
    """
    try:
        own = own_log(data)
        said_of_islands(data)
        peers = read_peers(data)
        mine = _compare(data) if compare else None
        views = _compared(data, own.origin, mine)
        with LogReader(own.path) as reader:
            size = reader.size
            unsaved = _unsaved(read_exchange(data), own.name, size, reader)
    except JournalError as error:
        fail(str(error))
    exchange = read_exchange(data)
    now = now_us()
    held_here = Held(peers=peers, exchange=exchange)
    runs = held_here.knows(now // 1000)
    lines: list[dict[str, Any]] = []
    for peer in peers.peers if peers is not None else ():
        state = exchange.peers.get(peer.origin) if exchange is not None else None
        reached = state.reached_us if state is not None else None
        cut = [
            {"epoch": int(epoch), "size": line.size, "mode": line.mode}
            for epoch, line in sorted(peer.cuts.items(), key=lambda one: int(one[0]))
        ]
        if peer.left:  # nothing is asked of it, whether the exchange runs or not
            step = "cut" if cut else "left"
        else:
            step = step_of(held_here, peer, now // 1000, data)[0] if runs else "unknown"
        held = exchange.copies.get(own.name, {}).get(peer.origin) if exchange is not None else None
        lines.append(
            {
                "origin": peer.origin, "name": peer.name, "belongs": not peer.left,
                "in_step": step == "in-step", "step": step, "cut": cut,
                "reached_us": reached, "trouble": state.trouble if state is not None else "",
                "holds": held.size if held is not None else 0,
                "behind": sum(
                    log.behind for name, log in exchange.logs.items() if name.partition("/")[0] == peer.origin
                )
                if exchange is not None
                else 0,
                "views": views.get(peer.origin, "not compared"),
            }
        )  # fmt: skip
    refused = [
        {
            "at_us": one.at_us,
            "log": f"{one.origin}/{one.epoch}",
            "what": one.what,
            "from": one.from_,
            "folder": one.folder,
        }
        for one in (exchange.refused if exchange is not None else ())
    ]
    loss = None if unsaved is None else max(0, -(-(now - unsaved) // _MINUTE_US)) if unsaved else 0
    result = {
        "own": own.origin, "size": size, "islands": lines, "loss_window_minutes": loss, "refused": refused,
        "exchange_runs": runs,
    }  # fmt: skip
    say(result, json=as_json, text=_words(result, now))


def _words(result: dict[str, Any], now: int) -> str:
    if not result["islands"]:
        return "this island is alone: what it records is saved here only"
    text = []
    for line in result["islands"]:
        name = f"{line['origin']:<12} {line['name']:<20}"
        if not line["belongs"]:
            text.append(f"{name} belongs no more: nothing is pulled from it or given to it{_trusted(line)}")
            continue
        if line["in_step"]:
            how = "in step"
        elif line["reached_us"] is None:
            how = "never reached"
        elif line["step"] in ("behind", "suspect"):
            how = line["step"]
        else:
            how = f"not reached for {_minutes(now - line['reached_us'])}"
        how += f" ({line['trouble']})" if line["trouble"] else ""
        text.append(
            f"{name} {how}; holds {line['holds']:,} of {result['size']:,} entries of this island; "
            f"{line['behind']:,} of its own are still to come; views {line['views']}{_trusted(line)}"
        )
    loss = result["loss_window_minutes"]
    if loss is None:
        text.append("nothing of this island is known to be saved elsewhere")
    elif loss:
        text.append(f"what was recorded here in the last {loss} min is saved here only")
    else:
        text.append("all that was recorded here is saved on another island too")
    if not result["exchange_runs"]:
        text.append("the exchange does not run here: start the island with `releve serve`")
    text += [
        f"refused: {one['log']} from {one['from']} ({one['what']}), kept in {one['folder']}"
        for one in result["refused"]
    ]
    return "\n".join(text)


def _trusted(line: dict[str, Any]) -> str:
    """Return up to where an island is trusted, "" where no line was drawn."""
    rest = {"exclude": "the rest is left out", "flag": "the rest is shown and marked"}
    return "".join(
        f"; in epoch {cut['epoch']} trusted up to entry {cut['size']:,}, {rest[cut['mode']]}"
        for cut in line["cut"]
    )


def _minutes(us: int) -> str:
    return f"{max(1, us // _MINUTE_US)} min"


def _unsaved(exchange: Exchange | None, name: str, size: int, reader: LogReader) -> int | None:
    """Return when the oldest entry was recorded that no other island holds; 0: all are held; None: none is."""
    copies = exchange.copies.get(name, {}) if exchange is not None else {}
    most = max((copy.size for copy in copies.values()), default=0)
    if not most:
        return None
    return 0 if most >= size else reader.get(most).recorded_at_us


def _compare(data: Path) -> ViewsCompared:
    """Count the views of this island and record it, for the others to compare."""
    from releve.app.generation import built_with, positions_of
    from releve.islands.sampled import sample_of
    from releve.views.database import generation_in_force, open_views
    from releve.views.hashing import hash_of_views

    generation = generation_in_force(data)
    if generation is None:
        fail("views: expected them to have been folded once")
    connection = open_views(generation, "compare")
    connection.ensure_connection()
    with progress() as steps, connection.cursor() as cursor:
        cursor.execute("BEGIN")  # positions and rows of one moment
        positions = positions_of(connection)
        counted = hash_of_views(connection, lambda table: steps.show(table, 0, 1))
        salt = secrets.token_hex(8)
        sample = sample_of(connection, salt)
        cursor.execute("COMMIT")
    connection.close()
    fact = ViewsCompared(
        positions=_said_by_people(data, positions), version=built_with(generation) or "", hash=counted["hash"],
        rows=counted["rows"], at_us=now_us(), salt=salt, sample=sample,
    )  # fmt: skip
    draft = Draft(
        kind=COMPARED,
        body=msgspec.msgpack.encode(fact),
        source="command",
        author=f"system:{getpass.getuser()}",
    )
    with recorder_for(data) as recorder:
        recorder.append([draft])
    return fact


def _said_by_people(data: Path, positions: dict[str, int]) -> dict[str, int]:
    """Return the positions without the comparisons that stand last in each log: they give no rows."""
    found = {}
    for name, position in positions.items():
        origin, _, epoch = name.rpartition("/")
        with LogReader(log_path(data, origin, int(epoch))) as reader:
            while position and reader.outlines(position - 1, 1)[0].kind == COMPARED:
                position -= 1
        found[name] = position
    return found


def _compared(data: Path, own: str, mine: ViewsCompared | None) -> dict[str, str]:
    """Return for each island what comparing its newest count with those made here gives, in words."""
    from releve.islands.compared import compared, sample_outcome

    newest: dict[str, ViewsCompared] = {}
    here: list[ViewsCompared] = [mine] if mine is not None else []
    for act in acts_of(data, (COMPARED,)):
        try:
            said = msgspec.msgpack.decode(act.entry.body, type=ViewsCompared)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        origin = act.log.partition("/")[0]
        if origin == own:
            here.append(said)
        else:
            newest[origin] = said
    if not newest:
        return {}
    with _views(data) as connection:

        def sampled(said: ViewsCompared) -> Outcome | None:
            return sample_outcome(connection, said) if connection is not None else None

        return {origin: _verdict(compared(said, here, sampled)) for origin, said in newest.items()}


@contextlib.contextmanager
def _views(data: Path) -> Iterator[Any]:
    from releve.views.database import generation_in_force, open_views

    generation = generation_in_force(data)
    connection = open_views(generation, "sample") if generation is not None else None
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()


def _verdict(found: Compared) -> str:
    if found.verdict == "equal-sample":
        return f"equal in {counted(found.persons, 'person')} of a sample"
    if found.verdict == "different" and found.persons:
        return f"NOT EQUAL in {counted(found.persons, 'person')} of a sample"
    return {
        "equal": "equal",
        "different": "NOT EQUAL",
        "other-entries": "not comparable: counted at other entries",
        "other-version": "not comparable: folded by another version",
    }[found.verdict]
