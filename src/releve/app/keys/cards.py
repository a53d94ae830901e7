"""Cards as a means: the island key shared among five, three of which open it. Words of the SLIP-39 list.

Source: SLIP-0039 (Shamir's secret sharing for mnemonic codes): one group, 3 of 5, no passphrase, 33 words a card.
"""

import difflib
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from releve.app.keys.ring import Cards
from releve.journal.keys import KEY_BYTES

__all__ = ["COUNT", "NEEDED", "WORDS", "CardRead", "make_cards", "open_cards", "read_card"]

NEEDED = 3
COUNT = 5
WORDS = 33  # of a card for 256 bits
_NOT_A_LETTER = re.compile(r"[^a-z]+")

Trouble = Literal["", "empty", "words", "length", "checksum", "kind", "other_set", "twice", "wrong"]


class CardRead(NamedTuple):
    """What was typed of one card and what is wrong with it.

    `trouble`: "" when the card is right; words (`unknown` says which, with a likely one), length, checksum (each word
    is known, one is another or two changed places), kind (a card of something else), other_set, twice, wrong.
    """

    trouble: Trouble
    words: tuple[str, ...] = ()
    unknown: tuple[tuple[int, str, str], ...] = ()  # place from 1, what was typed, the likely word or ""
    share: Share | None = None

    @property
    def number(self) -> int:
        """Which of the five it is, from 1; 0 when it cannot be read."""
        return self.share.index + 1 if self.share else 0


def make_cards(key: bytes, now_us: int) -> tuple[Cards, list[str]]:
    """Return the means and the words of five new cards, each tried with the others before it is handed out."""
    (cards,) = generate_mnemonics(1, [(NEEDED, COUNT)], key, iteration_exponent=1)
    for start in range(COUNT):
        chosen = [cards[(start + step) % COUNT] for step in range(NEEDED)]
        if combine_mnemonics(chosen) != key:
            raise AssertionError("three cards did not give the key back")
    identifier = Share.from_mnemonic(cards[0]).identifier
    return Cards(made_at_us=now_us, identifier=identifier, needed=NEEDED, count=COUNT), cards


def read_card(typed: str) -> CardRead:
    """Return what one card says. Numbers, points, capitals and line ends are passed over; four letters name a word."""
    words = [_word(piece) for piece in _NOT_A_LETTER.split(typed.lower()) if piece]
    if not words:
        return CardRead("empty")
    unknown = tuple((place, word, _likely(word)) for place, word in enumerate(words, 1) if word not in _KNOWN)
    if unknown:
        return CardRead("words", tuple(words), unknown)
    if len(words) != WORDS:
        return CardRead("length", tuple(words))
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        return CardRead("checksum", tuple(words))
    if share.member_threshold != NEEDED or share.group_count != 1 or len(share.value) != KEY_BYTES:
        return CardRead("kind", tuple(words), share=share)
    return CardRead("", tuple(words), share=share)


def open_cards(typed: Sequence[str]) -> tuple[bytes | None, list[CardRead]]:
    """Return the key that three right cards give, else None, and what is to be said of each card."""
    read = [read_card(one) for one in typed]
    first = next((card.share for card in read if not card.trouble and card.share), None)
    seen: set[int] = set()
    for place, card in enumerate(read):
        if card.trouble or card.share is None or first is None:
            continue
        if card.share.common_parameters() != first.common_parameters():
            read[place] = card._replace(trouble="other_set")
        elif card.number in seen:
            read[place] = card._replace(trouble="twice")
        else:
            seen.add(card.number)
    right = [" ".join(card.words) for card in read if not card.trouble]
    if len(right) < NEEDED:
        return None, read
    try:
        return combine_mnemonics(right[:NEEDED]), read
    except MnemonicError:  # each is whole, but they were not made together
        return None, [card if card.trouble else card._replace(trouble="wrong") for card in read]


_KNOWN = frozenset(WORDLIST)
# SLIP-0039: the first four letters of a word are its own.
_BY_START = {word[:4]: word for word in WORDLIST}


def _word(typed: str) -> str:
    return _BY_START.get(typed, typed)


def _likely(word: str) -> str:
    found = difflib.get_close_matches(word, WORDLIST, n=1, cutoff=0.6)
    return found[0] if found else ""
