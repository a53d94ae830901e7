"""What was not believed, kept: `DATA/evidence/ORIGIN.EPOCH/WHAT-…/` with the bytes and a `why.json`.

Each thing once: the same again adds nothing, and a log that is refused again and again fills no disk.
"""

from hashlib import sha256
from pathlib import Path

import msgspec

from releve.islands.exchange.belief import Refused
from releve.islands.exchange.whole import write_whole
from releve.journal import modes

__all__ = ["FOLDERS_MAX", "evidence_folder", "keep_evidence"]

FOLDERS_MAX = 8  # of one log, one kind and one island that showed it: the first of them tell what happened
LOGS_MAX = 16  # of one island: it can name a thousand million epochs
BYTES_MAX = 20 << 20  # of one file: no bundle is longer


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused, from whom, when, and why, in codes; the files beside it are what was received."""

    what: str
    origin: str
    epoch: int
    pulled_from: str
    at_us: int
    expected: str


def evidence_folder(data: Path, origin: str, epoch: int) -> Path:
    """Return where the evidence about a log is kept."""
    return data / "evidence" / f"{origin}.{epoch}"


def keep_evidence(
    data: Path, refused: Refused, origin: str, epoch: int, pulled_from: str, at_us: int
) -> str | None:
    """Keep what was refused; return its folder below DATA, None when it was kept before, "" when there are enough.

    Raises:
        OSError: it could not be written.
    """
    named = sha256(f"{refused.what}\n{pulled_from}\n".encode())
    for name, content in sorted(refused.evidence.items()) or [("", refused.detail.encode())]:
        named.update(f"{name}\n{len(content)}\n".encode() + content)
    above = evidence_folder(data, origin, epoch)
    # Each kind and each island has room of its own: whoever shows rubbish first leaves none the less for the proof.
    kind = f"{refused.what}-{pulled_from}-"
    folder = above / f"{kind}{named.hexdigest()[:16]}"
    if (folder / "why.json").exists():
        return None
    if not above.exists() and len(list((data / "evidence").glob(f"{origin}.*"))) >= LOGS_MAX:
        return ""
    above.mkdir(mode=modes.FOLDER, parents=True, exist_ok=True)
    if sum(found.name.startswith(kind) for found in above.iterdir()) >= FOLDERS_MAX:
        return ""
    folder.mkdir(mode=modes.FOLDER, exist_ok=True)
    for name, content in refused.evidence.items():
        write_whole(folder / name, content[:BYTES_MAX])
    why = Why(
        what=refused.what,
        origin=origin,
        epoch=epoch,
        pulled_from=pulled_from,
        at_us=at_us,
        expected=refused.detail,
    )
    # Last: a folder with it is whole.
    write_whole(folder / "why.json", msgspec.json.format(msgspec.json.encode(why), indent=2) + b"\n")
    return str(folder.relative_to(data))
