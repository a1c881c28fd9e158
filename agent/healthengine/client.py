"""
Healthengine's PMS API for one practice: every call the use cases need.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import msgspec

from agent.domain.availability import DayAvailability
from agent.domain.booking import Booking, BookingUpdate, ChangeRequest
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.liveness import LivenessContract
from agent.domain.masked import Secret
from agent.domain.resources import AppointmentType, Resource
from agent.healthengine import bodies, failures, paging, wire
from agent.healthengine.backoff import QuickRetry
from agent.healthengine.transport import ANSWER, ORDINARY, Limits, Reply, Transport, header_text
from agent.ports.clock import Clock
from agent.ports.marketplace import Answer, AvailabilityRequest, RequestKind, SnapshotOutcome, Unreadable

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

log = logging.getLogger(__name__)

_UNAUTHORIZED = 401
_FIRST_FAILURE = 400


class HealthengineClient:
    """
    Implements `agent.ports.marketplace.Marketplace`. Safe to call from several threads.

    Args:
        base_url: For example `https://healthengine.com.au/pms-api/v1`; `http` only on the loopback interface.
        api_key: The vendor's key in use.
        next_api_key: The vendor's key that will follow: tried when the other is refused, and kept once it works.
        user_agent: `NAME (EMAIL) ENVIRONMENT`.
        pause: Waits so many seconds and returns whether the engine is stopping, as `threading.Event.wait` does.
        jitter: Returns a number from 0 up to 1.

    Raises:
        Misconfigured: if the address, a key or the user agent cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: Secret,
        practice_id: str,
        practice_key: Secret,
        user_agent: str,
        clock: Clock,
        next_api_key: Secret | None = None,
        pause: Callable[[float], bool] | None = None,
        jitter: Callable[[], float] = random.random,
        limits: Limits = ORDINARY,
        answer_limits: Limits = ANSWER,
    ) -> None:
        self._transport = Transport(base_url, user_agent=user_agent, now=clock.now)
        self._practice_headers = {
            "practice-id": header_text(practice_id, "practice_id"),
            "practice-key": header_text(practice_key.reveal(), "practice_key"),
        }
        self._limits = limits
        self._answer_limits = answer_limits
        self._retry = QuickRetry(pause=pause or threading.Event().wait, random=jitter, monotonic=time.monotonic)
        self._api_keys = _checked_keys(api_key, next_api_key)

    def replace_api_keys(self, current: Secret, following: Secret | None = None) -> None:
        """
        Use other keys of the vendor from the next call on.
        """
        self._api_keys = _checked_keys(current, following)

    def replace_practice_key(self, key: Secret) -> None:
        """
        Use another key of the practice from the next call on.
        """
        practice_key = header_text(key.reveal(), "practice_key")
        self._practice_headers = {**self._practice_headers, "practice-key": practice_key}

    def close(self) -> None:
        """
        Let go of every connection; a later call opens them again.
        """
        self._transport.close()

    def outstanding(self) -> Answer[RequestKind]:
        """
        Poll: which kinds of request wait.
        """
        reply = self._get("/requests")
        known, unknown = wire.request_kinds(reply.body)
        if unknown:
            log.warning("Healthengine wants %d kinds of request that are unknown here", len(unknown))
        return Answer(items=known, at=reply.at, unreadable=unknown)

    def booking_requests(self) -> Answer[Booking]:
        """
        Return every waiting booking.
        """
        return self._list("/requests/bookings", wire.BOOKING, wire.BookingBody.to_domain, lambda booking: booking.id)

    def booking_updates(self) -> Answer[BookingUpdate]:
        """
        Return every waiting change.
        """
        return self._list(
            "/requests/bookingUpdates", wire.UPDATE, wire.BookingUpdateBody.to_domain, lambda update: update.request_id
        )

    def availability_requests(self) -> Answer[AvailabilityRequest]:
        """
        Return every day that Healthengine wants again.
        """
        return self._list(
            "/requests/availability", wire.AVAILABILITY, wire.AvailabilityRequestBody.to_domain, lambda request: request
        )

    def change_requests(self) -> Answer[ChangeRequest]:
        """
        Return every booking Healthengine asks about.
        """
        return self._list(
            "/requests/pmsAppointmentChanges", wire.CHANGE, wire.ChangeRequestBody.to_domain, lambda request: request.booking_id
        )

    def confirm_booking(
        self, booking_id: int, *, appointment_ids: Sequence[str], patient_id: str, links: AppointmentLinks = NO_LINKS
    ) -> None:
        """
        Say yes to a booking.
        """
        self._answer(f"/bookings/{booking_id:d}/confirmInsert", bodies.confirm(appointment_ids, patient_id, links))

    def reject_booking(self, booking_id: int, *, reason: str) -> None:
        """
        Say no to a booking.
        """
        self._answer(f"/bookings/{booking_id:d}/rejectInsert", bodies.reason(reason))

    def confirm_update(self, booking_id: int, request_id: int) -> None:
        """
        Say that a requested change has been made.
        """
        self._answer(f"/bookings/{booking_id:d}/confirmUpdate/{request_id:d}")

    def reject_update(self, booking_id: int, request_id: int, *, reason: str) -> None:
        """
        Say that a requested change cannot be made.
        """
        self._answer(f"/bookings/{booking_id:d}/rejectUpdate/{request_id:d}", bodies.reason(reason))

    def cancel_booking(self, booking_id: int, *, reason: str) -> None:
        """
        Tell Healthengine that the practice cancelled.
        """
        self._answer(f"/bookings/{booking_id:d}/cancel", bodies.reason(reason))

    def did_not_attend(self, booking_id: int, *, reason: str) -> None:
        """
        Tell Healthengine that the patient did not come.
        """
        self._answer(f"/bookings/{booking_id:d}/didNotAttend", bodies.reason(reason))

    def no_appointment_change(self, booking_id: int) -> None:
        """
        Answer a change request: nothing has changed.
        """
        self._answer(f"/bookings/{booking_id:d}/noPmsAppointmentChange")

    def send_availability(self, snapshots: Sequence[DayAvailability]) -> SnapshotOutcome:
        """
        Send up to 100 days of free time in one call.

        Raises:
            ValueError: if there are more.
        """
        if not snapshots:
            return SnapshotOutcome(acknowledged=frozenset(), failed={})
        reply = self._post("/availability/snapshots", bodies.availability(snapshots), self._limits)
        outcome = wire.snapshot_outcome(reply.body, len(snapshots))
        left_out = len(snapshots) - len(outcome.acknowledged) - len(outcome.failed)
        if outcome.failed or left_out:
            log.warning(
                "Healthengine refused %d of %d availability snapshots and did not mention %d",
                len(outcome.failed),
                len(snapshots),
                left_out,
            )
        return outcome

    def send_resources(self, resources: Sequence[Resource]) -> None:
        """
        Replace the whole list of resources.
        """
        self._replace("/config/pmsResources/snapshot", bodies.resources(resources))

    def send_types(self, types: Sequence[AppointmentType]) -> None:
        """
        Replace the whole list of appointment types.
        """
        self._replace("/config/pmsAppointmentTypes/snapshot", bodies.types(types))

    def send_liveness(self, contract: LivenessContract) -> None:
        """
        Replace the liveness contract.
        """
        self._replace("/config/livenessContract", bodies.liveness(contract))

    def _answer(self, path: str, body: bytes | None = None) -> None:
        wire.check_acknowledgement(self._post(path, body, self._answer_limits).body)

    def _replace(self, path: str, body: bytes) -> None:
        wire.check_acknowledgement(self._post(path, body, self._limits).body)

    def _list(
        self,
        path: str,
        decoder: msgspec.json.Decoder[S],
        to_domain: Callable[[S], T],
        key: Callable[[T], Hashable],
    ) -> Answer[T]:
        """
        Read all pages; the answer's time is that of the last page, so that nothing looks younger than it is.
        """
        at = None
        known: dict[bytes, tuple[Hashable, T | Unreadable]] = {}  # a list is read twice, and most of it stays as it is

        def keyed(raw: bytes) -> tuple[Hashable, T | Unreadable]:
            if raw not in known:
                entry = wire.item(raw, decoder, to_domain)
                known[raw] = (raw if isinstance(entry, Unreadable) else key(entry), entry)
            return known[raw]

        def read_page(number: int | None) -> paging.Page[tuple[Hashable, T | Unreadable]]:
            nonlocal at
            reply = self._get(path, None if number is None else {"page": str(number)})
            at = reply.at
            page = wire.page(reply.body)
            items = [keyed(bytes(raw)) for raw in page.items]
            return paging.Page(items=items, number=page.number, count=page.count, total=page.total)

        entries = [entry for _, entry in paging.read_all(read_page, lambda pair: pair[0])]
        unreadable = tuple(entry for entry in entries if isinstance(entry, Unreadable))
        for entry in unreadable:
            log.warning("An entry of %s cannot be understood: id %d, field %s", path, entry.id, entry.why)
        assert at is not None  # noqa: S101 - the first page is always read
        return Answer(items=tuple(entry for entry in entries if not isinstance(entry, Unreadable)), at=at, unreadable=unreadable)

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._retry.run(lambda: self._call("GET", path, params=params, limits=self._limits))
        if not reply.body.strip():
            raise failures.not_an_answer()
        return reply

    def _post(self, path: str, body: bytes | None, limits: Limits) -> Reply:
        return self._call("POST", path, body=body, limits=limits)

    def _call(
        self,
        method: str,
        path: str,
        *,
        limits: Limits,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """
        Send a request; if the vendor's key is refused and there is a next one, once more with that: a refused call did nothing.
        """
        keys = self._api_keys
        for key in keys:
            headers = {**self._practice_headers, "api-key": key}
            reply = self._transport.send(method, path, headers=headers, params=params, body=body, limits=limits)
            if reply.status != _UNAUTHORIZED:
                break
        if key != keys[0] and reply.status < _FIRST_FAILURE and self._api_keys is keys:
            self._api_keys = (key, keys[0])
            log.warning("Healthengine takes the next API key now; the one before it is refused")
        failure = failures.status_failure(reply.status, posted=method == "POST", retry_after=reply.retry_after)
        if failure is not None:
            raise failure
        return reply


def _checked_keys(current: Secret, following: Secret | None) -> tuple[str, ...]:
    keys = [header_text(current.reveal(), "api_key")]
    if following is not None:
        keys.append(header_text(following.reveal(), "next_api_key"))
    return tuple(keys)
