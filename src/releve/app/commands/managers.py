"""`releve managers`: who gives power with a card: listed, another one named, one removed who left or lost hers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from releve.app.commands.islands import AsJson, Data, Yes, agree, held_by_managers, said_of_islands, two_cards
from releve.app.commands.output import fail, say
from releve.app.commands.signing import SignWith
from releve.app.recorder_process import recorder_for
from releve.journal.cards import CardError, make_card, new_passphrase, open_card, public_key
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.journal.folder import logs, own_log
from releve.journal.note import Signer, Verifier
from releve.journal.power import MANAGERS_NEEDED
from releve.journal.reader import LogReader
from releve.web.accounts.managers import name_of
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.hospital.belonging import Said
    from releve.web.accounts.managers import Managers

__all__ = ["app"]

app = typer.Typer(
    name="managers",
    help="Whose two signatures give power: listed, another one named, one removed who left or lost her card.",
    no_args_is_help=True,
)
_PASSPHRASE = "RELEVE_CARD_NEW"


@app.command("list")
def list_(data: Data, as_json: AsJson = False) -> None:
    """List the managers: those whose signatures count, and those who were removed.

    Example: releve managers list --data /srv/releve
    """
    now, _ = _managers(data)
    lines = [{"name": name_of(key), "key": key, "counts": True} for key in sorted(now.keys)]
    lines += [
        {
            "name": name_of(key), "key": key, "counts": False, "removed_by": [word.place for word in words],
            "reason": words[0].reason,
        }
        for key, words in sorted(now.removed.items())
    ]  # fmt: skip
    text = [
        f"{line['name']:<24} {'counts' if line['counts'] else 'removed: ' + str(line['reason']):<40} {line['key']}"
        for line in lines
    ]
    if len(now.keys) <= MANAGERS_NEEDED:
        text.append(
            "two only: were a card lost, nobody could remove it; name a third with `releve managers add`"
        )
    say({"count": len(now.keys), "managers": lines}, json=as_json, text="\n".join(text))


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What stands on the card: letters, figures, hyphens.")],
    data: Data,
    card: Annotated[
        Path,
        typer.Option(
            metavar="OUT", help="Where the new card is written; one that lies there is named as it is."
        ),
    ],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Name another manager: her card is made, two managers sign, and on every island her signature counts.

    Example: releve managers add supervisor --card /media/stick/supervisor.card --sign-with card-1 --sign-with card-2
    --data /srv/releve
    """
    now, _ = _managers(data)
    signers = two_cards(sign_with)
    held_by_managers(signers, now)
    passphrase = ""
    try:
        if card.exists():
            named = public_key(card.read_text("utf-8"))
        else:
            passphrase = os.environ.get(_PASSPHRASE) or new_passphrase()
            named = _write_card(card, name, passphrase)
    except (OSError, UnicodeDecodeError):
        fail("--card: expected a file that can be written, or a card that can be read")
    except CardError as error:
        fail(f"--card: {error}")
    if named.vkey in now.removed:
        fail(
            "--card: expected a new card: this one was removed, and a key that was removed never counts again"
        )
    if named.vkey in now.keys:
        fail("--card: expected somebody who is no manager yet")
    agree(f"Shall {named.name} give power together with another manager?", yes)
    from releve.web.accounts.draft import draft_managers

    place = _record(data, draft_managers([named.vkey], source="command"), signers)
    result = {"entry": place, "name": named.name, "key": named.vkey, "count": len(now.keys) + 1}
    if passphrase and _PASSPHRASE not in os.environ:
        result["passphrase"] = passphrase
    text = f"{named.name} is a manager; entry {place}"
    if "passphrase" in result:
        text += f"\npassphrase of the card  {passphrase}   (told once: keep it apart from the card)"
    say(result, json=as_json, text=text)


@app.command()
def remove(
    who: Annotated[str, typer.Argument(metavar="NAME", help="As `releve managers list` has it, or the key.")],
    data: Data,
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a manager who left, or whose card is lost: two others sign, and her key counts nowhere from then on.

    Example: releve managers remove manager-1 --reason "card lost" --sign-with card-2 --sign-with card-3
    --data /srv/releve
    """
    now, said = _managers(data)
    key = _which(who, now)
    if len(now.keys) <= MANAGERS_NEEDED:
        fail(
            "expected a third manager: below two nobody could sign anything; `releve managers add` names one"
        )
    reach = _reach(data, said)
    for line in (
        f"{name_of(key)} gives no power any more, on any island; what was signed with it and is known here stays",
        f"  known here       {counted(sum(reach.values()), 'entry')} of {counted(len(reach), 'log')}; what was "
        "signed with it and is not here yet counts no more, and is signed again (`releve accounts sign`)",
        f"  managers left    {len(now.keys) - 1}",
    ):
        typer.echo(line, err=True)
    signers = two_cards(sign_with)
    held_by_managers(signers, now)
    if key in {signer.verifier.vkey for signer in signers}:
        fail("--sign-with: expected the cards of two others")
    agree(f"Remove {name_of(key)}?", yes)
    from releve.web.accounts.draft import draft_managers_removed

    place = _record(data, draft_managers_removed([key], reach, reason), signers)
    say(
        {"entry": place, "name": name_of(key), "key": key, "count": len(now.keys) - 1},
        json=as_json,
        text=f"{name_of(key)} is no manager any more; entry {place}",
    )


def _managers(data: Path) -> tuple[Managers, list[Said]]:
    try:
        said = said_of_islands(data)
    except JournalError as error:
        fail(str(error))
    from releve.web.accounts.trust import managers_now

    return managers_now(), said


def _record(data: Path, draft: Draft, signers: list[Signer]) -> str:
    from releve.web.accounts.draft import signed

    try:
        with recorder_for(data) as recorder:
            (receipt,) = recorder.append([signed(draft, signers, own_log(data).origin)])
        said_of_islands(data)
    except JournalError as error:
        fail(str(error))
    return receipt.place


def _reach(data: Path, said: list[Said]) -> dict[str, int]:
    """Return how many entries of each log are known: of those here, and of those that were dropped in order."""
    reach = {
        f"{one.island}/{one.body['epoch']}": int(one.body["size"])
        for one in said
        if one.counts and one.kind == "islands.dropped.1" and one.place.startswith(f"{one.island}/")
    }
    for log in logs(data):
        with LogReader(log.path) as reader:
            reach[log.name] = reader.size
    return reach


def _which(who: str, now: Managers) -> str:
    found = [key for key in now.keys if who in (key, name_of(key))]
    if len(found) != 1:
        fail("NAME: expected one manager whose signature counts; see `releve managers list`")
    return found[0]


def _write_card(path: Path, name: str, passphrase: str) -> Verifier:
    text = make_card(name, passphrase)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # Opened again as it lies there: a card that cannot be opened would be noticed on the worst day.
    return open_card(path.read_text("utf-8"), passphrase).verifier
