"""
How the engine is doing, as plain data. Text, icon and colour are derived from it where it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.domain.stopping import Stop


class EngineState(StrEnum):
    """
    One word for the whole engine, most urgent first: the first that applies wins.
    """

    ATTENTION = "attention"  # a person has to do something: an open task, or a condition that only a person ends
    OFFLINE = "offline"  # the PMS or Healthengine is out of reach; the engine keeps trying
    STARTING = "starting"  # not every channel has had its first success yet
    WORKING = "working"  # something is under way right now
    PAUSED = "paused"  # a person asked for it
    NOT_SET_UP = "not_set_up"  # no practice, key or PMS yet
    ONLINE = "online"  # a recent proven success in every channel


class Severity(StrEnum):
    """
    How much a condition matters.
    """

    WARNING = "warning"  # degraded, heals by itself
    ERROR = "error"  # a person is needed


class ChannelState(StrEnum):
    """
    How one channel is doing.
    """

    NEVER = "never"  # no run yet
    OK = "ok"  # the last run succeeded, recently
    WORKING = "working"
    FAILING = "failing"
    STALE = "stale"  # no failure, but no recent success either
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """
    One channel of one practice: requests, availability, changes, configuration.

    Attributes:
        detail: The last run in a few plain words, with counts.
    """

    practice_id: str
    name: str
    state: ChannelState
    last_success: datetime | None = None
    last_attempt: datetime | None = None
    next_due: datetime | None = None
    failures: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """
    Something that is not as it should be, open until it heals.

    Attributes:
        area: What it concerns, for example `pms` or `healthengine:1001`.
        code: Stable; the documentation lists it.
    """

    area: str
    code: str
    severity: Severity
    message: str
    remedy: str
    since: datetime
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLine:
    """
    A booking as the window and the command line show it: ids and times, no patient.

    Attributes:
        start: Local wall time.
        answer_seconds: From the patient's booking to our answer, by Healthengine's clock; negative: not answered.
    """

    practice_id: str
    booking_id: int
    state: str
    resource_id: str
    start: datetime
    minutes: int
    seen_at: datetime
    updated_at: datetime
    answer_seconds: float = -1.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """
    What a person must do, in plain words and ids.

    Attributes:
        state: Of `agent.domain.tasks.TaskState`.
        location_id, resource_id, start: Of its booking; *start* is local wall time.
        ending: Of `agent.domain.tasks.Ending`.
    """

    id: int
    practice_id: str
    kind: str
    booking_id: int
    why: str
    since: datetime
    state: str = "open"
    location_id: str = ""
    resource_id: str = ""
    start: datetime | None = None
    claimed_by: str = ""
    claimed_at: datetime | None = None
    done_by: str = ""
    done_at: datetime | None = None
    ending: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCounts:
    """
    What Healthengine has acknowledged.

    Attributes:
        days: Resource-days.
        failed: Resource-days that Healthengine refused.
    """

    resources: int = 0
    types: int = 0
    days: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeStatus:
    """
    One practice.

    Attributes:
        liveness: The acknowledged contract in one line, for example `Mon-Fri 08:00-18:00`; empty: not sent yet.
        stop: A person's word that it takes no new bookings online; None: it takes them.
        is_empty: Healthengine has acknowledged that nothing is free, because of *stop*.
    """

    id: str
    name: str
    live_now: bool
    liveness: str
    published: PublishedCounts
    stop: Stop | None = None
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """
    One PMS worker process. *pid* 0: none is running.
    """

    name: str
    pid: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResyncStatus:
    """
    The last resync that a person asked for.

    Attributes:
        finished_at: None while it runs.
        result: In plain words, with counts.
        parts, done: How many statements it consists of, and how many of them have been sent; 0: not known.
    """

    scope: str
    requested_at: datetime
    requested_by: str
    finished_at: datetime | None = None
    ok: bool = False
    result: str = ""
    parts: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """
    Everything a tray, a window or `frontdesk status` shows.

    Attributes:
        in_maintenance: The database is let go of, until *paused_until*.
        vendor: Who runs this integration.
    """

    state: EngineState
    at: datetime
    since: datetime
    version: str
    pid: int
    profile: str
    carrier: str
    time_scale: float = 1.0
    paused_until: datetime | None = None
    practices: tuple[PracticeStatus, ...] = ()
    channels: tuple[ChannelStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    bookings: tuple[BookingLine, ...] = ()
    booking_counts: dict[str, int] | None = None
    tasks: tuple[TaskLine, ...] = ()
    workers: tuple[WorkerStatus, ...] = ()
    resync: ResyncStatus | None = None
    in_maintenance: bool = False
    vendor: str = ""
