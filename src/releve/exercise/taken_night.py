"""A staged night on three islands, one of which is taken by the attacker at 02:00, and made anew before the morning.

The day is cut; the staff of every ward work on their own island. Then C's cable is pulled (what its wards do from
there on is on C alone), and C is the attacker's: its folder, its keys, its certificate. It shows A and B what its
staff never did, each another story, then a history rewritten. Two managers draw a line on A; C's wards go on on A and
B; a bare folder becomes the new C from B. In the morning everything is compared (`taken_morning`).
"""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from releve.exercise.attacker import Attacker, acts, forge, merges, power, stolen_copy
from releve.exercise.comparison import ViewsUnreachable
from releve.exercise.day import DayFailed, Fed, feed_and_cut
from releve.exercise.demo import demo_hospital
from releve.exercise.engine import share_out
from releve.exercise.night import CUT_HOURS, Staging, Steps
from releve.exercise.night_work import WorkFailed, declare_all_cut, hire, hours_of_cut
from releve.exercise.plug import Plug
from releve.exercise.served import NightFailed
from releve.exercise.shift import NEW_PASSWORD, Colleague, Shift
from releve.exercise.taken_morning import Morning, TakenResult, forged_rows, held_by
from releve.exercise.three_islands import Island, Islands, set_listen, wait_until
from releve.exercise.truth import Truth
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.state import read_exchange
from releve.journal.folder import own_log

__all__ = ["ORIGINS", "TakenNight"]

ORIGINS = ("a", "b", "c")
TAKEN, SURVIVORS = "c", ("a", "b")
AFTER_PINS = NEW_PASSWORD + "-2"
_WAITING = 3  # the status of `islands reseed` while nobody lets the new machine in
_SECONDS = 600.0
_FORGED_ACTS, _FORGED_MERGES = 40, 5
_EPOCH, _NEW_EPOCH = 1, 2


