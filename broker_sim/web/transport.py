"""How browsers reach a world: what its cookies may ask of them. Knows no framework. SEC-2."""

from __future__ import annotations


def by_https(scheme: str, base_url: str) -> bool:
    """Tell whether browsers come by https: to the listener, or to a proxy before it.

    Args:
        scheme: of the request as the listener got it.
        base_url: the world's, as it is told to callers.
    """
    return scheme == "https" or base_url.lower().startswith("https:")
