"""Managers' cards on the command line: `--sign-with CARD --sign-with CARD` (see `releve.journal.power`)."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import fail
from releve.journal.cards import CardError, open_card, public_key
from releve.journal.note import Signer

__all__ = ["SignWith", "open_cards"]

SignWith = Annotated[
    list[Path] | None,
    typer.Option(
        "--sign-with",
        metavar="CARD",
        help="A manager's card; given twice. Its passphrase is asked, or taken from RELEVE_CARD_1, RELEVE_CARD_2.",
    ),
]


def open_cards(paths: Sequence[Path] | None) -> list[Signer]:
    """Return the signers of these cards, none when none were given; ends the command when one cannot be opened.

    Two cards or none: what one manager signs alone gives no power, and saying so early spares a passphrase.
    """
    if not paths:
        return []
    if len(paths) != 2:
        fail("--sign-with: expected two cards, of two managers")
    signers = []
    for number, path in enumerate(paths, 1):
        try:
            card = path.read_text("utf-8")
            signers.append(open_card(card, _passphrase(number, public_key(card).name)))
        except (OSError, UnicodeDecodeError):
            fail(f"--sign-with: card {number} cannot be read")
        except CardError as error:
            fail(f"--sign-with: card {number}: {error}")
    if signers[0].verifier.vkey == signers[1].verifier.vkey:
        fail("--sign-with: expected two cards, of two managers; this is the same card twice")
    return signers


def _passphrase(number: int, name: str) -> str:
    given = os.environ.get(f"RELEVE_CARD_{number}")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        fail(f"RELEVE_CARD_{number}: expected the card's passphrase, for nobody can be asked here")
    return str(typer.prompt(f"Passphrase of {name}", hide_input=True, err=True))
