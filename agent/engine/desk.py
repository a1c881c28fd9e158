"""
One practice at work: its context, its channels, and what they hand to each other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from agent.domain.booking import ChangeRequest
from agent.domain.due import Job, JobHistory, is_due
from agent.domain.errors import Cancelled, FrontdeskError, Transient
from agent.domain.health import RECENT
from agent.domain.liveness import NOBODY_EXPECTED, hours_text, is_live
from agent.domain.practice import Practice
from agent.domain.publishing import Asked
from agent.domain.reports import LiveHoursReport, UptimeReport
from agent.domain.status import PracticeStatus, PublishedCounts
from agent.engine.burst import Burst
from agent.engine.channel import Channel
from agent.engine.holidays import is_public_holiday
from agent.ports.clock import Clock
from agent.ports.marketplace import AvailabilityRequest
from agent.sync import requests
from agent.sync.availability import EMPTIED, AvailabilitySync, raise_if_refused
from agent.sync.bookings import BookingDesk
from agent.sync.changes import ChangeWatch
from agent.sync.configuration import run_configuration
from agent.sync.context import Context
from agent.sync.liveness import cut_today
from agent.sync.rebuilding import rebuild_if_needed
from agent.sync.telling import forget_the_old

if TYPE_CHECKING:
    from concurrent.futures import Executor

log = logging.getLogger(__name__)

POLLS_WITHOUT_PMS = timedelta(minutes=3)
"""How long polling goes on while the PMS does not answer: polling claims that we can process (acceptance, silent points)."""


class PracticeDesk:
    """
    Runs the channels of one practice. Its methods may be called from any thread.

    Args:
        answers: Where confirmations and rejections run side by side.
        aside: Where a long call to the PMS runs, one at a time.
    """

    def __init__(
        self,
        context: Context,
        *,
        answers: Executor,
        aside: Executor,
        on_success: Callable[[Channel], None],
        on_failure: Callable[[Channel, FrontdeskError], None],
    ) -> None:
        self.context = context
        self._clock: Clock = context.clock
        self._lock = threading.Lock()
        self._asked_days: set[tuple[str, date]] = set()
        self._asked_changes: list[ChangeRequest] = []
        self._send_all_days = False
        self._send_configuration = False
        self._by_hand: set[str] = set()
        self._said: dict[str, str] = {}  # by channel, of the last run that sent everything
        self._drained = threading.Event()
        self._requests_turn = threading.Lock()
        self._pms_failing_since: datetime | None = None
        context.availability_wanted = self._availability_wanted
        self._bookings = BookingDesk(context, answers.submit, aside=aside.submit)
        self._availability_sync = AvailabilitySync(context)
        self._watch = ChangeWatch(context)
        self._others = requests.OtherChannels(
            availability=self._availability_asked,
            changes=self._changes_asked,
            configuration=self._configuration_asked,
        )

        def channel(name: str, job: Job, work: Callable[[], str]) -> Channel:
            return Channel(
                practice_id=context.practice.id,
                name=name,
                job=job,
                work=lambda: self._guarded(name, work),
                clock=self._clock,
                on_success=on_success,
                on_failure=on_failure,
            )

        self.requests = channel("requests", Job.POLL, self._poll)
        self.configuration = channel("configuration", Job.CONFIGURATION, self._configure)
        self.availability = channel("availability", Job.AVAILABILITY, self._publish)
        self.changes = channel("changes", Job.CHANGES, self._look_for_changes)
        self._burst = Burst(self._clock, self.availability.want)
        self.channels = (self.requests, self.configuration, self.availability, self.changes)

    @property
    def practice(self) -> Practice:
        """
        The practice's settings, as they are now.
        """
        return self.context.practice

    def is_live(self, now: datetime) -> bool:
        """
        Return whether *now* (aware UTC) lies in the practice's live hours.
        """
        local = now.astimezone(self.practice.zone).replace(tzinfo=None)
        holiday = is_public_holiday(local.date(), self.practice.zone)
        return is_live(self.context.live_contract(), local, holiday=holiday)

    def tick(self, now: datetime) -> None:
        """
        Begin whatever is due.
        """
        live = self.is_live(now)
        if self.context.brake is not None and self.context.brake.wants_fresh_look():
            self.availability.want()
        for channel in self.channels:
            if channel is self.requests and self._must_fall_silent(now):
                self._settle_overdue()
                continue
            channel.tick(now, live=live)

    def taken_or_freed_elsewhere(self, practitioner_id: str, start: datetime, minutes: int) -> None:
        """
        Another practice took or freed a practitioner's time, which is this practice's too where the practitioner works here.
        """
        if self.context.has_catalogue and self.context.catalogue.siblings(practitioner_id):
            self.context.resend(practitioner_id, start, minutes)

    def link_again(self) -> None:
        """
        Treat Healthengine as if it knew nothing of this practice: configuration, then every day, then requests (C5, L4).
        """
        self.forget()
        self.resync_soon()

    def forget(self) -> None:
        """
        Count nothing as sent any more.
        """
        published, practice_id = self.context.published, self.practice.id
        for name in ("liveness", "resources", "types", "full_availability_at"):
            published.set_note(practice_id, name, "")
        published.forget_days(practice_id)

    def resync_soon(self) -> None:
        """
        Ask for everything again, as soon as the channels can.
        """
        with self._lock:
            self._send_configuration = True
            self._send_all_days = True
            self._by_hand = {"configuration", "availability"}
        self.configuration.want(now=True)
        self.requests.want(now=True)

    def release(self) -> str:
        """
        A person said that what is held is right; returns what is let go, in plain words.
        """
        said = self.context.brake.release() if self.context.brake is not None else ""
        if said:
            for channel in (self.configuration, self.availability, self.changes):
                channel.want(now=True)
        return said

    def resync(self, scope: str, timeout: float) -> Iterator[FrontdeskError | str]:
        """
        Send everything of *scope* (all, configuration, availability) again; yields how each part went, and ends with the
        first that failed.

        Args:
            timeout: For each part, in real seconds.
        """
        with self._lock:
            self._by_hand |= {"configuration", "availability"} if scope == "all" else {scope}
        # Requests first: they show at once whether Healthengine lets us in, and are drained before anything is published.
        parts = [self.requests] if scope != "configuration" else []
        parts += [self.configuration] if scope != "availability" else []
        parts += [self.availability] if scope != "configuration" else []
        for channel in parts:
            with self._lock:
                self._said.pop(channel.name, None)
                self._send_configuration = self._send_configuration or channel is self.configuration
                self._send_all_days = self._send_all_days or channel is self.availability
            outcome = channel.run_and_wait(timeout)
            if channel is self.availability and isinstance(outcome, Cancelled):
                # The practice has just been linked anew, and its configuration goes first.
                self.configuration.run_and_wait(timeout)
                outcome = channel.run_and_wait(timeout)
            if outcome is None:
                outcome = Transient("resync-slow", "It took too long.", remedy="Look at the status in a while.")
            if isinstance(outcome, FrontdeskError):
                yield outcome
                return
            if channel is not self.requests:
                # A run that had only just begun may have sent everything, and the one that was waited for found nothing to do.
                yield self._said.get(channel.name, outcome)

    def use(self, practice: Practice) -> None:
        """
        Take over changed settings and tell Healthengine promptly (C1).
        """
        self.context.practice = practice
        self.configuration.want(now=True)
        self.availability.want()

    def reaches_both(self, now: datetime) -> bool:
        """
        Return whether the PMS has been read and Healthengine been asked just now.
        """
        polled = self.requests.last_success
        is_polling = polled is not None and now - polled <= RECENT["requests"]
        return is_polling and self.context.has_catalogue and self._pms_failing_since is None

    def live_hours(self) -> LiveHoursReport | None:
        """
        Return the live hours as a person reads them.
        """
        keeper = self.context.live_hours
        return None if keeper is None else keeper.report(self.practice)

    def uptime(self) -> UptimeReport | None:
        """
        Return when this machine was up, beside the live hours.
        """
        keeper = self.context.live_hours
        return None if keeper is None else keeper.uptime(self.practice)

    def answer_live_hours(self, *, adopt: bool, by: str) -> str:
        """
        Take a person's answer to the question about the live hours, and tell Healthengine promptly.
        """
        keeper = self.context.live_hours
        if keeper is None:
            return ""
        text = keeper.answer(self.practice, adopt=adopt, by=by)
        self.configuration.want(now=True)
        return text

    def cut_live_hours(self, timeout: float) -> None:
        """
        Tell Healthengine that today's live hours end now; nothing that goes wrong with it matters.

        Args:
            timeout: How long a statement that is being sent already may take, in real seconds.
        """
        context = self.context
        if context.live_hours is None or not self.configuration.stop(timeout):
            return
        try:
            is_cut = cut_today(
                context.practice,
                context.live_hours,
                clock=context.clock,
                published=context.published,
                marketplace=context.marketplace,
            )
            if is_cut:
                context.activity("live-hours-cut", f"Today's live hours of practice {self.practice.id} end now.")
        except FrontdeskError as error:  # also of a state file that was closed meanwhile
            log.info("practice %s: today's live hours are not cut: %s", self.practice.id, error.code)

    def end_contract(self) -> None:
        """
        Tell Healthengine that no sign of life is to be expected any more, for a practice that has left and shows no times;
        nothing that goes wrong with it matters.
        """
        try:
            self.context.marketplace.send_liveness(NOBODY_EXPECTED)
        except FrontdeskError as error:
            log.info("practice %s: its live hours stay as they are: %s", self.practice.id, error.code)

    def status(self, now: datetime) -> PracticeStatus:
        """
        Return what is published and whether the practice is in its live hours.
        """
        practice = self.practice
        published = self.context.published
        today = now.astimezone(practice.zone).date()
        days, failed = published.counts(practice.id, first=today)
        known = self.context.catalogue if self.context.has_catalogue else None
        return PracticeStatus(
            id=practice.id,
            name=practice.name,
            live_now=self.is_live(now),
            liveness=hours_text(self.context.live_contract()) if published.note(practice.id, "liveness") else "",
            published=PublishedCounts(
                resources=len(known.resources) if known and published.note(practice.id, "resources") else 0,
                types=len(known.types) if known and published.note(practice.id, "types") else 0,
                days=days,
                failed=failed,
            ),
            stop=self.context.stop(),
            is_empty=bool(published.note(practice.id, EMPTIED)),
        )

    def pms_answered(self) -> None:
        """
        The PMS has just given an answer.
        """
        self._pms_failing_since = None

    def pms_failed(self) -> None:
        """
        The PMS has just failed to give one.
        """
        self._pms_failing_since = self._pms_failing_since or self._clock.now()

    def _must_fall_silent(self, now: datetime) -> bool:
        since = self._pms_failing_since
        return since is not None and now - since > POLLS_WITHOUT_PMS

    def _guarded(self, name: str, work: Callable[[], str]) -> str:
        if self.context.guard is not None:
            self.context.guard.before_run(waits=name != "requests")
        return work()

    def _done_by_hand(self, scope: str) -> None:
        with self._lock:
            self._by_hand.discard(scope)

    def _settle_overdue(self) -> None:
        """
        Answer what waits too long, unless a poll that a person asked for is at it.
        """
        is_held = self.context.guard is not None and self.context.guard.is_held
        if is_held or not self._requests_turn.acquire(blocking=False):
            return
        try:
            self._bookings.overdue.settle()
        except FrontdeskError as error:
            log.info("practice %s: what waits is not settled now: %s", self.practice.id, error.code)
        finally:
            self._requests_turn.release()

    def _poll(self) -> str:
        with self._requests_turn:
            outstanding = requests.fetch(self.context)
            with self._burst:
                report = requests.act(self.context, self._bookings, self._others, outstanding)
        if self._bookings.has_more:
            self.requests.want()
        if not self._drained.is_set():
            self._drained.set()
            self.availability.want()
        if report.error is not None:
            raise report.error
        return str(report)

    def _configure(self) -> str:
        with self._lock:
            everything, self._send_configuration = self._send_configuration, False
        try:
            plan = run_configuration(self.context, everything=everything, by_hand="configuration" in self._by_hand)
            rebuild_if_needed(self.context)
        except BaseException:
            with self._lock:
                self._send_configuration = self._send_configuration or everything
            raise
        if everything:
            self._done_by_hand("configuration")
        self.pms_answered()
        self.availability.want()
        if everything:
            self._said["configuration"] = str(plan)
        return str(plan)

    def _publish(self) -> str:
        self._wait_for_its_turn()
        full_at = self.context.published.note(self.practice.id, "full_availability_at")
        started = self._clock.now()
        with self._lock:
            everything = self._send_all_days or self._is_full_due(full_at, started)
            asked = Asked(days=frozenset(self._asked_days), everything=everything, by_hand="availability" in self._by_hand)
            self._asked_days = set()
            self._send_all_days = False
        try:
            report = self._availability_sync.run(asked)
        except BaseException:
            with self._lock:
                self._asked_days |= asked.days
                self._send_all_days = self._send_all_days or everything
            raise
        self.pms_answered()
        if asked.by_hand:
            self._done_by_hand("availability")
        if everything:
            self.context.published.set_note(self.practice.id, "full_availability_at", started.isoformat())
            forget_the_old(self.context)
            self._said["availability"] = str(report)
        raise_if_refused(report)
        return str(report)

    def _wait_for_its_turn(self) -> None:
        """
        Configuration first, because Healthengine refuses days of a resource or type that it does not know; and what waits
        there is drained before anything is published.
        """
        stated = (self.context.published.note(self.practice.id, name) for name in ("resources", "types"))
        is_configured = self.context.has_catalogue and all(stated)
        if not is_configured or self._send_configuration:
            raise Cancelled("configuration-first", "Waits until the doctors and appointment types have been sent.")
        if not self._drained.is_set():
            raise Cancelled("requests-first", "Waits until what is outstanding at Healthengine has been fetched.")

    def _is_full_due(self, last: str, now: datetime) -> bool:
        when = datetime.fromisoformat(last) if last else None
        return is_due(Job.FULL_AVAILABILITY, JobHistory(last_attempt=when, last_success=when), now=now, live=True)

    def _look_for_changes(self) -> str:
        with self._lock:
            asked, self._asked_changes = self._asked_changes, []
        return self._watch.run(asked)

    def _availability_asked(self, asked: tuple[AvailabilityRequest, ...]) -> None:
        catalogue = self.context.catalogue
        with self._lock:
            self._asked_days |= {(item.resource_id, item.day) for item in asked}
        if any(item.resource_id and catalogue.resource(item.resource_id) is None for item in asked):
            # For a resource that is gone only the list of resources is an answer.
            self._configuration_asked()
        self.availability.want()

    def _changes_asked(self, asked: tuple[ChangeRequest, ...]) -> None:
        with self._lock:
            waiting = {item.booking_id for item in self._asked_changes}
            self._asked_changes += [item for item in asked if item.booking_id not in waiting]
        self.changes.want()

    def _configuration_asked(self) -> None:
        with self._lock:
            self._send_configuration = True
        self.configuration.want()

    def _availability_wanted(self) -> None:
        if not self._burst.holds_back():
            self.availability.want()
