"""What `releve serve` tried by itself and how each stood, for the page: `DATA/runtime/locked.json`, only codes."""

from pathlib import Path

import msgspec

from releve.islands.exchange.whole import write_whole
from releve.journal import modes

__all__ = ["read_state", "write_state"]


def _path(data: Path) -> Path:
    return data / "runtime" / "locked.json"


def write_state(data: Path, states: dict[str, str]) -> None:
    """Keep how stick and TPM stand; nothing to be kept for ever, so nothing is synced."""
    path = _path(data)
    path.parent.mkdir(mode=modes.COMMON_FOLDER, parents=True, exist_ok=True)
    # With a unit for each process several write at the same moment, each under a name of its own.
    write_whole(path, msgspec.json.encode(states), sync=False)


def read_state(data: Path) -> dict[str, str]:
    """Return how stick and TPM stood when they were tried last; empty when it is not known."""
    try:
        return msgspec.json.decode(_path(data).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}
