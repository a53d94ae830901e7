"""Three islands in three network namespaces: how soon an entry stands on all, how fast they catch up after a cut, how
soon a bare machine is an island again.

`python -m bench islands`, as root; RELEVE_BENCH_ENTRIES=30000 shortens it from a million entries an island to ten
minutes, and each line says with how many it was measured. The entries are what a hospital's applications would have
sent, each island's from a third of the wards, written to the journals by their recorders while the cables are out.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import ROOT, WORK, Line, keep, load_now
from bench.hospital_of_islands import ORIGINS, Hospital, Islands

ENTRIES = 1_000_000
COPIES = 400  # entries of which the two copies are waited for
COPY_PAUSE_SECONDS = 0.03
TWO_COPIES_SECONDS_MAX = 2.0
PULLED_SECONDS_MAX = 300.0
PRESENT_SECONDS_MAX = 60.0
ENTRIES_PER_SECOND_MIN = 20_000
BARE_ENTRIES, BARE_SECONDS_MAX = 10_000_000, 600.0
# A shorter run is held to the same rate, but for what a start and a question to the others take.
START_SECONDS, ASK_SECONDS = 30.0, 3.0
LOOK_SECONDS = 0.5
HOURS_MAX = 4.0


def measure() -> int:
    """Measure, print and write; return 0 when all could be measured and all islands were equal in the end."""
    if os.geteuid() != 0:
        print("islands: network namespaces need root; nothing was measured", file=sys.stderr)
        return 1
    count = int(os.environ.get("RELEVE_BENCH_ENTRIES", ENTRIES))
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    raw: dict[str, Any] = {"entries_an_island": count}
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Hospital(Path(folder)) as hospital:
        with hospital.served() as islands:
            islands.wait_until_equal(60)
            copies = raw["two_copies"] = two_copies(islands)
        for origin in ORIGINS:
            hospital.network.unplug(origin)
        raw["written"] = hospital.write(count)
        with hospital.served() as islands:
            after = raw["after_the_cut"] = after_the_cut(islands, count)
        with hospital.served("a", "b"):
            one = raw["one_peer"] = one_peer(hospital)
            bare = raw["bare_machine"] = bare_machine(hospital)
    keep("islands", [*_lines(count, copies, after, one, bare)], load, raw)
    return 0 if after["equal"] and bare["equal"] else 1


def _lines(
    count: int, copies: dict[str, Any], after: dict[str, Any], one: dict[str, Any], bare: dict[str, Any]
) -> list[Line]:
    pulled_max = max(PULLED_SECONDS_MAX * count / ENTRIES, ASK_SECONDS)
    bare_max = max(BARE_SECONDS_MAX * bare["entries"] / BARE_ENTRIES, START_SECONDS)
    return [
        Line(
            f"two copies of an entry, signed for by two other islands ({copies['entries']} entries)",
            f"p99 {TWO_COPIES_SECONDS_MAX:g} s",
            f"p50 {copies['p50']:.2f} s, p99 {copies['p99']:.2f} s, max {copies['max']:.2f} s",
            copies["p99"] <= TWO_COPIES_SECONDS_MAX,
        ),
        Line(
            "the same, until its own island shows it",
            "–",
            f"p50 {copies['shown_p50']:.2f} s, p99 {copies['shown_p99']:.2f} s",
        ),
        Line(
            f"after a cut, {count:,} entries written on each of three islands: pulled and verified",
            f"{pulled_max:.3g} s",
            f"{after['pulled_seconds']:.1f} s, {after['pulled_per_second']:,.0f} entries/s an island",
            after["pulled_seconds"] <= pulled_max,
        ),
        Line(
            "the same: patients present shown and equal on all, after that",
            f"{PRESENT_SECONDS_MAX:g} s",
            f"{after['present_seconds']:.1f} s, {after['present']:,} patients",
            after["present_seconds"] <= PRESENT_SECONDS_MAX,
        ),
        Line(
            "the same: everything equal, after that",
            f"{after['allowed_seconds']:.0f} s, as the fold of {after['alone_per_second']:,.0f} entries/s gives",
            f"{after['equal_seconds']:.1f} s, {after['folded_per_second']:,.0f} entries/s an island",
            after["equal_seconds"] <= after["allowed_seconds"],
        ),
        Line(
            f"exchange: {one['entries']:,} entries verified from one peer through Caddy",
            f"{ENTRIES_PER_SECOND_MIN:,} entries/s",
            f"{one['per_second']:,.0f} entries/s",
            one["per_second"] >= ENTRIES_PER_SECOND_MIN,
        ),
        Line(
            f"bare machine: {bare['entries']:,} entries copied and verified, wards readable",
            f"{bare_max:.3g} s (10 M: 10 min)",
            f"copied {bare['copied_seconds']:.1f} s ({bare['entries'] / bare['copied_seconds']:,.0f} entries/s), "
            f"wards {bare['ward_seconds']:.1f} s, all their patients {bare['present_seconds']:.1f} s",
            bare["present_seconds"] <= bare_max,
        ),
    ]


def two_copies(islands: Islands) -> dict[str, Any]:
    """Append on A, one entry after the other; return how long until B and C have signed that they hold each."""
    from releve.journal.client import Recorder
    from releve.journal.entry import Draft

    a = islands["a"]
    appended: dict[int, float] = {}
    signed: dict[int, float] = {}
    shown: dict[int, float] = {}
    due = time.monotonic()
    with Recorder(a.data) as recorder:
        while len(shown) < COPIES:
            now = time.monotonic()
            if now >= due and len(appended) < COPIES:
                body = b"%06d " % len(appended) + os.urandom(100).hex().encode()
                (receipt,) = recorder.append(
                    [Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1")]
                )
                appended[receipt.index] = now
                due = now + COPY_PAUSE_SECONDS
            both = min(islands[other].cosigned("a") for other in "bc")
            told = min(a.known_copies().get(other, 0) for other in "bc")
            now = time.monotonic()
            for index, began in appended.items():
                if index < both:
                    signed.setdefault(index, now - began)
                if index < told:
                    shown.setdefault(index, now - began)
            if appended and now - min(appended.values()) > 120:
                raise RuntimeError(f"two copies: expected {COPIES}, got {len(shown)} within two minutes")
            time.sleep(0.004)
    taken, seen = sorted(signed.values()), sorted(shown.values())
    return {
        "entries": COPIES,
        "p50": median(taken), "p99": taken[int(0.99 * COPIES)], "max": taken[-1],
        "shown_p50": median(seen), "shown_p99": seen[int(0.99 * COPIES)],
    }  # fmt: skip


def after_the_cut(islands: Islands, count: int) -> dict[str, Any]:
    """Put the cables in; return when all was pulled, when those present were equal everywhere, when everything was."""
    alone = islands.wait_until_folded(HOURS_MAX * 3600)
    sizes = {origin: islands[origin].held(origin) for origin in ORIGINS}
    before = islands.processor_seconds()
    islands.plug_in()
    began = time.monotonic()
    pulled = folded = 0.0
    pulling: dict[str, float] = {}
    present: list[tuple[float, list[tuple[str, int]]]] = []
    while not folded:
        now = time.monotonic() - began
        if now > HOURS_MAX * 3600:
            raise RuntimeError(f"after the cut: expected all to be equal within {HOURS_MAX:g} hours")
        if not pulled and all(
            island.held(origin) >= size for island in islands for origin, size in sizes.items()
        ):
            pulled, pulling = now, islands.processor_seconds(since=before)
        if pulled:
            present.append((now, [island.present() for island in islands]))
            if all(island.folded(sizes) for island in islands):
                folded = time.monotonic() - began
        time.sleep(LOOK_SECONDS)
    last = present[-1][1][0]
    from_then = next(
        (at for at, found in reversed(list(zip_before(present))) if found != [last] * len(found)), pulled
    )
    used = islands.processor_seconds(since=before)
    hashes = islands.wait_until_equal(max(120.0, 3 * count / 1_000))
    others = sum(sizes.values()) - min(sizes.values())
    return {
        "pulled_seconds": pulled,
        "pulled_per_second": others / pulled,
        "processor_seconds_while_pulling": pulling,
        "processor_us_an_entry": {name: 1e6 * spent / others / 3 for name, spent in pulling.items()},
        "processor_seconds_until_equal": used,
        "present_seconds": from_then - pulled,
        "present": last[1],
        "equal_seconds": folded - pulled,
        "folded_per_second": others / folded,
        "alone_per_second": alone,
        "allowed_seconds": others / alone,
        "equal": len(hashes) == 1,
    }


def zip_before(
    series: list[tuple[float, list[tuple[str, int]]]],
) -> list[tuple[float, list[tuple[str, int]]]]:
    """Return each state with the moment at which the next one was seen: until then it may have held."""
    return [(after[0], before[1]) for before, after in itertools.pairwise(series)]


def one_peer(hospital: Hospital) -> dict[str, Any]:
    """Pull B's log from B alone, onto a machine that has nothing of it yet; return how fast."""
    data = hospital.machine_without_copies("c")
    before = hospital["b"].processor_seconds()
    command = [*hospital.network.prefix("c"), sys.executable, "-m", "bench.islands", "pull", str(data), "b"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=HOURS_MAX * 3600)
    found: dict[str, Any] = json.loads(done.stdout)
    theirs = hospital["b"].processor_seconds(since=before)
    used = {"puller": found.pop("processor_seconds"), **theirs}
    return {
        **found,
        "per_second": found["entries"] / found["seconds"],
        "processor_us_an_entry": {name: 1e6 * spent / found["entries"] for name, spent in used.items()},
    }


