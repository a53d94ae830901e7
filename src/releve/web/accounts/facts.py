"""What can be said of an account. Bodies are MessagePack of these structs; `tag` is the entry's kind. Pure.

A verifier never stands bare in the journal: journals travel to other islands and on sticks, and a PIN of six figures
falls to whoever can try all of them. It is sealed under a key that does not travel (`verifier.py`).
"""

from typing import Literal

import msgspec

__all__ = [
    "ROLES", "AccountCreated", "AccountDisabled", "AccountFact", "AccountReopened", "BadgeIssued", "ManagersNamed",
    "ManagersRemoved", "PasswordChanged", "PinChanged", "Role", "RppsStated", "subject",
]  # fmt: skip

Role = Literal[
    "nurse", "physician", "pharmacist", "radiographer", "laboratory", "clerk", "crisis", "it", "auditor", "midwife",
    "assistant", "other",
]  # fmt: skip

ROLES: tuple[Role, ...] = (
    "nurse", "physician", "pharmacist", "radiographer", "laboratory", "clerk", "crisis", "it", "auditor", "midwife",
    "assistant", "other",
)  # fmt: skip


class _OfAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Something said of one account.

    `signed_by`: the verifier keys whose signature on the entry holds; `nonce`: of these signatures. Never believed
    from the body: the reader sets them.
    """

    code: str
    signed_by: tuple[str, ...] = ()
    nonce: str = ""

    @property
    def person(self) -> str:
        """The subject this is folded with."""
        return subject(self.code)


class AccountCreated(_OfAccount, frozen=True, kw_only=True, tag="account.created.1"):
    """Somebody may enter. Said again for the same code, it restates name, role and wards (a person moves ward).

    Said again after a disabling, it does not open the account: that is `AccountReopened`.
    `code` is what the badge carries; `wards` are the UF codes she works in; `verifier_sealed` is made by
    `verifier.seal`. `until_ms`: UTC, after it the account enters no more (sealed envelopes). `sealed_by`: the two who
    issued a sealed emergency account. `once`: the password is another's choice and is changed at the first entry.
    """

    family: str
    given: str
    role: Role
    wards: tuple[str, ...] = ()
    verifier_sealed: bytes
    until_ms: int | None = None
    sealed_by: tuple[str, ...] = ()
    once: bool = False
    rpps: str = ""  # number in the national register, of the professions that have one


class AccountDisabled(_OfAccount, frozen=True, kw_only=True, tag="account.disabled.1"):
    """This account enters no more; what she wrote stays hers."""

    reason: str = ""


class AccountReopened(_OfAccount, frozen=True, kw_only=True, tag="account.reopened.1"):
    """This account enters again: the disabling named is lifted, and no other (another island may have made one)."""

    disabling: str  # ORIGIN/EPOCH#INDEX


class PasswordChanged(_OfAccount, frozen=True, kw_only=True, tag="account.password-changed.1"):
    """The account has another code or password; `once`: not her own choice, changed at the next entry."""

    verifier_sealed: bytes
    once: bool = False


class BadgeIssued(_OfAccount, frozen=True, kw_only=True, tag="account.badge.1"):
    """The account has this badge and this PIN for shared machines; an earlier badge opens nothing.

    `badge_sealed`: keyed digest of the badge's random symbol (see `badges.py`); empty: the badge is withdrawn (lost).
    """

    badge_sealed: bytes
    pin_sealed: bytes


class PinChanged(_OfAccount, frozen=True, kw_only=True, tag="account.pin-changed.1"):
    """The badge goes with another PIN."""

    pin_sealed: bytes


class RppsStated(_OfAccount, frozen=True, kw_only=True, tag="account.rpps.1"):
    """The account's number in the national register is this one, kept as typed; "" when it has none."""

    rpps: str


class ManagersNamed(msgspec.Struct, frozen=True, kw_only=True, tag="account.managers.1"):
    """The managers whose two signatures give power. The first of an island is its own root of trust.

    A later one counts only when two managers already trusted signed it.
    """

    keys: tuple[str, ...]  # C2SP verifier keys
    signed_by: tuple[str, ...] = ()
    nonce: str = ""

    @property
    def person(self) -> str:
        """The subject this is folded with: no code can begin so."""
        return "account:!managers"


class ManagersRemoved(msgspec.Struct, frozen=True, kw_only=True, tag="account.managers-removed.1"):
    """These keys give no power from here on: a manager left, or her card is lost. Two others sign it.

    `reach`: entries of each log (ORIGIN/EPOCH) that were known; what the keys signed among them stays.
    """

    keys: tuple[str, ...]
    reach: dict[str, int]
    reason: str
    signed_by: tuple[str, ...] = ()
    nonce: str = ""

    @property
    def person(self) -> str:
        """The subject of all that is said of managers."""
        return "account:!managers"


AccountFact = (
    AccountCreated
    | AccountDisabled
    | AccountReopened
    | PasswordChanged
    | BadgeIssued
    | PinChanged
    | RppsStated
    | ManagersNamed
    | ManagersRemoved
)


def subject(code: str) -> str:
    """Return the subject under which an account's entries are folded."""
    return f"account:{code}"
