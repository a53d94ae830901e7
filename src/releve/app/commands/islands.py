"""`releve islands`: which islands belong together, and how each stands."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, progress, say
from releve.app.commands.signing import SignWith, open_cards
from releve.app.django_setup import prepare_django
from releve.app.recorder_process import recorder_for
from releve.app.settings import SettingsError, read_settings
from releve.islands.exchange.identity import make_identity
from releve.islands.introduction import (
    Introduction,
    IntroductionError,
    fingerprint,
    in_words,
    read_text,
    write_text,
)
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.journal.folder import begin_audit, own_audit_log, own_log
from releve.journal.reader import LogReader
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.hospital.belonging import Belonging, Said
    from releve.islands.facts import IslandFact
    from releve.islands.retention_facts import RetentionFact
    from releve.journal.entry import Receipt
    from releve.journal.note import Signer
    from releve.web.accounts.managers import Managers

__all__ = [
    "Addresses",
    "AsJson",
    "Data",
    "Wards",
    "Yes",
    "agree",
    "app",
    "held_by_managers",
    "own_introduction",
    "record_signed",
    "said_of_islands",
    "two_cards",
]

app = typer.Typer(
    help="The islands of the hospital: who belongs, how each stands, what is done when one is lost.",
    no_args_is_help=True,
)
Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", metavar="HOST:PORT", help="Where others pull from; repeat it."),
]
Wards = Annotated[
    list[str] | None, typer.Option("--ward", metavar="UF", help="A ward this island keeps; repeat it.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@app.command()
def introduce(
    data: Data,
    address: Addresses = None,
    ward: Wards = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there instead of printing it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what this island shows of itself, to be carried to the others and added there.

    Example: releve islands introduce --data /srv/releve --address 10.4.2.1:8443 --ward 2140 --out /media/stick/a.txt
    """
    try:
        shown = own_introduction(data, tuple(address or ()), tuple(ward or ()))
        text = write_text(read_text_of(shown))
        if out is not None:
            out.write_text(text, "utf-8")
    except (JournalError, SettingsError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"--out: expected a file that can be written ({error.strerror})")
    words = f"fingerprint  {fingerprint(shown)}\nin words     {in_words(shown)}"
    if out is None and not as_json:
        typer.echo(words, err=True)
    said = {
        "origin": shown.origin,
        "epoch": shown.epoch,
        "fingerprint": fingerprint(shown),
        "words": in_words(shown),
    }
    say({**said, "text": text}, json=as_json, text=text.rstrip("\n") if out is None else words)


@app.command()
def add(
    data: Data,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="What other islands showed of themselves.")
    ],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let other islands belong to this one: two managers compare the words by telephone, then sign.

    Done once on each island, with the files of all: this island's own is passed over. Example: releve islands add
    b.txt c.txt --sign-with card-1 --sign-with card-2 --data /srv/releve
    """
    try:
        own = own_log(data).origin
        shown = [_read(file) for file in files]
        said = said_of_islands(data, acts_only=True)
    except JournalError as error:
        fail(str(error))
    from releve.hospital.belonging import decide
    from releve.islands.accounts_key import seal_keys
    from releve.islands.facts import IslandJoined
    from releve.web.accounts.ring import ring_of
    from releve.web.accounts.verifier import KeyMissing

    belonging = decide(said)
    wanted = [one for one in shown if one.origin != own and not _is_known(one, said, own)]
    lifts = {one.origin: _revocations(one.origin, said) for one in wanted}
    for one in wanted:
        for line in _described(one, lifts[one.origin], belonging):
            typer.echo(line, err=True)
    added = [one.origin for one in wanted]
    if not wanted:
        say(
            {"added": [], "known": [one.origin for one in shown]},
            json=as_json,
            text="nothing to add: all belong already",
        )
        return
    signers = two_cards(sign_with)
    agree(f"Do {', '.join(added)} belong to this hospital, and were the words compared?", yes)
    try:
        keys = list(ring_of(data).keys.values())
        facts = [
            IslandJoined(introduction=one, sealed=seal_keys(keys, one.recipient), lifts=lifts[one.origin])
            for one in wanted
        ]
        record_signed(data, list(facts), signers)
    except (JournalError, KeyMissing) as error:
        fail(str(error))
    say({"added": added, "known": [one.origin for one in shown if one.origin not in added]}, json=as_json,
        text=f"{', '.join(added)} added; this island pulls from them, and lets them pull")  # fmt: skip


@app.command()
def leave(
    data: Data,
    origin: Annotated[str, typer.Argument(help="Name of the island in the journal.")],
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let an island belong no more: its records stay, nothing is pulled from it or given to it.

    For an island that is suspect or lost see `cutline`. Example: releve islands leave c --reason "building closed"
    --sign-with card-1 --sign-with card-2 --data /srv/releve
    """
    from releve.islands.facts import IslandLeft

    try:
        belonging = _belonging(said_of_islands(data, acts_only=True))
        if origin not in belonging.islands or belonging.islands[origin].joined is None:
            fail("origin: expected an island that belongs; see `releve islands list`")
        signers = two_cards(sign_with)
        agree(f"Shall {origin} belong no more?", yes)
        record_signed(data, [IslandLeft(island=origin, reason=reason)], signers)
    except JournalError as error:
        fail(str(error))
    say({"left": origin}, json=as_json, text=f"{origin} belongs no more")


