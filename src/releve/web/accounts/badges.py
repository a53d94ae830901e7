"""The badge of a shared ward machine: a printed symbol that names its owner, and a PIN of six figures.

The symbol `RLV1|B|TOKEN` carries 80 random bits and nothing of the person. The journal holds a digest of it, keyed
with the island's account key, so that a journal alone neither finds nor makes a badge; the PIN's verifier is sealed as
a password's is (`verifier.py`). The PIN opens nothing without the badge.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise

__all__ = [
    "PIN_FIGURES", "PREFIX", "is_weak_pin", "new_pin", "new_token", "pin_name", "sealed_token", "symbol_of", "token_of",
]  # fmt: skip

PREFIX = "RLV1|B|"
PIN_FIGURES = 6
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: without I, L, O, U
_TOKEN = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_READ_AS: Mapping[int, str] = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})


def new_token() -> str:
    """Return the token of a new badge: 16 letters and figures, 80 random bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(16))


def symbol_of(token: str) -> str:
    """Return what the printed symbol says."""
    return PREFIX + token


def token_of(typed: str) -> str | None:
    """Return the token of a badge that was scanned or typed from below its symbol; None when it is none."""
    text = typed.strip().upper()
    scanned = text.startswith(PREFIX)
    if not scanned and not re.fullmatch(r"(\S{4}[- ]){3}\S{4}", text):
        return None
    bare = text.removeprefix(PREFIX).translate(_READ_AS)
    return bare if _TOKEN.fullmatch(bare) else None


def sealed_token(token: str, key: bytes) -> bytes:
    """Return the digest under which a badge is known on islands that hold this account key."""
    return hmac.new(key, b"badge:" + token.encode(), sha256).digest()


def pin_name(code: str) -> str:
    """Return the name that a PIN's verifier is bound to: it opens nothing as a password."""
    return f"{code}#pin"


def new_pin() -> str:
    """Return a random PIN that is not weak."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_FIGURES):06d}"
        if not is_weak_pin(pin):
            return pin


def is_weak_pin(pin: str) -> bool:
    """Tell whether a PIN is among those that people guess first.

    Few different figures, figures that follow each other, a group said again (123123, 121212), a date (day, month,
    year in either order; month and year).
    """
    if len(set(pin)) < 3 or pin in "0123456789012345" or pin in "9876543210987654":
        return True
    if pin[:3] in (pin[3:], pin[:2:-1]) or pin[:2] * 3 == pin:
        return True
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 or _is_date(pin)


def _is_date(pin: str) -> bool:
    first, middle, last = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    if 1 <= middle <= 12 and (1 <= first <= 31 or 1 <= last <= 31):
        return True
    return (1 <= first <= 12 and 1920 <= int(pin[2:]) <= 2039) or (
        1920 <= int(pin[:4]) <= 2039 and 1 <= last <= 12
    )
