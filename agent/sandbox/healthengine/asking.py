"""
The operations under `/requests`: what Healthengine wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.sandbox.healthengine import timing
from agent.sandbox.healthengine.calls import Call, Reply, refused
from agent.sandbox.healthengine.config import Nulls, Numbers, ResourceField
from agent.sandbox.healthengine.records import AttachDocument, BookingRecord, DocumentAsk, Kind, UpdateRecord
from agent.sandbox.healthengine.state import PracticeState
from agent.sandbox.healthengine.wire import stamp

_DEFINED_NUMBERS = frozenset({"bookingId", "requestId", "pmsAppointmentLength", "currentPage", "totalPages", "perPage", "total"})
_DEFINED_TEXTS = frozenset({"pmsAppointmentIds", "pmsPatientId"})


def poll(call: Call) -> Reply:
    """
    List the kinds of request that are outstanding.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return Reply(content=[kind.value for kind in outstanding(call.practice)])


def outstanding(practice: PracticeState) -> list[Kind]:
    """
    Return the kinds of request that are outstanding; those of extra features only where they are enabled.
    """
    waiting = {
        Kind.BOOKINGS: bool(practice.listed()),
        Kind.BOOKING_UPDATES: bool(practice.pending_updates()),
        Kind.AVAILABILITY: bool(practice.availability_asks),
        Kind.APPOINTMENT_CHANGES: bool(practice.change_asks),
        Kind.RESOURCES: practice.resources_wanted,
        Kind.TYPES: practice.types_wanted,
        Kind.AVAILABLE_DOCUMENTS: bool(_document_asks(practice, wanted=False)),
        Kind.UPLOAD_DOCUMENTS: bool(_document_asks(practice, wanted=True)),
        Kind.CLIENT_SNAPSHOTS: practice.features["clientSnapshots"] and bool(practice.client_asks),
        Kind.ATTACH_DOCUMENTS: practice.features["attachDocuments"] and bool(_attach(practice)),
    }
    return [kind for kind, there in waiting.items() if there]


def bookings(call: Call) -> Reply:
    """
    List the bookings that wait for an answer.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return _page(call, [_booking(call, booking) for booking in call.practice.listed()])


def booking_updates(call: Call) -> Reply:
    """
    List the changes that wait for an answer.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return _page(call, [_update(call, update) for update in call.practice.pending_updates()])


def availability(call: Call) -> Reply:
    """
    List the days that are wanted again.
    """
    timing.note_poll(call.world, call.practice, call.now)
    style = call.world.config.resource_field
    names = [field for field in (ResourceField.CURRENT, ResourceField.DEPRECATED) if style in {field, ResourceField.BOTH}]
    return _page(
        call,
        [
            {"day": ask.day.isoformat(), **({name.value: ask.resource_id for name in names} if ask.resource_id else {})}
            for ask in call.practice.availability_asks
        ],
    )


def appointment_changes(call: Call) -> Reply:
    """
    List the bookings whose fate is wanted.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return _page(
        call,
        [
            {"bookingId": ask.booking_id, "pmsAppointmentIds": list(ask.ids), "pmsPatientId": ask.patient_id}
            for ask in call.practice.change_asks.values()
        ],
    )


def available_documents(call: Call) -> Reply:
    """
    List the bookings whose documents are wanted by name.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return _page(call, [_document(ask) for ask in _document_asks(call.practice, wanted=False)])


def upload_documents(call: Call) -> Reply:
    """
    List the documents whose content is wanted.
    """
    timing.note_poll(call.world, call.practice, call.now)
    return _page(
        call,
        [{**_document(ask), "pmsDocumentId": ask.document_id} for ask in _document_asks(call.practice, wanted=True)],
    )


def client_snapshots(call: Call) -> Reply:
    """
    List the days whose client snapshot is wanted.
    """
    timing.note_poll(call.world, call.practice, call.now)
    asks = call.practice.client_asks if call.practice.features["clientSnapshots"] else []
    return _page(call, [{"date": day.isoformat(), "dateType": kind} for day, kind in asks])


