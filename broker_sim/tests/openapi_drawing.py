"""Values drawn by the shapes of the control API: right ones, and right ones spoilt in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

Shape = Mapping[str, Any]
Hints = Mapping[str, st.SearchStrategy[Any]]

_LEAST, _MOST = datetime(1971, 1, 2), datetime(8999, 12, 30)  # noqa: DTZ001  Hypothesis adds the zone
INSTANTS = st.datetimes(_LEAST, _MOST, timezones=st.just(UTC)).map(datetime.isoformat)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number % 1 != 0)
    | st.text(max_size=8)
)
NAMES = st.text(max_size=5)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


# What lies just beside many a shape.
EDGES: st.SearchStrategy[Any] = st.sampled_from(
    ["", 0, -1, 2**63, 0.5, True, "soon", "1970-12-31", "9000-01-01", None, [], {}, [""], [None]]
)


def right(shape: Shape, hints: Hints, name: str = "") -> st.SearchStrategy[Any]:
    """Draw a value of that shape.

    Args:
        shape: its schema, references resolved.
        hints: what to draw for a property of this name, wherever it stands.
        name: of the property that the value is for.
    """
    if name in hints:
        return hints[name]
    if "oneOf" in shape or ("anyOf" in shape and "properties" not in shape):
        kinds = shape.get("oneOf") or shape["anyOf"]
        return st.one_of([right(one, hints, name) for one in kinds])
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    types = shape.get("type", "anything")
    types = [types] if isinstance(types, str) else types
    return st.one_of([_of_type(one, shape, hints) for one in types])


def _of_type(kind: str, shape: Shape, hints: Hints) -> st.SearchStrategy[Any]:
    least, most = shape.get("minimum"), shape.get("maximum")
    drawn: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "string": lambda: _string(shape),
        "boolean": st.booleans,
        "integer": lambda: st.integers(least, most),
        "number": lambda: st.floats(least, most, allow_nan=False, allow_infinity=False),
        "array": lambda: st.lists(right(shape.get("items", {}), hints), max_size=3),
        "object": lambda: _object(shape, hints),
        "null": st.none,
    }
    return drawn.get(kind, lambda: ANYTHING)()


def _string(shape: Shape) -> st.SearchStrategy[str]:
    if shape.get("format") == "date-time":
        return INSTANTS
    if "pattern" in shape:
        return st.from_regex(str(shape["pattern"]), fullmatch=True).filter(_is_a_line)
    return st.text(min_size=shape.get("minLength", 0), max_size=12)


def _is_a_line(text: str) -> bool:
    return "\n" not in text


def _object(shape: Shape, hints: Hints) -> st.SearchStrategy[dict[str, Any]]:
    known = shape.get("properties", {})
    needed = {name: right(known[name], hints, name) for name in shape.get("required", ())}
    rest = {name: right(one, hints, name) for name, one in known.items() if name not in needed}
    drawn: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(needed, optional=rest)
    more = shape.get("additionalProperties", True)
    if not known and more is not False:
        inner = right({} if more is True else more, hints)
        drawn = st.dictionaries(NAMES, inner, max_size=3)
    return drawn


@st.composite
def spoilt(draw: st.DrawFn, shape: Shape, hints: Hints) -> Any:
    """Draw a value that is right but for one place: missing, too much, or something else."""
    value = draw(right(shape, hints))
    if not isinstance(value, dict) or draw(st.integers(0, 9)) == 0:
        return draw(EDGES | ANYTHING)
    name = draw(st.sampled_from([*value, "odd"]))
    if name in value and draw(st.booleans()):
        del value[name]
    else:
        value[name] = draw(EDGES | ANYTHING)
    return value
