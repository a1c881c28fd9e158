"""
The engine: ticks, keeps the channels of every practice going, and knows how it is doing.

Commands come from any thread and return at once; what takes longer is shown in the status.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from agent.domain.activity import ActivityLine
from agent.domain.due import Job, gap_is_wake_up, interval
from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured
from agent.domain.health import severity_of
from agent.domain.practice import Practice
from agent.domain.reports import LiveHoursReport
from agent.domain.status import Condition, EngineStatus, ResyncStatus
from agent.engine.channel import Channel
from agent.engine.desk import PracticeDesk
from agent.engine.probe import PmsProbe
from agent.engine.report import Facts, report
from agent.ports.clock import Clock
from agent.ports.pms import Pms
from agent.store.store import Store

log = logging.getLogger(__name__)

TICK = timedelta(seconds=0.25)
RESYNC_LIMIT = timedelta(minutes=30)
RESYNC_PARTS = {"all": 2}
"""How many statements a resync consists of, for each practice: configuration and free times. Other scopes are one of them."""

STOP_LIMIT_S = 8.0
CUT_LIMIT_S = 3.0
"""How long an orderly stop waits for Healthengine to hear that today's live hours end."""

SETTINGS_AREA = "settings"


def _nothing() -> None:
    """
    Nobody wants to know.
    """


def _no_change(_practices: Mapping[str, Practice]) -> None:
    """
    Practices come and go at the next start only.
    """


