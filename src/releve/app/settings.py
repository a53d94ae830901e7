"""The settings of an island: `DATA/releve.toml`, the only configuration, with a default for everything."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

__all__ = ["IslandSettings", "Retention", "SettingsError", "read_settings", "write_settings"]

FILE = "releve.toml"


class SettingsError(Exception):
    """A setting is not what it should be; the message names file, place and expectation."""


class Island(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who this island is."""

    origin: str = "a"  # name in the journal: a-z 0-9 -
    name: str = "A"  # name people read: "îlot A"


class Web(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where pages are served. Plain HTTP is only spoken on loopback."""

    listen: str = "127.0.0.1:8080"
    workers: int = 2
    names: tuple[str, ...] = ()  # further names and addresses for the certificate
    lock_minutes: int = 20
    outbox_alarm_minutes: int = 120  # an act that waits in a browser for longer raises an alarm
    fhir_allow: tuple[str, ...] = ("127.0.0.1/32", "::1/128")


class Mllp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where messages are taken."""

    listen: tuple[str, ...] = ("127.0.0.1:2575",)
    allow: tuple[str, ...] = ()  # addresses and networks; empty: everyone
    when_full: str = "close"
    frame_bytes_max: int = 16 * 1024 * 1024
    tls: bool = False
    client_authorities: str = ""  # PEM of who signs the senders' certificates


class Packs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the wards' packs are set, so that they lie ready."""

    every_minutes: int = 60  # 0: only on demand and at the cut
    workers: int = 2


class Audit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the log of who opened which page is kept."""

    keep_days: Annotated[int, msgspec.Meta(ge=0)] = 1095  # 0: for ever


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a key stick is looked for: a file, a folder, LABEL=NAME; empty: every mounted medium."""

    stick: str = ""


class Islands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The exchange with other islands."""

    listen: str = ""  # HOST:PORT where other islands pull from; empty: nothing is given
    poll_ms: Annotated[int, msgspec.Meta(ge=50, le=60_000)] = 500  # how often others are asked
    sticks: tuple[str, ...] = ()  # folders that count as sticks, besides what is plugged in


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the journal goes on in a new epoch, and whom the next one carries with it."""

    roll_days: Annotated[int, msgspec.Meta(ge=0)] = 7  # 0: never for its age
    roll_mib: Annotated[int, msgspec.Meta(ge=0)] = 2048  # 0: never for its size
    recent_days: Annotated[int, msgspec.Meta(ge=1)] = 30  # of whom anything was said since then matters still


class IslandSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    island: Island = Island()
    web: Web = Web()
    mllp: Mllp = Mllp()
    packs: Packs = Packs()
    audit: Audit = Audit()
    islands: Islands = Islands()
    keys: Keys = Keys()
    retention: Retention = Retention()


def read_settings(data: Path) -> IslandSettings:
    """Return the settings of a data folder.

    Raises:
        SettingsError: the file cannot be read, or a value is not what it should be.
    """
    path = data / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"{FILE}: expected in the data folder; make one with `releve init --data DIR`"
        ) from None
    try:
        return msgspec.convert(tomllib.loads(text), IslandSettings)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE}: expected TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise SettingsError(f"{FILE}: {error}") from None


def write_settings(data: Path, settings: IslandSettings) -> None:
    """Write a settings file a person can read and change."""
    lines = [
        "# The only configuration of this island; every setting is described in docs/reference/settings.md."
    ]
    for section in msgspec.structs.fields(settings):
        lines += ["", f"[{section.name}]"]
        part = getattr(settings, section.name)
        for field in msgspec.structs.fields(part):
            lines.append(f"{field.name} = {msgspec.json.encode(getattr(part, field.name)).decode()}")
    (data / FILE).write_text("\n".join(lines) + "\n", "utf-8")
