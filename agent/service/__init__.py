"""
Running as a Windows service or a systemd unit.
"""

from __future__ import annotations

import sys

from agent.service.service import ServiceManager


def service_manager() -> ServiceManager:
    """
    Return this system's way to keep the engine running.
    """
    if sys.platform == "win32":
        from agent.service.windows import WindowsServices  # noqa: PLC0415 - cannot be imported elsewhere

        return WindowsServices()
    else:  # noqa: RET505 - mypy looks at one system at a time
        from agent.service.systemd import Systemd  # noqa: PLC0415 - as above

        return Systemd()
