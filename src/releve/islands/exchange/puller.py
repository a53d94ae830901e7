"""Pulling all logs from one source: whose key counts, what is known already, what is told to others.

Used by the puller process, one thread a source, and by whoever reads a stick. It writes `journal/` of other islands,
`blobs/`, `evidence/` and `islands/cosigned`, nothing else, and never a log of its own island.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from releve.islands.exchange import layout
from releve.islands.exchange.belief import Refused, Stated, Terms, read_stated
from releve.islands.exchange.bounded import Bounded, TurnOver
from releve.islands.exchange.cosign import Cosigner, cosign, newest_of, split_note
from releve.islands.exchange.layout import LogSize
from releve.islands.exchange.peers import Peer, Peers
from releve.islands.exchange.place import DiskPlace, Place
from releve.islands.exchange.pull import BLOBS_A_ROUND, Outcome, drive, fetch_blobs, pull
from releve.islands.exchange.quota import Bucket, Quota
from releve.islands.exchange.source import Source, SourceGone
from releve.islands.exchange.standing import MirrorStore
from releve.islands.exchange.state import REFUSED_MAX, Copy, LogState
from releve.islands.exchange.state import Refused as RefusedState
from releve.islands.exchange.turns import Turns
from releve.journal import folder
from releve.journal.clock import AHEAD_MS_MAX
from releve.journal.errors import CorruptLog, EntryError, JournalError, NoteError, RecorderBusy, StorageFull
from releve.journal.note import Signer, Verifier
from releve.journal.tree import edge_at

__all__ = ["FOLDER", "Puller"]

FOLDER = "folder"  # whom evidence names when what was pulled came on a stick
LOGS_MAX = 10_000
RECHECK_SECONDS = (
    30.0  # an unchanged log's checkpoint is read again this often: two histories may have one size
)
RELAY_SECONDS = 2.0  # a relay serves a log when the island itself has not for so long
REFUSED_SECONDS_MAX = 60.0
REFUSED_OF_ONE = 25  # kept of what one island showed: it cannot push out what is told of others
BLOBS_SECONDS = 5.0
SESSION_SECONDS = 60.0  # after which others get their turn at a log
INCOMPLETE_MAX = 20  # pulls in a row that end without the bytes of an entry, before it is told


class _Log:
    """What is remembered of one log."""

    def __init__(self) -> None:
        self.known = False  # what follows was read from the disk
        self.text = ""  # of the checkpoint that is held, believed
        self.size = 0
        self.coming = 0
        self.stamp = (-1, -1)
        self.lacking: dict[int, bytes] = {}
        self.looked = 0  # up to where blobs were looked for
        self.blob_bytes = 0
        self.lines: list[
            str
        ] = []  # cosignatures that are known, ours first, over the checkpoint `lines_over`
        self.lines_over = ""
        self.ours = ""
        self.checkpoint_us: int | None = None
        self.listed: dict[str, int] = {}  # what each source says it has: a hint
        self.more_since: float | None = None  # since when somebody lists more than is held
        self.asked: dict[str, float] = {}  # when each source's checkpoint was read
        self.asked_size: dict[str, int] = {}
        self.refused: dict[str, tuple[int, float]] = {}  # by source: times in a row, not before
        self.incomplete = 0
        self.blobs_not_before = 0.0
        self.removed = (0, 0)  # day, entries removed on it
        self.flagged_day = 0
        self.damaged = False

    @property
    def whole(self) -> int:
        """How many entries are held with all they name."""
        return min([self.size, *self.lacking])


class Puller:
    """One island's knowledge of all logs, fed from any number of sources at once. `place`: a data folder."""

    def __init__(
        self,
        place: Place | Path,
        peers: Peers,
        *,
        signer: Signer | None = None,
        quota: Quota | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        monotonic: Callable[[], float] = time.monotonic,
        observe: Callable[[int, int], object] | None = None,
        removed: dict[str, tuple[int, int]] | None = None,
    ) -> None:
        self.copies: dict[str, dict[str, Copy]] = {}
        self.refused: list[RefusedState] = []
        self.ahead: dict[str, int] = {}
        self._place: Place = DiskPlace(place) if isinstance(place, Path) else place
        self._signer = signer
        self._quota = quota or Quota()
        self._now_us = now_us
        self._monotonic = monotonic
        self._observe = observe
        self._lock = threading.Lock()
        self._logs: dict[str, _Log] = {}
        self._buckets: dict[str, tuple[Bucket, Bucket]] = {}
        self._processors: dict[str, Bucket] = {}
        self._turns = Turns()
        for name, count in (removed or {}).items():
            self._log(name).removed = count
        self._exercise: bool | None = None
        self.use(peers)

    def use(self, peers: Peers) -> None:
        """Go by these peers from here on."""
        self._peers = peers
        with self._lock:
            for peer in peers.peers:
                for epoch in peer.dropped:
                    self._logs.pop(f"{peer.origin}/{epoch}", None)
        self._cosigners: dict[str, Cosigner] = {}
        for peer in peers.peers:
            with contextlib.suppress(NoteError):  # without its key nothing is said of what it holds
                if not peer.left:
                    self._cosigners[peer.origin] = Cosigner(peer.mirror_key)

    def logs(self) -> dict[str, LogState]:
        """Return how each mirrored log stands."""
        with self._lock:
            known = {name: log for name, log in self._logs.items() if log.known}
        return {
            name: LogState(
                size=log.size,
                checkpoint_us=log.checkpoint_us,
                behind=max([0, *(size - log.size for size in list(log.listed.values()))]),
                coming=log.coming,
                whole=log.whole,
                removed=log.removed,
                damaged=log.damaged,
            )
            for name, log in known.items()
        }

    def pull_from(self, source: Source, holder: str | None, stop: Callable[[], bool] = lambda: False) -> int:
        """Pull every log `source` has; return how many entries came. `holder`: the island it is, None for a folder.

        One log that is refused, or damaged here, keeps no other from coming.

        Raises:
            SourceGone: the source cannot go on.
            StorageFull, StorageFailed: our disk.
        """
        raw = source.get(layout.LOGS, layout.LOGS_BYTES_MAX)
        try:
            listed = layout.read_logs(raw or b"")
        except layout.LayoutError as error:
            raise SourceGone(str(error), "answer") from None
        if holder is not None:
            self._turns.reached(holder, self._monotonic())
        came = 0
        for log in listed[:LOGS_MAX]:
            if stop():
                break
            with contextlib.suppress(RecorderBusy):  # another source feeds a log of this origin just now
                came += self._pull_log(source, holder, log)
        return came

    def _rates(self, by: str) -> tuple[Bucket, Bucket]:
        with self._lock:
            quota = self._quota
            return self._buckets.setdefault(
                by, (Bucket(quota.bytes_per_second), Bucket(quota.entries_per_second))
            )

    def _processor(self, holder: str | None) -> Bucket | None:
        """Return what another island may cost of our processors; what is carried here by hand is not bounded."""
        share, most = self._quota.processor_share, self._quota.processor_seconds
        if holder is None or share >= 1:
            return None
        with self._lock:
            return self._processors.setdefault(holder, Bucket(share, most))

    def _log(self, name: str) -> _Log:
        with self._lock:
            return self._logs.setdefault(name, _Log())

    def _pull_log(self, source: Source, holder: str | None, listed: LogSize) -> int:
        name, now = f"{listed.origin}/{listed.epoch}", self._monotonic()
        is_own = listed.origin.removesuffix(folder.AUDIT) == self._peers.own
        peer = self._peers.of_log(listed.origin)
        if not is_own and (peer is None or _is_dropped(peer, listed)):
            return 0
        by = holder or FOLDER
        if name not in self._logs and self._turns.is_strange(
            listed, by, lambda: self._is_vouched(listed, is_own)
        ):
            return 0
        log = self._log(name)
        log.listed[by] = listed.size
        if not self._is_due(log, listed, holder, now):
            return 0
        raw = source.get(layout.checkpoint_path(listed.origin, listed.epoch), layout.CHECKPOINT_BYTES_MAX)
        if raw is None:
            return 0
        log.asked[by], log.asked_size[by] = now, listed.size
        try:
            if not is_own:
                came = self._grow(source, holder, listed, log, raw)
                log.refused.pop(by, None)
                return came
            self._check_own(name, listed, raw)
        except Refused as refused:
            self._refuse(refused, log, listed, by)
        except TurnOver:
            pass  # what came is kept; the other logs get their turn
        except (CorruptLog, EntryError):
            if not is_own:  # of an own log the recorder tells
                self._mend(source, listed, log, raw, by)
        return 0

    def _is_vouched(self, listed: LogSize, is_own: bool) -> bool:
        try:
            if is_own:
                return self._place.opened(listed.origin, listed.epoch) is not None
            return self._keys(listed) != (None, None)
        except (CorruptLog, EntryError):
            return True  # it is here, damaged: no stranger, and the logs behind it must come

    def _is_due(self, log: _Log, listed: LogSize, holder: str | None, now: float) -> bool:
        by = holder or FOLDER
        _, not_before = log.refused.get(by, (0, 0.0))
        if now < not_before:
            return False
        if holder is None or now - log.asked.get(by, -RECHECK_SECONDS) >= RECHECK_SECONDS:
            return True
        if listed.size <= log.size and log.known:
            if log.lacking and now >= log.blobs_not_before:
                return True
            cosigned = self.copies.get(f"{listed.origin}/{listed.epoch}", {}).get(by, Copy(0, 0)).size
            return log.asked_size.get(by) != listed.size or cosigned < listed.size
        if log.more_since is None:
            log.more_since = now
        from_origin = listed.origin.removesuffix(folder.AUDIT) == holder
        return from_origin or not log.known or now - log.more_since >= RELAY_SECONDS

    def _check_own(self, name: str, listed: LogSize, raw: bytes) -> None:
        """Read what a peer holds of our own log; whoever shows more of it than we have, signed, shows what we lost."""
        with self._place.own(listed.origin, listed.epoch) as own:
            if own is None:
                return
            key = Verifier.from_vkey(own.key)
            stated = read_stated(raw, self._terms(listed, key, None, None, None), key)
            if stated.size > own.size:
                self.ahead[name] = max(stated.size, self.ahead.get(name, 0))
                return
            if edge_at(stated.size, own.hashes).root() != stated.root:
                raise Refused("equivocation", "expected our own history", {"checkpoint": raw})
        self._note_copies(name, stated)

    def _grow(self, source: Source, holder: str | None, listed: LogSize, log: _Log, raw: bytes) -> int:
        name = f"{listed.origin}/{listed.epoch}"
        outcome: Outcome | None = None
        now = self._monotonic()
        is_known = log.known and raw.decode("utf-8", "replace").startswith(f"{log.text}\n") and bool(log.text)
        listed_there = log.listed.get(listed.origin.removesuffix(folder.AUDIT), 0)
        grows = self._turns.grows(listed, holder, raw, listed_there, now)
        brings = self._turns.brings(name, lacks=bool(log.lacking), grows=grows, now=now)
        if not is_known or (brings and now >= log.blobs_not_before):
            self._check_room()
            key, before = self._keys(listed)
            with self._place.open(listed.origin, listed.epoch, key) as store:
                self._learn(log, store)
                terms = self._terms(listed, key, before, holder, log)._replace(grows=grows)
                rates, processor = self._rates(holder or FOLDER), self._processor(holder)
                bounded = Bounded(source, raw, rates, self._monotonic, SESSION_SECONDS, processor=processor)
                try:
                    outcome = drive(bounded, pull(store, terms, self._now_us()))
                finally:
                    self._learn(log, store)
                if log.lacking and now >= log.blobs_not_before and (grows or brings):
                    log.blobs_not_before = now + BLOBS_SECONDS
                    terms = self._terms(listed, key, before, holder, log)
                    try:
                        drive(bounded, fetch_blobs(store, terms, log.lacking))
                    finally:
                        log.blob_bytes = store.blob_bytes()
                        tried = list(log.lacking.items())
                        tried = tried[BLOBS_A_ROUND:] + tried[:BLOBS_A_ROUND]  # others get their turn
                        log.lacking = {index: blob for index, blob in tried if not store.has_blob(blob)}
            self._note_outcome(name, listed, holder, log, outcome)
        stated = (
            outcome.stated
            if outcome
            else Stated("", log.size, b"", split_note(raw.decode("utf-8", "replace"))[1])
        )
        if stated is not None:
            self._note_copies(name, stated if outcome else stated._replace(note=f"{log.text}\n"))
            from_origin, now_us = holder == listed.origin.removesuffix(folder.AUDIT), self._now_us()
            if stated.size == log.size:
                # Only the origin says that there is no more: others show the same checkpoint for days after it burnt.
                heard_us = now_us if from_origin else min(log.stamp[0] * 1000, now_us)
                log.checkpoint_us = max(log.checkpoint_us or 0, heard_us) or None
                self._cosign(listed, log, stated.lines)
            if holder is not None and from_origin:
                self._hold(name, holder, Copy(stated.size, now_us))
        return outcome.entries if outcome else 0

    def _mend(self, source: Source, listed: LogSize, log: _Log, raw: bytes, by: str) -> None:
        """Put our copy back where it is damaged, from a source whose own copy reaches as far."""
        log.damaged = True
        try:
            key, _ = self._keys(listed)
        except (CorruptLog, EntryError):
            key = None  # nobody named it, and our copy, which was accepted once, cannot be read
        bounded = Bounded(source, raw, self._rates(by), self._monotonic, SESSION_SECONDS)
        try:
            self._place.mend(bounded, self._terms(listed, key, None, None, None), self._now_us())
        except Refused as refused:
            self._refuse(refused, log, listed, by)
            return
        except SourceGone:
            return  # another source mends it; this one may still have other logs
        log.damaged, log.known, log.looked, log.blob_bytes, log.lacking = False, False, 0, 0, {}

    def _note_outcome(
        self, name: str, listed: LogSize, holder: str | None, log: _Log, outcome: Outcome
    ) -> None:
        by = holder or FOLDER
        log.incomplete = log.incomplete + 1 if outcome.what == "incomplete" else 0
        if log.incomplete >= INCOMPLETE_MAX:
            log.incomplete = 0
            raise Refused("removed", "expected the bytes of every entry, or the redaction that removed them")
        if outcome.what != "grown":
            return
        log.more_since = None
        day = self._now_us() // 86_400_000_000
        log.removed = (day, outcome.removed + (log.removed[1] if log.removed[0] == day else 0))
        if outcome.ahead_ms > AHEAD_MS_MAX and log.flagged_day != day:
            log.flagged_day = day
            detail = f"kept; its clock is {outcome.ahead_ms // 1000} s ahead"
            self._tell(Refused("clock", detail), listed, by)
        if self._observe is not None:
            # Without the recorder the stamp is told with the next entries.
            with contextlib.suppress(JournalError):
                self._observe(*log.stamp)

    def _learn(self, log: _Log, store: MirrorStore) -> None:
        held = store.held
        log.size, log.stamp = held.size, held.stamp
        log.text = split_note(held.checkpoint)[0] if held.size else ""
        log.coming = store.coming.size if store.coming is not None else 0
        log.lacking |= store.lacking(log.looked)
        log.blob_bytes += store.blob_bytes(log.looked)
        log.looked = held.size
        log.known = True

    def _cosign(self, listed: LogSize, log: _Log, lines: list[str]) -> None:
        """Say that the log is held here up to its checkpoint: only where it is, with all that its entries name."""
        if log.lines_over != log.text:
            log.ours, log.lines, log.lines_over = "", [], log.text
        if not log.ours and self._signer is not None and log.whole == log.size:
            log.ours = cosign(log.text, self._signer, self._now_us() // 1_000_000)
        others = newest_of(log.text, [*lines, *log.lines], self._cosigners.values())
        found = [*([log.ours] if log.ours else []), *others]
        if found != log.lines:
            log.lines = found
            self._place.write_cosigned(listed.origin, listed.epoch, log.size, found)

    def learn(self, held: Mapping[str, Mapping[str, Copy]]) -> None:
        """Take in what islands proved to hold by a stick, island → ORIGIN/EPOCH → copy; it was verified when read."""
        for origin, copies in held.items():
            for name, copy in copies.items():
                self._hold(name, origin, copy)

    def _note_copies(self, name: str, stated: Stated) -> None:
        text = split_note(stated.note)[0]
        for origin, cosigner in list(self._cosigners.items()):
            for line in stated.lines:
                if (held := cosigner.holds(text, line)) is not None:
                    self._hold(name, origin, Copy(stated.size, held.at_seconds * 1_000_000))

    def _hold(self, name: str, origin: str, copy: Copy) -> None:
        with self._lock:
            copies = self.copies.setdefault(name, {})
            if copy.size >= copies.get(origin, Copy(0, 0)).size:
                copies[origin] = copy

    def _refuse(self, refused: Refused, log: _Log, listed: LogSize, by: str) -> None:
        times = log.refused.get(by, (0, 0.0))[0] + 1
        log.refused[by] = times, self._monotonic() + min(REFUSED_SECONDS_MAX, 0.5 * 2 ** min(times, 10))
        self._tell(refused, listed, by)

    def _tell(self, refused: Refused, listed: LogSize, by: str) -> None:
        now_us = self._now_us()
        try:
            kept = self._place.keep_evidence(refused, listed.origin, listed.epoch, by, now_us)
        except OSError:  # a full disk keeps no evidence, and nobody from being told
            kept = ""
        place = (listed.origin, refused.what, by)
        told_before = any((one.origin, one.what, one.from_) == place for one in self.refused)
        if kept is None or (kept == "" and told_before):
            return
        told = RefusedState(
            at_us=now_us,
            origin=listed.origin,
            epoch=listed.epoch,
            what=refused.what,
            from_=by,
            detail=refused.detail,
            folder=kept,
        )
        with self._lock:
            of_one = [one for one in self.refused if one.from_ == by][: -(REFUSED_OF_ONE - 1)]
            self.refused = [*(one for one in self.refused if one not in of_one), told][-REFUSED_MAX:]

    def _keys(self, listed: LogSize) -> tuple[Verifier | None, Verifier | None]:
        """Return the key of an epoch that managers signed for, or that was accepted before; and who may hand over."""
        peer = self._peers.of_log(listed.origin)
        assert peer is not None
        named = peer.keys_of(listed.origin)
        try:
            if (vkey := named.get(str(listed.epoch))) is not None:
                return Verifier.from_vkey(vkey), None
            # An epoch nobody named counts through the one before; once that is cut off, so is what came out of it.
            if any(int(epoch) < listed.epoch for epoch in peer.cuts):
                return None, None
            before = named.get(str(listed.epoch - 1)) or self._accepted(listed.origin, listed.epoch - 1)
            accepted = self._accepted(listed.origin, listed.epoch)
            return (
                Verifier.from_vkey(accepted) if accepted else None,
                Verifier.from_vkey(before) if before else None,
            )
        except NoteError:
            return None, None

    def _accepted(self, origin: str, epoch: int) -> str | None:
        opened = self._place.opened(origin, epoch)
        return None if opened is None else opened.key

    def _terms(
        self,
        listed: LogSize,
        key: Verifier | None,
        before: Verifier | None,
        holder: str | None,
        log: _Log | None,
    ) -> Terms:
        peer = self._peers.of_log(listed.origin)
        is_audit = listed.origin.endswith(folder.AUDIT)
        day = self._now_us() // 86_400_000_000
        removed = log.removed[1] if log is not None and log.removed[0] == day else 0
        return Terms(
            origin=listed.origin,
            epoch=listed.epoch,
            key=key,
            key_before=before,
            cut=None if peer is None or is_audit else peer.cuts.get(str(listed.epoch)),
            from_origin=holder == listed.origin.removesuffix(folder.AUDIT),
            exercise=self._own_exercise(),
            quota=self._quota,
            room_bytes=self._room(listed.origin),
            redactions_left=self._quota.redactions_per_day - removed,
        )

    def _room(self, origin: str) -> int:
        """Return how much more of our disk an island may take: of what there would be without it, a quarter."""
        # A long catch-up stands there twice while it is moved over, and in the write-ahead log.
        taken, free = self._taken(origin), self._place.free_bytes() - self._quota.free_bytes_min
        return min(self._quota.share_bytes, (max(0, free) + taken) // 4) - taken

    def _taken(self, origin: str) -> int:
        """Return what an island takes of our disk: its logs, its audit, and the blobs their entries name."""
        island = origin.removesuffix(folder.AUDIT)
        taken = self._place.taken_bytes(island)
        with self._lock:
            taken += sum(
                log.blob_bytes
                for name, log in self._logs.items()
                if name.partition("/")[0].removesuffix(folder.AUDIT) == island
            )
        return taken

    def _own_exercise(self) -> bool | None:
        if self._exercise is None:
            opened = self._place.opened(self._peers.own, self._place.newest_epoch(self._peers.own))
            self._exercise = None if opened is None else opened.exercise
        return self._exercise

    def _check_room(self) -> None:
        if self._place.free_bytes() < self._quota.free_bytes_min:
            raise StorageFull("islands: expected more room on the disk; our own journal goes first")


def _is_dropped(peer: Peer, listed: LogSize) -> bool:
    return listed.origin == peer.origin and str(listed.epoch) in peer.dropped
