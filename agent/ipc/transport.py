"""
The way between two processes on this machine, by operating system.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from agent.ipc.pipes import PipeListener as Listener
    from agent.ipc.pipes import connect
else:
    from agent.ipc.sockets import SocketListener as Listener
    from agent.ipc.sockets import connect

__all__ = ["Listener", "connect"]