def attach_documents(call: Call) -> Reply:
    """
    List the documents that wait to be put into the PMS.
    """
    timing.note_poll(call.world, call.practice, call.now)
    waiting = _attach(call.practice) if call.practice.features["attachDocuments"] else []
    return _page(call, [{"requestId": item.request_id, **attach_metadata(item)} for item in waiting])


def attach_metadata(item: AttachDocument) -> dict[str, Any]:
    """
    Return what the definition says about a document beside its content.
    """
    return {
        "pmsPatientId": item.pmsPatientId,
        "pmsAppointmentId": None,
        "bookingId": item.booking_id,
        "documentId": f"doc-{item.request_id}",
        "documentType": "NEW PATIENT FORM",
        "documentName": item.name,
        "documentDescription": "",
        "documentFormat": "application/pdf",
        "documentSize": len(item.content),
        "documentHash": item.sha1,
        "createdAt": stamp(item.created_at),
    }


def _document_asks(practice: PracticeState, *, wanted: bool) -> list[DocumentAsk]:
    if not practice.features["documents"]:
        return []
    return [ask for ask in practice.document_asks if (ask.document_id is not None) is wanted]


def _document(ask: DocumentAsk) -> dict[str, Any]:
    return {"bookingId": ask.booking_id, "pmsAppointmentIds": list(ask.ids), "pmsPatientId": ask.patient_id}


def _attach(practice: PracticeState) -> list[AttachDocument]:
    return [item for item in practice.attach.values() if item.answer is None]


def _booking(call: Call, booking: BookingRecord) -> dict[str, Any]:
    item: dict[str, Any] = {
        "bookingId": booking.id,
        "pmsResourceId": None if booking.resource_gone else booking.resource_id,
        "pmsAppointmentTypeId": booking.type_id,
        "pmsAppointmentIds": list(booking.ids),
        "pmsPatientId": booking.patient_id,
        "bookedTime": stamp(booking.booked_at),
        "bookingStatus": booking.status(call.now, call.world.config.late_status),
        "pmsAppointmentTime": stamp(booking.start),
        "pmsAppointmentLength": booking.seconds,
        "reason": booking.reason,
        "comments": booking.comments,
        "patient": {key: value for key, value in booking.person.items() if value is not None or _sends_nulls(call)},
        "isNewPatient": booking.is_new_patient,
    }
    if booking.telehealth_url is not None:
        item["telehealthUrl"] = booking.telehealth_url
    return item


def _update(call: Call, update: UpdateRecord) -> dict[str, Any]:
    booking = call.practice.bookings.get(update.booking_id)
    return {
        "requestId": update.request_id,
        "bookingId": update.booking_id,
        "pmsAppointmentIds": list(booking.ids) if booking else [],
        "pmsPatientId": booking.patient_id if booking else None,
        "updatedAt": stamp(update.updated_at),
        "bookingStatus": update.status,
    }


def _sends_nulls(call: Call) -> bool:
    return call.world.config.nulls is Nulls.SENT


def _page(call: Call, items: Sequence[dict[str, Any]]) -> Reply:
    config = call.world.config
    wanted = call.numbers.get("page", config.first_page)
    if wanted < config.first_page:
        return refused(400, "there is no such page")
    arranged = call.arrange(items, wanted - config.first_page)
    begin = (wanted - config.first_page) * config.per_page
    data = [item if _sends_nulls(call) else _without_nulls(item) for item in arranged[begin : begin + config.per_page]]
    page = {
        "currentPage": wanted,
        "totalPages": max(1, -(-len(arranged) // config.per_page)),
        "perPage": config.per_page,
        "total": len(arranged),
    }
    content = {"data": data, "page": page}
    return Reply(content=_swapped(content) if config.numbers is Numbers.SWAPPED else content)


def _without_nulls(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


def _swapped(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _swapped(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_swapped(inner, name) for inner in value]
    if name in _DEFINED_NUMBERS and isinstance(value, int):
        return str(value)
    if name in _DEFINED_TEXTS and isinstance(value, str) and value.isdecimal() and str(int(value)) == value:
        return int(value)
    return value
