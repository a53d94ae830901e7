"""`releve keys`: the island's secrets wrapped with one key, and what opens it."""

import datetime
import os
import sys
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, say
from releve.app.keys.cards import NEEDED, CardRead, open_cards
from releve.app.keys.island_key import (
    Ways,
    add_means,
    bare_names,
    init_keys,
    open_by_itself,
    open_with,
    opened,
    remove_means,
    ring_of,
    rotate_keys,
)
from releve.app.keys.passphrase import PASSPHRASE_CHARS_MIN, machine_memory_kib, open_passphrase
from releve.app.keys.ring import KINDS, Cards, Ring, kind_of, read_ring
from releve.app.keys.tpm import tpm_here
from releve.app.locked.waiting import is_served, is_served_by_units
from releve.app.settings import SettingsError, read_settings
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.keys import run_file, secret_names, withdraw
from releve.journal.reader import LogReader

__all__ = ["app"]

app = typer.Typer(
    name="keys",
    help="Wrap the island's secrets with one key, open it after a cut, change it.",
    no_args_is_help=True,
)

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
With = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="|".join(KINDS), help="By what it is opened; repeat it."),
]
StickTo = Annotated[
    Path | None,
    typer.Option("--stick", metavar="DIR", help="Where the key stick is mounted, for `--with stick`."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Where the sheets of the cards are written; by default in memory only."
    ),
]
Memory = Annotated[
    int | None,
    typer.Option("--memory-mib", help="What one guess of the passphrase costs in memory.", min=64, max=2048),
]
PASSPHRASE = "RELEVE_KEYS_PASSPHRASE"
NEW_PASSPHRASE = "RELEVE_KEYS_NEW_PASSPHRASE"
CARDS = "RELEVE_KEYS_CARDS"


@app.command()
def init(
    data: Data,
    with_: With = None,
    stick: StickTo = None,
    out: Out = None,
    memory_mib: Memory = None,
    as_json: AsJson = False,
) -> None:
    """Make the island key and wrap every secret under DATA/keys with it. An island that runs goes on running.

    The passphrase is asked, or taken from RELEVE_KEYS_PASSPHRASE.
    Example: releve keys init --with passphrase --with cards --data /srv/releve
    """
    _no_units(data)
    try:
        paper = _Paper(data, out)
        ring = init_keys(data, _ways(with_, stick, memory_mib), paper, now_us())
    except JournalError as error:
        fail(str(error))
    if not {"passphrase", "cards"} & {kind_of(one) for one in ring.means}:
        typer.echo(
            "releve: a stick or a TPM is lost with one thing: add cards with `releve keys wrap --with cards`",
            err=True,
        )
    _done(data, ring, paper, "every secret is wrapped", as_json=as_json)


@app.command()
def wrap(
    data: Data,
    with_: With = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(
            "--remove", metavar="|".join(KINDS), help="Take a means away, never the last; repeat it."
        ),
    ] = None,
    stick: StickTo = None,
    out: Out = None,
    memory_mib: Memory = None,
    as_json: AsJson = False,
) -> None:
    """Add a means to open the island key, or replace it; or take one away.

    A new passphrase is asked, or taken from RELEVE_KEYS_NEW_PASSPHRASE. Cards of before still open this key: only
    `releve keys rotate` makes them worthless.
    Example: releve keys wrap --with stick --stick /media/releve --data /srv/releve
    """
    if bool(with_) == bool(remove):
        fail("--with or --remove: expected one of the two")
    paper = _Paper(data, out)
    try:
        if remove:
            ring = remove_means(data, remove)
            said = "taken away"
            if "cards" in remove:
                typer.echo(
                    "releve: the cards that exist still open this key: `releve keys rotate` ends that",
                    err=True,
                )
        else:
            _open(data)
            ring = add_means(data, _ways(with_, stick, memory_mib, new=True), paper, now_us())
            said = "added"
    except JournalError as error:
        fail(str(error))
    _done(data, ring, paper, said, as_json=as_json)


@app.command()
def unlock(data: Data, with_: With = None, as_json: AsJson = False) -> None:
    """Open the island: an island that waits locked starts at once. Stick and TPM are tried before anybody is asked.

    Passphrase and cards are asked, or taken from RELEVE_KEYS_PASSPHRASE and RELEVE_KEYS_CARDS (three cards with
    semicolons between).
    Example: releve keys unlock --with cards --data /srv/releve
    """
    try:
        ring, by = _open(data, tuple(with_ or ()))
    except JournalError as error:
        fail(str(error))
    _done(data, ring, None, f"open, by {by}", as_json=as_json, by=by)


