"""
Telling Healthengine what the practice does to our bookings in the PMS (R8, R9).

An appointment is *gone* only after two looks 60 s apart, and if neither another row with its reference nor a new row of its
patient could be it. One that was moved is kept: Healthengine has no call for a move, so reception is told. What each thing
that the desk does means is decided in `agent.domain.moves`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from agent.domain.booking import Booked, BookingState, ChangeRequest
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.errors import RecordRejected
from agent.domain.moves import Fate, Place, Verdict, is_live
from agent.domain.words import counted
from agent.ports.ledger import LedgerBooking
from agent.ports.tasks import TaskKind
from agent.sync import patients
from agent.sync.by_hand import look_at_all
from agent.sync.context import Context
from agent.sync.locating import anywhere, at_hand, what_else

log = logging.getLogger(__name__)

S = BookingState

LOOK_TWICE = timedelta(seconds=60)
"""How long an appointment must stay away before it counts as gone."""

ELSEWHERE_EVERY = timedelta(minutes=5)
"""
How often an appointment that was given away, or cannot be found for certain, is looked for elsewhere while its own rows stay
as they are: the PMS has to go through all its notes for that.
"""

END_OF_DAY = time(20, 0)
"""From this local time on did-not-attend of the same day is sent; staff correct such marks until then."""

WATCHED_FOR = timedelta(days=2)
"""How long after its time a booking is still watched."""

CANCELLED = "cancelled by the practice"
RESTORED = "put back by the practice"
MOVED = "moved to"
REUSED = "given to another patient"
UNCLEAR = "moved, to an unclear place"
_MARKS = (MOVED, REUSED, UNCLEAR)

_ABOUT_MOVES = (TaskKind.MOVED, TaskKind.REUSED, TaskKind.RESTORED)


class _Search(NamedTuple):
    at: datetime
    rows: list[Appointment | None]


class ChangeWatch:
    """
    Watches the confirmed bookings of one practice; one thread at a time.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._away_since: dict[int, datetime] = {}
        self._searched: dict[int, _Search] = {}
        self._vanished: list[LedgerBooking] = []

    def run(self, asked: Sequence[ChangeRequest] = ()) -> str:
        """
        Look at every booking that matters, tell Healthengine what changed, and answer what it *asked*.
        """
        context = self._context
        look_at_all(context)
        local_now = context.local_now()
        entries = context.ledger.bookings(context.practice.id, states=(S.CONFIRMED,), start_from=local_now - WATCHED_FOR)
        gone = context.ledger.bookings(context.practice.id, states=(S.GONE,), start_from=local_now)
        ids = [i for e in (*entries, *gone) for i in e.appointment_ids]
        states = context.pms.states(ids) if ids else {}
        told = sum(self._tell(entry, states, local_now) for entry in entries)
        told += self._tell_vanished(entries, states)
        for entry in gone:
            self._look_at_gone(entry, states)
        for question in asked:
            self._answer(question)
        self._note_what_else_there_is(entries)
        sent = f", {counted(told, 'change')} sent" if told else ""
        return f"{counted(len(entries), 'booking')} watched{sent}"

    def _tell(self, entry: LedgerBooking, states: Mapping[str, Appointment], local_now: datetime) -> int:
        if self._was_just_searched(entry, states):
            return 0
        verdict = at_hand(self._context, entry, states)
        if verdict.fate is Fate.AWAY:
            now = self._context.clock.now()
            if now - self._away_since.setdefault(entry.booking_id, now) < LOOK_TWICE:
                return 0
            verdict = anywhere(self._context, entry)
            if verdict.fate is Fate.AWAY and _has_no_row(entry, states):
                self._vanished.append(entry)
                return 0
            if verdict.fate is Fate.AWAY:
                self._send_cancel(entry)
                self._away_since.pop(entry.booking_id, None)
                return 1
        else:
            self._away_since.pop(entry.booking_id, None)
        return self._follow(entry, verdict, local_now)

    def _was_just_searched(self, entry: LedgerBooking, states: Mapping[str, Appointment]) -> bool:
        """
        Return whether reception knows that it is not where it was, and looking for it again would find the same.
        """
        if entry.reason not in (REUSED, UNCLEAR):
            self._searched.pop(entry.booking_id, None)
            return False
        now, rows = self._context.clock.now(), [states.get(i) for i in entry.appointment_ids]
        last = self._searched.get(entry.booking_id)
        if last is not None and last.rows == rows and timedelta() <= now - last.at < ELSEWHERE_EVERY:
            return True
        self._searched[entry.booking_id] = _Search(now, rows)
        return False

    def _tell_vanished(self, entries: Sequence[LedgerBooking], states: Mapping[str, Appointment]) -> int:
        """
        Tell Healthengine of those of which no row is left; many at once are held until a person speaks (rule 8).
        """
        due, self._vanished = self._vanished, []
        held: frozenset[int] = frozenset()
        if self._context.brake is not None:
            away = {e.booking_id for e in entries if e.booking_id in self._away_since and _has_no_row(e, states)}
            held = self._context.brake.vanished(away if due else (), len(entries))
        told = [entry for entry in due if entry.booking_id not in held]
        for entry in told:
            self._send_cancel(entry)
            self._away_since.pop(entry.booking_id, None)
        return len(told)

    def _follow(self, entry: LedgerBooking, verdict: Verdict, local_now: datetime) -> int:
        match verdict.fate:
            case Fate.DID_NOT_ATTEND:
                is_due = local_now.date() > verdict.place.start.date() or local_now.time() >= END_OF_DAY
                return self._did_not_attend(entry) if is_due else 0
            case Fate.STANDS:
                self._stands(entry, verdict)
            case Fate.MOVED:
                self._moved(entry, verdict)
            case Fate.REUSED:
                self._needs_a_person(entry, TaskKind.REUSED, REUSED, "was given to another patient in the PMS")
            case _:
                self._needs_a_person(entry, TaskKind.MOVED, UNCLEAR, "cannot be found for certain in the PMS any more")
        return 0

    def _stands(self, entry: LedgerBooking, verdict: Verdict) -> None:
        """
        Where Healthengine shows it. If that was not always so, the desk has put it back, and what was asked for is done.
        """
        was_away = entry.reason.startswith(_MARKS) or not entry.place.shows_the_same(entry.booked, self._context.premises)
        if was_away:
            self._close_tasks(entry.booking_id)
        self._remap(entry, verdict, reason="" if was_away else entry.reason)

    def _moved(self, entry: LedgerBooking, verdict: Verdict) -> None:
        place = verdict.place
        is_told = place.shows_the_same(entry.place, self._context.premises) and entry.reason not in (REUSED, UNCLEAR)
        if not is_told:
            where = _where(place, entry.booked, self._context.premises)
            self._close_tasks(entry.booking_id)
            self._open_task(entry, TaskKind.MOVED, f"was moved in the PMS to {where}")
        self._remap(entry, verdict, reason=f"{MOVED} {place.start:%d/%m/%Y %H:%M}, practitioner {place.practitioner_id}")

    def _needs_a_person(self, entry: LedgerBooking, kind: TaskKind, mark: str, what: str) -> None:
        if entry.reason != mark:
            self._close_tasks(entry.booking_id)
            self._open_task(entry, kind, what)
            self._context.step(entry, S.CONFIRMED, reason=mark)

    def _remap(self, entry: LedgerBooking, verdict: Verdict, *, reason: str) -> None:
        # A slot of several that was taken out may be put back: it stays one of ours.
        is_known = set(verdict.appointment_ids) <= set(entry.appointment_ids)
        ids = entry.appointment_ids if is_known else verdict.appointment_ids
        if verdict.patient_id != entry.patient_id == self._context.practice.placeholder_patient:
            patients.settle(self._context, entry.booking_id)  # reception has chosen whose it is
        now = (ids, verdict.patient_id, verdict.place, reason)
        if now != (entry.appointment_ids, entry.patient_id, entry.place, entry.reason):
            self._context.step(
                entry, S.CONFIRMED, appointment_ids=ids, patient_id=verdict.patient_id, place=verdict.place, reason=reason
            )

    def _look_at_gone(self, entry: LedgerBooking, states: Mapping[str, Appointment]) -> None:
        """
        Healthengine cannot be told that a cancelled appointment lives again: reception is.
        """
        context = self._context
        lives = any(is_live(states[i]) and states[i].patient_id == entry.patient_id for i in entry.appointment_ids if i in states)
        if lives and entry.reason != RESTORED:
            context.tasks.open(
                context.practice.id,
                TaskKind.RESTORED,
                entry.booking_id,
                f"Booking {entry.booking_id} for {entry.start:%d/%m %H:%M} was put back in the PMS. Healthengine shows it as "
                "cancelled: tell the patient.",
                context.clock.now(),
            )
            context.step(entry, S.GONE, reason=RESTORED)
        elif not lives and entry.reason == RESTORED:
            self._close_tasks(entry.booking_id)
            context.step(entry, S.GONE, reason=CANCELLED)

    def _send_cancel(self, entry: LedgerBooking) -> None:
        context = self._context
        try:
            context.marketplace.cancel_booking(entry.booking_id, reason=CANCELLED)
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to our cancellation", entry.booking_id, error.status)
        self._close_tasks(entry.booking_id)
        context.step(entry, S.GONE, reason=CANCELLED)
        context.activity("booking-gone", f"Booking {entry.booking_id} was cancelled in the PMS; Healthengine knows.")

    def _did_not_attend(self, entry: LedgerBooking) -> int:
        context = self._context
        try:
            context.marketplace.did_not_attend(entry.booking_id, reason="marked by the practice")
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to did-not-attend", entry.booking_id, error.status)
        self._close_tasks(entry.booking_id)
        context.step(entry, S.DID_NOT_ATTEND)
        return 1

    def _open_task(self, entry: LedgerBooking, kind: TaskKind, what: str) -> None:
        context = self._context
        why = f"Booking {entry.booking_id} {what}. Healthengine still shows {entry.start:%d/%m %H:%M}: tell the patient."
        context.tasks.open(context.practice.id, kind, entry.booking_id, why, context.clock.now())

    def _close_tasks(self, booking_id: int) -> None:
        context = self._context
        for task in context.tasks.open_tasks():
            if (task.practice_id, task.booking_id) == (context.practice.id, booking_id) and task.kind in _ABOUT_MOVES:
                context.tasks.close(task.id, context.clock.now())

    def _note_what_else_there_is(self, entries: Sequence[LedgerBooking]) -> None:
        """
        Once for every booking: whatever its patient has later beyond this is new, and could be the same one typed again.
        """
        context = self._context
        for entry in entries:
            if entry.other_ids is not None or entry.booking_id in self._away_since:
                continue
            current = context.ledger.booking(context.practice.id, entry.booking_id)
            if current is not None and current.state is S.CONFIRMED and not current.reason.startswith((REUSED, UNCLEAR)):
                context.step(current, S.CONFIRMED, other_ids=what_else(context, current))

    def _answer(self, question: ChangeRequest) -> None:
        """
        Answer one question at once; an appointment that is merely not found yet is *no change* until it counts as gone.
        """
        context = self._context
        entry = context.ledger.booking(context.practice.id, question.booking_id)
        try:
            fate = self._fate_when_asked(question, entry)
            if fate is Fate.AWAY and entry is not None and entry.state is S.CONFIRMED:
                self._send_cancel(entry)
            elif fate is Fate.AWAY:
                context.marketplace.cancel_booking(question.booking_id, reason=CANCELLED)
            elif fate is Fate.DID_NOT_ATTEND:
                context.marketplace.did_not_attend(question.booking_id, reason="marked by the practice")
                if entry is not None:
                    context.step(entry, S.DID_NOT_ATTEND)
            else:
                context.marketplace.no_appointment_change(question.booking_id)
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s", question.booking_id, error.status)
            if entry is not None and entry.state is S.CONFIRMED and fate is Fate.DID_NOT_ATTEND:
                context.step(entry, S.DID_NOT_ATTEND)

    def _fate_when_asked(self, question: ChangeRequest, entry: LedgerBooking | None) -> Fate:
        """
        Return what may be said now: *away* only where a row marked as cancelled says so and nothing else could be it.
        """
        context = self._context
        if entry is not None and entry.state in (S.GONE, S.CANCELLED):
            return Fate.STANDS if entry.reason == RESTORED else Fate.AWAY
        ids = entry.appointment_ids if entry else question.appointment_ids
        states = context.pms.states(ids) if ids else {}
        if entry is None:
            return self._fate_of_unknown(question, states)
        fate = at_hand(context, entry, states).fate
        if fate is not Fate.AWAY:
            return fate
        return anywhere(context, entry).fate if states else Fate.STANDS

    def _fate_of_unknown(self, question: ChangeRequest, states: Mapping[str, Appointment]) -> Fate:
        rows = [row for row in states.values() if question.patient_id and row.patient_id == question.patient_id]
        if any(row.state is AppointmentState.DID_NOT_ATTEND for row in rows):
            return Fate.DID_NOT_ATTEND
        if not rows or any(is_live(row) for row in rows):
            return Fate.STANDS
        found = self._context.pms.find_booked(question.booking_id)
        marked = self._context.pms.states(found.appointment_ids).values() if isinstance(found, Booked) else ()
        return Fate.STANDS if any(is_live(row) for row in marked) else Fate.AWAY


def _has_no_row(entry: LedgerBooking, states: Mapping[str, Appointment]) -> bool:
    return not any(i in states for i in entry.appointment_ids)


def _where(place: Place, booked: Place, premises: Mapping[str, str]) -> str:
    """
    Say where it is now, as far as that differs from what the patient was told; ids and times only.
    """
    parts = [f"{place.start:%d/%m %H:%M}"] if place.start != booked.start else []
    if place.practitioner_id != booked.practitioner_id:
        parts.append(f"practitioner {place.practitioner_id}")
    if not place.is_at_the_premises_of(booked, premises):
        parts.append(f"location {place.location_id}")
    return ", ".join(parts)
