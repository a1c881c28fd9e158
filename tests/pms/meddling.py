"""
A connection on which things happen at a chosen moment: what the desk does meanwhile, or what the network does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from practices import Practice

from agent.domain.errors import FrontdeskError
from agent.pms.sql.carriers import Access, Carrier, Table
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.statements import Parameters, Statement

Hooks = dict[str, Callable[[], None]]
"""What to do, by moment: a statement's name, `commit` (before it) or `committed`; return `once(...)` for one time only."""


def once(action: Callable[[], object]) -> Callable[[], None]:
    done: list[bool] = []

    def act() -> None:
        if not done:
            done.append(True)
            action()

    return act


def meddled(practice: Practice, hooks: Hooks, **options: Any) -> SqlPms:
    """
    Return the practice's PMS, with *hooks* on every connection.
    """
    profile = practice.profile
    real = connector(profile, practice.carrier, practice.connection, practice.password)

    def connect(access: Access) -> Carrier:
        return _Meddling(real(access), hooks)

    return SqlPms(profile, connect, **options)


class _Meddling:
    def __init__(self, carrier: Carrier, hooks: Hooks) -> None:
        self._carrier = carrier
        self._hooks = hooks
        self._lost = False

    @property
    def is_broken(self) -> bool:
        return self._lost or self._carrier.is_broken

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        self._happen(statement.name)
        return self._carrier.query(statement, parameters)

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        self._happen(statement.name)
        return self._carrier.execute(statement, parameters)

    def begin(self) -> None:
        self._happen("begin")
        self._carrier.begin()

    def commit(self) -> None:
        self._happen("commit")
        self._carrier.commit()
        self._happen("committed")

    def rollback(self) -> None:
        self._carrier.rollback()

    def close(self) -> None:
        self._carrier.close()

    def _happen(self, moment: str) -> None:
        if moment in self._hooks:
            try:
                self._hooks[moment]()
            except FrontdeskError:
                self._lost = True
                raise