@app.command()
def lock(data: Data, as_json: AsJson = False) -> None:
    """Take the island key out of the memory of an island that does not run: the next start finds it locked.

    Example: releve keys lock --data /srv/releve
    """
    try:
        ring = ring_of(data)
        if is_served(data):
            fail(
                "keys: expected no `releve serve` on this folder; stop it, it takes the key out of memory itself"
            )
        withdraw(data)
    except JournalError as error:
        fail(str(error))
    _done(data, ring, None, "locked", as_json=as_json)


@app.command()
def rotate(
    data: Data,
    with_: With = None,
    stick: StickTo = None,
    out: Out = None,
    memory_mib: Memory = None,
    as_json: AsJson = False,
) -> None:
    """Make another island key and wrap all secrets anew: cards, passphrase and sticks of before open nothing any more.

    Makes each means the island has, unless `--with` names others. The new passphrase is asked, or taken from
    RELEVE_KEYS_NEW_PASSPHRASE. Who kept a copy of DATA/keys and its old cards still opens that copy.
    Example: releve keys rotate --data /srv/releve
    """
    _no_units(data)
    paper = _Paper(data, out)
    try:
        before, _ = _open(data)
        kinds = with_ or [kind_of(one) for one in before.means]
        ring = rotate_keys(data, _ways(kinds, stick, memory_mib, new=True), paper, now_us())
    except JournalError as error:
        fail(str(error))
    _done(
        data,
        ring,
        paper,
        "a new island key; cards, passphrase, stick of before open nothing",
        as_json=as_json,
    )


@app.command()
def status(data: Data, as_json: AsJson = False) -> None:
    """Show whether the secrets are wrapped, by what they are opened, and whether the island is open.

    Example: releve keys status --data /srv/releve
    """
    try:
        ring = read_ring(data)
        if ring is None and bare_names(data) != secret_names(data):
            ring_of(data)  # it says that the ring is lost
        _done(data, ring, None, "", as_json=as_json)
    except JournalError as error:
        fail(str(error))


class _Paper:
    """Writes the sheets of new cards and remembers where."""

    def __init__(self, data: Path, out: Path | None) -> None:
        self._data = data
        self._out = out
        self.path: Path | None = None

    def __call__(self, cards: Cards, words: Sequence[str], origin: str) -> None:
        """Write the PDF, mode 0600.

        Raises:
            FolderError: it cannot be written there, or there is one already.
        """
        from releve.hospital.in_force import MapMissing, latest_map
        from releve.journal.errors import FolderError
        from releve.paper.island_cards import island_cards
        from releve.paper.typeset import TypesetError

        folder = (self._out or run_file(self._data).parent).resolve()
        if folder.is_relative_to(self._data.resolve()):
            raise FolderError("--out: expected a folder outside DATA, for its disk must not keep the words")
        path = folder / f"cards-{origin}-{cards.identifier:05d}.pdf"
        try:
            with LogReader(own_log(self._data).path) as reader:
                opened = reader.opened()
            try:
                hospital = latest_map(self._data)
                name, language, zone = hospital.name, hospital.language, hospital.zone
            except MapMissing:
                name, language, zone = opened.hospital, "fr", "Europe/Paris"
            made = datetime.datetime.fromtimestamp(cards.made_at_us / 1e6, zoneinfo.ZoneInfo(zone))
            pdf = island_cards(
                words, hospital=name, island=read_settings(self._data).island.name, made_on=f"{made:%d/%m/%Y}",
                number_of_set=cards.identifier, needed=cards.needed, exercise=opened.exercise, language=language,
            )  # fmt: skip
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pdf)
        except (OSError, TypesetError, SettingsError) as error:
            raise FolderError(f"cards: expected their sheets to be written ({error})") from None
        self.path = path


def _ways(
    kinds: Sequence[str] | None, stick: Path | None, memory_mib: int | None, *, new: bool = False
) -> Ways:
    if not kinds:
        fail(f"--with: expected one or more of {', '.join(KINDS)}")
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        fail(f"--with {wrong[0]}: expected one of {', '.join(KINDS)}")
    if "stick" in kinds and stick is None:
        fail("--stick: expected the folder where the stick is mounted")
    typed = ""
    if "passphrase" in kinds:
        typed = os.environ.get(NEW_PASSPHRASE if new else PASSPHRASE) or _asked(
            "New passphrase of the island", confirm=True, instead=NEW_PASSPHRASE if new else PASSPHRASE
        )
        if len("".join(typed.split())) < PASSPHRASE_CHARS_MIN:
            fail(f"passphrase: expected {PASSPHRASE_CHARS_MIN} signs or more")
    memory_kib = memory_mib * 1024 if memory_mib else machine_memory_kib()
    return Ways(tuple(dict.fromkeys(kinds)), typed, memory_kib, stick)


