"""
What Healthengine answers, and what it means in our values.

Decoding is tolerant where the definition and the examples differ: numbers as text and text as numbers, null or empty ids, dates
either way round, fields nobody has told us of. Each item of a list is decoded by itself, so that one that cannot be understood
takes no other with it. What is wrong is told by naming the field, never its value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from agent.domain.booking import Booking, BookingUpdate, ChangeRequest, HealthengineStatus
from agent.domain.patients import PatientDetails
from agent.healthengine import failures
from agent.healthengine.fields import (
    Loose,
    UnreadableFieldError,
    date_of_birth,
    day_of,
    id_of,
    ids_of,
    instant_of,
    length_of,
    line_of,
    lines_of,
    local_of,
    month_year,
    number_of,
    status_of,
    text_of,
)
from agent.healthengine.paging import Page
from agent.ports.marketplace import AvailabilityRequest, RequestKind, SnapshotOutcome, Unreadable

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_MARK = b"\xef\xbb\xbf"  # some servers put a byte order mark before their JSON
_REFUSED = "Healthengine refused it"
_PLACE = re.compile(r"at `\$\.?([\w.\[\]]+)`")
_NO = frozenset({None, False, "", "0", "false", "no"})


class _Body(msgspec.Struct, rename="camel", frozen=True):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class PatientBody(_Body, frozen=True):
    """
    `Patient`.
    """

    firstname: Loose = None
    lastname: Loose = None
    dob: str | None = None
    phone: Loose = None
    email: Loose = None
    address: Loose = None
    suburb: Loose = None
    state: Loose = None
    postcode: Loose = None
    gender: str | None = None
    medicare_number: Loose = None
    medicare_irn: Loose = None
    medicare_expiry: Loose = None

    def to_domain(self) -> PatientDetails:
        """
        Return the details as the rules know them.
        """
        first, last = line_of(self.firstname), line_of(self.lastname)
        if not (first or last):
            raise UnreadableFieldError("patient.lastname")
        gender = (self.gender or "").strip().capitalize()
        return PatientDetails(
            first_name=first,
            last_name=last,
            date_of_birth=date_of_birth(self.dob, "patient.dob"),
            phone=line_of(self.phone),
            email=line_of(self.email),
            address=line_of(self.address),
            suburb=line_of(self.suburb),
            state=line_of(self.state),
            # a postcode written as a number has lost the zero of the Northern Territory's 08xx
            postcode=line_of(self.postcode).zfill(4) if isinstance(self.postcode, int) else line_of(self.postcode),
            sex=gender if gender in {"Male", "Female", "Other"} else "",
            medicare_number=line_of(self.medicare_number),
            medicare_irn=line_of(self.medicare_irn),
            medicare_expiry=month_year(text_of(self.medicare_expiry)),
        )


class BookingBody(_Body, frozen=True):
    """
    `Booking`.
    """

    booking_id: Loose = None
    pms_resource_id: Loose = None
    pms_appointment_type_id: Loose = None
    pms_appointment_ids: list[Loose] | None = None
    pms_patient_id: Loose = None
    booked_time: str | None = None
    booking_status: str | None = None
    pms_appointment_time: str | None = None
    pms_appointment_length: Loose = None
    reason: Loose = None
    comments: Loose = None
    patient: PatientBody | None = None
    telehealth_url: Loose = None
    is_new_patient: bool | int | str | None = None

    def to_domain(self) -> Booking:
        """
        Return the booking; without a status it is taken as requested, for that is what it was made as.
        """
        if self.patient is None:
            raise UnreadableFieldError("patient")
        answer = self.is_new_patient
        return Booking(
            id=number_of(self.booking_id, "bookingId"),
            resource_id=id_of(self.pms_resource_id) or None,
            type_id=id_of(self.pms_appointment_type_id),
            booked_at=instant_of(self.booked_time, "bookedTime"),
            status=status_of(self.booking_status or HealthengineStatus.REQUESTED.value, "bookingStatus"),
            start=local_of(self.pms_appointment_time, "pmsAppointmentTime"),
            seconds=length_of(self.pms_appointment_length, "pmsAppointmentLength"),
            patient=self.patient.to_domain(),
            appointment_ids=ids_of(self.pms_appointment_ids),
            patient_id=id_of(self.pms_patient_id),
            reason=lines_of(self.reason),
            comments=lines_of(self.comments),
            telehealth_url=line_of(self.telehealth_url),
            is_new_patient=(answer.strip().lower() if isinstance(answer, str) else answer) not in _NO,
        )


class BookingUpdateBody(_Body, frozen=True):
    """
    `BookingUpdate`.
    """

    request_id: Loose = None
    booking_id: Loose = None
    pms_appointment_ids: list[Loose] | None = None
    pms_patient_id: Loose = None
    booking_status: str | None = None

    def to_domain(self) -> BookingUpdate:
        """
        Return the update; without a status it says nothing and is not understood.
        """
        return BookingUpdate(
            request_id=number_of(self.request_id, "requestId"),
            booking_id=number_of(self.booking_id, "bookingId"),
            status=status_of(self.booking_status or "", "bookingStatus"),
            appointment_ids=ids_of(self.pms_appointment_ids),
            patient_id=id_of(self.pms_patient_id),
        )


class ChangeRequestBody(_Body, frozen=True):
    """
    `PmsAppointmentChangesRequest`.
    """

    booking_id: Loose = None
    pms_appointment_ids: list[Loose] | None = None
    pms_patient_id: Loose = None

    def to_domain(self) -> ChangeRequest:
        """
        Return the question.
        """
        return ChangeRequest(
            booking_id=number_of(self.booking_id, "bookingId"),
            appointment_ids=ids_of(self.pms_appointment_ids),
            patient_id=id_of(self.pms_patient_id),
        )


class AvailabilityRequestBody(_Body, frozen=True):
    """
    `AvailabilityRequest`, with the old name of the resource's id (A3).
    """

    day: str | None = None
    pms_resource_id: Loose = None
    deprecated_resource_id: Loose = msgspec.field(name="pms_resource_id", default=None)

    def to_domain(self) -> AvailabilityRequest:
        """
        Return the wish.
        """
        return AvailabilityRequest(
            day=day_of(self.day, "day"),
            resource_id=id_of(self.pms_resource_id) or id_of(self.deprecated_resource_id),
        )


class _Named(_Body, frozen=True):
    booking_id: Loose = None
    request_id: Loose = None


class _PageBody(_Body, frozen=True):
    total_pages: Loose
    current_page: Loose = None
    total: Loose = None


class _ListBody(_Body, frozen=True):
    data: list[msgspec.Raw]
    page: _PageBody


class _ErrorBody(_Body, frozen=True):
    snapshot: Loose = None


class _OutcomeBody(_Body, frozen=True):
    created: list[Loose] | None = None
    existing: list[Loose] | None = None
    failed: list[Loose] | None = None
    errors: list[_ErrorBody] | None = None


def page(body: bytes) -> Page[msgspec.Raw]:
    """
    Return one page with its items undecoded; it is the first if it does not say.

    Raises:
        ContractBroken: if the list or the page count is missing.
        Transient: if the body is no JSON.
    """
    answer = _decode(body, _LIST)
    try:
        said = answer.page
        return Page(
            items=answer.data,
            number=1 if said.current_page is None else length_of(said.current_page, "currentPage"),
            count=length_of(said.total_pages, "totalPages"),
            total=None if said.total is None else length_of(said.total, "total"),
        )
    except UnreadableFieldError as error:
        raise failures.contract_broken(f"page.{error}") from None


def item(raw: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[S], to_domain: Callable[[S], T]) -> T | Unreadable:
    """
    Return one item of a list, or what is wrong with it.
    """
    try:
        return to_domain(_read(raw, decoder))
    except UnreadableFieldError as error:
        why = str(error)
    except (msgspec.DecodeError, RecursionError) as error:
        place = _PLACE.search(str(error))
        why = place[1] if place else "item"
    return Unreadable(id=_named(raw), why=why)


def request_kinds(body: bytes) -> tuple[tuple[RequestKind, ...], tuple[Unreadable, ...]]:
    """
    Return which kinds of request wait, each once, and those that are unknown to us.
    """
    known: dict[RequestKind, None] = {}
    unknown: list[Unreadable] = []
    for word in _decode(body, _KINDS):
        try:
            known[RequestKind(_read(word, _ANYTHING))] = None
        except (ValueError, TypeError, RecursionError):
            unknown.append(Unreadable(id=0, why="kind"))
    return tuple(known), tuple(unknown)


def snapshot_outcome(body: bytes, count: int) -> SnapshotOutcome:
    """
    Return what became of *count* snapshots, which were sent with their positions as ids.

    So ids and positions are the same, as number or as text. One that failed is not acknowledged, wherever else it is listed, and
    an empty answer acknowledges none. Healthengine's words for a failure are dropped: they may quote anything, and would be kept.
    """
    if body.strip() in {b"", b"[]"}:
        return SnapshotOutcome(acknowledged=frozenset(), failed={})
    answer = _decode(body, _OUTCOME)
    failed = _positions(answer.failed, count) | _positions([error.snapshot for error in answer.errors or ()], count)
    done = _positions(answer.created, count) | _positions(answer.existing, count)
    return SnapshotOutcome(
        acknowledged=frozenset(done - failed),
        failed=dict.fromkeys(sorted(failed), _REFUSED),
    )


def check_acknowledgement(body: bytes) -> None:
    """
    Accept only an empty body or JSON as Healthengine's own.

    Raises:
        Transient: if it is anything else.
    """
    if body.strip():
        _check_json(body)


_LIST = msgspec.json.Decoder(_ListBody)
_OUTCOME = msgspec.json.Decoder(_OutcomeBody)
_KINDS = msgspec.json.Decoder(list[msgspec.Raw])
_NAMED = msgspec.json.Decoder(_Named)
_ANYTHING = msgspec.json.Decoder()
BOOKING = msgspec.json.Decoder(BookingBody)
UPDATE = msgspec.json.Decoder(BookingUpdateBody)
CHANGE = msgspec.json.Decoder(ChangeRequestBody)
AVAILABILITY = msgspec.json.Decoder(AvailabilityRequestBody)


def _decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    body = body.removeprefix(_MARK)
    try:
        return _read(body, decoder)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        _check_json(body)  # the decoder tells of the first thing that is wrong: the rest may not even be JSON
        raise failures.contract_broken(place[1] if place else "the outermost shape") from None
    except (msgspec.DecodeError, RecursionError):
        raise failures.not_an_answer() from None


def _check_json(body: bytes) -> None:
    try:
        _read(body.removeprefix(_MARK), _ANYTHING)
    except (msgspec.DecodeError, RecursionError):
        raise failures.not_an_answer() from None


def _read(data: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """
    Decode JSON, and also what only almost is: one odd letter in one booking must not keep all of them waiting.

    Raises:
        msgspec.DecodeError: if it is no JSON, or not of this shape (`msgspec.ValidationError`).
    """
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        mended = _mended(bytes(data))
        if mended is None:
            raise msgspec.DecodeError(type(error).__name__) from None
        return decoder.decode(mended)


def _mended(data: bytes) -> bytes | None:
    """
    Return JSON without what is not allowed in it but written by some: letters that are no UTF-8, halves of surrogate pairs,
    control characters in texts, and NaN and infinities, which become null. None: it is no JSON in any case.
    """
    try:
        found = json.loads(data.decode("utf-8", "replace"), strict=False, parse_constant=lambda _: None)
        return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _named(raw: bytes | msgspec.Raw) -> int:
    try:
        names = _read(raw, _NAMED)
    except (msgspec.DecodeError, RecursionError):
        return 0
    for value in (names.booking_id, names.request_id):
        try:
            return number_of(value, "")
        except UnreadableFieldError:
            continue
    return 0


def _positions(ids: list[Loose] | None, count: int) -> set[int]:
    positions = {str(at): at for at in range(count)}
    return {positions[text] for value in ids or () if (text := id_of(value)) in positions}
