"""
Healthengine in memory: keeps what it is told, and fails when it is asked to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.booking import Booking, BookingUpdate, ChangeRequest
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.liveness import LivenessContract
from agent.domain.resources import AppointmentType, Resource
from agent.ports.marketplace import Answer, AvailabilityRequest, RequestKind, SnapshotOutcome, Unreadable


class FakeMarketplace:
    """
    Answered requests leave the lists, as they do at Healthengine.

    Attributes:
        fail: By method name, called before the method does anything; raise in it to let the call fail.
        calls: Method names in order.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.fail: dict[str, Callable[[], None]] = {}
        self.calls: list[str] = []
        self.bookings: dict[int, Booking] = {}
        self.updates: dict[int, BookingUpdate] = {}
        self.availability: list[AvailabilityRequest] = []
        self.changes: list[ChangeRequest] = []
        self.wanted: set[RequestKind] = set()
        self.unreadable: tuple[Unreadable, ...] = ()
        self.confirmed: dict[int, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self.links: dict[int, AppointmentLinks] = {}
        self.rejected: dict[int, list[str]] = defaultdict(list)
        self.updates_confirmed: list[int] = []
        self.updates_rejected: list[int] = []
        self.cancelled: list[int] = []
        self.not_attended: list[int] = []
        self.unchanged: list[int] = []
        self.published: dict[tuple[str, date], tuple[OpenRange, ...]] = {}
        self.sent: list[tuple[str, date]] = []
        self.refuse_days: set[tuple[str, date]] = set()
        self.forget_days: set[tuple[str, date]] = set()
        self.resources: list[tuple[Resource, ...]] = []
        self.types: list[tuple[AppointmentType, ...]] = []
        self.contracts: list[LivenessContract] = []

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fail:
            self.fail[name]()

    def _at(self) -> datetime:
        return self.now().astimezone(UTC).replace(microsecond=0)

    def outstanding(self) -> Answer[RequestKind]:
        self._called("outstanding")
        kinds = set(self.wanted)
        for kind, rows in (
            (RequestKind.BOOKINGS, self.bookings),
            (RequestKind.BOOKING_UPDATES, self.updates),
            (RequestKind.AVAILABILITY, self.availability),
            (RequestKind.APPOINTMENT_CHANGES, self.changes),
        ):
            if rows:
                kinds.add(kind)
        return Answer(items=tuple(sorted(kinds)), at=self._at(), unreadable=self.unreadable)

    def booking_requests(self) -> Answer[Booking]:
        self._called("booking_requests")
        return Answer(items=tuple(self.bookings.values()), at=self._at())

    def booking_updates(self) -> Answer[BookingUpdate]:
        self._called("booking_updates")
        return Answer(items=tuple(self.updates.values()), at=self._at())

    def availability_requests(self) -> Answer[AvailabilityRequest]:
        self._called("availability_requests")
        return Answer(items=tuple(self.availability), at=self._at())

    def change_requests(self) -> Answer[ChangeRequest]:
        self._called("change_requests")
        return Answer(items=tuple(self.changes), at=self._at())

    def confirm_booking(
        self, booking_id: int, *, appointment_ids: Sequence[str], patient_id: str, links: AppointmentLinks = NO_LINKS
    ) -> None:
        self._called("confirm_booking")
        self.links[booking_id] = links
        self.confirmed[booking_id].append((tuple(appointment_ids), patient_id))
        self.bookings.pop(booking_id, None)

    def reject_booking(self, booking_id: int, *, reason: str) -> None:
        self._called("reject_booking")
        self.rejected[booking_id].append(reason)
        self.bookings.pop(booking_id, None)

    def confirm_update(self, booking_id: int, request_id: int) -> None:
        self._called("confirm_update")
        self.updates_confirmed.append(request_id)
        self.updates.pop(request_id, None)

    def reject_update(self, booking_id: int, request_id: int, *, reason: str) -> None:
        self._called("reject_update")
        self.updates_rejected.append(request_id)
        self.updates.pop(request_id, None)

    def cancel_booking(self, booking_id: int, *, reason: str) -> None:
        self._called("cancel_booking")
        self.cancelled.append(booking_id)
        self.bookings.pop(booking_id, None)

    def did_not_attend(self, booking_id: int, *, reason: str) -> None:
        self._called("did_not_attend")
        self.not_attended.append(booking_id)

    def no_appointment_change(self, booking_id: int) -> None:
        self._called("no_appointment_change")
        self.unchanged.append(booking_id)

    def send_availability(self, snapshots: Sequence[DayAvailability]) -> SnapshotOutcome:
        self._called("send_availability")
        failed = {i: "refused" for i, day in enumerate(snapshots) if (day.resource_id, day.date) in self.refuse_days}
        silent = {i for i, day in enumerate(snapshots) if (day.resource_id, day.date) in self.forget_days}
        good = frozenset(i for i in range(len(snapshots)) if i not in failed and i not in silent)
        for i, day in enumerate(snapshots):
            self.sent.append((day.resource_id, day.date))
            if i in good:
                self.published[day.resource_id, day.date] = day.ranges
        return SnapshotOutcome(acknowledged=good, failed=failed)

    def send_resources(self, resources: Sequence[Resource]) -> None:
        self._called("send_resources")
        self.resources.append(tuple(resources))

    def send_types(self, types: Sequence[AppointmentType]) -> None:
        self._called("send_types")
        self.types.append(tuple(types))

    def send_liveness(self, contract: LivenessContract) -> None:
        self._called("send_liveness")
        self.contracts.append(contract)
