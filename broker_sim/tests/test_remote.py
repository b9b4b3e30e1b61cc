"""The control API called from another process: values come back, errors are one sentence."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker_sim.remote import Control, ControlError
from broker_sim.testing import RunningBroker, running_broker


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5) as running:
        yield running


def home_of(folder: Path, url: str | None, token: str | None = None) -> Path:
    """Write what a served broker leaves in its home."""
    told = {"baseUrl": "http://127.0.0.1:8443", "controlUrl": url, "controlToken": token}
    (folder / "env.json").write_text(json.dumps(told))
    return folder


@pytest.fixture
def control(broker: RunningBroker, tmp_path: Path) -> Control:
    return Control.from_home(home_of(tmp_path, broker.control_url, broker.control_token))


def test_what_is_asked_and_said_goes_over_as_values(control: Control) -> None:
    """Queries and bodies are ours, JSON is the wire's."""
    before = control.get("/clock")
    moved = control.post("/clock/advance", {"seconds": 60})

    assert before["mode"] == moved["mode"] == "frozen"
    assert before["now"] < moved["now"]
    assert control.get("/journal", {"after": 0, "limit": 5, "left out": None})["entries"] == []


def test_a_refusal_is_one_sentence_with_its_status(control: Control) -> None:
    """What the broker says is passed on, not a trace."""
    with pytest.raises(ControlError, match="'seconds'") as wrong:
        control.post("/clock/advance", {})
    with pytest.raises(ControlError) as refused:
        control.post("/acts", {"act": "end", "sessionId": 1})

    assert wrong.value.status == 400
    assert refused.value.status == 409
    assert refused.value.told["fault"] in str(refused.value.told)
    assert "\n" not in str(refused.value)


def test_a_wrong_token_is_told(broker: RunningBroker, tmp_path: Path) -> None:
    """The sentence says where the right one is."""
    control = Control.from_home(home_of(tmp_path, broker.control_url, "another"))

    with pytest.raises(ControlError, match="shows the token") as refused:
        control.get("/world")
    assert refused.value.status == 401
    assert "another" not in repr(control)


def test_where_nothing_runs_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    """No broker, no control door, a door that is gone: three sentences."""
    with pytest.raises(ControlError, match="broker-sim serve"):
        Control.from_home(tmp_path)
    with pytest.raises(ControlError, match="serve --control"):
        Control.from_home(home_of(tmp_path, None))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        gone = Control.from_home(home_of(tmp_path, url, "token"))
        with pytest.raises(ControlError, match=f"no broker answers at {url}"):
            gone.get("/world")


def test_an_answer_that_does_not_come_has_an_end(tmp_path: Path) -> None:
    """A door that accepts and says nothing is not waited for without end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(ControlError, match="not answered within"):
            Control(url, "token", seconds=0.05).get("/world")


def test_a_world_has_paths_of_its_own(control: Control) -> None:
    """A name is one part of a path, whatever is in it."""
    assert control.of_world(None) is control
    assert control.of_world("blue").root == "/_sim/worlds/blue"
    assert control.of_world("a/b").root == "/_sim/worlds/a%2Fb"
