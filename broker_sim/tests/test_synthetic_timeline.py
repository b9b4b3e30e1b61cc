"""When the past was posted: growing, inside its span, linked where it was transferred."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.synthetic import past
from broker_sim.synthetic.company import plan
from broker_sim.tests.synthetic_sessions import END, START, seeds, some

MS = timedelta(milliseconds=1)
counts = st.integers(1, 3_000)
spans = st.integers(60, 90 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(seeds, st.integers(1, 700))
def test_no_transfer_leads_out_of_the_past(seed: int, count: int) -> None:
    """SESS-3: with an odd number of sessions too, the last is not half of a pair."""
    pairs = {pair for index in range(count) if (pair := past.partner(seed, index, count))}

    assert all(second < count for _, second in pairs)
    for first, second in pairs:
        assert past.partner(seed, first, second) is None
        assert past.partner(seed, first, second + 1) == (first, second)


def test_a_successor_is_posted_at_the_transfer() -> None:
    """SESS-3: in a past of common density B's post is A's end."""
    ids = {one.session_id: one for one in some()}
    pairs = [(one, ids[one.transferred_to]) for one in ids.values() if one.transferred_to]

    assert len(pairs) >= 5
    assert all(gone.ended == came.posted for gone, came in pairs)


@given(seeds, counts, spans | st.integers(1, 3).map(lambda extra: extra * MS))
@settings(max_examples=60)
def test_posts_grow_with_the_index_inside_their_span(
    seed: int, count: int, span: timedelta
) -> None:
    """SESS-5: ids grow with time, in [start, end), however dense the past is."""
    end = START + count * MS + span
    posts = [past.posted_at(seed, index, count, START, end) for index in range(count)]

    assert posts[0] >= START
    assert posts[-1] < end
    assert all(before < after for before, after in pairwise(posts))
    assert all(post.microsecond % 1000 == 0 for post in posts)


def test_a_span_with_less_than_a_millisecond_each_is_refused() -> None:
    """A past that cannot be laid out says so, and so does an index that is not in it."""
    with pytest.raises(ValueError, match="no room"):
        past.posted_at(1, 0, 1000, START, START + 1000 * MS)
    with pytest.raises(ValueError, match="no session 5"):
        past.posted_at(1, 5, 5, START, END)
    with pytest.raises(ValueError, match="no session -1"):
        past.posted_at(1, -1, 5, START, END)
    assert past.posted_at(1, 999, 1000, START, START + 1001 * MS) < START + 1001 * MS


def test_office_hours_are_busier_than_nights() -> None:
    """Two thirds and more of a working week's posts lie between 8 and 18 o'clock."""
    posts = [one.posted for one in some()]
    office = [post for post in posts if 8 <= post.hour < 18 and post.weekday() < 5]

    assert len(office) > len(posts) * 2 / 3


def test_a_past_that_ends_early_enough_holds_nothing_of_the_future() -> None:
    """RET-1: what is over is over before now; the last change of all is before the edge."""
    edge = END - past.LONGEST
    rows = past.rows(9, plan(9), range(3000), first_id=1, count=3000, start=START, end=edge)

    assert all(at < END for row in rows for _, at in row.changes)
