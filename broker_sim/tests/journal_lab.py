"""A world, a login that speaks SOAP, and the journal that hears of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from broker_sim.remote import Control
from broker_sim.testing import RunningBroker
from broker_sim.tests.sessions_of import SessionsOf

ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">{}</e:Envelope>'
BODY = '<e:Body><{0} xmlns="urn:broker-sim:v1">{1}</{0}></e:Body>'


class Lab:
    """A world in which a few things have been asked, rightly and wrongly."""

    def __init__(self, broker: RunningBroker) -> None:
        self.broker = broker
        self.control = Control(broker.control_url, broker.control_token)
        _, self.login, self.password = broker.logins[0]
        self.url = broker.wsdl_url.partition("?")[0]
        self.connection = ""

    def ask(self) -> None:
        """Ask rightly once at every door, and wrongly in a few ways."""
        file = SessionsOf(self.broker).first_finished().files[0]
        answer = self.post(self.logon(self.password))
        self.connection = answer.partition("<connectionId>")[2].partition("<")[0]
        number = urlsplit(file.url).path.split("/")[2]
        said = f"<connectionId>{self.connection}</connectionId><sessionId>{number}</sessionId>"
        self.post(BODY.format("getSession", said))
        requests.get(f"{file.url}&colour=blue", timeout=10)
        requests.get(self.broker.url, timeout=10)
        requests.get(f"{self.broker.url}/services/Session", timeout=10)
        self.post("{}", "application/json")
        self.post(BODY.format("getSesion", ""))
        trace = "<e:Header><w:Trace xmlns:w='urn:w'>1</w:Trace></e:Header>"
        self.post(trace + self.logon("wrong"), query="?debug=1")

    def logon(self, password: str) -> str:
        """Write the body of a logon."""
        given = f"<username>{self.login}</username><password>{password}</password>"
        return BODY.format("logon", given)

    def post(self, inside: str, content_type: str = "text/xml", query: str = "") -> str:
        """Send an envelope with this inside; anything else as it is."""
        body = ENVELOPE.format(inside) if content_type == "text/xml" else inside
        headers = {"Content-Type": content_type, "User-Agent": "lab/1"}
        return requests.post(self.url + query, body, headers=headers, timeout=10).text

    def last(self, **conditions: Any) -> dict[str, Any]:
        """Give the last exchange that meets the conditions."""
        entry: dict[str, Any] = self.control.get("/journal", conditions)["entries"][-1]
        return entry
