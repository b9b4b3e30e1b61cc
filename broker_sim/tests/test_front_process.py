"""The front's process: how quickly it loads, and what it does without file descriptors."""

import subprocess
import sys

# The callers' sockets are there before files get scarce: it is the server that lacks one.
FEW_FILES = """
import logging, resource, socket, threading
from broker_sim.tests.raw_http import ask, get, serving
said = threading.Event()
class Told(logging.StreamHandler):
    def emit(self, record):
        super().emit(record)
        said.set()
logging.getLogger("broker_sim.front").addHandler(Told())
with serving() as server:
    ask(server, get("/echo"))
    callers = [socket.socket() for _ in range(20)]
    few = max(caller.fileno() for caller in callers) + 5
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))
    for caller in callers:
        caller.connect(("127.0.0.1", server.listeners[0].port))
    said.wait(10)
    for caller in callers:
        caller.close()
    print(ask(server, get("/echo")).status)
"""


def test_a_server_out_of_file_descriptors_recovers() -> None:
    """FAULT-2: 256 are what macOS gives; nobody waits for ever, and the log says why."""
    done = subprocess.run(
        [sys.executable, "-c", FEW_FILES], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout == "200\n"
    assert "cannot accept: [Errno 24]" in done.stderr


def test_the_front_is_quick_to_load() -> None:
    """The issue: `serve` answers within a second; what most starts do not need stays away."""
    code = (
        "import sys; import broker_sim.front.server, broker_sim.front.authority;"
        "sys.exit(len({'cryptography', 'flask', 'spyne', 'lxml', 'sqlalchemy'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
