"""The small broker's doors, on one port: SOAP, downloads, control."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from broker_sim.contract.kinds import Operation
from broker_sim.contract.limits import BODY_MAX_BYTES
from broker_sim.contract.sessions import SESSIONS
from conformance.tests.small_broker import acts, files, soap, wsdl
from conformance.tests.small_broker.soap import Refused
from conformance.tests.small_broker.world import World

TOKEN: Final = "small"


class _TooLarge(Exception):  # noqa: N818  # an answer, not an error
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True
    world: World
    lock: threading.Lock

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name
        pass

    def _say(self, status: int, body: bytes, kind: str = "text/plain", **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/recordings/"):
            self._download(parts.path, parse_qs(parts.query))
        elif parts.path == SESSIONS.path and parts.query in ("wsdl", "wsdl12"):
            version = "1.2" if parts.query == "wsdl12" else "1.1"
            self._say(200, wsdl.document(version, self.world.base), "text/xml")
        elif parts.path.startswith("/_sim/"):
            self._control({}, parse_qs(parts.query))
        else:
            self._say(404, b"there is nothing here")

    do_HEAD = do_GET  # noqa: N815  # the name that http.server calls

    def do_POST(self) -> None:
        try:
            body = self._body()
        except _TooLarge:
            self.close_connection = True
            self._say(413, b"the body is too large", Connection="close")
            return
        except (OSError, ValueError):
            self.close_connection = True
            self._say(400, b"the body is not whole")
            return
        if self.path.startswith("/_sim/"):
            self._control(json.loads(body or b"{}"), {})
        elif self.path == SESSIONS.path and self.command == "POST":
            self._soap(body)
        else:
            self._say(405, b"that cannot be done here", Allow="POST, GET")

    do_PUT = do_DELETE = do_POST  # noqa: N815  # the names that http.server calls

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            whole = b""
            while size := int(self.rfile.readline(), 16):
                if len(whole) + size > BODY_MAX_BYTES:
                    raise _TooLarge
                whole += self.rfile.read(size)
                self.rfile.readline()
            return whole
        size = int(self.headers.get("Content-Length") or 0)
        if size > (10 if self.path.startswith("/_sim/") else 1) * BODY_MAX_BYTES:
            raise _TooLarge
        body = self.rfile.read(size)
        if len(body) < size:
            raise ValueError(size)
        return body

    def _soap(self, body: bytes) -> None:
        kind, _, more = self.headers.get("Content-Type", "").partition(";")
        version = {media: v for v, media in soap.MEDIA.items()}.get(kind.strip())
        charset = re.search(r"charset=\"?([\w-]+)", more)
        known = charset is None or charset[1].lower() in ("utf-8", "us-ascii")
        if version is None or not known or self.headers.get("Content-Encoding"):
            self._say(415, b"send XML in UTF-8, as it is")
            return
        said = f"{soap.MEDIA[version]}; charset=utf-8"
        name = None
        try:
            operation, arguments = soap.read(body, version)
            name = operation.name
            with self.lock:
                value = self._called(operation, arguments)
            self._say(200, soap.answer(operation, value, version), said)
        except Refused as refused:
            status = 500 if version == "1.1" else 400
            self._say(status, soap.refusal(refused, version), said)
        with self.lock:
            number = len(self.world.journal) + 1
            self.world.journal.append({"number": number, "operation": name})

    def _called(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        return getattr(self.world, operation.handler)(**arguments)

    def _control(self, body: Mapping[str, Any], query: Mapping[str, list[str]]) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, b'{"error": "a token is needed"}', "application/json")
            return
        path = [unquote(part) for part in urlsplit(self.path).path.split("/")[2:]]
        after = int(query.get("after", ["0"])[0])
        status = 200
        try:
            with self.lock:
                told = acts.control(self.world, self.command, path, body, after)
        except Refused as refused:
            status, told = 409, {"fault": refused.code}
        except KeyError as missing:
            status, told = 404, {"error": f"there is no {missing}"}
        self._say(status, json.dumps(told).encode(), "application/json")

    def _download(self, path: str, query: Mapping[str, list[str]]) -> None:
        found = re.fullmatch(r"/recordings/(\d+)/([\w.]+)", path)
        try:
            assert found is not None
            number, name = int(found[1]), found[2]
            until = datetime.fromisoformat(query["until"][0])
            good = query["signature"][0] == files.signature(number, name, until)
            with self.lock:
                assert good
                assert self.world.now < until
                body = self.world.bodies[number][name][1]
        except (AssertionError, KeyError, ValueError):
            self._say(403, b"this URL is not good, or no longer")
            return
        self._send_range(body)

    def _send_range(self, body: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self._say(200, body, "application/octet-stream", Accept_Ranges="bytes")
            return
        start = int(asked[1]) if asked[1] else max(0, len(body) - int(asked[2]))
        end = min(int(asked[2] or len(body) - 1) if asked[1] else len(body) - 1, len(body) - 1)
        if start > end:
            self._say(416, b"there is no such part", Content_Range=f"bytes */{len(body)}")
            return
        told = f"bytes {start}-{end}/{len(body)}"
        self._say(206, body[start : end + 1], "application/octet-stream", Content_Range=told)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def small_broker(world: World | None = None) -> Iterator[str]:
    """Run the small broker; give its base URL. Its control API has the token `small`.

    A `world` of another class makes it a wrong one.
    """
    world = world or World()
    handler = type("Handler", (_Handler,), {"world": world, "lock": threading.Lock()})
    server = _Server(("127.0.0.1", 0), handler)
    world.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield world.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
