"""What people type to open an island: words of cards, a passphrase, and how many guesses they have."""

import os

from releve.app.keys import passphrase
from releve.app.keys.cards import make_cards, open_cards, read_card
from releve.app.keys.passphrase import machine_memory_kib, open_passphrase
from releve.app.keys.ring import Ring
from releve.app.locked.guesses import Guesses
from releve.journal import keys

NOW = 1_800_000_000_000_000
CHEAP = 64  # KiB: what it costs is not tested here


def test_any_three_of_five_cards_open_and_two_do_not() -> None:
    """One keeper is on leave, one is ill: it must still work; two who agree in the corridor must not."""
    key = os.urandom(32)
    _, words = make_cards(key, NOW)

    for chosen in ((0, 1, 2), (4, 2, 0), (1, 3, 4)):
        assert open_cards([words[place] for place in chosen])[0] == key
    assert open_cards(words[:2])[0] is None
    found, read = open_cards([words[0], words[1], words[1]])
    assert found is None
    assert [card.trouble for card in read] == ["", "", "twice"]


def test_a_typing_error_is_told_by_card_and_word() -> None:
    """Ninety-nine words are typed by hand at night: what is wrong must be found without typing them all again."""
    _, words = make_cards(os.urandom(32), NOW)
    _, others = make_cards(os.urandom(32), NOW)
    typed = words[0].split()

    numbered = "\n".join(f"{place}. {word[:4].upper()}," for place, word in enumerate(typed, 1))
    assert read_card(numbered).trouble == ""
    assert read_card(numbered).number == 1
    wrong = read_card(" ".join([*typed[:6], "acadmic", *typed[7:]]))
    assert (wrong.trouble, wrong.unknown) == ("words", ((7, "acadmic", "academic"),))
    assert read_card(" ".join(typed[:-1])).trouble == "length"
    swapped = [*typed[:10], typed[11], typed[10], *typed[12:]]
    assert typed[10] == typed[11] or read_card(" ".join(swapped)).trouble == "checksum"
    assert read_card(" , ").trouble == "empty"
    key, read = open_cards([words[0], others[1], words[2]])
    assert key is None
    assert [card.trouble for card in read] == ["", "other_set", ""]


def test_a_passphrase_costs_what_the_machine_has_and_no_less_than_the_standard_says() -> None:
    """RFC 9106: 2 GiB where there are, never under 64 MiB; spaces and accents lock nobody out."""
    assert 64 * 1024 <= machine_memory_kib() <= 2 * 1024 * 1024
    ring = Ring(
        origin="a", number=keys.key_number(b"k" * 32), made_at_us=NOW,
        means=(passphrase.make_passphrase(b"k" * 32, "éte pile cheval agrafe", NOW, CHEAP),),
    )  # fmt: skip

    assert open_passphrase(ring, "e\u0301te  pilecheval agrafe ") == b"k" * 32
    assert open_passphrase(ring, "Ete pile cheval agrafe") is None


def test_guesses_are_slowed_for_one_address_and_bounded_for_all() -> None:
    """An attacker on the network types faster than a manager; the manager next to him must still get in."""
    guesses, now = Guesses(), 1000.0
    for _ in range(3):
        assert guesses.wait_seconds("10.0.0.9", now) == 0.0
        guesses.was_wrong("10.0.0.9", now)

    assert guesses.wait_seconds("10.0.0.9", now) == 5.0
    assert guesses.wait_seconds("10.0.0.9", now + 5) == 0.0
    guesses.was_wrong("10.0.0.9", now + 5)
    assert guesses.wait_seconds("10.0.0.9", now + 5) == 10.0
    assert guesses.wait_seconds("10.0.0.1", now) == 0.0
    for other in range(16):
        guesses.was_wrong(f"10.1.0.{other}", now + 6)
    assert 0 < guesses.wait_seconds("10.0.0.1", now + 6) <= 60.0
    assert guesses.wait_seconds("10.0.0.1", now + 66) == 0.0
