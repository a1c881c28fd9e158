"""
Keeping the free time that Healthengine shows equal to what the PMS has (rule 4; acceptance A1-A5).

One sender per practice: only one thread may call `AvailabilitySync.run` at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent.domain.availability import DayAvailability, free_time
from agent.domain.brake import DayId
from agent.domain.days import DateRange
from agent.domain.diary import Diary
from agent.domain.errors import RecordRejected
from agent.domain.publishing import Asked, batches, changed, chunks, stale_days
from agent.domain.resources import Catalogue
from agent.domain.words import counted
from agent.ports.ledger import AcknowledgedDay, DayKey
from agent.sync.brake import Seen
from agent.sync.configuration import read_catalogue
from agent.sync.context import Context
from agent.sync.rules import DayRules, zones_of
from agent.sync.telling import send_and_remember

log = logging.getLogger(__name__)

EMPTY: Mapping[date, str] = {}
NOTHING_ASKED = Asked()
EMPTIED = "emptied"
"""The note that, since online bookings were stopped, Healthengine has acknowledged that nothing is free."""

STOPPED = "stopped"
"""The note of what days depend on, while nothing is published."""

NOT_SENT = AcknowledgedDay(fingerprint="", generation=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityReport:
    """
    What one run did, in resource-days.
    """

    looked_at: int = 0
    sent: int = 0
    acknowledged: int = 0
    failed: int = 0

    def __add__(self, other: AvailabilityReport) -> AvailabilityReport:
        return AvailabilityReport(
            looked_at=self.looked_at + other.looked_at,
            sent=self.sent + other.sent,
            acknowledged=self.acknowledged + other.acknowledged,
            failed=self.failed + other.failed,
        )

    def __str__(self) -> str:
        if not self.sent:
            return "nothing changed"
        failed = f", {self.failed} refused" if self.failed else ""
        return f"{self.acknowledged} of {counted(self.sent, 'day')} acknowledged{failed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    What is free in a stretch of the diary, with what was known when it was read.

    Attributes:
        token: Of the moment before the reading, for `Context.raised_since`.
        known: What Healthengine had acknowledged then.
        free: Before any rule of the practice and any notice period.
    """

    window: DateRange
    token: int
    known: Mapping[DayKey, AcknowledgedDay]
    diary: Diary
    free: Sequence[DayAvailability]


