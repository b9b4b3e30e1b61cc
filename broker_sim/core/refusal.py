"""How a rule says no."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from broker_sim.contract.kinds import Fault


class Refused(Exception):  # noqa: N818  a refusal is the product's answer, not our error
    """The contract's answer to a call that it does not grant.

    Attributes:
        fault: which refusal.
        extra: the fault's extra fields by their Python names; complete.

    Source: FAULT-1.
    """

    def __init__(self, fault: Fault, **extra: Any) -> None:
        wanted = {field.name for field in fault.extra}
        if wanted != set(extra):
            msg = f"{fault.code} takes {sorted(wanted)}, got {sorted(extra)}"
            raise ValueError(msg)
        super().__init__(fault.code)
        self.fault = fault
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.fault.code}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The fault's sentence with its extra fields filled in."""
        shown = {name: _shown(value) for name, value in self.extra.items()}
        return self.fault.text.format(**shown)


def _shown(value: object) -> object:
    """Give an instant as the wire writes it; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
