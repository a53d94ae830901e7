"""Which islands belong, which wards each keeps, up to where each is trusted, by what was said of them. Pure.

Only what two managers signed counts, on every island alike. Concurrent: revoked wins. An island that left, or whose
log was cut, belongs again only by a joining that names every one of these and so lifts it.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

__all__ = [
    "CUT",
    "JOINED",
    "KEY",
    "LEFT",
    "NO_ISLANDS",
    "Belonging",
    "Line",
    "MemberIsland",
    "Said",
    "decide",
]

JOINED, KEY, LEFT, CUT = "islands.joined.1", "islands.key.1", "islands.left.1", "islands.cut.1"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about an island; `body` as JSON has it. `counts`: two managers signed it."""

    place: str
    kind: str
    island: str
    body: dict[str, Any]
    stamp: int
    counts: bool

    @property
    def order(self) -> tuple[int, int, str]:
        """Which of two is the later one: the newer epoch, then the later moment."""
        return int(self.body.get("introduction", {}).get("epoch", 0)), self.stamp, self.place


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where a log is trusted: entries before `size`."""

    size: int
    root: str  # base64, "" for an epoch that came after a line
    mode: Literal["exclude", "flag"]
    place: str  # of the statement
    reason: str = ""


class MemberIsland(msgspec.Struct, frozen=True, kw_only=True):
    """One island of which managers said something; `joined` is the introduction that holds, None: it belongs no more.

    `last` is its newest introduction, whether it still holds or not.
    """

    origin: str
    joined: Said | None
    last: Said | None
    revoked: tuple[str, ...] = ()  # places of leavings and cut lines that are not lifted

    @property
    def name(self) -> str:
        """Its name as people read it, else its origin."""
        return str(self.last.body["introduction"]["name"]) if self.last is not None else self.origin

    @property
    def wards(self) -> frozenset[str]:
        """The UF codes it keeps, or kept until it left."""
        return frozenset(self.last.body["introduction"].get("wards", ())) if self.last else frozenset()


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """All islands known, and the cut lines by epoch of an origin."""

    islands: dict[str, MemberIsland]
    cuts: dict[str, dict[int, Line]]
    named: dict[str, frozenset[int]]  # epochs whose key was vouched for after the last cut

    def line_of(self, log: str) -> Line | None:
        """Return up to where a log (ORIGIN/EPOCH) is trusted, None: all of it."""
        origin, _, text = log.rpartition("/")
        cuts = self.cuts.get(origin)
        if not cuts or not text.isdecimal():
            return None
        epoch = int(text)
        if epoch in cuts:
            return cuts[epoch]
        earlier = [cut for cut in cuts if cut < epoch]
        if not earlier or epoch in self.named.get(origin, ()):
            return None
        # Begun by whoever held the key of an epoch that is not trusted to its end.
        before = cuts[max(earlier)]
        return Line(size=0, root="", mode=before.mode, place=before.place, reason=before.reason)

    @property
    def leaves_out(self) -> str:
        """What of the journal the views leave out, in one line; the same on every island that knows the same."""
        parts = [
            f"{origin}/{epoch}<{line.size}"
            for origin, lines in sorted(self.cuts.items())
            for epoch, line in sorted(lines.items())
            if line.mode == "exclude"
        ]
        parts += [
            f"{origin}+{','.join(map(str, sorted(epochs)))}"
            for origin, epochs in sorted(self.named.items())
            if epochs and any(line.mode == "exclude" for line in self.cuts.get(origin, {}).values())
        ]
        return " ".join(parts)

    def beyond(self, place: str) -> Line | None:
        """Return the cut line beyond which an entry (ORIGIN/EPOCH#INDEX) lies, None when it is trusted."""
        log, _, index = place.rpartition("#")
        line = self.line_of(log)
        return line if line is not None and int(index) >= line.size else None


NO_ISLANDS = Belonging(islands={}, cuts={}, named={})


def decide(said: Iterable[Said]) -> Belonging:
    """Return which islands belong by these statements."""
    by_island: dict[str, list[Said]] = {}
    for one in said:
        if one.counts and one.kind in (JOINED, KEY, LEFT, CUT):
            by_island.setdefault(one.island, []).append(one)
    islands: dict[str, MemberIsland] = {}
    cuts: dict[str, dict[int, Line]] = {}
    named: dict[str, frozenset[int]] = {}
    for origin, about in by_island.items():
        joined = sorted((one for one in about if one.kind == JOINED), key=lambda one: one.order)
        revoked = {one.place for one in about if one.kind in (LEFT, CUT)}
        holding = [one for one in joined if revoked <= set(one.body.get("lifts", ()))]
        islands[origin] = MemberIsland(
            origin=origin,
            joined=holding[-1] if holding else None,
            last=joined[-1] if joined else None,
            revoked=() if holding else tuple(sorted(revoked)),
        )
        for one in about:
            if one.kind == CUT:
                _add_line(cuts.setdefault(origin, {}), one)
        cut_places = {one.place for one in about if one.kind == CUT}
        named[origin] = frozenset(
            [int(one.body["introduction"]["epoch"]) for one in joined if cut_places <= set(one.body["lifts"])]
            + [int(one.body["epoch"]) for one in about if one.kind == KEY and not one.body.get("audit")]
        )
    return Belonging(islands=islands, cuts=cuts, named=named)


def _add_line(lines: dict[int, Line], cut: Said) -> None:
    """Keep the narrower of two lines for the same epoch; of two alike, the one that leaves out."""
    body = cut.body
    line = Line(
        size=int(body["size"]), root=body["root"], mode=body["mode"], place=cut.place, reason=body["reason"]
    )
    kept = lines.get(int(body["epoch"]))
    if kept is None or (line.size, line.mode, line.place) < (kept.size, kept.mode, kept.place):
        lines[int(body["epoch"])] = line
