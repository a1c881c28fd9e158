"""
What can be done in the window about what is wrong, by the code of the condition. Plain Python: no Qt.
"""

from __future__ import annotations

from agent.domain.status import Condition
from agent.ui.commands import RELEASE, START_BOOKINGS, TRY_AGAIN, Command
from agent.ui.presenters import Translate, untranslated

BRAKE = "brake-"
"""With this begin the codes of changes that are held because they are large and sudden."""

NOT_BY_TRYING = frozenset(
    (
        "identity-held",
        "live-hours-disagree",
        "live-hours-narrower",
        "pms-other-engine",
        "store-rebuilt",
    )
)
"""What only time, a setting or an administrator's answer ends."""

DECIDE = "Look at the appointment book. If the change is right, say so under Health; if not, put it right there."
START_AGAIN = "If patients may book again, start online bookings below."
NOTHING = "Nothing: Frontdesk keeps trying by itself."


def is_held_change(code: str) -> bool:
    """
    Return whether a person is asked whether a large sudden change is right.
    """
    return code.startswith(BRAKE)


def remedy_of(condition: Condition, tr: Translate = untranslated) -> str:
    """
    Say what to do about *condition*: by the window's own buttons where it has some, else as the engine says.
    """
    if is_held_change(condition.code):
        return tr(DECIDE)
    if condition.code == "bookings-stopped":
        return tr(START_AGAIN)
    return condition.remedy or tr(NOTHING)


def answer_to(code: str) -> Command | None:
    """
    Return what a person can ask for about a condition; None: nothing.
    """
    if is_held_change(code):
        return RELEASE
    if code == "bookings-stopped":
        return START_BOOKINGS
    return None if code in NOT_BY_TRYING else TRY_AGAIN
