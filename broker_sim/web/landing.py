"""The page at the root: what this is, and where the services are."""

from __future__ import annotations

from html import escape
from typing import Final

from broker_sim.contract import ENDPOINTS
from broker_sim.service.exchange import Answer, Handler, Reply, Request

_HEADERS: Final = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>broker-sim</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem;
  color: #1d2733; background: #fbfcfd }}
h1 {{ font-size: 1.5rem; margin-bottom: .25rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid #d9e0e7 }}
a {{ color: #0b5cad }}
code {{ background: #eef2f6; padding: .1rem .3rem; border-radius: 3px; overflow-wrap: anywhere }}
</style></head><body>
<h1>broker-sim</h1>
<p>A hosted remote-support broker, simulated on this machine. All data is invented. The operation
names are this simulator's own: those of the product that it models were never public.</p>
<table><tr><th>Service</th><th>SOAP 1.1</th><th>SOAP 1.2</th></tr>{rows}</table>
<p>Logins, the certificate authority and the control address: <code>broker-sim env</code></p>
</body></html>
"""


def handler(base_url: str) -> Handler:
    """Give the handler of the root page."""
    rows = "".join(_row(endpoint.name, base_url + endpoint.path) for endpoint in ENDPOINTS)
    page = _PAGE.format(rows=rows).encode()

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            said = (("content-type", "text/plain"), ("allow", "GET, HEAD"))
            return Answer(405, said, b"Read this page with GET.\n")
        return Answer(200, _HEADERS, page)

    return handle


def _row(name: str, address: str) -> str:
    links = "".join(
        f'<td><a href="{escape(address)}?{kind}">WSDL</a></td>' for kind in ("wsdl", "wsdl12")
    )
    return f"<tr><td>{escape(name)}</td>{links}</tr>"