class TakenNight:
    """One such night in the new folder `root`."""

    def __init__(self, root: Path, staging: Staging) -> None:
        self._root, self._staging = root, staging
        staff_wards = staging.staff_wards
        self._hospital = demo_hospital()
        self._islands = Islands(root, staging.command, self._hospital, staging.password, ORIGINS)
        self._wards = {one: self._working(self._islands[one].wards, staff_wards) for one in ORIGINS}
        self._printing = self._wards if staff_wards else {one: self._islands[one].wards for one in ORIGINS}
        self._colleagues: dict[str, Colleague] = {}
        self._truth = Truth()
        self._rounds = 0
        self.result = TakenResult()

    def _working(self, wards: Sequence[str], most: int) -> tuple[str, ...]:
        kinds = {ward.code: ward.kind for ward in self._hospital.wards}
        lying = [ward for ward in wards if kinds[ward] in ("inpatient", "critical")]
        lying.sort(key=lambda ward: kinds[ward] != "inpatient")
        return tuple(lying[:most] if most else lying)

    def run(self, now_us: int, steps: Steps) -> TakenResult:
        """Play the night and return what was found.

        Raises:
            NightFailed: a step before the checks did not work.
        """
        began = time.monotonic()
        if self._root.exists() and any(self._root.iterdir()):
            raise NightFailed("--data: expected an empty or new folder; nothing was changed")
        plug = Plug()
        try:
            self._islands[TAKEN].shown = plug.address
            self._islands.make(steps)
            self._play(plug, now_us, steps)
        except (WorkFailed, ViewsUnreachable, DayFailed) as error:
            raise NightFailed(str(error)) from error
        finally:
            self._islands.stop()
            plug.close()
        self.result.seconds = round(time.monotonic() - began)
        return self.result

    def _play(self, plug: Plug, now_us: int, steps: Steps) -> None:
        islands, result = self._islands, self.result
        plug.lead_to(islands[TAKEN].listens)
        for island in islands.islands.values():
            island.start()
        fed = self._day(now_us, steps)
        self._in_step(steps)
        morning = Morning(islands, self._hospital, fed, TAKEN, self._printing, result)
        morning.compare_with_truth(self._truth)

        cut_us = now_us - int(CUT_HOURS * 3_600_000_000)
        self._begin(cut_us)
        self._in_step(steps)
        self._hours_of_cut = hours_of_cut(cut_us, now_us)
        early = stolen_copy(islands[TAKEN].data, self._root / "stolen-early")
        for origin in ORIGINS:
            self._work(
                islands[origin], self._of(*self._wards[origin], *([""] if origin == "a" else [])), steps
            )
        self._in_step(steps)

        # 01:40: C's cable is pulled. What its wards do from now on stands on C alone.
        plug.lead_to(None)
        line = min(islands[one].held(TAKEN) for one in SURVIVORS)
        lost = self._work(islands[TAKEN], self._of(*self._wards[TAKEN]), steps, patients=1)
        # 02:00: C is the attacker's.
        islands[TAKEN].stop()
        stolen = self._root / "stolen"
        islands[TAKEN].data.rename(stolen)
        morning.lost(stolen, line, held_by(stolen, TAKEN), lost)
        attacker = Attacker(stolen)
        try:
            self._attack(attacker, stolen, early, plug, steps)
            self._draw_the_line(line, steps)
        finally:
            plug.lead_to(None)
            attacker.close()
        # C's wards go on: half of them on A, half on B.
        for number, origin in enumerate(SURVIVORS):
            here = self._wards[TAKEN][number::2]
            self._work(islands[origin], self._of(*here), steps, patients=1, password=AFTER_PINS)
        self._make_anew(steps)
        self._work(islands[TAKEN], self._of(*self._wards[TAKEN]), steps, patients=1, password=AFTER_PINS)
        self._in_step(steps)
        morning.look(steps)

    # The day, and the cut

    def _day(self, now_us: int, steps: Steps) -> dict[str, Fed]:
        cut_us = now_us - int(CUT_HOURS * 3_600_000_000)
        start_us, emissions = self._staging.day_before(cut_us, self._hospital)
        shared = share_out(emissions, {one: self._islands[one].wards for one in ORIGINS})

        async def all_at_once() -> list[Fed]:
            return await asyncio.gather(
                *(
                    feed_and_cut(
                        its_own, self._islands[origin].mllp, start_us=start_us, cut_us=cut_us,
                        truth=self._truth, steps=lambda done, all_: steps("a day of the hospital", done, all_),
                    )
                    for origin, its_own in shared.items()
                )
            )  # fmt: skip

        return dict(zip(shared, asyncio.run(all_at_once()), strict=True))

    def _begin(self, cut_us: int) -> None:
        """Declare the cut on A, signed by two managers so that it holds everywhere, and hire tonight's people."""
        a, islands = self._islands["a"], self._islands
        self._down = declare_all_cut(
            a.call, self._hospital, cut_us, self._staging.password, *islands.signed, environment=islands.opens
        )
        working = [ward for wards in self._wards.values() for ward in wards]
        hired = hire(a.call, self._hospital, working, *islands.signed, environment=islands.opens)
        self._colleagues = {one.code: one for one in hired}
        # What somebody chose counts where she chose it, and everywhere when that was on A, which made her account;
        # elsewhere she enters as on her first day.
        self._chosen: dict[tuple[str, str], str] = {}

    # People at work

    def _of(self, *wards: str) -> list[Colleague]:
        return [one for one in self._colleagues.values() if one.ward in wards]

    def _work(
        self,
        island: Island,
        people: Sequence[Colleague],
        steps: Steps,
        *,
        patients: int = 0,
        password: str = NEW_PASSWORD,
    ) -> Counter[str]:
        """Let these people work at the pages of an island; return what they counted."""
        self._rounds += 1
        since, until = self._hours_of_cut
        shift = Shift(
            (island.web.host, island.web.port), self._hospital.zone, since=since, until=until,
            seed=self._staging.seed * 1000 + self._rounds,
            patients=patients or max(1, self._staging.staff_patients), new_password=password,
        )  # fmt: skip
        at = island.origin
        entering = [
            Colleague(one.code, self._chosen.get((at, one.code), one.password), one.role, one.ward)
            for one in people
        ]
        found = shift.work(entering, steps)
        for reached in ORIGINS if at == "a" else (at,):
            self._chosen.update({(reached, one.code): shift.new_password(one.code) for one in people})
        self.result.add_shift(island.origin, found)
        return found.recorded

    # The attack, and what is done about it

    def _attack(self, attacker: Attacker, stolen: Path, early: Path, plug: Plug, steps: Steps) -> None:
        """Show A and B two histories that never were, then one in which C's evening did not happen."""
        islands, result = self._islands, self.result
        codes = [one.code for one in self._hospital.applications]
        for number, origin in enumerate(SURVIVORS):
            told = self._root / f"shown-to-{origin}"
            shutil.copytree(stolen, told)
            drafts = [
                *power(told, SURVIVORS[1 - number], self._down, codes),
                *acts(told, _FORGED_ACTS, every=number + 1),
                *merges(told, _FORGED_MERGES),
            ]
            result.forged += forge(told, drafts)
            attacker.shows[origin] = told
        result.forged += forge(early, acts(stolen, _FORGED_ACTS))
        steps("the attacker", 0, 2)
        plug.lead_to(attacker.address)
        for origin in SURVIVORS:
            wait_until(
                lambda origin=origin: islands[origin].held(TAKEN) > result.written,  # type: ignore[misc]
                f"{origin} to hold what the owner of {TAKEN} shows it", _SECONDS,
            )  # fmt: skip
        wait_until(
            lambda: self._refused("a") + self._refused("b"), "two histories of one log to be refused", 60
        )
        self._folded(steps, _EPOCH)
        result.forged_until_line = max(forged_rows(islands[one], TAKEN, result.line) for one in SURVIVORS)
        steps("the attacker", 1, 2)
        before = {origin: self._refused(origin) for origin in SURVIVORS}
        for origin in SURVIVORS:
            attacker.shows[origin] = early
        plug.lead_to(attacker.address)
        for origin in SURVIVORS:
            wait_until(
                lambda origin=origin: self._refused(origin) > before[origin],  # type: ignore[misc]
                f"{origin} to refuse a history of {TAKEN} that was written anew", 60,
            )  # fmt: skip

    def _refused(self, origin: str) -> int:
        found = read_exchange(self._islands[origin].data)
        return sum(1 for one in found.refused if one.origin == TAKEN) if found is not None else 0

    def _draw_the_line(self, line: int, steps: Steps) -> None:
        """Trust C up to what A and B held when its cable was pulled; all PINs and passwords are replaced."""
        islands = self._islands
        self.result.evidence = sum(self._refused(origin) for origin in SURVIVORS)
        islands["a"].call(
            "islands", "cutline", TAKEN, str(_EPOCH), str(line), "--mode", "exclude", "--replace-pins", "--reason",
            "exercise: taken at 02:00", "--yes", *islands.signed, environment=islands.opens,
        )  # fmt: skip
        for number, origin in enumerate(SURVIVORS):
            steps("the line", number, len(SURVIVORS))
            wait_until(
                lambda origin=origin: self._is_cut(origin, line),  # type: ignore[misc]
                f"{origin} to show nothing beyond the line", _SECONDS,
            )  # fmt: skip

    def _is_cut(self, origin: str, line: int) -> bool:
        island = self._islands[origin]
        peers = read_peers(island.data)
        left = {peer.origin for peer in peers.peers if peer.left} if peers is not None else set()
        return TAKEN in left and forged_rows(island, TAKEN, line) == 0

    def _make_anew(self, steps: Steps) -> None:
        """Make a bare folder the new C, out of B."""
        islands = self._islands
        lost, b = islands[TAKEN], islands["b"]
        new = Island(self._root / "c-new", self._staging.command, TAKEN, lost.wards)
        islands.islands[TAKEN] = new
        shown = [word for one in SURVIVORS for word in ("--introduction", str(islands[one].introduction))]
        wards = [word for ward in new.wards for word in ("--ward", ward)]
        reseed = (
            "islands", "reseed", "--origin", TAKEN, "--epoch", str(_NEW_EPOCH), "--name", TAKEN.upper(), *shown,
            "--from", f"{b.shown.host}:{b.shown.port}", "--address", f"{new.shown.host}:{new.shown.port}", *wards,
        )  # fmt: skip
        steps("the new island", 0, 4)
        if new.call(*reseed, check=False).returncode != _WAITING:
            raise NightFailed("islands reseed: expected the survivors not to let a stranger in")
        shutil.copy(new.data / "introduction.txt", new.introduction)
        for number, origin in enumerate(SURVIVORS, start=1):
            steps("the new island", number, 4)
            islands.add(islands[origin], [new])
        done = new.call(*reseed, check=False)
        deadline = time.monotonic() + 30
        while (
            done.returncode == _WAITING and time.monotonic() < deadline
        ):  # B's gate follows within two seconds
            done = new.call(*reseed, check=False)
        if done.returncode:
            raise NightFailed(f"islands reseed: {done.stderr.strip()[-600:]}")
        set_listen(new.data, new.listens)
        steps("the new island", 3, 4)
        islands.add(new, [islands[origin] for origin in SURVIVORS])
        new.start()
        self._in_step(steps)
        self.result.reborn = own_log(new.data).name == f"{TAKEN}/{_NEW_EPOCH}"

    # Waiting

    def _in_step(self, steps: Steps) -> None:
        """Wait until what each island has recorded by now stands on all of them, and is in their views."""
        islands = list(self._islands.islands.values())
        logs = {island.origin: own_log(island.data) for island in islands}
        sizes = {log.name: held_by(self._islands[one].data, one, log.epoch) for one, log in logs.items()}
        for island in islands:
            for origin, log in logs.items():
                wait_until(
                    lambda island=island, origin=origin, log=log: (  # type: ignore[misc]
                        island.held(origin, log.epoch) >= sizes[log.name]
                    ),
                    f"{sizes[log.name]} entries of {log.name} on {island.origin}", _SECONDS,
                )  # fmt: skip
        for number, island in enumerate(islands):
            steps("views of all islands", number, len(islands))
            wait_until(
                lambda island=island: all(  # type: ignore[misc]
                    island.folded().get(name, 0) >= size for name, size in sizes.items()
                ),
                f"the views of {island.origin} to hold what all recorded", _SECONDS,
            )  # fmt: skip

    def _folded(self, steps: Steps, epoch: int) -> None:
        """Wait until the survivors' views hold all that they hold of the taken island."""
        for number, origin in enumerate(SURVIVORS):
            steps("views of all islands", number, len(SURVIVORS))
            island = self._islands[origin]
            size = island.held(TAKEN, epoch)
            wait_until(
                lambda island=island, size=size: island.folded().get(f"{TAKEN}/{epoch}", 0) >= size,  # type: ignore[misc]
                f"the views of {origin} to hold {size} entries of {TAKEN}", _SECONDS,
            )  # fmt: skip
