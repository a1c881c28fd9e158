"""
What a person must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.domain.tasks import Notice, Task, TaskKind

__all__ = ["Leaving", "Road", "Task", "TaskKind", "Tasks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """
    How far the telling of one task by one road has come.

    Attributes:
        tries: Failed ones.
        next_at: Not before this instant again.
        sent_at: When it was told; then never again.
    """

    tries: int = 0
    next_at: datetime | None = None
    sent_at: datetime | None = None


class Tasks(Protocol):
    """
    The tasks. Safe to call from several threads; committed when the call returns.
    """

    def open(
        self, practice_id: str, kind: TaskKind, booking_id: int, why: str, at: datetime, *, candidates: Sequence[str] = ()
    ) -> Task:
        """
        Open a task; one with the same practice, kind and booking is not opened twice.

        Args:
            candidates: The ids of the patients whom its booking may be for, the likeliest first.
        """

    def close(self, task_id: int, at: datetime) -> None:
        """
        Close a task that is done.
        """

    def close_for(self, practice_id: str, booking_id: int, at: datetime) -> None:
        """
        Close every open task of a booking that has ended otherwise.
        """

    def open_tasks(self) -> Sequence[Task]:
        """
        Return the open ones, oldest first.
        """

    def task(self, task_id: int) -> Task | None:
        """
        Return one task, open or done, or None.
        """

    def done_since(self, since: datetime) -> Sequence[Task]:
        """
        Return those that ended at *since* or later, oldest first.
        """

    def replace(self, before: Task, after: Task) -> bool:
        """
        Write *after* if the task is still as *before*, else return False: somebody was quicker, or the same is asked for anew.
        """

    def leaving(self, task_id: int, road: str) -> Leaving:
        """
        Return how far telling it by *road* has come.
        """

    def set_leaving(self, task_id: int, road: str, leaving: Leaving) -> None:
        """
        Remember how far telling it by *road* has come.
        """


class Road(Protocol):
    """
    Another way to tell people of a task.
    """

    @property
    def name(self) -> str:
        """
        A stable word, for example `email`.
        """

    def send(self, notice: Notice) -> None:
        """
        Tell once; takes a minute at most.

        Raises:
            FrontdeskError: if it did not get through.
        """
