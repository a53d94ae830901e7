"""Who may open what is written under DATA: one account, or a group of accounts with one for each process.

By default nobody but the account that wrote it. `RELEVE_SHARE=group` (the systemd units of `deploy/` set it) lets the
accounts of one group read, and write where several do: blobs, sockets. Keys are never shared this way.
"""

import os

__all__ = ["COMMON_FOLDER", "FILE", "FOLDER", "KEY", "OTHERS", "SHARED", "SOCKET"]

SHARED = os.environ.get("RELEVE_SHARE") == "group"
FILE = 0o640 if SHARED else 0o600
FOLDER = 0o750 if SHARED else 0o700
COMMON_FOLDER = 0o770 if SHARED else 0o700  # several accounts write in it
SOCKET = 0o660 if SHARED else 0o600
KEY = 0o600
OTHERS = 0o007 if SHARED else 0o077  # rights that nobody may have on what is private
