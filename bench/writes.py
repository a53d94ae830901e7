"""How long a write takes until its own page shows it, while a hospital of 3,000 accounts works.

`python -m bench writes`: 300 people signed in, each screen polling its board every 10 s, a feed of 20 messages a
second, 30 forms of vital signs a second. Then the same behind a backlog of a million messages that begin to be folded
as the island starts again, as after a long cut: made in at most five minutes, so fewer on a slow machine, and the row
says how many. A form is answered once its entry is folded, two seconds at most: what is measured is what a nurse
waits. RELEVE_BENCH_QUICK=1: 600 accounts, twenty seconds, a backlog of 50,000; RELEVE_BENCH_MESSAGES: another backlog.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import queue
import secrets
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench import living
from bench.board import Screen
from bench.figures import WORK, Line, keep, load_now
from releve.exercise.browser import Browser, Form, NoSuchForm

ACCOUNTS = 3_000
SESSIONS = 300
PERIOD_SECONDS = 10.0
RATE = 20.0
WRITES = 30.0
SECONDS = 60.0
WARM_UP_SECONDS = 12.0  # every screen has asked once before counting begins
P99_MS_MAX = 500.0
SHOWN_SECONDS_MAX = 1.95  # later than this the page gave up waiting for its entry
WRITERS = 60
BACKLOG = 1_000_000
BACKLOG_SECONDS_MAX = 300.0
ALONE_SECONDS = 10.0  # how fast a backlog is folded once nobody writes
AT_ONCE = 500
QUICK = bool(os.environ.get("RELEVE_BENCH_QUICK"))
if QUICK:
    ACCOUNTS, SECONDS, BACKLOG = 600, 20.0, 50_000


class Post(NamedTuple):
    """One person at one patient's form."""

    browser: Browser
    form: Form


