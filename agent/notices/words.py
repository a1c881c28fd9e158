"""
What a notice says.
"""

from __future__ import annotations

from datetime import UTC

from agent.domain.tasks import Notice


def subject(notice: Notice) -> str:
    """
    Return a notice in one line.
    """
    return f"Frontdesk: task {notice.task_id} waits for a person (practice {notice.practice_id})"


def body(notice: Notice) -> str:
    """
    Return a notice in full: ids and times alone.
    """
    booking = f"Booking: {notice.booking_id}\n" if notice.booking_id else ""
    location = f"Location: {notice.location_id}\n" if notice.location_id else ""
    return (
        f"Task {notice.task_id} waits for a person, and nobody has taken it.\n\n"
        f"Practice: {notice.practice_id}\n{location}{booking}"
        f"Kind: {notice.kind.value.replace('_', ' ')}\n"
        f"Since: {notice.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC\n\n"
        f"Open Frontdesk (To do), or on the practice's server: frontdesk tasks show {notice.task_id}\n"
    )
