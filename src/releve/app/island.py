"""Making an island: journal, keys, map, accounts, settings, all or nothing."""

import datetime
import itertools
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from releve.app.certificate import make_certificate
from releve.app.clock import now_us
from releve.app.recorder_process import recorder_for
from releve.app.settings import Island, IslandSettings, write_settings
from releve.departments.prescribing.formulary import FORMULARY_KIND
from releve.hospital.facts import MAP_KIND, HospitalMapImported, write_map
from releve.hospital.map import HospitalMap
from releve.journal.cards import make_card, new_passphrase, open_card, public_key
from releve.journal.entry import Draft
from releve.journal.folder import create_island
from releve.journal.note import Signer
from releve.journal.power import MANAGERS_NEEDED

__all__ = [
    "CARDS",
    "DEMO_PASSWORD",
    "Card",
    "IslandExists",
    "Made",
    "cards_in",
    "demo_accounts",
    "make_island",
]

# The demonstration's password, printed at each start: an exercise island protects nobody.
DEMO_PASSWORD = "releve-demo"


class IslandExists(Exception):
    """The folder already holds an island."""


class Card(NamedTuple):
    """A manager's card: its file; what opens it, where it was made here and is told once."""

    path: Path
    passphrase: str | None


class Made(NamedTuple):
    """What a new island leaves in people's hands."""

    first_code: str
    cards: tuple[Card, ...]


# Two sign. With a third, a card that is lost can be removed by two others.
CARDS = 3


def cards_in(folder: Path) -> list[Path]:
    """Return the managers' cards that `init` wrote to this folder: manager-1.card and those that follow it."""
    paths = (folder / f"manager-{number}.card" for number in itertools.count(1))
    return list(itertools.takewhile(Path.exists, paths))


def _open_cards(
    paths: Sequence[Path], passphrases: Sequence[str]
) -> tuple[list[Card], list[Signer], list[str]]:
    """Return the cards, the signers of those whose passphrase is known, and the keys of all.

    The second and third island have the managers of the first: what they sign then counts on all.
    """
    texts = [path.read_text("utf-8") for path in paths]
    signers = [open_card(text, said) for text, said in zip(texts, passphrases, strict=False)]
    return [Card(path, None) for path in paths], signers, [public_key(text).vkey for text in texts]


def _make_cards(
    folder: Path, passphrases: Sequence[str], number: int
) -> tuple[list[Card], list[Signer], list[str]]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    cards, signers = [], []
    for place in range(number):
        path = folder / f"manager-{place + 1}.card"
        given = passphrases[place] if place < len(passphrases) else None
        passphrase = given or new_passphrase()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make_card(path.stem, passphrase))
            file.flush()
            os.fsync(file.fileno())
        # Opened again as it lies there: a card that cannot be opened would be noticed on the worst day.
        signers.append(open_card(path.read_text("utf-8"), passphrase))
        cards.append(Card(path, None if given else passphrase))
    return cards, signers, [signer.verifier.vkey for signer in signers]


def make_island(
    data: Path,
    *,
    hospital: HospitalMap,
    exercise: bool,
    origin: str,
    name: str,
    accounts: list[dict[str, object]],
    managers: Path | None = None,
    passphrases: Sequence[str] = (),
    cards: int = CARDS,
    formulary: bytes | None = None,
    more: Sequence[Draft] = (),
) -> Made:
    """Create the island in `data`; return the one-time code of the first administrator, and the managers' cards.

    `managers`: the folder the cards are written to, by default DATA/keys/managers; cards that lie there already are
    used again (another island of the same managers), the first two opened with `passphrases`. `passphrases`: of the
    first cards; those that lack are random. `cards`: how many are made, two or more. The map and the accounts given
    are signed with those that are open. `formulary`: what `write_formulary` made. `more`: what else the journal
    begins with.

    Raises:
        IslandExists: `data` is not empty, or a card is there already; nothing was changed.
    """
    from releve.app.django_setup import prepare_django
    from releve.web.accounts import verifier
    from releve.web.accounts.draft import draft_account, draft_managers, issue_first_code, signed

    if data.exists() and any(data.iterdir()):
        raise IslandExists(f"{data.name}: expected an empty or new folder")
    folder = managers if managers is not None else data / "keys" / "managers"
    there = cards_in(folder)
    if any(folder.glob("manager-*.card")) and not min(len(there), len(passphrases)) >= MANAGERS_NEEDED:
        raise IslandExists(
            f"{folder.name}: expected no managers' cards yet, or those of the first island, the passphrases of two in "
            "RELEVE_CARD_1 and RELEVE_CARD_2"
        )
    made = not data.exists()
    data.mkdir(parents=True, exist_ok=True)
    try:
        now = now_us()
        create_island(data, origin, exercise, hospital.name, now)
        write_settings(data, IslandSettings(island=Island(origin=origin, name=name)))
        moment = datetime.datetime.fromtimestamp(now / 1e6, datetime.UTC)
        make_certificate(data, names=(), island=name, now=moment)
        verifier.make_key(data)
        written, signers, keys = (
            _open_cards(there, passphrases) if there else _make_cards(folder, passphrases, cards)
        )
        signers = signers[:MANAGERS_NEEDED]
        body = write_map(HospitalMapImported(map=hospital))
        drafts = [draft_managers(keys)]
        drafts.append(signed(Draft(kind=MAP_KIND, body=body, source="init"), signers, origin))
        if formulary is not None:
            drafts.append(Draft(kind=FORMULARY_KIND, body=formulary, source="init"))
        drafts += more
        drafts += [signed(draft_account(data, **account), signers, origin) for account in accounts]  # type: ignore[arg-type]
        with recorder_for(data) as recorder:
            recorder.append(drafts)
        prepare_django(data)
        from releve.web.database import prepare_runtime

        prepare_runtime()
        return Made(issue_first_code(data), tuple(written))
    except BaseException:
        if not there:  # their passphrases are lost with this attempt
            for path in cards_in(folder):
                path.unlink()
        if made:
            shutil.rmtree(data, ignore_errors=True)
        raise


def demo_accounts(hospital: HospitalMap) -> list[dict[str, object]]:
    """Return accounts for a walk through the demonstration: one for each role, of people in its map."""
    wards = [ward.code for ward in hospital.wards if ward.kind == "inpatient"][:3]
    found: list[dict[str, object]] = []
    for code, role in (
        ("infirmiere", "nurse"), ("medecin", "physician"), ("pharmacien", "pharmacist"), ("admission", "clerk"),
        ("crise", "crisis"), ("informatique", "it"), ("auditeur", "auditor"),
    ):  # fmt: skip
        person = next(member for member in hospital.staff if member.role == role)
        found.append(
            {
                "code": code,
                "family": person.family,
                "given": person.given,
                "role": role,
                "rpps": person.rpps,
                "wards": wards if role in ("nurse", "physician") else (),
                "password": DEMO_PASSWORD,
            }
        )
    return found
