"""
The top of the window: one sentence, the answers to what one asks next, and the most useful thing to do. Plain Python: no Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.domain.booking import BookingState
from agent.domain.status import Condition, EngineState, EngineStatus, Severity
from agent.ui.presenters import (
    NOT_SET_UP,
    Translate,
    counted_text,
    first_condition,
    is_paused,
    is_proven,
    last_success_text,
    moment_text,
    stopped_names,
    untranslated,
)
from agent.ui.remedies import is_held_change, remedy_of


class TopAction(StrEnum):
    """
    What the one button does.
    """

    RESYNC = "resync"
    RESUME = "resume"
    TRY_AGAIN = "try_again"
    START_BOOKINGS = "start_bookings"
    START_ENGINE = "start_engine"
    SHOW_TASKS = "show_tasks"
    SHOW_HEALTH = "show_health"
    SHOW_CONNECTIONS = "show_connections"
    SET_UP = "set_up"
    SHOW_SETTINGS = "show_settings"
    SHOW_DIAGNOSTICS = "show_diagnostics"
    SAVE_DIAGNOSTICS = "save_diagnostics"


ACTION_WORDS: dict[TopAction, str] = {
    TopAction.RESYNC: "&Resync now",
    TopAction.RESUME: "R&esume",
    TopAction.TRY_AGAIN: "Tr&y again",
    TopAction.START_BOOKINGS: "&Start online bookings",
    TopAction.START_ENGINE: "&Start Frontdesk",
    TopAction.SHOW_TASKS: "Show tas&ks",
    TopAction.SHOW_HEALTH: "Show how to fi&x it",
    TopAction.SHOW_CONNECTIONS: "Sh&ow connections",
    TopAction.SET_UP: "&Set Frontdesk up",
    TopAction.SAVE_DIAGNOSTICS: "Save diagnostics fo&r support",
}

SILENT = "ipc-engine-silent"

LOSSES: dict[str, tuple[str, str, TopAction]] = {
    "ipc-no-engine": (
        "Frontdesk is not running: online bookings wait.",
        "Start it. If that does not help, restart this computer or tell your IT support.",
        TopAction.START_ENGINE,
    ),
    NOT_SET_UP: (
        "Frontdesk is not set up yet.",
        "Set it up, or ask your IT support to. It takes about a quarter of an hour.",
        TopAction.SET_UP,
    ),
    SILENT: (
        "Frontdesk is running but does not answer ({reason}).",
        "Wait a minute. If it stays so, restart this computer or tell your IT support.",
        TopAction.SAVE_DIAGNOSTICS,
    ),
    "ipc-version": (
        "This window and Frontdesk's engine are of versions that do not understand each other.",
        "Close this icon and start it again. If that does not help, tell your IT support to update both.",
        TopAction.SAVE_DIAGNOSTICS,
    ),
}
"""What is said of an engine that cannot be reached, by the error's code."""

OTHER_LOSS = (
    "Frontdesk does not answer ({reason}): online bookings may have stopped.",
    "If this lasts, tell your IT support.",
    TopAction.SAVE_DIAGNOSTICS,
)

UNDER_WAY = (
    BookingState.REQUESTED,
    BookingState.INSERTING,
    BookingState.INSERTED,
    BookingState.CONFIRMING,
    BookingState.REJECTING,
)
"""Bookings in these states are the engine's to finish."""

