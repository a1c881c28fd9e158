# ruff: noqa: ARG002 (the port's methods take more than is looked at here)
"""
Healthengine in memory, for one practice: what it shows and asks for, what patients were told, when it hides the practice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.booking import ANSWER_WITHIN, Booking, BookingUpdate, ChangeRequest, HealthengineStatus
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.liveness import LivenessContract, is_live
from agent.domain.patients import PatientDetails
from agent.domain.resources import AppointmentType, Resource
from agent.engine.holidays import is_public_holiday
from agent.ports.marketplace import Answer, AvailabilityRequest, RequestKind, SnapshotOutcome
from agent.sandbox.year.clock import JumpingClock
from agent.sandbox.year.world import Place, Violations

HIDDEN_AFTER = timedelta(minutes=10)
"""After this much silence inside the contract Healthengine hides the practice's times."""


class Told(StrEnum):
    """
    What the patient of a booking believes.
    """

    WAITS = "waits"
    YES = "yes"
    NO = "no"
    CANCELLED_IT = "cancelled it"
    PRACTICE_CANCELLED = "the practice cancelled"
    DID_NOT_ATTEND = "did not attend"


class Opening(NamedTuple):
    """
    What a patient sees; *start* is local to the resource's place, *type_ids* empty: for every type.
    """

    resource_id: str
    start: datetime
    type_ids: tuple[str, ...]


@dataclass(kw_only=True)
class OnlineBooking:
    """
    A booking as Healthengine has it.
    """

    booking: Booking
    told: Told = Told.WAITS
    answers: tuple[tuple[tuple[str, ...], str], ...] = ()

    @property
    def id(self) -> int:
        """
        Its number.
        """
        return self.booking.id

    @property
    def end(self) -> datetime:
        """
        Its end, local and naive.
        """
        return self.booking.start + timedelta(seconds=self.booking.seconds)

    def stands(self, now: datetime) -> bool:
        """
        Return whether its patient will come; after 20 s without an answer Healthengine says yes by itself.
        """
        return self.told is Told.YES or (self.told is Told.WAITS and now - self.booking.booked_at >= ANSWER_WITHIN)


