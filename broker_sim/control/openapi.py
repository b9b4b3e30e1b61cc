"""The control API as an OpenAPI 3.1 document, made from what the routes declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from broker_sim.control.routes import Route, Routes, Told
from broker_sim.control.shapes import ANYTHING, TEXT, Shape, by_name, given

_VERSION: Final = "1"  # of the control API; a call that changes its meaning makes a new one
_ABOUT: Final = (
    "The tester's hand on a running broker-sim: worlds, time, acts, faults, journal. Every call"
    " that is about a world exists twice: for the default world, and below /_sim/worlds/NAME."
    " `broker-sim env` shows URL and token."
)
_ERROR: Final = given("Error", error=TEXT)
_REFUSAL: Final[Shape] = {
    **given("Refusal", fault=TEXT, message=TEXT),
    "description": "a fault of the contract, with its sentence and its own fields",
    "additionalProperties": True,
}
_ANSWERS: Final[Mapping[str, tuple[str, str, Shape]]] = {
    "400": ("Wrong", "something in the call is wrong; the answer names it", _ERROR),
    "401": ("Unauthorised", "the token is missing or wrong", _ERROR),
    "404": ("Missing", "there is nothing of that name", _ERROR),
    "409": ("Refused", "the rules of the product refuse it", _REFUSAL),
}
_PART: Final = re.compile(r"<(\w+)>")


def add(routes: Routes) -> None:
    """Register the route of the document."""

    @routes.whole("GET", "/openapi.json", gives=by_name(ANYTHING))
    def openapi() -> Told:
        """Give this document."""
        return document(routes.table)


def document(table: Iterable[Route]) -> Mapping[str, Any]:
    """Give the document of these routes."""
    known: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    answers = {name: _response(said, shape) for name, said, shape in _ANSWERS.values()}
    for route in table:
        for path in route.paths:
            place = paths.setdefault(_PART.sub(r"{\1}", path), {})
            place[route.method.lower()] = _lifted(_operation(route, path), known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "broker-sim control API", "version": _VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "responses": _lifted(answers, known),
            "schemas": dict(sorted(known.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, path: str) -> Mapping[str, Any]:
    summary = (route.does.__doc__ or "").partition("\n")[0]
    operation: dict[str, Any] = {
        "operationId": _name(route, path),
        "tags": [route.does.__module__.rpartition(".")[2]],
        "summary": summary.rstrip("."),
        "parameters": [
            *(_parameter(name, TEXT, "path") for name in _PART.findall(path)),
            *(_parameter(name, shape, "query") for name, shape in route.asks.items()),
        ],
        "responses": _responses(route, path),
    }
    if route.takes is not None:
        operation["requestBody"] = {
            "required": bool(route.takes.get("required") or "oneOf" in route.takes),
            "content": {"application/json": {"schema": route.takes}},
        }
    return operation


def _parameter(name: str, shape: Shape, place: str) -> Mapping[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": shape}


def _name(route: Route, path: str) -> str:
    """Give the operation's id: method and path in one word, as in postClockAdvanceInWorld."""
    words = re.findall("[A-Za-z]+", route.rule)
    name = route.method.lower() + "".join(word[0].upper() + word[1:] for word in words)
    return f"{name}InWorld" if "<world>" in path else name


def _responses(route: Route, path: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {"200": _response("done", route.gives)}
    codes = ["400", "401", *(["404"] if "<" in path else []), *(["409"] if route.refuses else [])]
    return found | {code: {"$ref": f"#/components/responses/{_ANSWERS[code][0]}"} for code in codes}


def _response(said: str, shape: Shape) -> Mapping[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": shape}}}


def _lifted(value: Any, known: dict[str, Any]) -> Any:
    """Give the same with a reference in the place of each shape that has a title.

    Raises:
        ValueError: two shapes have one title.
    """
    match value:
        case {"title": str(title)}:
            shape = {name: _lifted(one, known) for name, one in value.items() if name != "title"}
            if "discriminator" in shape:
                shape["discriminator"] = _kinds(value, shape)
            if known.setdefault(title, shape) != shape:
                msg = f"two shapes of the control API are called {title}"
                raise ValueError(msg)
            return {"$ref": f"#/components/schemas/{title}"}
        case Mapping():
            return {name: _lifted(one, known) for name, one in value.items()}
        case list() | tuple():
            return [_lifted(one, known) for one in value]
    return value


def _kinds(shape: Shape, lifted: Shape) -> Mapping[str, Any]:
    """Tell which word of the discriminating member means which of the shapes."""
    member = shape["discriminator"]["propertyName"]
    words = [kind["properties"][member]["enum"][0] for kind in shape["oneOf"]]
    references = [kind["$ref"] for kind in lifted["oneOf"]]
    return {"propertyName": member, "mapping": dict(zip(words, references, strict=True))}
