"""
Telling people of tasks that nobody takes, by another road: a message in the PMS, an e-mail, a call to another program.

Each task goes out once by each road. If this program dies between the sending and the noting of it, it goes out twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from agent.domain.errors import FrontdeskError
from agent.domain.health import severity_of
from agent.domain.status import Condition
from agent.domain.tasks import must_leave, notice_of, retry_after
from agent.ports.clock import Clock
from agent.ports.live_hours import ConditionBoard
from agent.ports.tasks import Leaving, Road, Task, Tasks

log = logging.getLogger(__name__)

ROADS = ("message", "email", "webhook")
"""The names of all roads there are."""


def area(road: str) -> str:
    """
    Return the area of a road's conditions.
    """
    return f"tasks:{road}"


class OtherRoads:
    """
    Looks for tasks that must leave; for one thread, except that other roads may be given at any time.

    Args:
        after: How long a task may wait, in live hours.
        is_live: Whether a practice (by id) is in its live hours at an instant.
    """

    def __init__(
        self,
        tasks: Tasks,
        roads: Sequence[Road],
        after: timedelta,
        *,
        clock: Clock,
        notices: ConditionBoard,
        is_live: Callable[[str, datetime], bool],
    ) -> None:
        self._tasks = tasks
        self._configured = (tuple(roads), after)
        self._is_new = True
        self._clock = clock
        self._notices = notices
        self._is_live = is_live

    def use(self, roads: Sequence[Road], after: timedelta) -> None:
        """
        Take these roads from now on: the settings have changed. What failed by the old ones is tried again at once.
        """
        self._configured = (tuple(roads), after)
        self._is_new = True

    def _begin(self, roads: Sequence[Road]) -> None:
        """
        Forget the troubles of roads that are no longer configured.
        """
        for name in set(ROADS) - {road.name for road in roads}:
            self._notices.clear_condition(area(name))

    def run(self) -> int:
        """
        Tell what must be told now; returns how many notices were tried.
        """
        at_once, self._is_new = self._is_new, False
        roads, after = self._configured
        if at_once:
            self._begin(roads)
        if not roads:
            return 0
        now = self._clock.now()
        due = [
            task
            for task in self._tasks.open_tasks()
            if must_leave(task, now, after=after, is_live=lambda at, p=task.practice_id: self._is_live(p, at))  # type: ignore[misc] # bound at once
        ]
        return sum(self._tell(task, road, at_once=at_once) for task in due for road in roads)

    def _tell(self, task: Task, road: Road, *, at_once: bool) -> bool:
        before = self._tasks.leaving(task.id, road.name)
        now = self._clock.now()
        must_wait = before.next_at is not None and now < before.next_at and not at_once
        if before.sent_at is not None or must_wait:
            return False
        try:
            road.send(notice_of(task))
        except FrontdeskError as error:
            tries = before.tries + 1
            self._tasks.set_leaving(task.id, road.name, Leaving(tries=tries, next_at=now + retry_after(tries)))
            self._show(road.name, error)
            return True
        self._tasks.set_leaving(task.id, road.name, Leaving(tries=before.tries, sent_at=self._clock.now()))
        self._notices.clear_condition(area(road.name))
        log.info("task %s went out by %s", task.id, road.name)
        return True

    def _show(self, road: str, error: FrontdeskError) -> None:
        log.warning("a task did not go out by %s: %s", road, error.code)
        self._notices.clear_condition(area(road))
        self._notices.raise_condition(
            Condition(
                area=area(road),
                code=error.code,
                severity=severity_of(error),
                message=error.message,
                remedy=error.remedy,
                since=self._clock.now(),
            )
        )
