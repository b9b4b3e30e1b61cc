"""Shapes of JSON values: what a route takes and gives, said once.

A shape is a JSON Schema (2020-12) of the few words below. Bodies are checked by it, and the
OpenAPI document shows it. One with a title stands there once, under that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

Shape: TypeAlias = Mapping[str, Any]

MOST: Final = 2**63 - 1
TEXT: Final[Shape] = {"type": "string", "minLength": 1}
ANY_TEXT: Final[Shape] = {"type": "string"}
FLAG: Final[Shape] = {"type": "boolean"}
NUMBER: Final[Shape] = {"type": "number"}
INSTANT: Final[Shape] = {
    "title": "Instant",
    "type": "string",
    "format": "date-time",
    "description": "from 1971 to 8999; one without a zone is read as UTC",
    "examples": ["2030-01-15T09:00:00Z"],
}
ANYTHING: Final[Shape] = {}


def whole(least: int = 0, most: int = MOST) -> Shape:
    """Give the shape of a whole number from `least` to `most`."""
    return {"type": "integer", "minimum": least, "maximum": most}


def words(*known: str) -> Shape:
    """Give the shape of one of these words."""
    return {"type": "string", "enum": list(known)}


def listed(item: Shape) -> Shape:
    """Give the shape of a list of such values."""
    return {"type": "array", "items": item}


def by_name(value: Shape) -> Shape:
    """Give the shape of an object with such values under any names."""
    return {"type": "object", "additionalProperties": value}


def or_null(shape: Shape) -> Shape:
    """Give the shape of such a value or null."""
    if "type" not in shape or "title" in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    known = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **known}


def taken(title: str, needed: Mapping[str, Shape], **may: Shape) -> Shape:
    """Give the shape of a body: what it needs, and what it may have; null is as good as nothing."""
    optional = {name: or_null(shape) for name, shape in may.items()}
    return _object(title, {**needed, **optional}, tuple(needed))


def one_of(title: str, member: str, kinds: Sequence[Shape]) -> Shape:
    """Give the shape of an object that is of one of these kinds; `member` says of which.

    Each kind has under `member` an enum of one word.
    """
    return {"title": title, "oneOf": kinds, "discriminator": {"propertyName": member}}


def given(title: str, /, **holds: Shape) -> Shape:
    """Give the shape of an answer: it has all of these and nothing else."""
    return _object(title, holds, tuple(holds))


def _object(title: str, properties: Mapping[str, Shape], required: Sequence[str]) -> Shape:
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def check(shape: Shape, value: Any) -> None:
    """Accept a body of that shape.

    Raises:
        ValueError: it has another; the first mistake, in a sentence.
    """
    for mistake in mistakes(shape, value, ""):
        raise ValueError(mistake)


def mistakes(shape: Shape, value: Any, name: str) -> Iterator[str]:
    """Give what is wrong with a value, one sentence for each mistake.

    Args:
        shape: what it should be.
        value: what it is.
        name: where it stands, as in `wanted[2].operation`; empty for the body itself.
    """
    if "oneOf" in shape:
        yield from _of_kind(shape, value, name)
        return
    if "anyOf" in shape and all(any(mistakes(one, value, name)) for one in shape["anyOf"]):
        yield _alternatives(shape["anyOf"], value, name)
        return
    types = shape.get("type", ())
    types = (types,) if isinstance(types, str) else types
    if types and not any(_IS[one](value) for one in types):
        yield f"{_called(name)} must be {_wanted(shape)}"
    elif value is not None:
        yield from _closer(shape, value, name)


def _closer(shape: Shape, value: Any, name: str) -> Iterator[str]:
    """Look at a value of the right type."""
    match value:
        case dict():
            yield from _of_object(shape, value, name)
        case list() if "items" in shape:
            for place, item in enumerate(value):
                yield from mistakes(shape["items"], item, f"{name}[{place}]")
        case _ if not _fits(shape, value):
            yield f"{_called(name)} must be {_wanted(shape)}"


def _of_object(shape: Shape, value: Mapping[str, Any], name: str) -> Iterator[str]:
    inside = f"{name}." if name else ""
    known = shape.get("properties", {})
    for wanted in shape.get("required", ()):
        if wanted not in value:
            shape_of = known.get(wanted, {})
            yield f"{_called(inside + wanted)} must be {_wanted(shape_of)}, and is missing"
    rest = shape.get("additionalProperties", True)
    for key, inner in value.items():
        if key in known:
            yield from mistakes(known[key], inner, inside + key)
        elif rest is False:
            there = ", ".join(map(repr, known)) or "nothing"
            yield f"{_called(inside + key)} is not known here; known is {there}"
        elif rest is not True:
            yield from mistakes(rest, inner, inside + key)


def _of_kind(shape: Shape, value: Any, name: str) -> Iterator[str]:
    """Look at an object that says itself of which kind it is."""
    member = shape["discriminator"]["propertyName"]
    kinds = {kind["properties"][member]["enum"][0]: kind for kind in shape["oneOf"]}
    if not isinstance(value, dict):
        yield f"{_called(name)} must be {_SAID['object']}"
    elif not isinstance(value.get(member), str) or value[member] not in kinds:
        inside = f"{name}." if name else ""
        yield f"{_called(inside + member)} must be one of {', '.join(kinds)}"
    else:
        yield from mistakes(kinds[value[member]], value, name)


def _fits(shape: Shape, value: Any) -> bool:
    if "enum" in shape:
        return value in shape["enum"]
    if isinstance(value, str):
        long_enough = len(value) >= shape.get("minLength", 0)
        alike = re.search(shape.get("pattern", ""), value) is not None
        return long_enough and alike and (shape.get("format") != "date-time" or _is_instant(value))
    return bool(shape.get("minimum", value) <= value <= shape.get("maximum", value))


def _is_instant(text: str) -> bool:
    try:
        return 1971 <= datetime.fromisoformat(text).year <= 8999
    except ValueError:
        return False


def _alternatives(shapes: Sequence[Shape], value: Any, name: str) -> str:
    """Tell the mistake where one kind of value is possible, else all that is."""
    needs = [shape["required"] for shape in shapes if set(shape) == {"required"}]
    if len(needs) == len(shapes):
        return f"say {' or '.join(repr(one) for (one,) in needs)}"
    other = [shape for shape in shapes if shape.get("type") != "null"]
    if len(other) == 1:
        return next(mistakes(other[0], value, name))
    return f"{_called(name)} must be {' or '.join(map(_wanted, shapes))}"


def _called(name: str) -> str:
    return repr(name) if name else "the body"


def _wanted(shape: Shape) -> str:
    """Say what a value should be."""
    if "enum" in shape:
        return f"one of {', '.join(str(word) for word in shape['enum'] if word is not None)}"
    if shape.get("format") == "date-time":
        return "an instant like 2026-01-25T08:07:29Z, from 1971 to 8999"
    if "maximum" in shape:
        return f"a whole number from {shape['minimum']} to {shape['maximum']}"
    types = shape.get("type", ())
    types = (types,) if isinstance(types, str) else types
    said = " or ".join(_SAID[one] for one in types if one != "null") or "something else"
    return f"{said} of {shape['description']}" if "pattern" in shape else said


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_IS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _is_number,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_SAID: Final[Mapping[str, str]] = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a JSON object",
}
