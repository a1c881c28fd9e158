"""
Healthengine, as the use cases see it. One object serves one practice.

Errors: `Transient` (link, time limit, 408, 429, 5xx, an answer that is no acknowledgement), `AuthRequired` (401, 403),
`RecordRejected` (400, 404, 410 for one item), `ContractBroken` (an answer outside the definition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from agent.domain.availability import DayAvailability
from agent.domain.booking import Booking, BookingUpdate, ChangeRequest
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.liveness import LivenessContract
from agent.domain.resources import AppointmentType, Resource

T = TypeVar("T")


class RequestKind(StrEnum):
    """
    What Healthengine may want from us (`GET /requests`).
    """

    BOOKINGS = "bookings"
    BOOKING_UPDATES = "bookingUpdates"
    AVAILABILITY = "availability"
    APPOINTMENT_CHANGES = "pmsAppointmentChanges"
    RESOURCES = "pmsResources"
    TYPES = "pmsAppointmentTypes"
    AVAILABLE_DOCUMENTS = "availableDocuments"
    UPLOAD_DOCUMENTS = "uploadDocuments"
    CLIENT_SNAPSHOTS = "clientSnapshots"
    ATTACH_DOCUMENTS = "attachDocuments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """
    One entry of a list that could not be understood; the others were.

    Attributes:
        id: Its booking or request id where that could be read, else 0.
        why: Names the field, never its value.
    """

    id: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """
    A complete answer, all pages of it.

    Attributes:
        at: Healthengine's own clock (`Date`) when it answered; aware UTC.
    """

    items: tuple[T, ...]
    at: datetime
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityRequest:
    """
    Healthengine wants one day again; *resource_id* empty: for every resource.
    """

    day: date
    resource_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotOutcome:
    """
    What Healthengine said of each availability snapshot, by its position in what was sent.

    Attributes:
        acknowledged: Created or existing: these count as sent. Whatever is in neither was not acknowledged.
        failed: Why, by position.
    """

    acknowledged: frozenset[int]
    failed: Mapping[int, str]


class Marketplace(Protocol):
    """
    Healthengine's PMS API for one practice. Safe to call from several threads.
    """

    def outstanding(self) -> Answer[RequestKind]:
        """
        Poll: which kinds of request wait (`pollRequests`). A kind we do not know is in *unreadable*.
        """

    def booking_requests(self) -> Answer[Booking]:
        """
        Return every waiting booking, all pages.
        """

    def booking_updates(self) -> Answer[BookingUpdate]:
        """
        Return every waiting change, all pages.
        """

    def availability_requests(self) -> Answer[AvailabilityRequest]:
        """
        Return every day that Healthengine wants again, all pages.
        """

    def change_requests(self) -> Answer[ChangeRequest]:
        """
        Return every booking Healthengine asks about, all pages.
        """

    def confirm_booking(
        self, booking_id: int, *, appointment_ids: Sequence[str], patient_id: str, links: AppointmentLinks = NO_LINKS
    ) -> None:
        """
        Say yes to a booking, with the telehealth links that Healthengine is to hand out.
        """

    def reject_booking(self, booking_id: int, *, reason: str) -> None:
        """
        Say no to a booking; the patient does not see *reason*.
        """

    def confirm_update(self, booking_id: int, request_id: int) -> None:
        """
        Say that a requested change has been made.
        """

    def reject_update(self, booking_id: int, request_id: int, *, reason: str) -> None:
        """
        Say that a requested change cannot be made.
        """

    def cancel_booking(self, booking_id: int, *, reason: str) -> None:
        """
        Tell Healthengine that the practice cancelled.
        """

    def did_not_attend(self, booking_id: int, *, reason: str) -> None:
        """
        Tell Healthengine that the patient did not come.
        """

    def no_appointment_change(self, booking_id: int) -> None:
        """
        Answer a change request: nothing has changed.
        """

    def send_availability(self, snapshots: Sequence[DayAvailability]) -> SnapshotOutcome:
        """
        Send up to 100 days of free time in one call.
        """

    def send_resources(self, resources: Sequence[Resource]) -> None:
        """
        Replace the whole list of resources; whatever is missing counts as deleted.
        """

    def send_types(self, types: Sequence[AppointmentType]) -> None:
        """
        Replace the whole list of appointment types.
        """

    def send_liveness(self, contract: LivenessContract) -> None:
        """
        Replace the liveness contract.
        """