def _open(data: Path, kinds: tuple[str, ...] = ()) -> tuple[Ring, str]:
    """Return the ring and by what the island was opened; asks for what is needed."""
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        fail(f"--with {wrong[0]}: expected one of {', '.join(KINDS)}")
    ring = read_ring(data)
    if ring is None:
        # Cards open an island whose ring is lost.
        return (_by_cards(data), "cards") if "cards" in kinds else (ring_of(data), "")
    key = open_with(data)
    if key is not None:
        return opened(data, key), "memory"
    states: dict[str, str] = {}
    if not kinds or {"stick", "tpm"} & set(kinds):
        try:
            setting = read_settings(data).keys.stick
        except SettingsError as error:
            fail(str(error))
        key, states = open_by_itself(data, setting)
        if key is not None:
            return opened(data, key), next(kind for kind, state in states.items() if state == "open")
    held = [kind for kind in ("passphrase", "cards") if ring.of(kind) and (not kinds or kind in kinds)]
    if not held:
        words = ", ".join(f"{kind} {state}" for kind, state in states.items() if state != "none")
        fail(f"keys: expected a means that opens ({words or 'none of those named is set up'})")
    if "passphrase" in held and (os.environ.get(PASSPHRASE) or not os.environ.get(CARDS)):
        typed = os.environ.get(PASSPHRASE) or _asked("Passphrase of the island", instead=PASSPHRASE)
        key = open_passphrase(ring, typed)
        if key is None:
            fail(f"passphrase: expected that of this island ({PASSPHRASE} or typed)")
        return opened(data, key), "passphrase"
    return _by_cards(data), "cards"


def _by_cards(data: Path) -> Ring:
    given = os.environ.get(CARDS)
    typed = given.split(";") if given else []
    while not given and len(typed) < NEEDED:
        one = _asked(f"Card {len(typed) + 1} of {NEEDED}, its 33 words", instead=CARDS)
        _, read = open_cards([*typed, one])
        if trouble := card_words(len(typed) + 1, read[-1]):
            typer.echo(f"releve: {trouble}", err=True)
        else:
            typed.append(one)
    key, read = open_cards(typed)
    for place, card in enumerate(read, 1):
        if trouble := card_words(place, card):
            typer.echo(f"releve: {trouble}", err=True)
    if key is None:
        right = sum(not card.trouble for card in read)
        fail(f"cards: expected {NEEDED} different cards of one set, {right} are right")
    share = next(card.share for card in read if card.share)
    cards = Cards(made_at_us=now_us(), identifier=share.identifier, needed=NEEDED, count=5)
    return opened(data, key, cards)


def card_words(place: int, card: CardRead) -> str:
    """Return in words what is wrong with the card typed at `place`, "" when it is right."""
    if card.trouble == "words":
        return "; ".join(
            f"card {place}, word {at}: expected a word of the list"
            + (f", such as {likely}" if likely else "")
            for at, _, likely in card.unknown
        )
    return {
        "": "",
        "empty": f"card {place}: expected its 33 words",
        "length": f"card {place}: expected 33 words, {len(card.words)} were typed",
        "checksum": f"card {place}: expected the words as printed; one is another, or two changed places",
        "kind": f"card {place}: expected a card of an island (3 of 5)",
        "other_set": f"card {place}: expected one of the same set as the first",
        "twice": f"card {place}: expected another card, this one was typed before",
        "wrong": f"card {place}: expected cards that were made together",
    }[card.trouble]


def _no_units(data: Path) -> None:
    if is_served_by_units(data):
        fail(
            "keys: expected no unit of this island to run; `systemctl stop releve.target`, and start it afterwards"
        )


def _asked(question: str, *, instead: str, confirm: bool = False) -> str:
    if not sys.stdin.isatty():
        fail(f"{instead}: expected, for nobody can be asked here")
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True))


def _done(
    data: Path, ring: Ring | None, paper: _Paper | None, said: str, *, as_json: bool, by: str = ""
) -> None:
    bare, names = bare_names(data), secret_names(data)
    result: dict[str, Any] = {
        "wrapped": ring is not None,
        "open": ring is None or open_with(data) is not None,
        "key": ring.number if ring else "",
        "means": [kind_of(one) for one in ring.means] if ring else [],
        "secrets": names,
        "bare": bare,
        "tpm": tpm_here() or "here",
        "cards": str(paper.path) if paper and paper.path else "",
        "by": by,
    }
    if ring is None:
        lines = ["not wrapped: whoever reads DATA/keys can sign as this island (releve keys init)"]
    else:
        lines = [said] if said else []
        lines.append(f"island key {ring.number}, {'open' if result['open'] else 'locked'}")
        lines.append(f"opened by {', '.join(result['means'])}")
        lines.append(f"{len(names) - len(bare)} of {len(names)} secrets are wrapped")
        if bare:
            lines.append(f"bare: {', '.join(bare)}; wrapped when the island is opened next")
    if result["cards"]:
        lines.append(f"cards: {result['cards']}: print all five, seal each in an envelope, erase the file")
    say(result, json=as_json, text="\n".join(lines))
