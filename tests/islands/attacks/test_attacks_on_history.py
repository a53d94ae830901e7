"""C tells its own past otherwise: less of it, another one, two at once, epochs nobody gave it."""

import pytest

from owned import Owned, Served, Stage, opened_entry
from releve.journal.note import Signer
from releve.journal.tree import Edge, leaf_hash


def root_of(stored: list[bytes]) -> bytes:
    """Return the root over entries."""
    edge = Edge()
    edge.extend(leaf_hash(one) for one in stored)
    return edge.root()


def test_a_rollback_is_told_and_nothing_is_given_up(stage: Stage) -> None:
    """C forgets what it signed an hour ago: what it said then was acted upon."""
    full = stage.owned.messages(9)
    stage.attack(stage.owned.log(*full))
    stage.attack(stage.owned.log(*full[:4]))
    assert stage.held() == len(stage.owned.true) + 9
    assert stage.told() == ["rollback"]
    assert [path.name for path in stage.evidence()[0].iterdir() if path.name != "why.json"]


def test_a_rewritten_entry_is_two_signed_histories(stage: Stage) -> None:
    """One word of one entry is changed afterwards, and everything signed anew."""
    full = stage.owned.messages(5)
    stage.attack(stage.owned.log(*full))
    other = [*full[:2], stage.owned.envelope(4, body=b"MSH|never said that"), *full[3:]]
    stage.attack(stage.owned.log(*other, *stage.owned.messages(3, start=5)))
    assert stage.told() == ["equivocation"]
    assert stage.stored(4) == full[2]


def test_a_rewrite_of_the_same_length_is_found_too(stage: Stage) -> None:
    """Nothing is longer, so nothing needs to be pulled: the heads are compared all the same."""
    full = stage.owned.messages(5)
    stage.attack(stage.owned.log(*full))
    stage.attack(stage.owned.log(*stage.owned.messages(5, text="other")))
    assert stage.told() == ["equivocation"]


def test_a_rewrite_of_what_is_older_than_a_tile_is_found(stage: Stage) -> None:
    """Far back, under full tiles, where nobody fetches entries again."""
    full = stage.owned.messages(700)
    stage.attack(stage.owned.log(*full), rounds=1)
    other = [stage.owned.envelope(2, body=b"MSH|other"), *full[1:], *stage.owned.messages(300, start=700)]
    stage.attack(stage.owned.log(*other))
    assert stage.told() == ["equivocation"]
    assert stage.held() == len(stage.owned.true) + 700


def test_two_tongues_are_found_as_soon_as_a_and_b_speak(stage: Stage) -> None:
    """C shows A one head and B another, of one size: each relays what it holds to the other."""
    stage.attack(stage.owned.log(*stage.owned.messages(4)), victims="a")
    stage.attack(stage.owned.log(*stage.owned.messages(4, text="other")), victims="b")
    stage.clock.us += 31_000_000
    stage.a.pull(stage.b)
    stage.b.pull(stage.a)
    for island in stage.victims:
        assert "equivocation" in stage.told(island)
        names = {path.name for path in stage.evidence(island)[0].iterdir()}
        assert {"checkpoint", "held"} <= names, "both signatures, for whoever judges"


def test_a_truncated_log_under_its_own_head_gives_nothing(stage: Stage) -> None:
    """The head promises nine entries, the bundle holds five: half a truth is none."""
    true = stage.owned.true
    served = stage.owned.log(*stage.owned.messages(9))
    served.stored = served.stored[: len(true) + 5]
    stage.attack(served)
    assert stage.held() == 0
    assert stage.told() == ["tree"]


def test_a_forged_tail_that_no_key_signed_is_not_believed(stage: Stage) -> None:
    """Whoever sits on the cable adds entries, without the key of the log."""
    thief = Signer.generate("releve/c/1")
    stage.attack(Served([*stage.owned.true, *stage.owned.messages(3)], thief))
    assert stage.held() == 0
    assert stage.told() == ["signature"]