WORKING = "Online bookings are working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """
    What the top of the window says.

    Attributes:
        sentence: Whether it works, or what is wrong.
        last_success: When it last worked.
        waiting: What waits, for the engine or for a person.
        advice: What the person who reads it has to do.
        action: What the button does; None: there is nothing to do yet, and no button.
    """

    sentence: str
    last_success: str
    waiting: str
    advice: str
    action: TopAction | None

    @classmethod
    def from_status(
        cls,
        status: EngineStatus | None,
        now: datetime,
        *,
        unreachable: str = "",
        code: str = "",
        tr: Translate = untranslated,
    ) -> Top:
        """
        Say how things are.

        Args:
            status: The last one received; None: none yet.
            now: Aware; its zone is the one that times are shown in.
            unreachable: Why the engine does not answer; empty: it does (or was not asked yet).
            code: Of what keeps it from answering; empty: not known.
            tr: Translates every fixed text.
        """
        if unreachable:
            sentence, advice, action = _lost(unreachable, code, tr)
        elif status is None:
            sentence, advice, action = tr("Looking for Frontdesk on this computer."), tr("Wait a moment."), None
        else:
            sentence, advice, action = _found(status, now, tr)
        return cls(
            sentence=sentence,
            last_success=last_success_text(status, now, tr),
            waiting=tr("Not known") if status is None or unreachable else waiting_text(status, tr),
            advice=advice,
            action=action,
        )


def waiting_text(status: EngineStatus, tr: Translate = untranslated) -> str:
    """
    Say what waits: bookings that are being answered, and what waits for a person.
    """
    counts = status.booking_counts or {}
    under_way = sum(counts.get(state.value, 0) for state in UNDER_WAY)
    problems = sum(condition.severity is Severity.ERROR for condition in status.conditions)
    parts = [
        counted_text(count, one, many, tr)
        for count, one, many in (
            (under_way, "{count} booking is being answered", "{count} bookings are being answered"),
            (len(status.tasks), "{count} task waits for you", "{count} tasks wait for you"),
            (problems, "{count} problem needs a person", "{count} problems need a person"),
        )
        if count
    ]
    return ", ".join(parts) or tr("Nothing")


def _lost(reason: str, code: str, tr: Translate) -> tuple[str, str, TopAction]:
    sentence, advice, action = LOSSES.get(code, OTHER_LOSS)
    return tr(sentence).format(reason=_bare(reason)), tr(advice), action


def _found(status: EngineStatus, now: datetime, tr: Translate) -> tuple[str, str, TopAction]:
    condition = first_condition(status)
    if condition is not None and condition.severity is Severity.ERROR:
        return _whole(condition.message), remedy_of(condition, tr), TopAction.SHOW_HEALTH
    sentence, advice, action = _beneath(status, now, condition, tr)
    if not status.tasks:
        return _whole(sentence), advice, action
    words = counted_text(len(status.tasks), "{count} task waits for you", "{count} tasks wait for you", tr)
    return f"{_bare(sentence)}; {words}.", tr("Do what stands under To do."), TopAction.SHOW_TASKS


def _beneath(status: EngineStatus, now: datetime, condition: Condition | None, tr: Translate) -> tuple[str, str, TopAction]:
    """
    Say how things are but for what waits for a person, which may hide it.
    """
    if status.state is EngineState.NOT_SET_UP:
        return tr("Frontdesk is not set up yet."), tr("Set it up, or ask your IT support to."), TopAction.SET_UP
    if is_paused(status):
        return *_paused(status, now, tr), TopAction.RESUME
    if status.state is EngineState.OFFLINE or (status.state is EngineState.ATTENTION and not is_proven(status)):
        why = condition.message if condition is not None else tr("Frontdesk has no connection right now.")
        advice = tr("Nothing: Frontdesk keeps trying by itself. If it lasts, tell your IT support.")
        return why, (condition.remedy if condition is not None else "") or advice, TopAction.TRY_AGAIN
    if not is_proven(status):
        return (
            tr("Frontdesk is starting, and checks its connections."),
            tr("Nothing: this takes a minute or two."),
            TopAction.SHOW_CONNECTIONS,
        )
    names = stopped_names(status, now, tr)
    if names:
        is_all = len(names) == len(status.practices)
        words = tr("Online bookings are stopped: {names}") if is_all else tr("Online bookings are stopped in part: {names}")
        return (
            words.format(names=", ".join(names)),
            tr("Patients see no free times, and bookings made before are still answered. Start them when patients may book."),
            TopAction.START_BOOKINGS,
        )
    if condition is not None and is_held_change(condition.code):
        return tr(WORKING), tr("Nothing: a large change is being looked at a second time."), TopAction.SHOW_HEALTH
    return tr(WORKING), tr("Nothing"), TopAction.RESYNC


def _paused(status: EngineStatus, now: datetime, tr: Translate) -> tuple[str, str]:
    until = moment_text(status.paused_until, now) if status.paused_until is not None else ""
    advice = tr("Resume when you are ready: until then online bookings wait, and Healthengine may hide your times.")
    if status.in_maintenance:
        words = tr("Maintenance until {time}: the appointment program is let go of") if until else tr("Maintenance")
    else:
        words = tr("Paused until {time}: online bookings wait") if until else tr("Paused until you resume: online bookings wait")
    return words.format(time=until), advice


def _bare(text: str) -> str:
    return text.rstrip(". ")


def _whole(text: str) -> str:
    return f"{_bare(text)}."
