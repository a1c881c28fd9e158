"""
Carries what the window asks to the engine, on threads of their own: the engine may have to ask the PMS first.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from agent.domain.errors import FrontdeskError
from agent.ui.commands import Connect, TaskAnswer, TaskQuestion
from agent.ui.questions import Finding, Question

log = logging.getLogger(__name__)

STOP_SECONDS = 2.0
"""How long stopping waits for the thread, which is then left behind: it keeps no process alive."""


class Errands(QObject):
    """
    A thread that does one thing after the other.

    Attributes:
        answered: What came of one of them; it arrives on the thread of the receiver.
    """

    answered = Signal(object)

    def __init__(self, connect: Connect, name: str, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connect = connect
        self._work: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """
        Begin. Call once.
        """
        self._thread.start()

    def stop(self) -> None:
        """
        End the thread, or leave it if it waits for the engine. Safe to call twice.
        """
        self._stopping.set()
        self._work.put(None)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            answer = work()
            if self._stopping.is_set():
                return
            if answer is not None:
                self.answered.emit(answer)


class TaskErrands(Errands):
    """
    Asks the engine about tasks, and answers with a `TaskAnswer`. A look at a task that is overtaken by another question is not
    carried out.
    """

    def __init__(self, connect: Connect, *, parent: QObject | None = None) -> None:
        super().__init__(connect, "engine-tasks", parent=parent)

    def ask(self, question: TaskQuestion) -> None:
        """
        Queue a question. Returns at once.
        """
        self._work.put(lambda: self._unless_overtaken(question))

    def _unless_overtaken(self, question: TaskQuestion) -> TaskAnswer | None:
        is_overtaken = question.action is None and not self._work.empty()
        return None if is_overtaken else self._answer(question)

    def _answer(self, question: TaskQuestion) -> TaskAnswer:
        said = ""
        try:
            with contextlib.closing(self._connect()) as client:
                if question.action is not None:
                    said = client.act_on_task(question.task_id, question.action, question.appointment_id)
                    log.info("task %d: %s", question.task_id, question.action.value)
                return TaskAnswer(question=question, text=said, report=client.show_task(question.task_id))
        except FrontdeskError as error:
            text = " ".join(filter(None, (said, error.message, error.remedy)))
            return TaskAnswer(question=question, text=text)
        except Exception as error:  # noqa: BLE001 - whatever it is, the window must not wait for ever
            log.error("a question about task %d failed: %s", question.task_id, type(error).__name__)  # noqa: TRY400 - its text may name a patient
            return TaskAnswer(question=question, text=self.tr("an unexpected error; the log says more"))


class Lookups(Errands):
    """
    Asks the engine what a tab shows, and answers with a `Finding`. Of several questions of one kind that wait, only the last is
    asked.
    """

    def __init__(self, connect: Connect, *, parent: QObject | None = None) -> None:
        super().__init__(connect, "engine-lookups", parent=parent)
        self._lock = threading.Lock()
        self._waiting: dict[type[Question], Question] = {}

    def ask(self, question: Question) -> None:
        """
        Queue a question. Returns at once.
        """
        kind = type(question)
        with self._lock:
            is_queued = kind in self._waiting
            self._waiting[kind] = question
        if not is_queued:
            self._work.put(lambda: self._answer(kind))

    def _answer(self, kind: type[Question]) -> Finding:
        with self._lock:
            question = self._waiting.pop(kind)
        try:
            with contextlib.closing(self._connect()) as client:
                return Finding(question=question, found=client.look_up(question))
        except FrontdeskError as error:
            return Finding(question=question, text=" ".join(filter(None, (error.message, error.remedy))))
        except Exception as error:  # noqa: BLE001 - whatever it is, the window must not wait for ever
            log.error("%s failed: %s", kind.__name__, type(error).__name__)  # noqa: TRY400 - its text says nothing more to a person
            return Finding(question=question, text=self.tr("an unexpected error; the log says more"))