class Market:
    """
    Implements `agent.ports.marketplace.Marketplace`; answered requests leave the lists.

    Args:
        living: Whether the appointment of a booking stands in the PMS, as the practice's own people would say.
        did_not_attend: Whether that of a booking is marked so.
        is_retyped: Whether it has been entered anew, so that its ids are others now.
    """

    def __init__(
        self,
        place: Place,
        clock: JumpingClock,
        violations: Violations,
        *,
        living: Callable[[int], bool],
        did_not_attend: Callable[[int], bool],
        is_retyped: Callable[[int], bool],
    ) -> None:
        self.place = place
        self._clock = clock
        self._violations = violations
        self._living = living
        self._is_dna = did_not_attend
        self._is_retyped = is_retyped
        self.bookings: dict[int, OnlineBooking] = {}
        self.waiting: dict[int, Booking] = {}
        self.updates: dict[int, BookingUpdate] = {}
        self.days: list[AvailabilityRequest] = []
        self.questions: list[ChangeRequest] = []
        self.published: dict[tuple[str, date], tuple[OpenRange, ...]] = {}
        self.resources: tuple[Resource, ...] = ()
        self.types: tuple[AppointmentType, ...] = ()
        self.contract: LivenessContract | None = None
        self.last_heard: datetime | None = None
        self.statements: int = 0
        self._requests = 0

    def heard(self, name: str) -> None:
        """
        A call came through: only a poll counts as a sign of life.
        """
        if name == "outstanding":
            self.last_heard = self._clock.now()

    def is_live(self, at: datetime) -> bool:
        """
        Return whether *at* (aware UTC) lies in the contract.
        """
        if self.contract is None:
            return False
        local = at.astimezone(self.place.zone).replace(tzinfo=None)
        return is_live(self.contract, local, holiday=is_public_holiday(local.date(), self.place.zone))

    def is_hidden(self, at: datetime) -> bool:
        """
        Return whether the practice's times are hidden because nobody was heard inside the contract.
        """
        return self.is_silent(at) and self.is_live(at)

    def is_silent(self, at: datetime) -> bool:
        """
        Return whether nobody was heard for longer than is forgiven inside the contract.
        """
        return self.last_heard is None or at - self.last_heard > HIDDEN_AFTER

    def openings(self, minutes: int) -> Iterator[Opening]:
        """
        Return what a patient who needs *minutes* sees.
        """
        if self.is_hidden(self._clock.now()):
            return
        yesterday = self._clock.local(self.place.zone) - timedelta(days=1)
        taken: dict[tuple[str, date], list[OnlineBooking]] = defaultdict(list)
        for item in self.bookings.values():
            if item.end > yesterday and (item.told in {Told.WAITS, Told.YES}) and item.booking.resource_id:
                taken[item.booking.resource_id, item.booking.start.date()].append(item)
        self.published = {key: ranges for key, ranges in self.published.items() if key[1] >= yesterday.date()}
        clocks = {r.id: self._clock.local(self.place.zone_at(int(r.location_id))) for r in self.resources}
        for (resource_id, day), ranges in self.published.items():
            local = clocks.get(resource_id)
            if local is None or day < local.date():
                continue
            for start, type_ids in _starts(day, ranges, minutes, taken.get((resource_id, day), ())):
                if start > local:
                    yield Opening(resource_id, start, type_ids)

    def type_for(self, number: int, type_ids: tuple[str, ...]) -> str:
        """
        Return what the patient of booking *number* chooses; one in five has no type, where all would do.
        """
        choice = type_ids or tuple(kind.id for kind in self.types)
        return "" if not choice or (not type_ids and number % 5 == 0) else choice[number % len(choice)]

    def book(
        self, number: int, opening: Opening, minutes: int, patient: PatientDetails, *, type_id: str, is_new: bool
    ) -> OnlineBooking:
        """
        A patient books.
        """
        booking = Booking(
            id=number,
            resource_id=opening.resource_id,
            type_id=type_id,
            is_new_patient=is_new,
            booked_at=self._at(),
            status=HealthengineStatus.REQUESTED,
            start=opening.start,
            seconds=minutes * 60,
            patient=patient,
            reason="A cough, for a week" if number % 3 == 0 else "",
        )
        self.bookings[number] = item = OnlineBooking(booking=booking)
        self.waiting[number] = booking
        return item

    def cancel(self, item: OnlineBooking, *, stays: bool) -> None:
        """
        A patient cancels; one that is not answered yet stays in the list as cancelled, or leaves only an update.
        """
        listed = item.id in self.waiting
        item.told = Told.CANCELLED_IT
        if listed and stays:
            self.waiting[item.id] = replace(item.booking, status=HealthengineStatus.CANCELLED)
            return
        self.waiting.pop(item.id, None)
        self._requests += 1
        ids, patient_id = item.answers[-1] if item.answers else ((), "")
        self.updates[self._requests] = BookingUpdate(
            request_id=self._requests,
            booking_id=item.id,
            status=HealthengineStatus.CANCELLED,
            appointment_ids=ids,
            patient_id=patient_id,
        )

    def ask_about(self, item: OnlineBooking) -> None:
        """
        Healthengine wants to know what became of a booking.
        """
        ids, patient_id = item.answers[-1] if item.answers else ((), "")
        self.questions.append(ChangeRequest(booking_id=item.id, appointment_ids=ids, patient_id=patient_id))

    def lists_again(self, item: OnlineBooking) -> None:
        """
        Ask once more for an answer that was given, as if it had been lost.
        """
        self.waiting[item.id] = item.booking

    def _at(self) -> datetime:
        return self._clock.now().astimezone(UTC).replace(microsecond=0)

    # What the agent calls.

    def outstanding(self) -> Answer[RequestKind]:
        """
        Which lists have something in them.
        """
        lists = (
            (RequestKind.BOOKINGS, self.waiting),
            (RequestKind.BOOKING_UPDATES, self.updates),
            (RequestKind.AVAILABILITY, self.days),
            (RequestKind.APPOINTMENT_CHANGES, self.questions),
        )
        return Answer(items=tuple(kind for kind, rows in lists if rows), at=self._at())

    def booking_requests(self) -> Answer[Booking]:
        """
        Everything that waits for yes or no.
        """
        return Answer(items=tuple(self.waiting.values()), at=self._at())

    def booking_updates(self) -> Answer[BookingUpdate]:
        """
        Everything that patients changed.
        """
        return Answer(items=tuple(self.updates.values()), at=self._at())

    def availability_requests(self) -> Answer[AvailabilityRequest]:
        """
        Days that are wanted again.
        """
        return Answer(items=tuple(self.days), at=self._at())

    def change_requests(self) -> Answer[ChangeRequest]:
        """
        Bookings that are asked about.
        """
        return Answer(items=tuple(self.questions), at=self._at())

    def confirm_booking(
        self, booking_id: int, *, appointment_ids: Sequence[str], patient_id: str, links: AppointmentLinks = NO_LINKS
    ) -> None:
        """
        Yes; said again it must be said with the same ids.
        """
        item = self.bookings[booking_id]
        answer = (tuple(appointment_ids), patient_id)
        if item.answers and not set(item.answers[0][0]) & set(answer[0]) and not self._is_retyped(booking_id):
            self._violations.add("answered twice with other ids", f"booking {booking_id}")
        if item.told is Told.NO:
            self._violations.add("yes after no", f"booking {booking_id}")
        item.answers += (answer,)
        if item.told is Told.WAITS:
            item.told = Told.YES
        self.waiting.pop(booking_id, None)

    def reject_booking(self, booking_id: int, *, reason: str) -> None:
        """
        No; only while the patient has not been told yes, or no longer wants it.
        """
        item = self.bookings[booking_id]
        age = self._clock.now() - item.booking.booked_at
        if item.told is Told.WAITS and age >= ANSWER_WITHIN:
            self._violations.add("no after yes", f"booking {booking_id}, {age.total_seconds():.0f} s old")
        if item.told is Told.YES:
            self._violations.add("no after yes", f"booking {booking_id}")
        if item.told is Told.WAITS:
            item.told = Told.NO
            self.days.append(AvailabilityRequest(day=item.booking.start.date(), resource_id=item.booking.resource_id or ""))
        self.waiting.pop(booking_id, None)

    def confirm_update(self, booking_id: int, request_id: int) -> None:
        """
        A cancellation was carried out.
        """
        self.updates.pop(request_id, None)

    def reject_update(self, booking_id: int, request_id: int, *, reason: str) -> None:
        """
        A cancellation could not be carried out.
        """
        self.updates.pop(request_id, None)

    def cancel_booking(self, booking_id: int, *, reason: str) -> None:
        """
        The practice cancelled: never while the appointment stands.
        """
        item = self.bookings[booking_id]
        if self._living(booking_id) and item.told is not Told.CANCELLED_IT:
            self._violations.add("cancellation of a living appointment", f"booking {booking_id}: {reason}")
        if item.told in {Told.WAITS, Told.YES}:
            item.told = Told.PRACTICE_CANCELLED
        self.waiting.pop(booking_id, None)
        self._asked(booking_id)

    def did_not_attend(self, booking_id: int, *, reason: str) -> None:
        """
        The patient did not come: never where the practice did not say so.
        """
        if not self._is_dna(booking_id):
            self._violations.add("did-not-attend of somebody who came", f"booking {booking_id}")
        self.bookings[booking_id].told = Told.DID_NOT_ATTEND
        self._asked(booking_id)

    def no_appointment_change(self, booking_id: int) -> None:
        """
        Nothing became of it.
        """
        self._asked(booking_id)

    def send_availability(self, snapshots: Sequence[DayAvailability]) -> SnapshotOutcome:
        """
        Show these days as they are stated.
        """
        self.statements += len(snapshots)
        known = {resource.id for resource in self.resources}
        failed = {i: "no such resource" for i, day in enumerate(snapshots) if day.resource_id not in known}
        for i, day in enumerate(snapshots):
            if i not in failed:
                self.published[day.resource_id, day.date] = day.ranges
        stated = {(day.resource_id, day.date) for day in snapshots} | {("", day.date) for day in snapshots}
        self.days = [want for want in self.days if (want.resource_id, want.day) not in stated]
        return SnapshotOutcome(acknowledged=frozenset(i for i in range(len(snapshots)) if i not in failed), failed=failed)

    def send_resources(self, resources: Sequence[Resource]) -> None:
        """
        Replace the list; the days of what is missing go with it.
        """
        self.resources = tuple(resources)
        known = {resource.id for resource in resources}
        self.published = {key: value for key, value in self.published.items() if key[0] in known}
        self.days = [want for want in self.days if not want.resource_id or want.resource_id in known]

    def send_types(self, types: Sequence[AppointmentType]) -> None:
        """
        Replace the list.
        """
        self.types = tuple(types)

    def send_liveness(self, contract: LivenessContract) -> None:
        """
        Replace the contract.
        """
        self.contract = contract

    def _asked(self, booking_id: int) -> None:
        self.questions = [question for question in self.questions if question.booking_id != booking_id]


def _starts(
    day: date, ranges: Sequence[OpenRange], minutes: int, taken: Sequence[OnlineBooking]
) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    midnight = datetime(day.year, day.month, day.day)
    for opening in ranges:
        for minute in range(opening.start, opening.end - minutes + 1, opening.slot_minutes or 15):
            start = midnight + timedelta(minutes=minute)
            end = start + timedelta(minutes=minutes)
            if not any(item.booking.start < end and start < item.end for item in taken):
                yield start, opening.type_ids
