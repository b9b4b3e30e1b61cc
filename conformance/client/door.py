"""The suite's own brokers: only here the client direction touches the simulator, to start it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.target import Description


@contextmanager
def own_door(seed: int, *, tls: bool = False) -> Iterator[Description]:
    """Run a broker in this process, worlds to be made by its control API; tell how to reach it."""
    from broker_sim.testing import running_broker  # noqa: PLC0415  # heavy; help must not wait

    with running_broker(seed=seed, tls=tls) as broker:
        yield Description(
            broker.url, ca=broker.ca_file, control=broker.control_url, token=broker.control_token
        )


def foreign_authority() -> bytes:
    """Give the certificate of an authority that has signed nothing of ours, PEM."""
    with own_door(1, tls=True) as door:
        assert door.ca is not None
        return door.ca.read_bytes()
