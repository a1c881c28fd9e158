"""
Another password while the workers run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from practices import practice_of

from agent.domain.errors import AuthRequired
from agent.domain.masked import Secret
from agent.pms.sql.lane import Limits
from agent.pms.sql.process import WorkerPms

COMMAND = (sys.executable, "-m", "agent", "pms-worker")
PATIENT = Limits(silence_s=60, total_s=60)


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_the_next_login_has_the_new_password(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """
    A wrong one is refused on both connections; the right one is tried at once on both.
    """
    practice = practice_of(kind, request, tmp_path)
    pms = WorkerPms(
        practice.folders,
        practice.carrier,
        practice.connection,
        Secret("wrong"),
        COMMAND,
        identity=PATIENT,
        booking=PATIENT,
    )
    try:
        for call in (pms.identity, pms.engine_lock):
            with pytest.raises(AuthRequired, match="pms-login"):
                call()
        pms.use_password(practice.password)

        assert "practice-1" == pms.identity().database_id
        pms.engine_lock()
    finally:
        pms.close()
