"""What can be said of an account. Bodies are MessagePack of these structs; `tag` is the entry's kind. Pure.

A verifier never stands bare in the journal: journals travel to other islands and on sticks, and a PIN of six figures
falls to whoever can try all of them. It is sealed under a key that does not travel (`verifier.py`).
"""

from typing import Literal

import msgspec

__all__ = ["ROLES", "AccountCreated", "AccountDisabled", "AccountFact", "PasswordChanged", "Role", "subject"]

Role = Literal[
    "nurse", "physician", "pharmacist", "radiographer", "laboratory", "clerk", "crisis", "it", "auditor", "midwife",
    "assistant", "other",
]  # fmt: skip

ROLES: tuple[Role, ...] = (
    "nurse", "physician", "pharmacist", "radiographer", "laboratory", "clerk", "crisis", "it", "auditor", "midwife",
    "assistant", "other",
)  # fmt: skip


class AccountCreated(msgspec.Struct, frozen=True, kw_only=True, tag="account.created.1"):
    """Somebody may enter. Said again for the same code, it restates name, role and wards (a person moves ward).

    `code` is what the badge carries; `wards` are the UF codes she works in; `verifier_sealed` is made by
    `verifier.seal`.
    """

    code: str
    family: str
    given: str
    role: Role
    wards: tuple[str, ...] = ()
    verifier_sealed: bytes

    @property
    def person(self) -> str:
        """The subject this is folded with."""
        return subject(self.code)


class AccountDisabled(msgspec.Struct, frozen=True, kw_only=True, tag="account.disabled.1"):
    """This account enters no more; what she wrote stays hers."""

    code: str
    reason: str = ""

    @property
    def person(self) -> str:
        """The subject this is folded with."""
        return subject(self.code)


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True, tag="account.password-changed.1"):
    """The account has another code or password."""

    code: str
    verifier_sealed: bytes

    @property
    def person(self) -> str:
        """The subject this is folded with."""
        return subject(self.code)


AccountFact = AccountCreated | AccountDisabled | PasswordChanged


def subject(code: str) -> str:
    """Return the subject under which an account's entries are folded."""
    return f"account:{code}"