class AvailabilitySync:
    """
    Plans from markers and fingerprints, reads what is stale, sends what differs.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        # Free time before the notice period, for the dates that the passing of time can change.
        self._in_hand: dict[date, list[DayAvailability]] = {}
        self._rules = DayRules(context)
        self._basis = ""
        self._asked = NOTHING_ASKED

    def run(self, asked: Asked = NOTHING_ASKED) -> AvailabilityReport:
        """
        Bring Healthengine up to date.

        Args:
            asked: What to send whether it changed or not: a day (A3), or everything (A2, A4).
        """
        context = self._context
        context.write_raised()
        self._asked = asked
        if context.stop() is not None:
            return self._publish_nothing(asked)
        practice, catalogue = context.practice, context.catalogue
        token = context.raised()
        rules = self._rules
        window = rules.begin(catalogue)
        earliest = rules.earliest
        self._forget_if_rules_changed()
        read_again = self._second_look()
        known = context.published.markers(practice.id)
        # Where every day will be read in any case, its marker comes with the reading.
        compared = not asked.everything and any(day in known for day in window)
        markers = rules.marked(context.pms.markers(window)) if compared else EMPTY
        stale = stale_days(
            window,
            markers=markers,
            known=known,
            asked=window if asked.everything else asked.dates,
            in_hand=self._in_hand,
            earliest=earliest,
        )
        report = AvailabilityReport()
        for day in stale.trim:
            trimmed = [rules.publish(d) for d in self._in_hand[day]]
            report += self._send(trimmed, token=token, markers={day: markers.get(day, "")})
        with ahead(lambda stretch: self._read(catalogue, stretch), chunks(stale.read)) as parts:
            held: Collection[DayId] = ()
            readings: Iterable[Reading] = parts
            if context.brake is not None and asked.by_hand:
                context.brake.let_everything_pass()
            elif context.brake is not None and (stale.read or context.brake.is_holding):
                readings = list(parts)  # what changes at once is judged as a whole, before any of it is sent
                seen = [Seen.of(part.diary, part.free) for part in readings]
                held = context.brake.look(window, seen, catalogue, read_again=read_again)
            for reading in readings:
                self._take_in(reading, catalogue, earliest, held)
                report += self._send_reading(reading, held, asked)
                if context.brake is not None:
                    context.brake.accept(window, reading.free, held)
        empty = [DayAvailability(r.id, day, ()) for day in asked.dates if day not in window for r in catalogue.resources]
        empty = [day for day in empty if day in asked]
        if empty:
            # A day that is not published has no free time, and Healthengine is told so.
            report += self._send(empty, token=token, asked=asked)
        context.published.drop_days_before(practice.id, window.first)
        self._in_hand = {d: v for d, v in self._in_hand.items() if d in window}
        return report

    def _publish_nothing(self, asked: Asked) -> AvailabilityReport:
        """
        Online bookings are stopped: every day is stated as empty, and the PMS is not needed for it.

        The next run that publishes something looks at every day anew.
        """
        context = self._context
        practice, catalogue = context.practice, context.catalogue
        token = context.raised()
        window = self._rules.begin(catalogue)
        days = sorted({*window, *asked.dates})
        context.published.set_note(practice.id, "availability_basis", STOPPED)
        self._basis = ""
        self._in_hand.clear()
        report = self._send(
            [DayAvailability(r.id, day, ()) for day in days for r in catalogue.resources], token=token, asked=asked
        )
        context.published.drop_days_before(practice.id, window.first)
        if report.acknowledged == report.sent:
            context.published.set_note(practice.id, EMPTIED, EMPTIED)
        return report

    def _forget_if_rules_changed(self) -> None:
        """
        A new resource, type or rule changes days whose diary did not change: look at all of them again.
        """
        practice = self._context.practice
        basis = self._rules.basis
        if basis == self._basis:
            return
        published = self._context.published
        if published.note(practice.id, "availability_basis") != basis:
            known = published.markers(practice.id)
            published.set_markers(practice.id, dict.fromkeys(known, "rules changed"))
            published.set_note(practice.id, "availability_basis", basis)
        self._in_hand.clear()
        self._basis = basis

    def _second_look(self) -> Catalogue | None:
        """
        Turn to a fresh connection if something is held and it is time to look again; returns what is bookable now.
        """
        context = self._context
        if context.brake is None or not context.brake.wants_fresh_look():
            return None
        context.pms.renew()
        return read_catalogue(context)

    def _read(self, catalogue: Catalogue, window: DateRange) -> Reading:
        context = self._context
        # Both before the reading: a booking of ours that comes in between makes it too old to count.
        token = context.raised()
        known = context.published.days(context.practice.id, window.first, window.end)
        diary = context.pms.diary(window)
        free = free_time(catalogue, diary, window, context.practice.zone, zones_of(context.practice))
        return Reading(window=window, token=token, known=known, diary=diary, free=free)

    def _take_in(self, reading: Reading, catalogue: Catalogue, earliest: datetime, held: Collection[DayId]) -> None:
        """
        Remember what will be needed of a reading when time has moved on.

        A date with something held in it is forgotten instead: should the diary go back to what is known, it has to be read again.
        """
        for day in reading.window:
            if day <= earliest.date():
                self._in_hand[day] = []
        for item in reading.free:
            if item.date <= earliest.date():
                self._in_hand[item.date].append(item)
        for _, day in held:
            self._in_hand.pop(day, None)
        self._rules.learn(reading.diary, catalogue, reading.window)

    def _send_reading(self, reading: Reading, held: Collection[DayId], asked: Asked) -> AvailabilityReport:
        """
        Send one part without what is held; a date with something held in it keeps its old marker, so that it is read again.
        """
        desired = [self._rules.publish(day) for day in reading.free if (day.resource_id, day.date) not in held]
        held_dates = {day for _, day in held}
        marked = self._rules.marked(reading.diary.markers)
        markers = {day: marker for day, marker in marked.items() if day not in held_dates}
        return self._send(desired, token=reading.token, asked=asked, markers=markers, known=reading.known)

    def _send(
        self,
        desired: Iterable[DayAvailability],
        *,
        token: int,
        asked: Asked = NOTHING_ASKED,
        markers: Mapping[date, str] = EMPTY,
        known: Mapping[DayKey, AcknowledgedDay] | None = None,
    ) -> AvailabilityReport:
        """
        Send what differs, in batches; a date whose every snapshot is acknowledged gets its marker.
        """
        context = self._context
        desired = list(desired)
        if not desired:
            return AvailabilityReport()
        if known is None:
            span = DateRange.covering(d.date for d in desired)
            known = context.published.days(context.practice.id, span.first, span.end)
        fingerprints = {(k.resource_id, k.date): v.fingerprint for k, v in known.items()}
        to_send = changed(desired, fingerprints, asked=asked)
        report = AvailabilityReport(looked_at=len(desired), sent=len(to_send))
        self._count_as_not_sent(to_send, known)
        incomplete: set[date] = set()
        answered: dict[DayKey, AcknowledgedDay] = {}
        try:
            for batch in batches(to_send):
                acknowledged, refused = self._send_batch(batch, known, token, answered, incomplete)
                report += AvailabilityReport(acknowledged=acknowledged, failed=refused)
        finally:
            # Once for all calls, whichever of them failed: each time has to reach the disk. If the process dies before, these
            # days count as not sent and are sent again.
            if answered:
                context.published.acknowledge_days(context.practice.id, answered, context.clock.now())
        settled = {day: marker for day, marker in markers.items() if day not in incomplete}
        if settled:
            context.published.set_markers(context.practice.id, settled)
        return report

    def _count_as_not_sent(self, days: Sequence[DayAvailability], known: Mapping[DayKey, AcknowledgedDay]) -> None:
        """
        From here until the answer nobody knows what Healthengine shows: an answer that is lost must not leave the older
        fingerprint and marker standing, or a day that goes back to them (A, B, A) would never be sent again.
        """
        if not days:
            return
        context = self._context
        context.published.set_markers(context.practice.id, dict.fromkeys((day.date for day in days), "being sent"))
        shown = {key: known[key] for key in map(key_of, days) if key in known and known[key].fingerprint}
        if shown:  # what has no fingerprint counts as not sent anyway
            unknown = {key: replace(NOT_SENT, generation=day.generation) for key, day in shown.items()}
            context.published.acknowledge_days(context.practice.id, unknown, context.clock.now())

    def _send_batch(
        self,
        batch: list[DayAvailability],
        known: Mapping[DayKey, AcknowledgedDay],
        token: int,
        answered: dict[DayKey, AcknowledgedDay],
        incomplete: set[date],
    ) -> tuple[int, int]:
        """
        Send one call's days less those that our own bookings have changed, put what is now known of each into *answered* and
        the dates of those that were not acknowledged into *incomplete*, and return how many were acknowledged and refused.
        """
        context = self._context
        fresh: list[DayAvailability] = []
        for day in batch:
            if context.raised_since(token, day.resource_id, day.date):
                incomplete.add(day.date)
            else:
                fresh.append(day)
        if not fresh:
            return 0, 0
        outcome = send_and_remember(context, fresh, known, self._asked)
        for position, day in enumerate(fresh):
            key = key_of(day)
            generation = known.get(key, NOT_SENT).generation
            if position in outcome.acknowledged:
                answered[key] = AcknowledgedDay(fingerprint=day.fingerprint(), generation=generation)
                continue
            incomplete.add(day.date)
            if position in outcome.failed:
                answered[key] = AcknowledgedDay(fingerprint="", generation=generation, failed=outcome.failed[position])
        return len(outcome.acknowledged), len(outcome.failed)


def key_of(day: DayAvailability) -> DayKey:
    """
    Return under which key a day is remembered.
    """
    return DayKey(resource_id=day.resource_id, date=day.date)


@contextmanager
def ahead(read: Callable[[DateRange], Reading], windows: Iterable[DateRange]) -> Iterator[Iterator[Reading]]:
    """
    Give window after window, each read while the one before is being worked on; at the end of the block nobody reads any more.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        yield _one_ahead(reader, read, windows)


def _one_ahead(reader: Executor, read: Callable[[DateRange], Reading], windows: Iterable[DateRange]) -> Iterator[Reading]:
    pending: Future[Reading] | None = None
    for window in windows:
        following = reader.submit(read, window)
        if pending is not None:
            yield pending.result()
        pending = following
    if pending is not None:
        yield pending.result()


def raise_if_refused(report: AvailabilityReport) -> None:
    """
    Turn refused days into a condition that is shown; they are sent again with every run until they are accepted.

    Raises:
        RecordRejected: if Healthengine refused any day (`he-days-refused`).
    """
    if report.failed:
        raise RecordRejected(
            "he-days-refused",
            f"Healthengine refused the free time of {report.failed} resource-days.",
            remedy="Press Resync now. If it stays, send the diagnostics to support.",
        )
