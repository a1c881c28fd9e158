"""
Carries what the window asks about tasks to the engine, on a thread of its own: the engine may have to ask the PMS first.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading

from PySide6.QtCore import QObject, Signal

from agent.domain.errors import FrontdeskError
from agent.ui.commands import Connect, TaskAnswer, TaskQuestion

log = logging.getLogger(__name__)

STOP_SECONDS = 2.0
"""How long stopping waits for the thread, which is then left behind: it keeps no process alive."""


class TaskErrands(QObject):
    """
    Asks the engine about tasks. A look at a task that is overtaken by another question is not carried out.

    Attributes:
        answered: A `TaskAnswer`; it arrives on the thread of the receiver.
    """

    answered = Signal(object)

    def __init__(self, connect: Connect, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connect = connect
        self._questions: queue.SimpleQueue[TaskQuestion | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-tasks", daemon=True)

    def start(self) -> None:
        """
        Begin to carry questions. Call once.
        """
        self._thread.start()

    def ask(self, question: TaskQuestion) -> None:
        """
        Queue a question. Returns at once.
        """
        self._questions.put(question)

    def stop(self) -> None:
        """
        End the thread, or leave it if it waits for the engine. Safe to call twice.
        """
        self._stopping.set()
        self._questions.put(None)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            if question.action is None and not self._questions.empty():
                continue
            answer = self._answer(question)
            if self._stopping.is_set():
                return
            self.answered.emit(answer)

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
