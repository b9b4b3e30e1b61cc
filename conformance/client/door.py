"""The suite's own brokers: only here the client direction touches the simulator, to start it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


@contextmanager
def showing_any() -> Iterator[tuple[Description, Callable[[str], None]]]:
    """Run another broker with TLS, of an authority of its own.

    Gives how to reach it, and what lets it show a certificate from then on: "good", or one of the
    kinds that clients must refuse, see docs/faults.md.
    """
    from broker_sim.testing import running_broker  # noqa: PLC0415  heavy; help must not wait

    with running_broker(seed=1, tls=True) as broker:
        assert broker.worlds.tls is not None
        yield (
            Description(
                broker.url,
                ca=broker.ca_file,
                control=broker.control_url,
                token=broker.control_token,
            ),
            broker.worlds.tls.show,
        )
