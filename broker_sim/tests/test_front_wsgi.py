"""PEP 3333: an ordinary WSGI application behind the front is none the wiser."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from wsgiref.validate import validator

import flask
import pytest

from broker_sim.front.door import Route
from broker_sim.front.wsgi import built_once, environ, mount
from broker_sim.service.exchange import Request
from broker_sim.tests.raw_http import ask, get, post, serving

StartResponse = Callable[..., Callable[[bytes], None]]


def pages() -> flask.Flask:
    app = flask.Flask("pages")

    @app.route("/m/<name>", methods=["GET", "POST"])
    def page(name: str) -> flask.Response:
        said = flask.request.get_data().decode()
        answer = flask.make_response(f"{flask.request.method} {name} {said}", 201)
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer

    return app


def test_a_flask_application_answers() -> None:
    """PEP 3333: paths in UTF-8, bodies, several cookies, HEAD."""
    with serving(Route("/m", mount(pages().wsgi_app), below=True)) as server:
        posted = ask(server, post("/m/%C3%A4", b"body"))
        missing = ask(server, get("/m/a/b"))

    assert (posted.status, posted.body.decode()) == (201, "POST ä body")
    assert missing.status == 404


def test_what_wsgi_demands_is_kept() -> None:
    """PEP 3333: the standard library's own validator finds nothing."""
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield b"checked "
            yield b"answer"

        def close(self) -> None:
            closed.append(True)

    def application(said: dict[str, Any], start: Any) -> Iterable[bytes]:
        said["wsgi.errors"].write("a complaint\n")
        assert said["wsgi.input"].read(100) == b"abc"
        start("200 OK", [("Content-Type", "text/plain")])
        return Body()

    with serving(Route("/v", mount(validator(application)), below=True)) as server:
        answer = ask(server, post("/v/x", b"abc", "Content-Type: text/xml", "X-Odd_Name: 1"))

    assert answer.body == b"checked answer"
    assert closed == [True]


def test_how_a_request_is_said() -> None:
    """PEP 3333: decoded paths as latin-1, fields by their CGI names, the root moved off."""
    fields = {
        "host": "broker.example:8443",
        "content-type": "text/xml",
        "content-length": "2",
        "x-a": "1",
        "x_a": "forged",
    }
    said = environ(Request("POST", "/m/ä b", "q=%20", fields, b"ab", "192.0.2.1", "https"), "/m")

    assert said["SCRIPT_NAME"] == "/m"
    assert said["PATH_INFO"].encode("latin-1").decode() == "/ä b"
    assert said["QUERY_STRING"] == "q=%20"
    assert (said["SERVER_NAME"], said["SERVER_PORT"]) == ("broker.example", "8443")
    assert (said["CONTENT_TYPE"], said["CONTENT_LENGTH"]) == ("text/xml", "2")
    assert (said["HTTP_X_A"], said["REMOTE_ADDR"]) == ("1", "192.0.2.1")
    assert "HTTP_CONTENT_TYPE" not in said


@pytest.mark.parametrize(
    ("host", "scheme", "name", "port"),
    [
        ("a", "http", "a", "80"),
        ("a", "https", "a", "443"),
        ("[::1]:8080", "http", "::1", "8080"),
        ("a:port", "http", "a", "80"),
        (None, "http", "localhost", "80"),
    ],
)
def test_the_server_is_named_as_the_caller_names_it(
    host: str | None, scheme: str, name: str, port: str
) -> None:
    """PEP 3333: also when the Host field is odd or missing."""
    fields = {} if host is None else {"host": host}
    said = environ(Request("GET", "/", headers=fields, scheme=scheme))

    assert (said["SERVER_NAME"], said["SERVER_PORT"]) == (name, port)


def test_an_application_may_change_its_mind_and_may_write() -> None:
    """PEP 3333: start_response again in trouble; the old way of writing, first."""

    def application(_: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        try:
            raise ValueError  # noqa: TRY301  an application in trouble
        except ValueError as failure:
            trouble = (ValueError, failure, failure.__traceback__)
            start("503 Sorry", [("a", "b")], trouble)(b"written, ")
        return [b"returned"]

    with serving(Route("/w", mount(application))) as server:
        answer = ask(server, get("/w"))

    assert (answer.status, answer.headers["a"]) == (503, "b")
    assert answer.body == b"written, returned"


@pytest.mark.parametrize("times", [0, 2])
def test_a_broken_application_is_an_incident(times: int, caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-1: one that says no status, or two."""

    def application(_: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        for _nth in range(times):
            start("200 OK", [])
        return [b"a"]

    with serving(Route("/w", mount(application))) as server:
        assert ask(server, get("/w")).status == 500
    assert "the application" in caplog.text


def test_an_application_is_built_once_and_never_two_at_a_time() -> None:
    """Sixteen first calls of two applications at once: two are built, one after the other."""
    building, most, built = [0], [0], []

    def maker(name: str) -> Callable[[], Any]:
        def make() -> Any:
            building[0] += 1
            most[0] = max(most[0], building[0])
            Event().wait(0.02)
            building[0] -= 1
            built.append(name)
            return lambda _environ, _start: [name.encode()]

        return make

    applications = [built_once(maker(name)) for name in ("a", "b")]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: applications[n % 2]({}, None), range(16)))

    assert answers == [[b"a"], [b"b"]] * 8
    assert (sorted(built), most) == (["a", "b"], [1])
