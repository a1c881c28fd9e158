"""
Keeping the free time that Healthengine shows equal to what the PMS has (rule 4; acceptance A1-A5).

One sender per practice: only one thread may call `AvailabilitySync.run` at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent.domain.availability import DayAvailability, free_time
from agent.domain.brake import DayId
from agent.domain.days import DateRange
from agent.domain.errors import RecordRejected
from agent.domain.publishing import Asked, batches, changed, chunks, stale_days
from agent.domain.resources import Catalogue
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
        return f"{self.acknowledged} of {self.sent} days acknowledged{failed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    A part of the horizon as just read.

    Attributes:
        token, known: From before the reading: a booking of ours that comes in between makes it too old to count.
    """

    window: DateRange
    seen: Seen
    markers: Mapping[date, str]
    token: int
    known: Mapping[DayKey, AcknowledgedDay]


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
        markers = rules.marked(context.pms.markers(window))
        stale = stale_days(
            window,
            markers=markers,
            known=context.published.markers(practice.id),
            asked=window if asked.everything else asked.dates,
            in_hand=self._in_hand,
            earliest=earliest,
        )
        report = AvailabilityReport()
        for day in stale.trim:
            report += self._send([rules.publish(d) for d in self._in_hand[day]], token=token)
        readings = (self._read(part, catalogue, earliest) for part in chunks(stale.read))
        held: Collection[DayId] = ()
        if context.brake is not None and asked.by_hand:
            context.brake.let_everything_pass()
        elif context.brake is not None and (stale.read or context.brake.is_holding):
            parts = list(readings)  # what changes at once is judged as a whole, before any of it is sent
            held = context.brake.look(window, [part.seen for part in parts], catalogue, read_again=read_again)
            readings = (part for part in parts)
        for reading in readings:
            report += self._send_reading(reading, held, asked)
            if context.brake is not None:
                context.brake.accept(window, reading.seen.free, held)
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

    def _read(self, window: DateRange, catalogue: Catalogue, earliest: datetime) -> Reading:
        context = self._context
        token = context.raised()
        known = context.published.days(context.practice.id, window.first, window.end)
        diary = context.pms.diary(window)
        free = free_time(catalogue, diary, window, context.practice.zone, zones_of(context.practice))
        for day in window:
            if day <= earliest.date():
                self._in_hand[day] = []
        for item in free:
            if item.date <= earliest.date():
                self._in_hand[item.date].append(item)
        self._rules.learn(diary, catalogue, window)
        markers = self._rules.marked(diary.markers)
        return Reading(window=window, seen=Seen.of(diary, free), markers=markers, token=token, known=known)

    def _send_reading(self, reading: Reading, held: Collection[DayId], asked: Asked) -> AvailabilityReport:
        """
        Send one part without what is held; a date with something held in it keeps its old marker, so that it is read again.
        """
        desired = [self._rules.publish(day) for day in reading.seen.free if (day.resource_id, day.date) not in held]
        held_dates = {day for _, day in held}
        markers = {day: marker for day, marker in reading.markers.items() if day not in held_dates}
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
        incomplete: set[date] = set()
        for batch in batches(to_send):
            acknowledged, refused = self._send_batch(batch, known, token)
            done = {(d.resource_id, d.date) for d in acknowledged}
            incomplete.update(d.date for d in batch if (d.resource_id, d.date) not in done)
            report += AvailabilityReport(acknowledged=len(acknowledged), failed=refused)
        settled = {day: marker for day, marker in markers.items() if day not in incomplete}
        if settled:
            context.published.set_markers(context.practice.id, settled)
        return report

    def _send_batch(
        self, batch: list[DayAvailability], known: Mapping[DayKey, AcknowledgedDay], token: int
    ) -> tuple[list[DayAvailability], int]:
        context = self._context
        fresh = [day for day in batch if not context.raised_since(token, day.resource_id, day.date)]
        if not fresh:
            return [], 0
        keys = [DayKey(resource_id=day.resource_id, date=day.date) for day in fresh]
        unknown = {key: replace(NOT_SENT, generation=known.get(key, NOT_SENT).generation) for key in keys}
        # From here until the answer nobody knows what Healthengine shows: an answer that is lost must not leave the
        # older fingerprint standing, or a day that goes back to it (A, B, A) would never be sent again.
        context.published.acknowledge_days(context.practice.id, unknown, context.clock.now())
        outcome = send_and_remember(context, fresh, known, self._asked)
        rows: dict[DayKey, AcknowledgedDay] = {}
        acknowledged: list[DayAvailability] = []
        for position, (key, day) in enumerate(zip(keys, fresh, strict=True)):
            generation = unknown[key].generation
            if position in outcome.acknowledged:
                rows[key] = AcknowledgedDay(fingerprint=day.fingerprint(), generation=generation)
                acknowledged.append(day)
            elif position in outcome.failed:
                rows[key] = AcknowledgedDay(fingerprint="", generation=generation, failed=outcome.failed[position])
        context.published.acknowledge_days(context.practice.id, rows, context.clock.now())
        return acknowledged, len(outcome.failed)


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