def _pull(data: Path, origin: str) -> dict[str, Any]:
    """Pull one island's log from it, in this process."""
    from releve.islands.exchange.identity import read_mirror_signer
    from releve.islands.exchange.peers import Peers, read_peers
    from releve.islands.exchange.puller import Puller
    from releve.islands.exchange.source import HttpsSource, SourceGone

    known = read_peers(data)
    assert known is not None
    (peer,) = (one for one in known.peers if one.origin == origin)
    puller = Puller(data, Peers(own=known.own, peers=(peer,)), signer=read_mirror_signer(data))
    source = HttpsSource(peer.addresses[0], origin=origin, certificate=peer.certificate, data=data)
    source.get("logs", 1 << 18)
    began, used = time.monotonic(), time.process_time()
    turns = 0
    while True:
        turns += 1
        try:
            came = puller.pull_from(source, origin)
        except SourceGone as gone:
            if gone.trouble != "slow":
                raise
            continue
        if not came:
            break
    seconds = time.monotonic() - began
    source.close()
    return {
        "entries": sum(log.size for log in puller.logs().values()),
        "seconds": seconds,
        "processor_seconds": time.process_time() - used,
        "turns": turns,
    }


def bare_machine(hospital: Hospital) -> dict[str, Any]:
    """C is lost: let a bare machine become it, from A alone; return when its wards can be read and are as on A."""
    from releve.journal.folder import every_log
    from releve.journal.reader import LogReader

    wanted = hospital["a"].present()
    data = hospital.announce_again("c")
    began = time.monotonic()
    hospital.reseed("c", data)
    copied = time.monotonic() - began
    entries = 0
    for log in every_log(data):
        with LogReader(log.path) as reader:
            entries += reader.size
    with hospital.served("c") as islands:
        cookie = islands["c"].sign_in_when_possible(HOURS_MAX * 3600)
        ward = islands["c"].ward_readable(cookie)
        readable = time.monotonic() - began
        while islands["c"].present() != wanted:
            if time.monotonic() - began > HOURS_MAX * 3600:
                raise RuntimeError("bare machine: expected the patients that A shows")
            time.sleep(LOOK_SECONDS)
        whole = time.monotonic() - began
    return {
        "entries": entries, "copied_seconds": copied, "ward_seconds": readable, "present_seconds": whole,
        "present": wanted[1], "equal": ward,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_pull(Path(sys.argv[2]), sys.argv[3])))