def test_a_head_over_other_entries_than_those_served_is_refused(stage: Stage) -> None:
    """Signed for one history, serving another."""
    honest = stage.owned.log(*stage.owned.messages(4))
    liar = stage.owned.log(*stage.owned.messages(4, text="other"))
    liar.note = honest.note
    stage.attack(liar)
    assert stage.held() == 0
    assert stage.told() == ["tree"]


@pytest.mark.parametrize("size", [10**9, 2**63, 2**64 + 1, 10**15])
def test_a_size_beyond_measure_is_refused_before_anything_is_fetched(stage: Stage, size: int) -> None:
    """A head claims more entries than there are atoms in the ward."""
    served = stage.owned.log(size=min(size, 10**15))
    served.note = stage.owned.key.sign(f"releve/c/1\n{size}\n{served.note.splitlines()[2]}\n")
    stage.attack(served)
    assert stage.told() == ["size"]
    assert not any("tile" in path for path in served.asked)


@pytest.mark.parametrize("line", ["0", "-1", "007", "1e9", "٣", "", "9" * 5000])
def test_a_size_that_is_none_is_refused(stage: Stage, line: str) -> None:
    """An empty log, a minus, another script's digits, five thousand nines."""
    served = stage.owned.log()
    served.note = stage.owned.key.sign(f"releve/c/1\n{line}\n{served.note.splitlines()[2]}\n")
    stage.attack(served)
    assert stage.held() == 0
    assert line == "0" or stage.told() in (["signature"], ["size"])


def test_a_checkpoint_of_another_log_does_not_pass_for_this_one(stage: Stage) -> None:
    """A head of C's second log, rightly signed by the same hand, shown as the first one's."""
    for name in ("releve/c-audit/1", "releve/c/2", "releve/b/1", "c/1", "releve/c/01"):
        stage.attack(stage.owned.log(*stage.owned.messages(2), name=name), rounds=1, pause=100)
    assert stage.held() == 0
    assert set(stage.told()) == {"signature"}


def test_an_epoch_without_a_word_of_the_one_before_is_refused(stage: Stage) -> None:
    """A thief begins epoch 2 with a key of his own."""
    served, _ = stage.owned.next_epoch()
    stage.attack(stage.owned.log(), served)
    assert stage.held(2) == 0
    assert stage.told() == ["epoch"]


def test_an_epoch_handed_over_by_a_stranger_is_refused(stage: Stage) -> None:
    """The signature is there; it is not that of the epoch before."""
    served, _ = stage.owned.next_epoch(handover=Signer.generate("releve/c/1"))
    stage.attack(stage.owned.log(), served)
    assert stage.held(2) == 0
    assert stage.told() == ["epoch"]


def test_an_epoch_that_skips_one_is_refused(stage: Stage) -> None:
    """Epoch 9 handed over by the key of epoch 1: between them anything could have stood."""
    served, _ = stage.owned.next_epoch(9, handover=stage.owned.key)
    stage.attack(stage.owned.log(), served)
    assert stage.held(9) == 0
    assert stage.told() == ["epoch"]


def test_a_handover_signed_after_the_cut_line_opens_nothing(stage: Stage) -> None:
    """The managers cut C off; the thief still has the old key and hands over to a new one."""
    stage.attack(stage.owned.log())
    stage.cut(len(stage.owned.true), root_of(stage.owned.true))
    served, _ = stage.owned.next_epoch(handover=stage.owned.key)
    stage.attack(stage.owned.log(), served)
    assert stage.held(2) == 0
    assert stage.told() == ["epoch"]


def test_a_closed_epoch_that_is_opened_again_is_a_fork(stage: Stage) -> None:
    """C went on in epoch 2; then epoch 1 grows a second end that differs from what was held."""
    first = stage.owned.messages(3)
    stage.attack(stage.owned.log(*first))
    served, _ = stage.owned.next_epoch(handover=stage.owned.key)
    stage.attack(served)
    assert stage.held(2) == 2
    stage.attack(stage.owned.log(*first[:1], *stage.owned.messages(5, text="again", start=1)))
    assert stage.told() == ["equivocation"]
    assert stage.stored(4) == first[2]


