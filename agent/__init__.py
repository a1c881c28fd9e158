"""
Frontdesk: connects a practice's own server to the Healthengine booking marketplace.

Start reading at `docs/architecture.md`; `agent.app` is where the parts are put together.
"""

__version__ = "0.1.0"
