"""
What a test, a demo or a person does to the simulator: act as patients and as the marketplace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import openings, timing
from agent.sandbox.healthengine.config import EarlyCancel, SimulatorConfig
from agent.sandbox.healthengine.extras import error_row
from agent.sandbox.healthengine.faults import Fault, Faults
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.records import Answer, AttachDocument, BookingRecord, ChangeAsk, DocumentAsk
from agent.sandbox.healthengine.state import World


class Acting:
    """
    The half of `Simulator` that changes what the agent is asked for. Safe to call from several threads.
    """

    def __init__(self, config: SimulatorConfig, clock: SandboxClock) -> None:
        self.config = config
        self.clock = clock
        self._world = World(config, clock)
        self._faults = Faults()

    def book(
        self,
        practice_id: str | None,
        resource_id: str | None,
        start: datetime,
        type_id: str | None,
        person: Mapping[str, str | None],
        *,
        seconds: int | None = None,
        reason: str = "",
        comments: str = "",
        is_new_patient: bool = False,
        telehealth_url: str | None = None,
        appointment_ids: Sequence[str] = (),
        patient_id: str | None = None,
        booked_at: datetime | None = None,
    ) -> int:
        """
        Make a booking as a test wants it, whether or not the time is offered, and return its id.

        Args:
            practice_id: None: the first practice.
            start: Local and naive.
            person: The patient under the definition's names (`firstname`, `lastname`, `dob` as DD-MM-YYYY, ...).
            seconds: By default the appointment type's length, else the configured one.
            appointment_ids, patient_id: Ids of an earlier answer, sent along.
            booked_at: By default the present; earlier for one that has been waiting.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            kind = practice.types.get(type_id) if type_id is not None else None
            slot = int(self.config.own_length.total_seconds())
            booking = BookingRecord(
                id=self._world.next_booking_id(),
                practice_id=practice.id,
                resource_id=resource_id,
                type_id=type_id,
                booked_at=self._world.now() if booked_at is None else booked_at,
                start=start,
                seconds=openings.length_of(self._world, kind, slot) if seconds is None else seconds,
                person=dict(person),
                reason=reason,
                comments=comments,
                telehealth_url=telehealth_url,
                is_new_patient=is_new_patient,
                given_ids=tuple(appointment_ids),
                given_patient=patient_id,
            )
            self._world.add_booking(practice, booking)
            return booking.id

    def book_opening(
        self, opening: Opening, person: Mapping[str, str | None], *, reason: str = "", is_new_patient: bool = False
    ) -> int | None:
        """
        Book what is offered, or return None if it no longer is.
        """
        with self._world.changed:
            practice = self._world.practice(opening.practice_id)
            if not openings.is_open(self._world, practice, opening):
                return None
            return self.book(
                opening.practice_id,
                opening.resource_id,
                opening.start,
                opening.type_id,
                person,
                seconds=opening.seconds,
                reason=reason,
                is_new_patient=is_new_patient,
            )

    def add_earlier_booking(
        self,
        practice_id: str | None,
        resource_id: str,
        start: datetime,
        *,
        appointment_ids: Sequence[str],
        patient_id: str,
        seconds: int = 900,
    ) -> int:
        """
        Let there be a booking that an earlier integration confirmed (L5), and return its id.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = BookingRecord(
                id=self._world.next_booking_id(),
                practice_id=practice.id,
                resource_id=resource_id,
                type_id=None,
                booked_at=self._world.now() - timedelta(days=1),
                start=start,
                seconds=seconds,
                person={},
                given_ids=tuple(appointment_ids),
                given_patient=patient_id,
                listed=False,
                asked=False,
                answer=Answer.CONFIRMED,
            )
            self._world.add_booking(practice, booking)
            return booking.id

    def cancel(self, booking_id: int) -> bool:
        """
        Cancel a booking as its patient; False if it no longer stands.

        Raises:
            KeyError: if there is no such booking.
        """
        with self._world.changed:
            booking = self._world.booking(booking_id)
            if not booking.stands:
                return False
            booking.cancelled_at = self._world.now()
            early = self.config.early_cancel if booking.listed else None
            if early is EarlyCancel.VANISHES:
                booking.listed = False
            if early is not EarlyCancel.STAYS:
                self._world.add_update(self._world.practice(booking.practice_id), booking_id, "Cancelled")
            self._world.touch()
            return True

    def request_update(self, booking_id: int, status: str = "Confirmed", practice_id: str | None = None) -> int:
        """
        Want a change that need not be a cancellation, of a booking that need not be known; return the request id.
        """
        with self._world.changed:
            return self._world.add_update(self._world.practice(practice_id), booking_id, status).request_id

    def request_availability(self, day: date, resource_id: str | None = None, practice_id: str | None = None) -> None:
        """
        Want a day again, for one resource or for all.
        """
        with self._world.changed:
            self._world.ask_availability(self._world.practice(practice_id), day, resource_id)

    def request_resources(self, practice_id: str | None = None) -> None:
        """
        Want the resource snapshot again.
        """
        with self._world.changed:
            self._world.practice(practice_id).resources_wanted = True
            self._world.touch()

    def request_types(self, practice_id: str | None = None) -> None:
        """
        Want the appointment type snapshot again.
        """
        with self._world.changed:
            self._world.practice(practice_id).types_wanted = True
            self._world.touch()

    def request_changes(self, booking_id: int, practice_id: str | None = None) -> None:
        """
        Want to know what became of a booking; one that nobody knows may be asked about too.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = practice.bookings.get(booking_id)
            practice.change_asks[booking_id] = ChangeAsk(
                booking_id=booking_id,
                ids=booking.ids if booking else (),
                patient_id=booking.patient_id if booking else None,
                asked_at=self._world.now(),
            )
            self._world.touch()

    def request_documents(self, booking_id: int, document_id: str | None = None, practice_id: str | None = None) -> None:
        """
        Want the list of a booking's documents, or one of them.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = practice.bookings.get(booking_id)
            ids, patient = (booking.ids, booking.patient_id) if booking else ((), None)
            practice.document_asks.append(
                DocumentAsk(booking_id=booking_id, ids=ids, patient_id=patient, document_id=document_id)
            )
            self._world.touch()

    def request_client_snapshot(self, day: date, date_type: str = "appt_datetime", practice_id: str | None = None) -> None:
        """
        Want the client snapshot of a day.
        """
        with self._world.changed:
            self._world.practice(practice_id).client_asks.append((day, date_type))
            self._world.touch()

    def attach_document(self, patient_id: str, content: bytes, name: str = "Form", practice_id: str | None = None) -> int:
        """
        Have a document for the PMS; return its request id.
        """
        with self._world.changed:
            request_id = self._world.next_request_id()
            self._world.practice(practice_id).attach[request_id] = AttachDocument(
                request_id=request_id, pmsPatientId=patient_id, content=content, name=name, created_at=self._world.now()
            )
            self._world.touch()
            return request_id

    def add_subscription_error(self, subscription_id: str, practice_id: str | None = None) -> None:
        """
        Let a callback have failed.

        Raises:
            KeyError: if there is no such subscription.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            attempt = 1 + len(practice.subscription_errors)
            row = practice.subscriptions[subscription_id]
            practice.subscription_errors.append(error_row(self._world.now(), subscription_id, row, attempt))

    def set_consent(self, practice_id: str | None, *, given: bool) -> None:
        """
        Let the practice give or revoke its consent (L2).
        """
        with self._world.changed:
            self._world.practice(practice_id).consent = given
            self._world.touch()

    def expect_alive(self, practice_id: str | None, *, alive: bool) -> None:
        """
        Say whether silence is the agent's fault; a test that stops it on purpose says no first.
        """
        with self._world.changed:
            timing.expect_alive(self._world, self._world.practice(practice_id), alive=alive)

    def add_fault(self, fault: Fault) -> None:
        """
        Let something go wrong from now on.
        """
        self._faults.add(fault, self._world.now())

    def clear_faults(self) -> int:
        """
        Let nothing more go wrong; return how many faults were still waiting.
        """
        return self._faults.clear()
