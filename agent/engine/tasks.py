"""
Tasks, over all practices: what people do with them, and the thread that tells of those nobody takes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from agent.domain.errors import FrontdeskError
from agent.domain.status import TaskLine
from agent.domain.tasks import UNDO_WITHIN, Task, TaskAction, TaskReport, at_location, task_line
from agent.engine.desk import PracticeDesk
from agent.ports.clock import Clock
from agent.ports.tasks import Tasks
from agent.sync.leaving import OtherRoads
from agent.sync.tasks import TaskWork

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=30)

REMEMBERED = {
    TaskAction.CLAIM: "claimed",
    TaskAction.RELEASE: "released",
    TaskAction.DONE: "done",
    TaskAction.ENTERED: "done: entered by hand",
    TaskAction.CANCEL_BOOKING: "done: cancelled with Healthengine",
    TaskAction.UNDO: "taken up again",
}
"""What the timeline says of each action."""


class TaskDesk:
    """
    What people do with tasks. Its methods may be called from any thread.

    Args:
        desks: The practices at work, as they are now.
        remember: Puts a line on the timeline: code, text, who.
    """

    def __init__(
        self,
        tasks: Tasks,
        clock: Clock,
        *,
        desks: Callable[[], Sequence[PracticeDesk]],
        remember: Callable[[str, str, str], None],
    ) -> None:
        self._tasks = tasks
        self._clock = clock
        self._desks = desks
        self._remember = remember
        self._one_at_a_time = threading.Lock()

    def list(self, location_id: str, *, done: bool) -> Sequence[TaskLine]:
        """
        Return the open tasks of a location (empty: of all), or those done within the last day.
        """
        found = self._tasks.done_since(self._clock.now() - UNDO_WITHIN) if done else self._tasks.open_tasks()
        return [task_line(task) for task in at_location(found, location_id)]

    def show(self, task_id: int) -> TaskReport:
        """
        Return one task with what can be done about it, and whom to phone.

        Raises:
            FrontdeskError: if there is no such task (`task-unknown`, `practice-unknown`).
        """
        task = self._find(task_id)
        return TaskWork(self._desk(task).context).report(task)

    def act(self, task_id: int, action: TaskAction, *, by: str, appointment_id: str = "") -> str:
        """
        Do something with a task; return what was done, in plain words.

        Args:
            appointment_id: Which appointment of the PMS was entered, if the person says so.

        Raises:
            FrontdeskError: if it cannot be done.
        """
        with self._one_at_a_time:
            task = self._find(task_id)
            desk = self._desk(task)
            said = TaskWork(desk.context).act(task, action, by=by, appointment_id=appointment_id)
        self._remember(f"task-{action.value.replace('_', '-')}", f"Task {task_id} was {REMEMBERED[action]}.", by)
        if action is TaskAction.ENTERED:
            desk.requests.want(now=True)  # with the next poll what is in the PMS and not answered is confirmed
        return said

    def _find(self, task_id: int) -> Task:
        task = self._tasks.task(task_id)
        if task is None:
            raise FrontdeskError("task-unknown", "There is no task with that number.", remedy="See: frontdesk tasks")
        return task

    def _desk(self, task: Task) -> PracticeDesk:
        for desk in self._desks():
            if desk.practice.id == task.practice_id:
                return desk
        raise FrontdeskError("practice-unknown", "That task's practice is no longer set up here.")


class TaskMessenger:
    """
    The thread that tells of tasks that nobody takes.

    Args:
        is_held: Whether this may not be the practice's real machine: then it says nothing.
        on_change: Called when the status may have changed.
    """

    def __init__(self, roads: OtherRoads, clock: Clock, *, is_held: Callable[[], bool], on_change: Callable[[], None]) -> None:
        self._roads = roads
        self._clock = clock
        self._is_held = is_held
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)

    def start(self) -> None:
        """
        Begin to look.
        """
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """
        End, waiting at most *timeout* real seconds for what is being sent.
        """
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.wait(max(self._clock.real_seconds(LOOK_EVERY), 0.05)):
            if self._is_held():
                continue
            try:
                if self._roads.run():
                    self._on_change()
            except FrontdeskError as error:  # the state file; the next look tries again
                log.warning("tasks: %s", error.code)
