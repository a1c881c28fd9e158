"""
The marketplace's side of the wire, for the demo and the tests.

It is an independent reading of the definition: nothing of the adapter `agent.healthengine` is used here. Run it by itself with
`python -m agent.sandbox.healthengine`.
"""

from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig, sandbox_config
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.records import Answer, Kind, ViolationKind
from agent.sandbox.healthengine.simulator import BookingAnswer, Simulator
from agent.sandbox.healthengine.verdict import Verdict

__all__ = [
    "Answer",
    "BookingAnswer",
    "Fault",
    "FaultKind",
    "Kind",
    "Opening",
    "PracticeAccount",
    "Simulator",
    "SimulatorConfig",
    "Verdict",
    "ViolationKind",
    "sandbox_config",
]
