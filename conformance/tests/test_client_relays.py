"""The suite's two proxies carry what goes through them, and count it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conformance.client.relays import running


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.path)))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def _server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_an_http_proxy_takes_absolute_urls_and_connect() -> None:
    """C-NET-1: plain requests and tunnels."""
    with _server() as port, running("http") as relay:
        host, _, number = relay.address.partition(":")
        with closing(HTTPConnection(host, int(number), timeout=5)) as plain:
            plain.request("GET", f"http://127.0.0.1:{port}/path?query")
            assert plain.getresponse().read() == b"/path?query"
        with closing(HTTPConnection(host, int(number), timeout=5)) as tunnel:
            tunnel.set_tunnel("127.0.0.1", port)
            tunnel.request("GET", "/other")
            assert tunnel.getresponse().read() == b"/other"

        assert relay.carried == 2


def test_a_socks_proxy_takes_names() -> None:
    """C-NET-1: SOCKS5, names resolved by the proxy."""
    with _server() as port, running("socks") as relay:
        host, _, number = relay.address.partition(":")
        with closing(socket.create_connection((host, int(number)), 5)) as spoken:
            spoken.sendall(b"\x05\x01\x00")
            assert spoken.recv(2) == b"\x05\x00"
            name = b"localhost"
            spoken.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2))
            assert spoken.recv(10)[:2] == b"\x05\x00"
            spoken.sendall(b"GET /by-name HTTP/1.0\r\n\r\n")
            answer = b""
            while data := spoken.recv(1000):
                answer += data

        assert answer.endswith(b"/by-name")
        assert relay.carried == 1
