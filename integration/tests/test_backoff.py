"""C-POLL-1: every N seconds, never faster, and backing off."""

from hypothesis import given
from hypothesis import strategies as st

from integration.core.backoff import SLACK, delay, next_poll

seconds = st.floats(0.1, 100)


@given(
    interval=st.floats(0.1, 60),
    works=st.lists(st.floats(0, 200), min_size=1, max_size=20),
    lates=st.lists(st.floats(0, 5), min_size=20, max_size=20),
)
def test_polls_are_due_on_a_grid_and_never_come_faster(
    interval: float, works: list[float], lates: list[float]
) -> None:
    """C-POLL-1: work and delays neither shift the grid nor bring two polls together."""
    due = began = 0.0
    for work, late in zip(works, lates, strict=False):
        following = next_poll(due, began, began + work, interval)
        steps = (following.due - due) / interval
        assert abs(steps - round(steps)) < 1e-6
        assert following.start - began >= interval * (1 - SLACK) - 1e-6
        assert following.start >= following.due >= began + work - 1e-6
        due, began = following.due, following.start + late


@given(interval=st.floats(0.1, 60), lates=st.lists(st.floats(0, 0.5), max_size=100))
def test_delays_do_not_add_up(interval: float, lates: list[float]) -> None:
    """C-POLL-1: after a while polls are on the grid again, and none is left out."""
    due = began = 0.0
    for late in [*lates, *[0.0] * 100]:
        following = next_poll(due, began, began, interval)
        assert abs(following.due - due - interval) < 1e-6
        due, began = following.due, following.start + late * interval * 0.01
    assert abs(due - (len(lates) + 100) * interval) < 1e-4
    assert began - due < 1e-4


@given(failures=st.integers(1, 1000), chance=st.floats(0, 0.999), first=seconds, cap=seconds)
def test_patience_grows_up_to_its_cap(
    failures: int, chance: float, first: float, cap: float
) -> None:
    """C-POLL-1: never negative, never over the cap, never shorter with more failures."""
    now = delay(failures, chance, first=first, cap=cap)

    assert 0 < now <= cap
    assert now <= delay(failures + 1, chance, first=first, cap=cap)
    assert now >= min(cap, first) / 2


def test_patience_doubles() -> None:
    """C-POLL-1: half a second, one, two, four."""
    assert [delay(n, 0.0) for n in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]
