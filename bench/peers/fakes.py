"""The peers as processes: npm's `soap`, WireMock, moto's server."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final

from bench.peers import place
from bench.peers.peer import Peer, ask
from bench.process import running
from broker_sim.contract.sessions import SESSIONS

_TRIES: Final = 600
_XML: Final = {"Content-Type": "text/xml; charset=utf-8"}
# moto learns from this which of its services is meant; it checks no signature
_SIGNED: Final = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300115/us-east-1/{}/aws4_request,"
    " SignedHeaders=host, Signature=none"
)
_KEYS: Final = 1000


@contextmanager
def npm_soap(folder: Path, wsdl: bytes, data: str) -> Iterator[Peer]:
    """Serve the WSDL with npm's `soap`."""
    described, known = folder / "service.wsdl", folder / "data.json"
    described.write_bytes(wsdl)
    known.write_text(data, encoding="utf-8")
    program = place.node() / "soap_server.mjs"
    node = place.program("node", "nodejs")
    with (
        running(node, str(program), str(described), str(known)) as process,
        Peer("npm soap", process.pid, f"http://127.0.0.1:{process.told['port']}") as peer,
    ):
        yield peer


@contextmanager
def wiremock(
    folder: Path, password: str, answers: Mapping[str, bytes]
) -> Iterator[tuple[Peer, Peer]]:
    """Serve recorded answers with WireMock; beside them a page that a template makes.

    Args:
        folder: for its files.
        password: of everybody.
        answers: by file name; "logon.xml", with CONNECTION in place of the connection's id,
            "getUpdates.xml", "getSessionIds.xml", and "getSession-<id>.xml" for each session.

    Returns:
        The same process twice: with the recorded answers, and as `TEMPLATED` with a page of
        updates that follow the call's `since`.
    """
    for at in ("mappings", "__files"):
        (folder / at).mkdir()
    for name, answer in answers.items():
        (folder / "__files" / name).write_bytes(answer)
    (folder / "__files" / "page.xml").write_text(_PAGE, encoding="utf-8")
    stubs = {"mappings": [*(_stub(operation, password) for operation in _FILES), _templated()]}
    (folder / "mappings" / "all.json").write_text(json.dumps(stubs), encoding="utf-8")
    port = _free_port()
    java = place.program("java", "a Java runtime, 17 or later")
    command = [java, "-jar", str(place.wiremock()), "--port", str(port), "--root-dir", str(folder)]
    quiet = ["--no-request-journal", "--disable-request-logging", "--disable-banner"]
    with (
        _answering([*command, *quiet], port) as pid,
        Peer("WireMock", pid, f"http://127.0.0.1:{port}") as recorded,
        Peer("WireMock, by template", pid, f"http://127.0.0.1:{port}") as templated,
    ):
        yield recorded, templated


# The file of each answer. What a session's is called, the template reads from the call.
_FILES: Final = {
    "logon": "logon.xml",
    "getSession": "getSession-{{soapXPath request.body"
    " '/getSession/*[local-name()=\"sessionId\"]/text()'}}.xml",
    "getUpdates": "getUpdates.xml",
    "getSessionIds": "getSessionIds.xml",
}


TEMPLATED: Final = "/template"
_PAGE: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>\
<getUpdatesResponse xmlns="urn:broker-sim:v1"><updates>\
{{#assign 'since'}}\
{{soapXPath request.body '/getUpdates/*[local-name()="since"]/text()'}}\
{{/assign}}\
{{#each (range 1 1000) as |n|}}\
<Update><updateId>{{math since '+' n}}</updateId><sessionId>12012692</sessionId>\
<kind>Posted</kind><time>2030-01-15T09:00:00.000Z</time></Update>\
{{/each}}</updates></getUpdatesResponse></soap:Body></soap:Envelope>
"""


def _stub(operation: str, password: str) -> Mapping[str, Any]:
    """Answer an operation, once there was a logon: a scenario keeps that much state."""
    matched: dict[str, Any] = {"matchesXPath": f"//*[local-name()='{operation}']"}
    stub: dict[str, Any] = {"scenarioName": "connection"}
    if operation == "logon":
        matched = {
            "matchesXPath": {
                "expression": "//*[local-name()='password']/text()",
                "equalTo": password,
            }
        }
        stub["newScenarioState"] = "open"
    else:
        stub["requiredScenarioState"] = "open"
    response: dict[str, Any] = {"status": 200, "headers": _XML, "bodyFileName": _FILES[operation]}
    if operation in {"logon", "getSession"}:
        response["transformers"] = ["response-template"]
    request = {"method": "POST", "urlPath": SESSIONS.path, "bodyPatterns": [matched]}
    return {**stub, "request": request, "response": response}


def _templated() -> Mapping[str, Any]:
    response = {"bodyFileName": "page.xml", "transformers": ["response-template"]}
    request = {"method": "POST", "urlPath": TEMPLATED}
    return {"request": request, "response": {"status": 200, "headers": _XML, **response}}


@contextmanager
def moto() -> Iterator[Peer]:
    """Serve moto, and give it what is asked for: an instance and a bucket of 1000 objects."""
    port = _free_port()
    start = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    with (
        _answering([str(place.moto()), "-c", start], port) as pid,
        Peer("moto", pid, f"http://127.0.0.1:{port}") as peer,
    ):
        peer.subjects = _moto_subjects(peer)
        yield peer


def _moto_subjects(peer: Peer) -> Mapping[str, Sequence[bytes]]:
    run = "Action=RunInstances&Version=2016-11-15&ImageId=ami-12c6146b&MinCount=1&MaxCount=1"
    began = peer.ask(_aws("ec2", run)).decode()
    instance = began.partition("<instanceId>")[2].partition("<")[0]
    s3 = _headers("s3")
    peer.ask(ask("/bench", b"", s3, "PUT"))
    for number in range(_KEYS):
        peer.ask(ask(f"/bench/{number:06}", b"x", s3, "PUT"))
    role = "RoleArn=arn:aws:iam::123456789012:role/bench&RoleSessionName=bench"
    describe = f"Action=DescribeInstances&Version=2016-11-15&InstanceId.1={instance}"
    page = ask("/bench?list-type=2", b"", s3, "GET")
    return {
        "logon": [_aws("sts", f"Action=AssumeRole&Version=2011-06-15&{role}")] * 50,
        "getSession": [_aws("ec2", describe)] * 50,
        "getUpdates": [page] * 2,
        "getSessionIds": [page] * 2,
    }


def _aws(service: str, form: str) -> bytes:
    typed = {"content-type": "application/x-www-form-urlencoded"}
    return ask("/", form.encode(), {**_headers(service), **typed})


def _headers(service: str) -> Mapping[str, str]:
    return {"authorization": _SIGNED.format(service)}


@contextmanager
def _answering(command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server until the block ends, which begins when its port answers; give its pid.

    Raises:
        RuntimeError: it ended, or did not answer for a minute.
    """
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(_TRIES):
                if _listens(port):
                    break
                if server.poll() is not None:
                    break
                Event().wait(0.1)
            else:
                msg = f"{command[0]} does not answer"
                raise RuntimeError(msg)
            yield server.pid
        finally:
            server.terminate()
            server.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
