"""A second broker, small and naive, written for the suite alone: it has to pass, too.

It shares no line with the simulator but the contract, so that the suite is not married to one
implementation. Dictionaries, one lock, a frozen clock, plain HTTP.
"""

from conformance.tests.small_broker.server import TOKEN, small_broker
from conformance.tests.small_broker.world import Login, World

__all__ = ["TOKEN", "Login", "World", "small_broker"]