@app.command("list")
def list_(data: Data, as_json: AsJson = False) -> None:
    """List the islands: those that belong, those that left or were cut, and what is only claimed.

    Example: releve islands list --data /srv/releve
    """
    try:
        own = own_log(data).origin
        said = said_of_islands(data)
    except JournalError as error:
        fail(str(error))
    belonging = _belonging(said)
    lines: list[dict[str, Any]] = []
    for origin, island in sorted(belonging.islands.items()):
        shown = island.last.body["introduction"] if island.last is not None else {}
        lines.append(
            {
                "origin": origin, "name": island.name, "own": origin == own, "belongs": island.joined is not None,
                "epoch": shown.get("epoch"), "addresses": list(shown.get("addresses", ())),
                "wards": sorted(island.wards), "revoked": list(island.revoked),
                "cuts": {str(epoch): line.size for epoch, line in sorted(belonging.cuts.get(origin, {}).items())},
            }
        )  # fmt: skip
    claimed = sorted({one.place for one in said if not one.counts})
    text = [
        f"{line['origin']:<12} {line['name']:<24} {'belongs' if line['belongs'] else 'belongs no more':<16} "
        f"{' '.join(line['addresses'])}"
        + "".join(f"  trusted in epoch {epoch} up to entry {size:,}" for epoch, size in line["cuts"].items())
        for line in lines
    ]
    if claimed:
        text.append(f"only claimed, without two managers' signatures: {', '.join(claimed)}")
    say(
        {"own": own, "islands": lines, "claimed": claimed},
        json=as_json,
        text="\n".join(text) or "this island is alone: `releve islands introduce`, then `releve islands add`",
    )


def own_introduction(data: Path, addresses: tuple[str, ...], wards: tuple[str, ...]) -> Introduction:
    """Return what this island shows of itself; keys it lacks are made.

    Raises:
        JournalError: no island here.
        SettingsError: its settings cannot be read.
    """
    log = own_log(data)
    identity = make_identity(data, log.origin)
    with LogReader(log.path) as reader:
        key = reader.opened().key
    # Others refuse a second log whose key was never shown: it is begun before it is needed.
    second = own_audit_log(data) or begin_audit(data, now_us())
    with LogReader(second.path) as reader:
        audit = reader.opened().key
    settings = read_settings(data)
    listen = (settings.islands.listen,) if settings.islands.listen else ()
    return Introduction(
        origin=log.origin,
        name=settings.island.name,
        epoch=log.epoch,
        log=key,
        audit=audit,
        mirror=identity.mirror_vkey,
        recipient=identity.recipient,
        certificate=identity.certificate_pem,
        addresses=addresses or listen,
        wards=wards,
    )


def said_of_islands(data: Path, *, acts_only: bool = False) -> list[Said]:
    """Return all that the journal says of islands, the views brought up to date first (`acts_only`: with acts).

    Where the fold of a running island is behind, it says at once how many entries it waits for.
    Ends the command when the views cannot be had.
    """
    prepare_django(data)
    from releve.app.views_now import ViewsBehind, bring_views_up
    from releve.hospital.in_force import MapMissing
    from releve.hospital.standing import statements_now
    from releve.islands.membership import refresh
    from releve.web.database import follow_views

    changed = True
    while changed:  # a cut line that was learned just now folds the views again, without what lies beyond
        try:
            with progress() as steps:
                bring_views_up(data, steps.show, waits=_waits, acts_only=acts_only)
        except MapMissing as error:
            fail(str(error))
        except ViewsBehind as error:
            typer.echo(f"releve: {error}", err=True)
        follow_views()
        changed = refresh(data)
    return statements_now()


