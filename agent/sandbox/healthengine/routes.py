"""
The table of operations: what the definition lists, and what serves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from agent.sandbox.healthengine import answering, asking, availability, configuration, extras, wire
from agent.sandbox.healthengine.calls import Call, Reply

BASE_PATH = "/pms-api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One operation of the definition.

    Attributes:
        name: Its `operationId`.
        body: The model of its body; None: it takes none, `Any`: it reads the parsed JSON itself.
        texts, numbers: Query parameters, beside *needed*.
        needed: Query parameters that must be there.
        kept: Whether its body goes into the log of calls; never for one with a patient's data.
    """

    name: str
    method: str
    path: str
    serve: Callable[[Call], Reply]
    body: Any = None
    texts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    kept: bool = False

    @property
    def polls(self) -> bool:
        """
        Whether it is a poll for outstanding requests.
        """
        return self.path.startswith("/requests")


_PAGE = frozenset({"page"})
_ID = frozenset({"id"})
_BOOKING = "/bookings/{bookingId}"


def _listing(name: str, path: str, serve: Callable[[Call], Reply]) -> Operation:
    return Operation(name=name, method="GET", path=f"/requests/{path}", serve=serve, numbers=_PAGE)


def _get(name: str, path: str, serve: Callable[[Call], Reply], needed: frozenset[str] = frozenset()) -> Operation:
    return Operation(name=name, method="GET", path=path, serve=serve, needed=needed)


def _post(name: str, path: str, serve: Callable[[Call], Reply], body: Any = None, *, kept: bool = False) -> Operation:
    return Operation(name=name, method="POST", path=path, serve=serve, body=body, kept=kept)


OPERATIONS: tuple[Operation, ...] = (
    _get("pollRequests", "/requests", asking.poll),
    _listing("bookingRequests", "bookings", asking.bookings),
    _listing("bookingUpdateRequests", "bookingUpdates", asking.booking_updates),
    _listing("availabilitySnapshotRequests", "availability", asking.availability),
    _listing("pmsAppointmentChangeRequests", "pmsAppointmentChanges", asking.appointment_changes),
    _listing("availableDocumentsRequests", "availableDocuments", asking.available_documents),
    _listing("uploadDocumentsRequests", "uploadDocuments", asking.upload_documents),
    _listing("clientSnapshotsRequests", "clientSnapshots", asking.client_snapshots),
    _listing("attachDocumentRequests", "attachDocuments", asking.attach_documents),
    _post("confirmBookingInsert", f"{_BOOKING}/confirmInsert", answering.confirm_insert, wire.ConfirmBookingInsert, kept=True),
    _post("rejectBookingInsert", f"{_BOOKING}/rejectInsert", answering.reject_insert, wire.Reason, kept=True),
    _post("confirmBookingUpdate", f"{_BOOKING}/confirmUpdate/{{requestId}}", answering.confirm_update),
    _post("rejectBookingUpdate", f"{_BOOKING}/rejectUpdate/{{requestId}}", answering.reject_update, wire.Reason, kept=True),
    _post("cancelBooking", f"{_BOOKING}/cancel", answering.cancel, wire.Reason, kept=True),
    _post("didNotAttend", f"{_BOOKING}/didNotAttend", answering.did_not_attend, wire.Reason, kept=True),
    _post("noPmsAppointmentChange", f"{_BOOKING}/noPmsAppointmentChange", answering.no_appointment_change),
    _post("sendAvailabilitySnapshot", "/availability/snapshot", availability.send_one, Any, kept=True),
    _post("sendAvailabilitySnapshots", "/availability/snapshots", availability.send_many, Any, kept=True),
    _get("findByPmsResourceId", "/config/pmsResources/findById", configuration.find_resource, _ID),
    _get("getResources", "/config/pmsResources", configuration.resources),
    _post(
        "uploadPmsResources",
        "/config/pmsResources/snapshot",
        configuration.upload_resources,
        list[wire.PmsResource],
        kept=True,
    ),
    _get("findByPmsAppointmentTypeId", "/config/pmsAppointmentTypes/findById", configuration.find_type, _ID),
    _get("getPmsAppointmentTypes", "/config/pmsAppointmentTypes", configuration.types),
    _post(
        "uploadPmsAppointmentTypes",
        "/config/pmsAppointmentTypes/snapshot",
        configuration.upload_types,
        list[wire.PmsAppointmentType],
        kept=True,
    ),
    _get("getLivenessContract", "/config/livenessContract", configuration.liveness),
    _post("uploadLivenessContract", "/config/livenessContract", configuration.upload_liveness, wire.LivenessContract, kept=True),
    _get("getFeatures", "/features", extras.features),
    _get("getFeature", "/features/{id}", extras.feature),
    _post("enableFeature", "/features/{id}/enable", extras.enable_feature),
    _post("disableFeature", "/features/{id}/disable", extras.disable_feature),
    _get("getSubscriptions", "/subscription", extras.subscriptions),
    _post("createSubscription", "/subscription", extras.subscribe, wire.Subscription, kept=True),
    _get("getSubscription", "/subscription/{id}", extras.subscription),
    Operation(name="deleteSubscription", method="DELETE", path="/subscription/{id}", serve=extras.unsubscribe),
    Operation(
        name="getSubscriptionErrorLogs",
        method="GET",
        path="/subscriptionErrorLog",
        serve=extras.subscription_errors,
        texts=frozenset({"subscriptionId", "from", "to"}),
        numbers=_PAGE,
    ),
    _post("availableDocuments", "/documents/available", extras.available_documents, list[wire.DocumentMetadata]),
    _post("uploadDocument", "/documents/upload", extras.upload_document, wire.Document),
    _post("rejectUploadDocument", "/documents/rejectUpload", extras.reject_upload, wire.RejectDocumentUpload),
    _post("sendClientSnapshot", "/clientSnapshot", extras.send_client_snapshot, wire.ClientSnapshot),
    _get("getAttachDocument", "/attachDocuments/{requestId}", extras.attach_document),
    _post(
        "confirmAttachDocument", "/attachDocuments/{requestId}/confirmInsert", extras.confirm_attach, wire.ConfirmAttachDocument
    ),
    _post("rejectAttachDocument", "/attachDocuments/{requestId}/rejectInsert", extras.reject_attach, wire.Reason),
)

_NUMBERS = frozenset({"bookingId", "requestId"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """
    An operation with what its path says.
    """

    operation: Operation
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


_FIXED = {(o.method, o.path): Match(operation=o) for o in OPERATIONS if "{" not in o.path}
_OPEN = [(o, tuple(o.path.split("/"))) for o in OPERATIONS if "{" in o.path]


def find(method: str, path: str) -> Match | None:
    """
    Return the operation for a method and a path below the base path, or None.
    """
    fixed = _FIXED.get((method, path))
    if fixed is not None:
        return fixed
    parts = path.split("/")
    for operation, template in _OPEN:
        if operation.method == method and len(template) == len(parts):
            match = _match(operation, template, parts)
            if match is not None:
                return match
    return None


def _match(operation: Operation, template: tuple[str, ...], parts: list[str]) -> Match | None:
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for wanted, part in zip(template, parts, strict=True):
        if not wanted.startswith("{"):
            if wanted != part:
                return None
            continue
        name = wanted[1:-1]
        if name not in _NUMBERS:
            texts[name] = unquote(part)
        elif part.isascii() and part.isdecimal():
            numbers[name] = int(part)
        else:
            return None
    return Match(operation=operation, texts=texts, numbers=numbers)
