"""
Telling Healthengine what the practice does to our bookings in the PMS (R8, R9).

An appointment is *gone* only after two looks 60 s apart, and if no other row carries its reference. One that was moved is
kept: Healthengine has no call for a move, so reception is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum

from agent.domain.booking import Booked, BookingState, ChangeRequest
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.errors import RecordRejected
from agent.domain.words import counted
from agent.ports.ledger import LedgerBooking
from agent.ports.tasks import TaskKind
from agent.sync.context import Context

log = logging.getLogger(__name__)

S = BookingState

LOOK_TWICE = timedelta(seconds=60)
"""How long an appointment must stay away before it counts as gone."""

END_OF_DAY = time(20, 0)
"""From this local time on did-not-attend of the same day is sent; staff correct such marks until then."""

WATCHED_FOR = timedelta(days=2)
"""How long after its time a booking is still watched."""


class Fate(StrEnum):
    """
    What became of an appointment of ours.
    """

    UNCHANGED = "unchanged"
    MOVED = "moved"
    AWAY = "away"  # cancelled or not there
    DID_NOT_ATTEND = "did_not_attend"


def fate(entry: LedgerBooking, states: Mapping[str, Appointment]) -> Fate:
    """
    Compare a booking with what the PMS says now.
    """
    rows = [states[i] for i in entry.appointment_ids if i in states]
    live = [row for row in rows if row.state is not AppointmentState.CANCELLED]
    if not live:
        return Fate.AWAY
    if any(row.state is AppointmentState.DID_NOT_ATTEND for row in live):
        return Fate.DID_NOT_ATTEND
    first = min(live, key=lambda row: row.start)
    same = first.start == entry.start and first.practitioner_id == entry.practitioner_id
    return Fate.UNCHANGED if same else Fate.MOVED


class ChangeWatch:
    """
    Watches the confirmed bookings of one practice; one thread at a time.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._away_since: dict[int, datetime] = {}

    def run(self, asked: Sequence[ChangeRequest] = ()) -> str:
        """
        Look at every booking that matters, tell Healthengine what changed, and answer what it *asked*.
        """
        context = self._context
        local_now = context.local_now()
        entries = context.ledger.bookings(context.practice.id, states=(S.CONFIRMED,), start_from=local_now - WATCHED_FOR)
        states = context.pms.states([i for e in entries for i in e.appointment_ids]) if entries else {}
        told = sum(self._tell(entry, fate(entry, states), local_now) for entry in entries)
        for question in asked:
            self._answer(question)
        sent = f", {counted(told, 'change')} sent" if told else ""
        return f"{counted(len(entries), 'booking')} watched{sent}"

    def _tell(self, entry: LedgerBooking, seen: Fate, local_now: datetime) -> int:
        if seen is not Fate.AWAY:
            self._away_since.pop(entry.booking_id, None)
        if seen is Fate.DID_NOT_ATTEND:
            is_due = local_now.date() > entry.start.date() or local_now.time() >= END_OF_DAY
            return self._did_not_attend(entry) if is_due else 0
        if seen is Fate.MOVED:
            self._moved(entry)
            return 0
        if seen is Fate.AWAY:
            now = self._context.clock.now()
            since = self._away_since.setdefault(entry.booking_id, now)
            if now - since >= LOOK_TWICE:
                return self._gone(entry)
        return 0

    def _gone(self, entry: LedgerBooking) -> int:
        context = self._context
        found = context.pms.find_booked(entry.booking_id)
        if isinstance(found, Booked) and set(found.appointment_ids) != set(entry.appointment_ids):
            # Typed again with the same reference: it lives on under another id.
            context.step(entry, S.CONFIRMED, appointment_ids=found.appointment_ids, patient_id=found.patient_id)
            return 0
        self._send_cancel(entry)
        self._away_since.pop(entry.booking_id, None)
        return 1

    def _send_cancel(self, entry: LedgerBooking) -> None:
        context = self._context
        try:
            context.marketplace.cancel_booking(entry.booking_id, reason="cancelled by the practice")
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to our cancellation", entry.booking_id, error.status)
        context.step(entry, S.GONE, reason="cancelled by the practice")
        context.activity("booking-gone", f"Booking {entry.booking_id} was cancelled in the PMS; Healthengine knows.")

    def _did_not_attend(self, entry: LedgerBooking) -> int:
        context = self._context
        try:
            context.marketplace.did_not_attend(entry.booking_id, reason="marked by the practice")
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to did-not-attend", entry.booking_id, error.status)
        context.step(entry, S.DID_NOT_ATTEND)
        return 1

    def _moved(self, entry: LedgerBooking) -> None:
        context = self._context
        context.tasks.open(
            context.practice.id,
            TaskKind.MOVED,
            entry.booking_id,
            f"Booking {entry.booking_id} was moved in the PMS. Healthengine still shows {entry.start:%d/%m %H:%M}: "
            "tell the patient.",
            context.clock.now(),
        )

    def _answer(self, question: ChangeRequest) -> None:
        """
        Answer one question at once; an appointment that is merely not found yet is *no change* until it counts as gone.
        """
        context = self._context
        entry = context.ledger.booking(context.practice.id, question.booking_id)
        try:
            if entry is not None and entry.state in (S.GONE, S.CANCELLED):
                context.marketplace.cancel_booking(question.booking_id, reason="cancelled by the practice")
                return
            ids = entry.appointment_ids if entry else question.appointment_ids
            states = context.pms.states(ids) if ids else {}
            rows = [states[i] for i in ids if i in states]
            if entry is None:
                rows = [row for row in rows if question.patient_id and row.patient_id == question.patient_id]
            if rows and all(row.state is AppointmentState.CANCELLED for row in rows):
                self._cancelled_when_asked(question, entry)
            elif any(row.state is AppointmentState.DID_NOT_ATTEND for row in rows):
                context.marketplace.did_not_attend(question.booking_id, reason="marked by the practice")
                if entry is not None:
                    context.step(entry, S.DID_NOT_ATTEND)
            else:
                context.marketplace.no_appointment_change(question.booking_id)
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s", question.booking_id, error.status)

    def _cancelled_when_asked(self, question: ChangeRequest, entry: LedgerBooking | None) -> None:
        if entry is not None:
            self._send_cancel(entry)
        else:
            self._context.marketplace.cancel_booking(question.booking_id, reason="cancelled by the practice")
