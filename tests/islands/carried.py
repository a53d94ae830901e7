"""Islands of one test, their keys for one another, and a folder that stands for a stick."""

from pathlib import Path
from typing import NamedTuple

from releve.islands.exchange.identity import Identity, make_identity
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.stick import Exported, export
from releve.islands.exchange.unseal import stick_identity
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission
from releve.journal.folder import blobs_path, create_island, open_writer, read_key

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z
MINUTE_US = 60_000_000


class Isle(NamedTuple):
    """One island: its folder, who it is, the key of its log."""

    data: Path
    identity: Identity
    vkey: str

    @property
    def secret(self) -> str:
        """The age identity that opens what is sealed for it."""
        return stick_identity(self.data)

    def record(self, count: int, *, start: int = 0, text: str = "constante") -> None:
        """Record invented entries."""
        writer = open_writer(self.data)
        try:
            bodies = [f"{text} {number}".encode() for number in range(start, start + count)]
            for at in range(0, count, 1000):
                batch = [
                    Submission("message.hl7v2", body, "mllp:10.0.0.5") for body in bodies[at : at + 1000]
                ]
                writer.append(batch, SATURDAY_0310_US + start + at)
        finally:
            writer.close()

    def record_blob(self, body: bytes) -> bytes:
        """Record an entry whose body lies beside the log; return its SHA-256."""
        digest = BlobStore(blobs_path(self.data)).put(body)
        writer = open_writer(self.data)
        try:
            writer.append(
                [Submission("message.dicom", digest, "dicom", blob_bytes=len(body))], SATURDAY_0310_US
            )
        finally:
            writer.close()
        return digest


def isle(folder: Path, origin: str) -> Isle:
    """Make an island with a journal and the keys it has for others."""
    data = folder / origin
    log = create_island(data, origin, True, "Centre hospitalier de Valmont", SATURDAY_0310_US)
    identity = make_identity(data, origin)
    return Isle(data, identity, read_key(data, log).signer.verifier.vkey)


def introduce(*isles: Isle) -> None:
    """Make each island know all others, as their managers would have signed."""
    for one in isles:
        peers = tuple(
            Peer(
                origin=other.identity.origin,
                name=other.identity.origin.upper(),
                certificate=other.identity.certificate_pem,
                mirror_key=other.identity.mirror_vkey,
                recipient=other.identity.recipient,
                epochs={"1": other.vkey},
            )
            for other in isles
            if other != one
        )
        write_peers(one.data, Peers(own=one.identity.origin, peers=peers))


def carry(
    sender: Isle,
    stick: Path,
    *receivers: Isle,
    starts: dict[tuple[str, int], int] | None = None,
    asked: str = "all",
    minute: int = 0,
) -> Exported:
    """Write everything the sender holds on the stick, sealed for the receivers and itself."""
    return export(
        sender.data,
        stick,
        origin=sender.identity.origin,
        identity=sender.secret,
        recipients=[sender.identity.recipient, *(one.identity.recipient for one in receivers)],
        starts=starts or {},
        asked=asked,
        now_us=SATURDAY_0310_US + minute * MINUTE_US,
    )