def test_two_second_epochs_are_one_and_a_lie(stage: Stage) -> None:
    """A fork at the change of epochs: the first that is believed stays, the other key's head is refused."""
    one, _ = stage.owned.next_epoch(handover=stage.owned.key)
    two, _ = stage.owned.next_epoch(handover=stage.owned.key)
    stage.attack(stage.owned.log(), one)
    stage.attack(two)
    assert stage.held(2) == 2
    assert stage.told() == ["signature"]


def test_beyond_a_cut_line_nothing_comes_from_anybody(stage: Stage) -> None:
    """What the stolen key signs after the line reaches neither A nor B, whoever carries it."""
    stage.attack(stage.owned.log())
    stage.cut(len(stage.owned.true), root_of(stage.owned.true))
    stage.attack(stage.owned.log(*stage.owned.messages(50)))
    assert stage.held() == len(stage.owned.true)
    assert stage.told() == ["cut"]


def test_an_exercise_does_not_turn_real_nor_back(stage: Stage) -> None:
    """C opens an epoch of the other kind: invented patients beside real ones."""
    served, _ = stage.owned.next_epoch(handover=stage.owned.key, exercise=False)
    stage.attack(stage.owned.log(), served)
    assert stage.held(2) == 0
    assert stage.told() == ["exercise"]


@pytest.mark.parametrize(
    "change", [{"origin": "b"}, {"epoch": 7}, {"key": "releve/c/2+00000000+AAAA"}, {"key": "x" * 9000}]
)
def test_a_first_entry_that_opens_something_else_is_refused(stage: Stage, change: dict[str, object]) -> None:
    """The log's own birth certificate in another's name."""
    key = Signer.generate("releve/c/2")
    stored = [opened_entry(key, handover=stage.owned.key, **change), Owned.envelope(1, epoch=2)]
    stage.attack(stage.owned.log(), Served(stored, key, epoch=2))
    assert stage.held(2) == 0
    assert stage.told() in (["entry"], ["signature"])


def test_a_thousand_epochs_cost_neither_memory_nor_evidence_nor_the_place_of_what_matters(
    stage: Stage,
) -> None:
    """C lists epochs without end, others each time: each would be remembered, and kept."""
    stage.attack(stage.owned.log())

    class Lister(Served):
        at = 5

        def get(self, path: str, limit: int) -> bytes | None:
            if path == "logs":
                self.at += 2000
                names = [
                    f"{origin}/{epoch} 9\n"
                    for origin in ("c", "b", "a", "c-audit")
                    for epoch in range(self.at, self.at + 500)
                ]
                return "".join(names).encode()
            return super().get(path, limit) or self.note.encode()

    stage.attack(Lister(stage.owned.true, stage.owned.key), rounds=4)
    assert len(list((stage.a.data / "evidence").iterdir())) <= 16 * 4
    assert stage.a.puller is not None
    assert len(stage.a.puller._logs) < 100
    stage.attack(stage.owned.log(stage.owned.envelope(len(stage.owned.true), wall_ms=0)))
    assert stage.told()[-1] == "order", "what matters is still told"


def test_rubbish_leaves_room_for_the_proof(stage: Stage) -> None:
    """C shows a thousand broken bundles, so that the one equivocation would find no room among the evidence."""
    held = stage.owned.messages(4)
    stage.attack(stage.owned.log(*held))
    broken = stage.owned.log(*held, *stage.owned.messages(2, start=4))
    turn = iter(range(10**6))
    broken._instead = lambda path, found: b"%d" % next(turn) if "/entries/" in path else found
    stage.attack(broken, rounds=90, pause=100)
    stage.attack(stage.owned.log(*stage.owned.messages(9, text="other")))
    kept = [path.name.partition("-")[0] for path in stage.evidence()]
    assert kept.count("tree") == 8
    assert kept.count("equivocation") == 1
    assert "equivocation" in stage.told()
