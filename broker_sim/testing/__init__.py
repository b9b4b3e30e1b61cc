"""For those who embed a broker in their tests.

from broker_sim.testing import running_broker

with running_broker(seed=7) as broker:
    client = zeep.Client(broker.wsdl_url)
"""

from broker_sim.testing.running import RunningBroker, running_broker
from broker_sim.testing.seam import NoSuchPlace, Overlay, Seam, replaced

__all__ = ["NoSuchPlace", "Overlay", "RunningBroker", "Seam", "replaced", "running_broker"]
