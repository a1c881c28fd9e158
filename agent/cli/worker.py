"""
The engine's own command `pms-worker`: for no person, and so with neither help nor common options.
"""

from __future__ import annotations

import sys

from agent.pms.sql import worker


def run_worker() -> int:
    """
    Serve the engine's database calls until its pipe ends.
    """
    with open(0, "rb", buffering=0, closefd=False) as requests, open(1, "wb", buffering=0, closefd=False) as answers:
        sys.stdout = sys.stderr  # nothing that a driver or a library prints may get among the answers
        return worker.main(requests, answers)
