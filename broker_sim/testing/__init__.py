"""For those who embed a broker in their tests.

from broker_sim.testing import running_broker

with running_broker(seed=7) as broker:
    client = zeep.Client(broker.wsdl_url)

pytest has the same as a fixture, `broker`: see `plugin`. What is named here is imported when it
is first asked for, because pytest imports this package in every run, of everybody who has
installed it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from broker_sim.testing.clock import ClockInHand
    from broker_sim.testing.running import RunningBroker, running_broker
    from broker_sim.testing.seam import NoSuchPlace, Overlay, Seam, replaced
    from broker_sim.testing.world import BrokerWorld

__all__ = [
    "BrokerWorld",
    "ClockInHand",
    "NoSuchPlace",
    "Overlay",
    "RunningBroker",
    "Seam",
    "replaced",
    "running_broker",
]

_MODULES: Final = {
    "BrokerWorld": "world",
    "ClockInHand": "clock",
    "NoSuchPlace": "seam",
    "Overlay": "seam",
    "RunningBroker": "running",
    "Seam": "seam",
    "replaced": "seam",
    "running_broker": "running",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
