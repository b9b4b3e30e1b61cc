"""Default keys, a file for each portal and version, for the owner alone.

They open what the broker's own key protects, also when the broker is no longer asked. A
security key is never here.

Source: C-KEY-1, REC-8.
"""

from __future__ import annotations

import re
from pathlib import Path

from integration.crashpoint import point
from integration.durable import Lock, make_folder, write


class Keychain:
    """The folder `keys` beside the archives."""

    def __init__(self, storage: Path) -> None:
        self._folder = storage / "keys"

    def path(self, portal: str, version: int) -> Path:
        """Where the key of a portal and version lies."""
        safe = re.sub(r"[^A-Za-z0-9-]", "_", portal)
        return self._folder / f"default-{safe}-{version}.key"

    def has(self, portal: str, version: int) -> bool:
        """Whether the key is here."""
        return self.path(portal, version).is_file()

    def keep(self, portal: str, version: int, key: bytes) -> None:
        """Keep a key, as hex digits; several threads and programs may do so at once."""
        make_folder(self._folder)
        self._folder.chmod(0o700)
        with Lock(self._folder / ".lock").held():
            write(self.path(portal, version), key.hex().encode() + b"\n", mode=0o600)
        point("key-kept")

    def read(self, portal: str, version: int) -> bytes:
        """Give a key.

        Raises:
            FileNotFoundError: it is not here.
            ValueError: the file does not hold a key.
        """
        return bytes.fromhex(self.path(portal, version).read_text("ascii"))
