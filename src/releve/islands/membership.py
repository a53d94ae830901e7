"""Which islands this one exchanges with: written to `DATA/islands/peers.json` whenever what is known changes.

Called by the fold process after a step that was about islands or managers, and by the commands. Publisher and puller
read the file and nothing else.
"""

import logging
from pathlib import Path

import msgspec

from releve.hospital.belonging import JOINED, KEY, NO_ISLANDS, Belonging, Said, decide
from releve.hospital.standing import statements_now
from releve.islands.accounts_key import take_keys
from releve.islands.exchange.peers import Cut, Dropped, Peer, Peers, PeersError, read_peers, write_peers
from releve.islands.exchange.whole import write_whole
from releve.islands.introduction import IntroductionError, epoch_of
from releve.journal import modes
from releve.journal.errors import JournalError
from releve.web.accounts.verifier import KeyMissing
from releve.web.database import origin_of

__all__ = ["lines_path", "peers_of", "read_lines", "refresh"]

log = logging.getLogger("releve.islands")
DROPPED = "islands.dropped.1"


def peers_of(own: str, said: list[Said]) -> Peers:
    """Return this island's peers by these statements, those that belong no more included: their logs stay."""
    belonging = decide(said)
    peers = []
    for origin, island in sorted(belonging.islands.items()):
        if origin == own or island.last is None:
            continue
        # The keys of every introduction, old ones too: what an epoch holds is verified with the key of that epoch.
        epochs: dict[str, str] = {}
        audits: dict[str, str] = {}
        for one in sorted(
            (one for one in said if one.counts and one.island == origin), key=lambda one: one.stamp
        ):
            if one.kind == JOINED:
                shown = one.body["introduction"]
                epochs[str(shown["epoch"])] = shown["log"]
                if shown.get("audit"):
                    audits[str(epoch_of(shown["audit"]))] = shown["audit"]
            elif one.kind == KEY:
                (audits if one.body.get("audit") else epochs)[str(one.body["epoch"])] = one.body["vkey"]
            elif one.kind == DROPPED and one.place.startswith(f"{origin}/"):
                epochs[str(one.body["epoch"] + 1)] = one.body["next_key"]
        shown = island.last.body["introduction"]
        holds = island.joined is not None
        peers.append(
            Peer(
                origin=origin,
                name=shown["name"],
                addresses=tuple(shown.get("addresses", ())) if holds else (),
                # Of an island that belongs no more nothing is accepted: its certificate is not even named.
                certificate=shown["certificate"] if holds else "",
                mirror_key=shown["mirror"] if holds else "",
                recipient=shown["recipient"] if holds else "",
                epochs=epochs,
                audit_epochs=audits,
                cuts={
                    str(epoch): Cut(size=line.size, root_b64=line.root, mode=line.mode)
                    for epoch, line in sorted(belonging.cuts.get(origin, {}).items())
                },
                left=not holds,
                wards=tuple(sorted(island.wards)),
                dropped=dropped_by(origin, said),
            )
        )
    return Peers(own=own, peers=tuple(peers))


def dropped_by(origin: str, said: list[Said]) -> dict[str, Dropped]:
    """Return the epochs that this island dropped: it says so itself, and two managers signed."""
    return {
        str(one.body["epoch"]): Dropped(size=one.body["size"], root_b64=one.body["root"])
        for one in said
        if one.counts and one.kind == DROPPED and one.island == origin and one.place.startswith(f"{origin}/")
    }


def refresh(data: Path) -> bool:
    """Write peers and cut lines when they are not what the views say, and take account keys sealed for this island.

    Return whether anything changed. Needs the views in force (Django).
    """
    own = origin_of(data)
    if own is None:
        return False
    said = statements_now()
    if not said and read_peers(data) is None:
        return False
    try:
        take_keys(data, own, said)
    except (KeyMissing, JournalError) as error:
        log.warning("account keys of other islands: %s", error)
    try:
        wanted = peers_of(own, said)
    except IntroductionError as error:
        log.error("islands: %s", error)
        return False
    changed = _write_lines(data, decide(said))
    try:
        if read_peers(data) == wanted:
            return changed
    except PeersError as error:
        log.warning("%s: written anew from the journal", error)
    write_peers(data, wanted)
    return True


def lines_path(data: Path) -> Path:
    """Return where the cut lines stand for the fold, which must know them before it has views."""
    return data / "islands" / "lines.json"


def read_lines(data: Path) -> Belonging:
    """Return the cut lines known on this island (islands themselves are not in it), none when none was ever drawn."""
    try:
        return msgspec.json.decode(lines_path(data).read_bytes(), type=Belonging)
    except FileNotFoundError:
        return NO_ISLANDS
    except (msgspec.DecodeError, ValueError):
        log.warning("islands/lines.json: expected cut lines; they come back from the journal")
        return NO_ISLANDS


def _write_lines(data: Path, belonging: Belonging) -> bool:
    lines = Belonging(
        islands={},
        cuts=belonging.cuts,
        named={origin: epochs for origin, epochs in belonging.named.items() if origin in belonging.cuts},
    )
    if lines == read_lines(data):
        return False
    path = lines_path(data)
    path.parent.mkdir(mode=modes.COMMON_FOLDER, parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(lines))
    return True
