"""The page at the root: what this is, where its pages are, and where its services."""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import quote

from broker_sim.contract import ENDPOINTS
from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request
from broker_sim.service.ports import World
from broker_sim.web import static_files

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'none'"
)
_HEADERS: Final = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>broker-sim</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{icon}" type="image/svg+xml">
<link rel="stylesheet" href="{style}"></head>
<body><main class="sheet">
<h1>broker-sim</h1>
<p>A hosted remote-support broker, simulated on this machine. All data is invented. The operation
names are this simulator's own: those of the product that it models were never public.</p>
<h2>For people</h2>
<dl class="pairs">
<dt>Customers</dt><dd>{portals}</dd>
<dt>Representatives</dt><dd><a href="{root}/helpalert/">the representative's desk</a></dd>
<dt>Managers</dt><dd><a href="{root}/manager/">the Management Center</a></dd>
</dl>
<h2>For programs</h2>
<table><thead><tr><th scope="col">Service</th><th scope="col">SOAP 1.1</th>
<th scope="col">SOAP 1.2</th></tr></thead><tbody>{services}</tbody></table>
<p class="muted small">Logins, the certificate authority and the control address:
<code>broker-sim env</code></p>
</main></body></html>
"""


def handler(world: World, root: str) -> Handler:
    """Give the handler of the root page.

    Args:
        world: whose portals it names.
        root: the path that the world stands below; empty for the default world.
    """
    services = "".join(_service(endpoint.name, root + endpoint.path) for endpoint in ENDPOINTS)

    def page() -> bytes:
        with world.store.reading() as tx:
            portals = [(portal.name, portal.display_name) for portal in tx.portals()]
        return _PAGE.format(
            icon=escape(root + static_files.address("icon.svg")),
            style=escape(root + static_files.address("broker.css")),
            root=escape(root),
            portals="<br>".join(_portal(root, *portal) for portal in portals),
            services=services,
        ).encode()

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            said = (("content-type", "text/plain"), ("allow", "GET, HEAD"))
            return Answer(405, said, b"Read this page with GET.\n")
        return Offload(page, lambda body: Answer(200, _HEADERS, body))

    return handle


def _portal(root: str, name: str, display_name: str) -> str:
    return f'<a href="{escape(root)}/h/{quote(name, safe="")}">{escape(display_name)}</a>'


def _service(name: str, address: str) -> str:
    links = "".join(
        f'<td><a href="{escape(address)}?{kind}">WSDL'
        f'<span class="hush"> of {escape(name)}, {version}</span></a></td>'
        for kind, version in (("wsdl", "SOAP 1.1"), ("wsdl12", "SOAP 1.2"))
    )
    return f"<tr><td>{escape(name)}</td>{links}</tr>"
