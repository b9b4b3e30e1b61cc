"""How Hypothesis works here: the same in CI as at a desk, more at night; never a timed test.

pytest --hypothesis-profile=night
"""

import re
import signal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

# A machine may be busy: how long an example takes says nothing about what it tests. A seed
# is printed with every failure, so CI need not always draw the same examples.
_OURS = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("dev", _OURS)
settings.register_profile("ci", _OURS, max_examples=50)
settings.register_profile("night", _OURS, max_examples=1000)
# Is a changed rule seen? The same answer every time, and no search for the smallest example.
settings.register_profile(
    "mutation",
    _OURS,
    max_examples=50,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("dev")

# A run in the background ignores Ctrl-C, and so would the programs that it starts: tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where the tests in `broker_sim/tests/browsers` put their pictures."""
    parser.addoption(
        "--looks",
        metavar="FOLDER",
        default="report/looks",
        help="where tests in a browser put pictures of the pages (default: %(default)s)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those begin first that take minutes: none of them shall be left over at the end."""
    items.sort(key=_minutes, reverse=True)


def _minutes(item: pytest.Item) -> int:
    marked = item.get_closest_marker("slow")
    return marked.kwargs.get("minutes", 0) if marked else 0


@pytest.hookimpl(optionalhook=True)  # there is none without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadscope`, keep those tests of a file on one worker that share a parameter.

    Of the parameter "JAX-WS/1.1" they share what stands before the slash; all others go anywhere.
    Groups by xdist's own marker would do, but pytest 9.2 takes no notice of them.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415  an extra of the tests

    class Sharing(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            shared = re.search(r"\[(.+?)/", test)
            return f"{file}::{shared[1]}" if shared else nodeid

    return Sharing(config, log) if config.getvalue("dist") == "loadscope" else None
