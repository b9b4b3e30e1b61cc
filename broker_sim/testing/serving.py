"""The command line of `broker-sim`, but what it serves hashes passwords quickly.

For suites that log on thousands of times and judge something else by it:

    python -m broker_sim.testing.serving serve --home "$(mktemp -d)" --port 0

`broker-sim serve` has no option for that, and refuses to serve such a world later. This refuses a
world that hashes slowly: what was served to people gets no cheap password by a slip. SEC-1.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from broker_sim.adapters.passwords import FOR_TESTS
from broker_sim.bootstrap import chance
from broker_sim.service.storage import Store
from broker_sim.settings import UsageError
from broker_sim.testing.seam import Overlay, replaced

_SLOW: Final = (
    "a world that `broker-sim serve` has made is not for tests, where passwords are cheap: name"
    " another --store or --home"
)


def _marked(anew: Callable[..., chance.Entropy]) -> Callable[..., chance.Entropy]:
    """Note of every world that is made that it is for tests; its chance is a served one's."""

    def noting(store: Store, seed: int, *, for_tests: bool) -> chance.Entropy:
        if chance.kept_seed(store) is not None and not chance.was_for_tests(store):
            raise UsageError(_SLOW)
        given = anew(store, seed, for_tests=True)
        return given if for_tests else anew(store, seed, for_tests=False)

    return noting


def _none_is_refused(_was_opened_for_tests: object) -> Callable[[object], bool]:
    return lambda _broker: False


_QUICK: Final = (
    Overlay("broker_sim.bootstrap.broker.SERVED", lambda _cost: FOR_TESTS),
    Overlay("broker_sim.bootstrap.chance.anew", _marked),
    Overlay("broker_sim.bootstrap.broker.Broker.was_opened_for_tests", _none_is_refused),
)


def main(arguments: Sequence[str]) -> NoReturn:
    """Be the command, whose own name is the first argument, until it ends.

    Raises:
        SystemExit: with its exit code.
    """
    sys.argv[1:] = arguments
    with replaced(*_QUICK):
        runpy.run_module("broker_sim", run_name="__main__")
    raise AssertionError  # the command exits


if __name__ == "__main__":
    main(sys.argv[1:])