def measure(seconds: float = SECONDS) -> int:
    """Measure, print and write; return 0 unless an answer was wrong."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    backlog = int(os.environ.get("RELEVE_BENCH_MESSAGES", BACKLOG))
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        living.make(data, living.past(start), scheduled_packs=False)
        wards = _declare_and_make_accounts(data)
        with living.serve(data) as serving:
            posts, cookies = _take_posts(serving, wards)
            screens = [Screen(serving.http, cookie, f"/ward/{ward}/live/") for cookie, ward in cookies]
            quiet = _work(serving, start, posts, screens, seconds)
        made = _add_backlog(data, backlog)
        with living.serve(data, serving.http) as serving:
            behind = _behind_a_backlog(serving, start, posts, screens, seconds)
    lines = []
    for name, found in (("", quiet), (f", behind a backlog of {made:,} messages", behind)):
        lines.append(
            Line(
                f"{WRITES:g} writes/s, {SESSIONS} sessions, {ACCOUNTS:,} accounts, {RATE:g} messages/s{name}:"
                " until it is visible, p99",
                f"≤ {P99_MS_MAX:g} ms",
                f"{found['p99_ms']:.0f} ms (p50 {found['p50_ms']:.0f} ms, most {found['max_ms']:.0f} ms)",
                found["p99_ms"] <= P99_MS_MAX and not found["not_shown"] and not found["wrong"],
            )
        )
        lines.append(
            Line(
                "the same, what went on meanwhile",
                "–",
                f"{found['writes']:,} writes, {found['not_shown']} not shown in 2 s, {found['wrong']} refused;"
                f" {found['polls']:,} polls, {found['polls_refused']} refused; {found['per_second']:.0f} messages/s"
                f" taken; the island used {found['processors']:.2f} processors"
                + (
                    f"; {found['left']:,} entries still to fold at the end, {found['folded_per_second']:,.0f} folded"
                    f" a second meanwhile, {found['folded_alone_per_second']:,.0f} once nobody writes"
                    if "left" in found
                    else ""
                ),
            )
        )
    keep("writes", lines, load, {"quiet": quiet, "behind": behind})
    return 1 if quiet["wrong"] or behind["wrong"] else 0


def _declare_and_make_accounts(data: Path) -> list[str]:
    """Cut everything for the whole hospital and make the accounts; return the wards with patients in bed."""
    from releve.app.django_setup import prepare_django

    prepare_django(data)
    from releve.app.island import DEMO_PASSWORD
    from releve.app.recorder_process import recorder_for
    from releve.crisis.facts import CutDeclared
    from releve.exercise.demo import demo_hospital
    from releve.hospital.status import EVERYWHERE
    from releve.journal.entry import Draft
    from releve.web.accounts.draft import draft_account

    hospital = demo_hospital()
    wards = [ward.code for ward in hospital.wards if ward.kind == "inpatient"]
    now_us = time.time_ns() // 1000
    cut = CutDeclared(
        applications=tuple(one.code for one in hospital.applications), places=(EVERYWHERE,), status="down",
        since_us=now_us - 3_600_000_000, reason="exercise", by="crise", second="medecin",
    )  # fmt: skip
    drafts = [
        Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(cut), source="command", author="crise")
    ]
    for number in range(ACCOUNTS):
        drafts.append(
            draft_account(
                data, code=f"b{number:04d}", family=f"Essai {number}", given="Anne", role="nurse",
                wards=(wards[number % len(wards)],), password=DEMO_PASSWORD,
            )
        )  # fmt: skip
    with recorder_for(data) as recorder:
        for at in range(0, len(drafts), AT_ONCE):
            recorder.append(drafts[at : at + AT_ONCE])
    return wards


def _take_posts(serving: living.Serving, wards: list[str]) -> tuple[list[Post], list[tuple[str, str]]]:
    """Sign everybody in; return the posts of those who write, and cookie and ward of all."""
    from releve.app.island import DEMO_PASSWORD

    posts: list[Post] = []
    cookies: list[tuple[str, str]] = []
    for number in range(SESSIONS):
        ward = wards[number % len(wards)]
        browser = Browser(*serving.http)
        if not browser.sign_in(f"b{number:04d}", DEMO_PASSWORD):
            raise RuntimeError("sign-in: expected to be let in")
        cookies.append((browser.cookie, ward))
        if len(posts) < WRITERS and (post := _at_a_patient(browser, ward, number // len(wards))):
            posts.append(post)
        else:
            browser.close()
    if len(posts) < WRITERS:
        raise RuntimeError(f"forms: expected {WRITERS} people at a patient's form, found {len(posts)}")
    return posts, cookies


def _at_a_patient(browser: Browser, ward: str, rank: int) -> Post | None:
    beds = browser.get(f"/ward/{ward}/").links_to("/patient/")
    pages = sorted({"/".join(link.split("/")[:3]) for link in beds})
    if rank >= len(pages):
        return None
    page = browser.get(f"{pages[rank]}/observations/")
    try:
        return Post(browser, page.form("pulse", "act_key"))
    except NoSuchForm:
        return None


def _work(
    serving: living.Serving,
    start: datetime,
    posts: list[Post],
    screens: list[Screen],
    seconds: float,
) -> dict[str, Any]:
    with living.feeding(serving, start, RATE, seconds + WARM_UP_SECONDS) as feeder:
        with _polling(screens) as polls:
            time.sleep(WARM_UP_SECONDS)
            begin, cpu, before = time.perf_counter(), serving.cpu_seconds(), _folded(serving.data)
            found = _write(posts, seconds)
            spent = time.perf_counter() - begin
            found["processors"] = (serving.cpu_seconds() - cpu) / spent
            found["folded_per_second"] = (_folded(serving.data).folded - before.folded) / spent
        told = json.loads(feeder.communicate(timeout=120)[0])
    answered = {"polls": sum(polls.values()), "polls_refused": sum(polls.values()) - polls[200] - polls[304]}
    return {**found, **answered, "per_second": told["per_second"]}


def _write(posts: list[Post], seconds: float) -> dict[str, Any]:
    waiting: queue.Queue[Post] = queue.Queue()
    for post in posts:
        waiting.put(post)
    waits: list[float] = []
    wrong: list[int] = []
    pulses = itertools.cycle(range(60, 100))

    def one(pulse: int) -> None:
        asked = time.perf_counter()  # if nobody has a hand free, the act waits for one, and that counts
        post = waiting.get()
        status = post.browser.send(post.form, {"pulse": str(pulse), "act_key": secrets.token_urlsafe(18)})
        waits.append(time.perf_counter() - asked)
        if status not in (302, 303):
            wrong.append(status)
        waiting.put(post)

    threads = []
    begin = time.perf_counter()
    for number in range(int(seconds * WRITES)):
        time.sleep(max(0.0, begin + number / WRITES - time.perf_counter()))
        thread = threading.Thread(target=one, args=(next(pulses),))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(60)
    waits.sort()
    return {
        "writes": len(waits),
        "p50_ms": 1000 * waits[len(waits) // 2],
        "p99_ms": 1000 * waits[len(waits) * 99 // 100],
        "max_ms": 1000 * waits[-1],
        "not_shown": sum(wait > SHOWN_SECONDS_MAX for wait in waits),
        "wrong": len(wrong),
        "statuses": sorted(set(wrong)),
    }


@contextlib.contextmanager
def _polling(screens: list[Screen]) -> Iterator[Counter[int]]:
    """Let every screen ask for its board while the block runs; yield the count of answers by status."""
    answers: Counter[int] = Counter()
    stop = threading.Event()

    async def screen(number: int, asking: Screen) -> None:
        await asyncio.sleep(PERIOD_SECONDS * number / len(screens))
        with contextlib.closing(asking):
            while not stop.is_set():
                status, _ = await asyncio.wait_for(asking.ask(), 60)
                answers[status] += 1
                for _ in range(int(PERIOD_SECONDS * 5)):
                    if stop.is_set():
                        return
                    await asyncio.sleep(0.2)

    async def every() -> None:
        await asyncio.gather(*(screen(number, one) for number, one in enumerate(screens)))

    thread = threading.Thread(target=lambda: asyncio.run(every()), daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join(60)


def _add_backlog(data: Path, most: int) -> int:
    """Append a backlog to an island that is not served; return how many messages there was time for."""
    from releve.app.recorder_process import recorder_for
    from releve.exercise.demo import demo_hospital
    from releve.exercise.hospital_life import stream
    from releve.journal.entry import Draft

    until = time.monotonic() + BACKLOG_SECONDS_MAX
    messages = (message for _, message in stream(demo_hospital(), living.SEED + 1, most))
    made = 0
    with recorder_for(data) as recorder:
        while time.monotonic() < until and (part := list(itertools.islice(messages, AT_ONCE))):
            recorder.append([Draft(kind="message.hl7v2", body=one, source="mllp:127.0.0.2") for one in part])
            made += len(part)
    return made


def _behind_a_backlog(
    serving: living.Serving,
    start: datetime,
    posts: list[Post],
    screens: list[Screen],
    seconds: float,
) -> dict[str, Any]:
    """Work while a backlog is folded, then leave the fold alone with it for a moment."""
    before = _folded(serving.data)
    found = _work(serving, start + timedelta(minutes=30), posts, screens, seconds)
    left = _folded(serving.data)
    time.sleep(ALONE_SECONDS)
    alone = _folded(serving.data)
    return {
        **found,
        "backlog_at_start": before.left,
        "left": left.left,
        "folded_alone_per_second": (alone.folded - left.folded) / ALONE_SECONDS,
    }


class _Folded(NamedTuple):
    """How many entries are folded in their order, and how many are not yet."""

    folded: int
    left: int


def _folded(data: Path) -> _Folded:
    from releve.app.views_now import entries_behind
    from releve.journal.folder import logs
    from releve.journal.store import LogReader

    sizes = {}
    for log in logs(data):
        with LogReader(log.path) as reader:
            sizes[log.name] = reader.size
    left = entries_behind(data, sizes)
    return _Folded(sum(sizes.values()) - left, left)