class Engine:
    """
    Runs several practices over one PMS.

    Args:
        desks: The practices at work; their callbacks are `channel_succeeded` and `channel_failed`.
        reload: Returns changed practices by id when the settings file has changed, else None.
        on_change: Called (from any thread) when the status may have changed.
        is_held: Whether everything waits until a person has said which machine or database is the real one, or until another
            engine has let go of the database.
        try_login: Called when a person asks for something: a refused login may be tried at once.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        answers: ThreadPoolExecutor,
        facts: Facts,
        pms: Pms,
        reload: Callable[[], Mapping[str, Practice] | None],
        on_change: Callable[[], None],
        is_held: Callable[[], bool] = lambda: False,
        try_login: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._answers = answers
        self._facts = facts
        self._probe = PmsProbe(pms, clock, self._pms_is_back)
        self._reload = reload
        self._on_change = on_change
        self._is_held = is_held
        self._try_login = try_login
        self._desks: tuple[PracticeDesk, ...] = ()
        self.on_resume: Callable[[], None] = _nothing
        self.is_in_maintenance: Callable[[], bool] = lambda: False
        self.on_tick: Callable[[], None] = _nothing
        self.on_practices: Callable[[Mapping[str, Practice]], None] = _no_change
        self._lock = threading.Lock()
        self._since = clock.now()
        self._last_tick = clock.now()
        self._last_uptime: datetime | None = None
        self._paused_until = self._remembered_pause()
        self._is_paused = self._paused_until is not None
        self._resync: ResyncStatus | None = None
        self._refused: set[str] = set()
        self._areas_in_trouble = {c.area for c in store.conditions.open_conditions()}
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    @property
    def desks(self) -> tuple[PracticeDesk, ...]:
        """
        The practices at work, as they are now.
        """
        return self._desks

    @property
    def is_paused(self) -> bool:
        """
        Whether nothing is polled or published because a person asked for it.
        """
        return self._is_paused

    @property
    def is_held(self) -> bool:
        """
        Whether everything waits: for a person to say which machine or database is the real one, or for another engine to go.
        """
        return self._is_held()

    def add(self, desk: PracticeDesk) -> None:
        """
        Set a practice to work.
        """
        desk.context.elsewhere = partial(self._taken_or_freed, desk)
        self._desks = (*self._desks, desk)
        for channel in desk.channels:
            channel.suspend(suspended=self._is_paused)
            channel.start()

    def take_out(self, desk: PracticeDesk) -> None:
        """
        Let a practice work no more: nothing more is said for it, and nothing is shown of it.
        """
        self._desks = tuple(other for other in self._desks if other is not desk)
        for channel in desk.channels:
            channel.suspend(suspended=True)
        for channel in desk.channels:
            if not channel.stop(STOP_LIMIT_S):
                log.warning("%s did not end in time", channel.area)
        for condition in self._store.conditions.open_conditions():
            if condition.area.endswith(f":{desk.practice.id}"):
                self._store.conditions.clear_condition(condition.area)
        self._refused.discard(desk.practice.id)
        self._on_change()

    def start(self, desks: Sequence[PracticeDesk]) -> None:
        """
        Start every channel and begin to tick.
        """
        # A tick that is late is joined to the next; that is no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for desk in desks:
            self.add(desk)
        self._probe.start()
        seconds = max(self._clock.real_seconds(TICK), 0.05)
        self._scheduler.add_job(self._tick, "interval", seconds=seconds, id="tick", next_run_time=datetime.now(UTC))
        self._scheduler.start()
        self.remember("engine-started", "The engine started.")

    def stop(self) -> None:
        """
        End every run under way, within a few seconds, and begin no other.
        """
        self._scheduler.shutdown(wait=True)
        for channel in self._channels():
            channel.suspend(suspended=True)
        cuts = self._cut_live_hours()
        for channel in self._channels():
            if not channel.stop(STOP_LIMIT_S):
                log.warning("%s did not end in time", channel.area)
        cut_by = time.monotonic() + CUT_LIMIT_S
        for thread in cuts:
            thread.join(max(cut_by - time.monotonic(), 0))
        self._probe.stop(1.0)
        self._answers.shutdown(wait=True, cancel_futures=True)
        with suppress(FrontdeskError):  # a state file that is full or damaged keeps nobody from stopping
            self.remember("engine-stopped", "The engine stopped in good order.")

    def pause(self, minutes: int | None, *, by: str) -> str:
        """
        Neither poll nor publish for *minutes*; None: until somebody resumes.
        """
        now = self._clock.now()
        until = datetime.max.replace(tzinfo=UTC) if minutes is None else now + timedelta(minutes=minutes)
        with self._lock:
            self._paused_until, self._is_paused = until, True
        self._store.published.set_note("", "paused_until", until.isoformat())
        for channel in self._channels():
            channel.suspend(suspended=True)
        text = "Paused until somebody resumes." if minutes is None else f"Paused for {minutes} minutes."
        self.remember("paused", text, by=by)
        return text

    def resume(self, *, by: str) -> str:
        """
        Go on: configuration, availability and what is outstanding are looked at at once.
        """
        with self._lock:
            was_paused, self._is_paused, self._paused_until = self._is_paused, False, None
        if not was_paused:
            return "It was not paused."
        self._try_login()
        self._store.published.set_note("", "paused_until", "")
        self.on_resume()
        for desk in self._desks:
            for channel in desk.channels:
                channel.want(now=True)
                channel.suspend(suspended=False)
        self.remember("resumed", "Resumed.", by=by)
        return "Resumed."

    def live_hours(self) -> list[LiveHoursReport]:
        """
        Return every practice's live hours as a person reads them.
        """
        return [report for desk in self._desks if (report := desk.live_hours()) is not None]

    def answer_live_hours(self, practice_id: str, *, adopt: bool, by: str) -> str:
        """
        Take a person's answer to the question about a practice's live hours; *practice_id* empty: every practice's.

        Raises:
            FrontdeskError: if there is no such practice (`practice-unknown`).
        """
        desks = [desk for desk in self._desks if practice_id in ("", desk.practice.id)]
        if not desks:
            raise FrontdeskError(
                "practice-unknown", "There is no practice with that id.", remedy="Look up its id: frontdesk status"
            )
        text = " ".join(desk.answer_live_hours(adopt=adopt, by=by) for desk in desks)
        self.remember("live-hours-answered", text, by=by)
        return text

    def resync(self, scope: str, *, by: str) -> str:
        """
        Send everything of *scope* (all, configuration, availability) again; the result is in the status.

        Raises:
            Misconfigured: while everything waits (`resync-held`).
        """
        with self._lock:
            if self._resync is not None and self._resync.finished_at is None:
                return "A resync is under way already."
            if self._is_paused:
                return "Paused: resume first."
            if self._is_held():
                raise Misconfigured("resync-held", "Everything waits, and so does a resync.", remedy="See why: frontdesk status")
            self._try_login()
            parts = len(self._desks) * RESYNC_PARTS.get(scope, 1)
            self._resync = ResyncStatus(
                scope=scope, requested_at=self._clock.now(), requested_by=by, result="under way", parts=parts
            )
        self.remember("resync", f"Resync of {scope} asked for.", by=by)
        threading.Thread(target=self._resync_all, args=(scope,), name="resync", daemon=True).start()
        return "Resync started."

    def try_again(self, *, by: str) -> str:
        """
        Try at once whatever has failed, a refused login too; returns what follows, in plain words.
        """
        if self._is_paused:
            return "Paused: resume first."
        self.remember("try-again", "Somebody asked to try again.", by=by)
        self.login_changed()
        return "Frontdesk tries again now."

    def login_changed(self) -> None:
        """
        Try at once what a refused login has held up: somebody has stored another password.
        """
        self._try_login()
        for channel in self._channels():
            channel.want(now=True)

    def status(self) -> EngineStatus:
        """
        Return how everything is.
        """
        with self._lock:
            is_paused, until, resync = self._is_paused, self._paused_until, self._resync
        return report(
            facts=self._facts,
            store=self._store,
            clock=self._clock,
            desks=self._desks,
            since=self._since,
            is_paused=is_paused,
            paused_until=until,
            resync=resync,
            in_maintenance=self.is_in_maintenance(),
        )

    def remember(self, code: str, text: str, *, by: str = "", area: str = "engine") -> None:
        """
        Put a line on the timeline (ids and counts only) and tell whoever shows the status.
        """
        log.info("%s", text)
        self._store.activity.add(ActivityLine(at=self._clock.now(), area=area, code=code, text=text, given_by=by))
        self._on_change()

    def channel_succeeded(self, channel: Channel) -> None:
        """
        A run ended well: its conditions are over, and a practice that was refused before is linked anew (C5).
        """
        self._heal(channel.area)
        desk = self._desk(channel.practice_id)
        if channel.name == "requests" and desk is not None:
            self._try_again(("he-", "store-"), desk.channels)
        if channel.name == "requests" and channel.practice_id in self._refused and desk is not None:
            self._refused.discard(channel.practice_id)
            self.remember("linked-again", f"Healthengine accepts practice {channel.practice_id} again: everything is sent anew.")
            desk.link_again()
        self._on_change()

    def channel_failed(self, channel: Channel, error: FrontdeskError) -> None:
        """
        A run ended badly: show it.
        """
        self._trouble(channel.area, error)
        desk = self._desk(channel.practice_id)
        if error.code.startswith("pms-") and desk is not None:
            desk.pms_failed()
            self._probe.trouble()
        if isinstance(error, AuthRequired) and error.code.startswith("he-"):
            self._refused.add(channel.practice_id)
        self._on_change()

    def _pms_is_back(self) -> None:
        for desk in self._desks:
            desk.pms_answered()
        self._try_again(("pms-",), self._channels())

    def _try_again(self, prefixes: tuple[str, ...], channels: Iterable[Channel]) -> None:
        """
        One channel's success shows that what held up the others may be over: they need not wait for their next turn. A refused
        login is left alone all the same.
        """
        for channel in channels:
            error = channel.last_error
            if error is not None and not isinstance(error, AuthRequired) and error.code.startswith(prefixes):
                channel.want(now=True)

    def _tick(self) -> None:
        now = self._clock.now()
        slept = timedelta(seconds=self._clock.real_seconds(now - self._last_tick))
        self._last_tick = now
        if gap_is_wake_up(TICK, slept):
            self._woke_up(slept)
        self._look_at_settings()
        with self._lock:
            ends = self._is_paused and self._paused_until is not None and self._paused_until <= now
            is_paused = self._is_paused
        if ends:
            self.resume(by="")
        if not is_paused:
            for desk in self._desks:
                desk.tick(now)
            self.on_tick()
        self._record_uptime(now, is_paused=is_paused)

    def _woke_up(self, slept: timedelta) -> None:
        self.remember("woke-up", f"The machine slept for {slept.total_seconds():.0f} s: looking at everything again.")
        for channel in self._channels():
            channel.want(now=True)

    def _look_at_settings(self) -> None:
        try:
            changed = self._reload()
        except FrontdeskError as error:
            self._trouble(SETTINGS_AREA, error)
            self._on_change()
            return
        if changed is None:
            return
        self._heal(SETTINGS_AREA)
        for desk in self._desks:
            practice = changed.get(desk.practice.id)
            if practice is not None and practice != desk.practice:
                desk.use(practice)
                self.remember("settings-changed", f"Practice {practice.id} has new settings.")
        self.on_practices(changed)

    def _record_uptime(self, now: datetime, *, is_paused: bool) -> None:
        """
        Up means: running, the PMS read and Healthengine reached, not paused.
        """
        if self._last_uptime is not None and timedelta() <= now - self._last_uptime < interval(Job.UPTIME, live=True):
            return
        self._last_uptime = now
        # One practice is enough: another may have been refused, which says nothing about this machine.
        self._store.uptime.extend(now, up=not is_paused and any(desk.reaches_both(now) for desk in self._desks))

    def _cut_live_hours(self) -> list[threading.Thread]:
        """
        Begin to tell Healthengine that today's live hours end; an engine that is paused or held says nothing.
        """
        desks = () if self._is_paused or self._is_held() else self._desks
        threads = [
            threading.Thread(target=desk.cut_live_hours, args=(CUT_LIMIT_S,), name=f"cut-{desk.practice.id}", daemon=True)
            for desk in desks
        ]
        for thread in threads:
            thread.start()
        return threads

    def _resync_all(self, scope: str) -> None:
        failure: FrontdeskError | None = None
        said: list[str] = []
        for desk in self._desks:
            for outcome in desk.resync(scope, self._clock.real_seconds(RESYNC_LIMIT)):
                if isinstance(outcome, FrontdeskError):
                    failure = failure or outcome
                else:
                    said.append(outcome)
                    self._resync_went_on()
        text = failure.message if failure else "; ".join(said)
        with self._lock:
            if self._resync is not None:
                self._resync = replace(self._resync, finished_at=self._clock.now(), ok=failure is None, result=text)
        self.remember("resync-failed" if failure else "resync-done", f"Resync of {scope}: {text}")

    def _resync_went_on(self) -> None:
        with self._lock:
            if self._resync is not None:
                self._resync = replace(self._resync, done=self._resync.done + 1)
        self._on_change()

    def _trouble(self, area: str, error: FrontdeskError) -> None:
        self._areas_in_trouble.add(area)
        for other in self._store.conditions.open_conditions():
            if other.area == area and other.code != error.code and not error.code.startswith("store-"):
                self._store.conditions.clear_condition(area, other.code)
        self._store.conditions.raise_condition(
            Condition(
                area=area,
                code=error.code,
                severity=severity_of(error),
                message=error.message,
                remedy=error.remedy,
                since=self._clock.now(),
            )
        )

    def _heal(self, area: str) -> None:
        if area in self._areas_in_trouble:
            self._store.conditions.clear_condition(area)
            self._areas_in_trouble.discard(area)

    def _remembered_pause(self) -> datetime | None:
        text = self._store.published.note("", "paused_until")
        return datetime.fromisoformat(text) if text else None

    def _taken_or_freed(self, desk: PracticeDesk, practitioner_id: str, start: datetime, minutes: int) -> None:
        """
        A practitioner has one diary in all practices: what *desk* took or freed is sent by the others too, at once.
        """
        for other in self._desks:
            if other is not desk:
                other.taken_or_freed_elsewhere(practitioner_id, start, minutes)

    def _desk(self, practice_id: str) -> PracticeDesk | None:
        return next((d for d in self._desks if d.practice.id == practice_id), None)

    def _channels(self) -> list[Channel]:
        return [channel for desk in self._desks for channel in desk.channels]
