"""Making an island: journal, keys, map, accounts, settings, all or nothing."""

import datetime
import shutil
from pathlib import Path

from releve.app.certificate import make_certificate
from releve.app.clock import now_us
from releve.app.recorder_process import recorder_for
from releve.app.settings import Island, IslandSettings, write_settings
from releve.hospital.facts import MAP_KIND, HospitalMapImported, write_map
from releve.hospital.map import HospitalMap
from releve.journal.entry import Draft
from releve.journal.folder import create_island

__all__ = ["IslandExists", "demo_accounts", "make_island"]

# The demonstration's password, printed at each start: an exercise island protects nobody.
DEMO_PASSWORD = "releve-demo"


class IslandExists(Exception):
    """The folder already holds an island."""


def make_island(
    data: Path,
    *,
    hospital: HospitalMap,
    exercise: bool,
    origin: str,
    name: str,
    accounts: list[dict[str, object]],
) -> str:
    """Create the island in `data`; return the one-time code of the first administrator.

    Raises:
        IslandExists: `data` is not empty; nothing was changed.
    """
    from releve.app.django_setup import prepare_django
    from releve.web.accounts import verifier
    from releve.web.accounts.draft import draft_account, issue_first_code

    if data.exists() and any(data.iterdir()):
        raise IslandExists(f"{data.name}: expected an empty or new folder")
    made = not data.exists()
    data.mkdir(parents=True, exist_ok=True)
    try:
        now = now_us()
        create_island(data, origin, exercise, hospital.name, now)
        write_settings(data, IslandSettings(island=Island(origin=origin, name=name)))
        moment = datetime.datetime.fromtimestamp(now / 1e6, datetime.UTC)
        make_certificate(data, names=(), island=name, now=moment)
        verifier.make_key(data)
        body = write_map(HospitalMapImported(map=hospital))
        drafts = [Draft(kind=MAP_KIND, body=body, source="init")]
        drafts += [draft_account(data, **account) for account in accounts]  # type: ignore[arg-type]
        with recorder_for(data) as recorder:
            recorder.append(drafts)
        prepare_django(data)
        from releve.web.database import prepare_runtime

        prepare_runtime()
        return issue_first_code(data)
    except BaseException:
        if made:
            shutil.rmtree(data, ignore_errors=True)
        raise


def demo_accounts(hospital: HospitalMap) -> list[dict[str, object]]:
    """Return accounts for a walk through the demonstration: one for each role, of people in its map."""
    wards = [ward.code for ward in hospital.wards if ward.kind == "inpatient"][:3]
    found: list[dict[str, object]] = []
    for code, role in (
        ("infirmiere", "nurse"), ("medecin", "physician"), ("pharmacien", "pharmacist"), ("admission", "clerk"),
        ("crise", "crisis"), ("informatique", "it"),
    ):  # fmt: skip
        person = next(member for member in hospital.staff if member.role == role)
        found.append(
            {
                "code": code,
                "family": person.family,
                "given": person.given,
                "role": role,
                "wards": wards if role in ("nurse", "physician") else (),
                "password": DEMO_PASSWORD,
            }
        )
    return found
