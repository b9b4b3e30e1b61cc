"""What is said of a body that has another shape than was declared."""

from __future__ import annotations

from typing import Any

import pytest

from broker_sim.control.shapes import (
    ANY_TEXT,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    Shape,
    by_name,
    check,
    listed,
    one_of,
    or_null,
    taken,
    whole,
    words,
)

_THING = taken("Thing", {"name": TEXT}, sizes=listed(whole(1, 9)), on=FLAG, at=INSTANT)
_ACT = one_of("Act", "act", [taken("Say", {"act": words("say"), "text": ANY_TEXT})])
_STEP: Shape = {
    **taken("Step", {}, by=NUMBER, to=INSTANT),
    "anyOf": [{"required": ["by"]}, {"required": ["to"]}],
}


@pytest.mark.parametrize(
    ("shape", "body", "sentence"),
    [
        (_THING, [], "the body must be a JSON object"),
        (_THING, {}, "'name' must be a text, and is missing"),
        (_THING, {"name": ""}, "'name' must be a text"),
        (_THING, {"name": 5}, "'name' must be a text"),
        (_THING, {"name": "x", "on": 1}, "'on' must be true or false"),
        (_THING, {"name": "x", "sizes": 1}, "'sizes' must be a list"),
        (_THING, {"name": "x", "sizes": [1, 0]}, "'sizes[1]' must be a whole number from 1 to 9"),
        (_THING, {"name": "x", "sizes": [True]}, "'sizes[0]' must be a whole number from 1 to 9"),
        (
            _THING,
            {"name": "x", "at": "soon"},
            "'at' must be an instant like 2026-01-25T08:07:29Z, from 1971 to 8999",
        ),
        (INSTANT, "1970-12-31T23:59:59.999Z", "the body must be an instant like"),
        (INSTANT, "9000-01-01", "the body must be an instant like"),
        (
            _THING,
            {"name": "x", "colour": 1},
            "'colour' is not known here; known is 'name', 'sizes', 'on', 'at'",
        ),
        (_ACT, {"act": "sing"}, "'act' must be one of say"),
        (_ACT, {"act": ["say"]}, "'act' must be one of say"),
        (_ACT, {}, "'act' must be one of say"),
        (_ACT, "say", "the body must be a JSON object"),
        (_ACT, {"act": "say"}, "'text' must be a text, and is missing"),
        (_STEP, {}, "say 'by' or 'to'"),
        (by_name(FLAG), {"x": 1}, "'x' must be true or false"),
        (taken("Outer", {"inner": _THING}), {"inner": {}}, "'inner.name' must be a text"),
        ({"anyOf": [TEXT, whole(0, 5)]}, [], "the body must be a text or a whole number from 0"),
    ],
)
def test_the_first_mistake_is_named_where_it_stands(shape: Shape, body: Any, sentence: str) -> None:
    """FAULT-1: by the name that the caller wrote, with what was wanted."""
    with pytest.raises(ValueError, match=r".") as refused:
        check(shape, body)

    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (_THING, {"name": "x"}),
        (_THING, {"name": "x", "sizes": None, "on": None, "at": None}),
        (_THING, {"name": "x", "sizes": [1, 9], "on": True, "at": "2030-01-15"}),
        (INSTANT, "1971-01-01T00:00:00Z"),
        (INSTANT, "8999-12-31T23:59:59.999Z"),
        (_ACT, {"act": "say", "text": ""}),
        (_STEP, {"by": 1.5}),
        (or_null(words("a", "b")), None),
        (or_null(words("a", "b")), "b"),
    ],
)
def test_what_is_right_passes(shape: Shape, body: Any) -> None:
    """Null is as good as nothing, where nothing is needed."""
    check(shape, body)
