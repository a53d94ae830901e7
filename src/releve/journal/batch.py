"""Entries on their way into one transaction: envelopes, leaves, tree, all beside the committed state. Pure."""

from collections.abc import Callable
from hashlib import sha256

from releve.journal import facts
from releve.journal.clock import HybridClock
from releve.journal.entry import (
    ACT,
    BLOB,
    FEED,
    FEED_KINDS,
    SALT_BYTES,
    STORED_BYTES_MAX,
    VERSION,
    Packer,
    Submission,
    encode_places,
)
from releve.journal.errors import DraftRefused
from releve.journal.note import Checkpoint, Signer
from releve.journal.tree import Edge, leaf_hash

Row = tuple[int, int, bytes, bytes, bytes | None]  # idx, lane, stored, leaf, blob


class Batch:
    """What the next commit will add. The log moves on to `edge`, `clock`, `packer` only if it succeeds."""

    def __init__(
        self,
        *,
        origin: str,
        epoch: int,
        recorder: str,
        edge: Edge,
        clock: HybridClock,
        packer: Packer,
        now_us: int,
        random: Callable[[int], bytes],
    ) -> None:
        self.origin = origin
        self.epoch = epoch
        self.recorder = recorder
        self.edge = edge.copy()
        self.clock = clock.copy()
        self.packer = packer
        self.now_us = now_us
        self.rows: list[Row] = []
        self.tiles: list[tuple[int, int, bytes]] = []
        self._now_ms = now_us // 1000
        self._random = random

    def add(self, submissions: list[Submission]) -> int:
        """Append checked submissions in order; return the index of the first."""
        first = index = self.edge.size
        salts = self._random(SALT_BYTES * len(submissions))
        pack, tick, now_ms = self.packer.pack, self.clock.tick, self._now_ms
        origin, epoch, now_us, recorder = self.origin, self.epoch, self.now_us, self.recorder
        at, leaves = 0, []
        # One loop, no call an entry could do without: what waits for this is every sender of the hospital.
        for submission in submissions:
            body, size, kind = submission.body, submission.blob_bytes, submission.kind
            blob = dictionary = None
            if size < 0:
                size = len(body)
                encoding, dictionary, body = pack(body)
            else:
                encoding, blob = BLOB, body
            wall_ms, counter = tick(now_ms)
            stored = encode_places(
                (
                    VERSION, origin, epoch, index, wall_ms, counter, submission.occurred_at_us, now_us,
                    submission.author, recorder, submission.source, kind, submission.subjects,
                    salts[at : at + SALT_BYTES], encoding, dictionary, size, body,
                )
            )  # fmt: skip
            leaf = sha256(b"\x00" + stored).digest()
            lane = FEED if kind.startswith(FEED_KINDS) else ACT
            self.rows.append((index, lane, stored, leaf, blob))
            leaves.append(leaf)
            at += SALT_BYTES
            index += 1
        self.tiles += self.edge.extend(leaves)
        return first

    def add_own(self, submission: Submission) -> int:
        """Append a `journal.*` act of the recorder itself; return its index. Its body never needs a dictionary.

        Raises:
            DraftRefused: it would not fit an entry.
        """
        encoding, _, body = Packer(None, b"").pack(submission.body)
        size = len(submission.body)
        if max(size, len(body)) > STORED_BYTES_MAX - 4096:  # no reader unpacks more
            raise DraftRefused("journal act: expected to fit one entry")
        index = self.edge.size
        wall_ms, counter = self.clock.tick(self._now_ms)
        stored = encode_places(
            (
                VERSION, self.origin, self.epoch, index, wall_ms, counter, submission.occurred_at_us, self.now_us,
                submission.author, self.recorder, submission.source, submission.kind, submission.subjects,
                self._random(SALT_BYTES), encoding, None, size, body,
            )
        )  # fmt: skip
        leaf = leaf_hash(stored)
        self.rows.append((index, ACT, stored, leaf, None))
        self.tiles += self.edge.append(leaf)
        return index

    def adopt(self, name: str, dictionary: bytes) -> None:
        """Append a zstd dictionary and compress with it from here on."""
        fact = facts.JournalDictionary(name=name, dictionary=dictionary)
        self.packer = Packer(self.add_own(own(fact, author="")), dictionary)

    def checkpoint(self, signer: Signer) -> tuple[bytes, str]:
        """Return the root after this batch and the signed checkpoint over it."""
        root = self.edge.root()
        return root, signer.sign(Checkpoint(signer.verifier.name, self.edge.size, root).text())


def own(
    fact: facts.JournalOpened | facts.JournalDictionary | facts.JournalRedaction | facts.JournalClosed,
    author: str,
) -> Submission:
    """Return the submission of something the journal says about itself."""
    kind = str(fact.__struct_config__.tag)
    return Submission(kind, facts.encode(fact), "recorder", author)