def _waits(behind: int) -> None:
    typer.echo(f"waits until {counted(behind, 'more entry')} can be read on the pages", err=True)


def record_signed(
    data: Path, facts: list[IslandFact | RetentionFact], signers: list[Signer]
) -> list[Receipt]:
    """Record what two managers sign, bring the views and the file of the peers up to date, return the receipts.

    Raises:
        JournalError: it could not be recorded.
    """
    from releve.islands.facts import subject
    from releve.web.accounts.draft import signed
    from releve.web.accounts.trust import managers_now

    held_by_managers(signers, managers_now())
    origin = own_log(data).origin
    author = f"system:{getpass.getuser()}"
    drafts = []
    for fact in facts:
        kind = str(fact.__struct_config__.tag)
        body = msgspec.msgpack.encode(fact)
        draft = Draft(kind=kind, body=body, source="command", author=author, subjects=(subject(fact.island),))
        drafts.append(signed(draft, signers, origin))
    with recorder_for(data) as recorder:
        receipts = recorder.append(drafts)
    said_of_islands(data, acts_only=True)
    return receipts


def read_text_of(shown: Introduction) -> Introduction:
    """Return an introduction checked as those who add it will.

    Raises:
        IntroductionError: an address or a ward that cannot stand in it.
    """
    return read_text(write_text(shown))


def _read(file: Path) -> Introduction:
    try:
        return read_text(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        fail(f"{file.name}: expected a file that can be read")
    except IntroductionError as error:
        fail(f"{file.name}: {error}")


def _belonging(said: list[Said]) -> Belonging:
    from releve.hospital.belonging import decide

    return decide(said)


def _is_known(shown: Introduction, said: list[Said], own: str) -> bool:
    """Tell whether the island belongs just as it shows itself, and was told so here: account keys went with it."""
    from releve.hospital.belonging import JOINED

    restated = msgspec.json.decode(msgspec.json.encode(shown))
    revoked = set(_revocations(shown.origin, said))
    return any(
        one.counts
        and one.kind == JOINED
        and one.place.partition("/")[0] == own
        and one.body["introduction"] == restated
        and revoked <= set(one.body["lifts"])
        for one in said
    )


def _revocations(origin: str, said: list[Said]) -> tuple[str, ...]:
    from releve.hospital.belonging import CUT, LEFT

    return tuple(one.place for one in said if one.counts and one.island == origin and one.kind in (LEFT, CUT))


def _described(shown: Introduction, lifts: tuple[str, ...], belonging: Belonging) -> list[str]:
    lines = [
        f"{shown.origin}  {shown.name}, epoch {shown.epoch}",
        f"  addresses    {', '.join(shown.addresses) or 'none: only by stick, or it pulls from here'}",
        f"  wards        {', '.join(shown.wards) or 'none told'}",
        f"  fingerprint  {fingerprint(shown)}",
        f"  in words     {in_words(shown)}",
    ]
    former = belonging.islands.get(shown.origin)
    if lifts:
        lines.append(
            f"  it had left or was cut ({', '.join(lifts)}); with this it belongs again, cut lines stay"
        )
    elif former is not None and former.joined is not None:
        lines.append("  it belongs already; this restates its keys, addresses and wards")
    return lines


def two_cards(sign_with: list[Path] | None) -> list[Signer]:
    """Return the signers of two managers' cards; ends the command without them."""
    signers = open_cards(sign_with)
    if not signers:
        fail("--sign-with: expected two cards, of two managers; nothing was changed")
    return signers


def held_by_managers(signers: list[Signer], now: Managers) -> None:
    """End the command when one of these cards is not a manager's whose signature counts: it would only be claimed."""
    for number, signer in enumerate(signers, 1):
        if signer.verifier.vkey not in now.keys:
            fail(f"--sign-with: card {number}: expected a manager's whose signature counts")


def agree(question: str, yes: bool) -> None:
    """Ask, unless `--yes` answered already; ends the command when it is not to be done."""
    if yes:
        return
    if os.isatty(0) and typer.confirm(question, err=True):
        return
    fail(
        "nothing was changed"
        if os.isatty(0)
        else "--yes: expected, for nobody can be asked here; nothing was changed"
    )
