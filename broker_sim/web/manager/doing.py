"""How a form of the Management Center is taken: do it and go on, or show again what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from flask import Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused
from broker_sim.web.manager import access
from broker_sim.web.pages import given

Found = TypeVar("Found")
_NOTHING: Final = "There is no such thing here, or it is not yours to see."
# What is wrong, by the name of the field that it stands beside.
Problems: TypeAlias = Mapping[str, str]


def tried(
    do: Callable[[], object],
    done: Callable[[], AnyResponse],
    again: Callable[[Problems], AnyResponse],
) -> AnyResponse:
    """Do it; show the form again where a value was refused.

    Raises:
        Refused: for anything but a value, which the error page says.
    """
    try:
        do()
    except Refused as refused:
        if refused.fault is not faults.INVALID_ARGUMENT:
            raise
        return again({refused.extra["field"]: refused.extra["reason"]})
    except ValueError as problem:
        return again({"form": str(problem)})
    return done()


def gone_on(endpoint: str, **where: Any) -> AnyResponse:
    """Send the browser to a page that says that it was done."""
    return redirect(url_for(endpoint, done="yes", **where), 303)


def page(template: str, problems: Problems | None = None, **shown: Any) -> Response:
    """Show a page, and what is wrong on it."""
    done = given().get("done", "") == "yes" and not problems
    html = render_template(
        f"manager/{template}", problems=problems or {}, typed=given(), done=done, **shown
    )
    return Response(html, 400 if problems else 200)


def confirm(
    title: str,
    text: str,
    button: str,
    to: str,
    back: tuple[str, Mapping[str, Any]],
    problems: Problems | None = None,
    **fields: str,
) -> Response:
    """Ask before what cannot be undone.

    Args:
        title: the question.
        text: what it means.
        button: what the answer is called.
        to: the endpoint that does it.
        back: the endpoint to go back to, and its fields.
        problems: why it was refused.
        fields: what goes with the answer.
    """
    shown: dict[str, Any] = {"title": title, "text": text, "button": button, "to": url_for(to)}
    there = url_for(back[0], **back[1])
    # no field is on the page that a problem could stand beside
    said = {"": "; ".join(problems.values()) + "."} if problems else None
    return page("confirm.html", said, **shown, fields=fields, back=there)


def is_read() -> bool:
    """Tell whether the page is only looked at."""
    return request.method != "POST"


def nothing() -> NotFound:
    """Give what says that there is no such page."""
    return NotFound(_NOTHING)


def me() -> str:
    """Give who does it."""
    return access.manager().email


def field(name: str) -> str:
    """Give a field as it was typed, without blanks around it."""
    return given().get(name.lower(), "").strip()


def seen() -> str | None:
    """Give the mark of what the form showed; None where it carries none."""
    return field("seen") or None


def number(name: str) -> int:
    """Give a field that is to be a whole number; 0 where it is none, which no field takes."""
    typed = field(name)
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def many(prefix: str) -> list[str]:
    """Give the values of all fields whose name begins so, in the order of the page."""
    carried = given()
    return [carried[name] for name in carried if name.startswith(prefix.lower())]


def found(find: Callable[[], Found]) -> Found:
    """Give what a page is about.

    Raises:
        NotFound: there is none, as far as who is logged in can see.
    """
    try:
        return find()
    except Refused as refused:
        if refused.fault is not faults.INVALID_ARGUMENT:
            raise
        raise nothing() from refused
