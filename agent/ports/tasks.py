"""
What a person must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TaskKind(StrEnum):
    """
    The kinds of thing a person may be asked to do.
    """

    CONFLICT = "conflict"  # Healthengine told the patient yes, but the time is taken
    PAST = "past"  # the booking's time had passed before it could be entered
    CANCEL_BY_HAND = "cancel_by_hand"  # the appointment is no longer as expected
    UNREADABLE = "unreadable"  # Healthengine sent something that cannot be understood
    MOVED = "moved"  # the desk moved it; Healthengine still shows the old time
    REUSED = "reused"  # the desk gave the appointment to another patient; Healthengine still shows the first
    RESTORED = "restored"  # the desk put back what Healthengine was told is cancelled
    ENTER_BY_HAND = "enter_by_hand"  # the PMS takes no bookings from us


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    One open task. *why* is plain words with ids and times, never patient data.
    """

    id: int
    practice_id: str
    kind: TaskKind
    booking_id: int
    why: str
    since: datetime


class Tasks(Protocol):
    """
    The open tasks. Safe to call from several threads; committed when the call returns.
    """

    def open(self, practice_id: str, kind: TaskKind, booking_id: int, why: str, at: datetime) -> Task:
        """
        Open a task; one with the same practice, kind and booking is not opened twice.
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
