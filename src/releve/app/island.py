"""Making an island: journal, keys, map, accounts, settings, all or nothing."""

import datetime
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
from releve.journal.cards import make_card, new_passphrase, open_card
from releve.journal.entry import Draft
from releve.journal.folder import create_island
from releve.journal.note import Signer

__all__ = ["Card", "IslandExists", "Made", "demo_accounts", "make_island"]

# The demonstration's password, printed at each start: an exercise island protects nobody.
DEMO_PASSWORD = "releve-demo"


class IslandExists(Exception):
    """The folder already holds an island."""


class Card(NamedTuple):
    """A manager's card: its file, what opens it."""

    path: Path
    passphrase: str


class Made(NamedTuple):
    """What a new island leaves in people's hands."""

    first_code: str
    cards: tuple[Card, ...]


_CARD_FILES = ("manager-1.card", "manager-2.card")


def _cards_there(folder: Path) -> bool:
    return all((folder / name).exists() for name in _CARD_FILES)


def _make_cards(folder: Path, passphrases: tuple[str, str]) -> tuple[tuple[Card, ...], list[Signer]]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    cards, signers = [], []
    if _cards_there(folder):
        # The second and third island have the managers of the first: what they sign then counts on all.
        paths = [folder / name for name in _CARD_FILES]
        signers = [
            open_card(path.read_text("utf-8"), said) for path, said in zip(paths, passphrases, strict=True)
        ]
        return tuple(Card(path, said) for path, said in zip(paths, passphrases, strict=True)), signers
    for name, passphrase in zip(_CARD_FILES, passphrases, strict=True):
        text = make_card(name.removesuffix(".card"), passphrase)
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Opened again as it lies there: a card that cannot be opened would be noticed on the worst day.
        signers.append(open_card((folder / name).read_text("utf-8"), passphrase))
        cards.append(Card(folder / name, passphrase))
    return tuple(cards), signers


def make_island(
    data: Path,
    *,
    hospital: HospitalMap,
    exercise: bool,
    origin: str,
    name: str,
    accounts: list[dict[str, object]],
    managers: Path | None = None,
    passphrases: tuple[str, str] | None = None,
    formulary: bytes | None = None,
    more: Sequence[Draft] = (),
) -> Made:
    """Create the island in `data`; return the one-time code of the first administrator, and the managers' cards.

    `managers`: the folder the two cards are written to, by default DATA/keys/managers; cards that lie there already
    are opened with `passphrases` and used again (another island of the same managers). `passphrases`: by default
    random. The map and the accounts given are signed with both. `formulary`: what `write_formulary` made.
    `more`: what else the journal begins with.

    Raises:
        IslandExists: `data` is not empty, or a card is there already; nothing was changed.
    """
    from releve.app.django_setup import prepare_django
    from releve.web.accounts import verifier
    from releve.web.accounts.draft import draft_account, draft_managers, issue_first_code, signed

    if data.exists() and any(data.iterdir()):
        raise IslandExists(f"{data.name}: expected an empty or new folder")
    folder = managers if managers is not None else data / "keys" / "managers"
    reused = _cards_there(folder)
    if any((folder / name).exists() for name in _CARD_FILES) and not (reused and passphrases):
        raise IslandExists(
            f"{folder.name}: expected no managers' cards yet, or both, with their passphrases in RELEVE_CARD_1 and "
            "RELEVE_CARD_2"
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
        cards, signers = _make_cards(folder, passphrases or (new_passphrase(), new_passphrase()))
        body = write_map(HospitalMapImported(map=hospital))
        drafts = [draft_managers([signer.verifier.vkey for signer in signers])]
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
        return Made(issue_first_code(data), cards)
    except BaseException:
        if not reused:  # their passphrases are lost with this attempt
            for name in _CARD_FILES:
                (folder / name).unlink(missing_ok=True)
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
