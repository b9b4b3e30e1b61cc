"""The control API's door: opened by its token, apart from the product's."""

from collections.abc import Iterator, Mapping

import pytest
import requests

from broker_sim.testing import RunningBroker, running_broker


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=20) as running:
        yield running


def test_the_door_opens_with_the_token_only(broker: RunningBroker) -> None:
    """FAULT-1: without the token nothing is told, not even which paths exist."""
    url = f"{broker.control_url}/_sim/world"
    tried: list[Mapping[str, str]] = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": broker.control_token[:-1]},
    ]
    answers = [requests.get(url, headers=headers, timeout=10) for headers in tried]
    unknown = requests.get(f"{broker.control_url}/_sim/nothing", timeout=10)

    assert {answer.status_code for answer in (*answers, unknown)} == {401}
    assert broker.control_token not in answers[1].text


def test_no_product_login_opens_it_and_the_product_door_has_no_control(
    broker: RunningBroker,
) -> None:
    """The tester's door is a listener of its own."""
    headers = {"Authorization": f"Bearer {broker.control_token}"}

    assert requests.get(f"{broker.url}/_sim/world", headers=headers, timeout=10).status_code == 404
