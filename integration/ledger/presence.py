"""Which programs work on a portal now, and what they last said; kept as facts in the ledger."""

from __future__ import annotations

import json
import os
from typing import Any, Final

from integration.ledger.journal import Ledger
from integration.ledger.view import View

_PREFIX: Final = "process "


class Presence:
    """This program's word about itself; every change is on the disk."""

    def __init__(self, ledger: Ledger, **fields: object) -> None:
        self._ledger = ledger
        self._fields: dict[str, object] = {"pid": os.getpid(), **fields}
        for name, told in ledger.facts().items():
            if name.startswith(_PREFIX) and not _alive(json.loads(told)):
                ledger.drop_fact(name)
        self.tell()

    def tell(self, **fields: object) -> None:
        """Say something new; other fields stay."""
        self._fields |= fields
        self._ledger.set_fact(f"{_PREFIX}{os.getpid()}", json.dumps(self._fields))

    def leave(self) -> None:
        """Say that the program ends."""
        self._ledger.drop_fact(f"{_PREFIX}{os.getpid()}")


def present(view: View) -> list[dict[str, Any]]:
    """Tell which programs are at work, with what they last said; killed ones are left out."""
    told = [json.loads(t) for name, t in view.facts().items() if name.startswith(_PREFIX)]
    return [fields for fields in told if _alive(fields)]


def _alive(fields: dict[str, Any]) -> bool:
    try:
        os.kill(int(fields["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
