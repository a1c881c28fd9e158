"""
The bodies that the definition lets an agent send, read as strictly as it is written.

Every model refuses unknown fields and wrong types. What msgspec cannot say (an end after its start, unique ids) is said by
the `__post_init__` of the model or by the operation itself.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MINUTES_PER_DAY = 24 * 60
MAX_SNAPSHOTS = 100

Text = Annotated[str, Meta(min_length=1)]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Stamp = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$")]

T = TypeVar("T")


class BreachError(Exception):
    """
    A request that breaks the definition; its text names fields and rules, never a value.
    """


def minute_of(text: str) -> int:
    """
    Return the minute of the day of a checked `HH:MM`.
    """
    return int(text[:2]) * 60 + int(text[3:])


def parse_stamp(text: str) -> datetime:
    """
    Return `YYYY-MM-DD HH:MM:SS` as a naive datetime.

    Raises:
        BreachError: if *text* is not of that form.
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise BreachError("a time is not YYYY-MM-DD HH:MM:SS") from None


def stamp(moment: datetime) -> str:
    """
    Return a moment the way Healthengine writes it, in the zone it has.
    """
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class _Body(Struct, forbid_unknown_fields=True, frozen=True):
    """
    What all bodies have in common.
    """


class Range(_Body, frozen=True):
    """
    A stretch of free time in an availability snapshot.
    """

    start: ClockTime
    end: ClockTime
    slotLength: Annotated[int, Meta(ge=0)]  # noqa: N815 - the definition's spelling, as everywhere below
    pmsAppointmentTypeIds: tuple[Text, ...] = ()  # noqa: N815

    def __post_init__(self) -> None:
        if minute_of(self.end) <= minute_of(self.start):
            raise ValueError("end is not after start")


class AvailabilitySnapshot(_Body, frozen=True):
    """
    One resource's free time on one day.
    """

    date: date
    pmsResourceId: Text  # noqa: N815
    availability: tuple[Range, ...]
    id: Text | UnsetType = UNSET


class PmsResource(_Body, frozen=True):
    """
    A resource in the resource snapshot.
    """

    pmsResourceId: Text  # noqa: N815
    pmsResourceName: Text  # noqa: N815
    pmsPractitionerTitle: str | UnsetType = UNSET  # noqa: N815
    pmsPractitionerFirstname: str | UnsetType = UNSET  # noqa: N815
    pmsPractitionerLastname: str | UnsetType = UNSET  # noqa: N815


class PmsAppointmentType(_Body, frozen=True):
    """
    An appointment type in the type snapshot; its length is in minutes.
    """

    pmsAppointmentTypeId: Text  # noqa: N815
    pmsAppointmentTypeName: Text  # noqa: N815
    pmsAppointmentLength: Annotated[int, Meta(ge=0)] | UnsetType = UNSET  # noqa: N815
    pmsResourceId: Text | UnsetType = UNSET  # noqa: N815


class LiveRange(_Body, frozen=True):
    """
    A stretch of live hours.
    """

    start: ClockTime
    end: ClockTime

    def __post_init__(self) -> None:
        if minute_of(self.end) <= minute_of(self.start):
            raise ValueError("end is not after start")


class Schedule(_Body, frozen=True):
    """
    Live hours by day.
    """

    monday: tuple[LiveRange, ...] = ()
    tuesday: tuple[LiveRange, ...] = ()
    wednesday: tuple[LiveRange, ...] = ()
    thursday: tuple[LiveRange, ...] = ()
    friday: tuple[LiveRange, ...] = ()
    saturday: tuple[LiveRange, ...] = ()
    sunday: tuple[LiveRange, ...] = ()
    publicHolidays: tuple[LiveRange, ...] = ()  # noqa: N815

    def of_days(self) -> tuple[tuple[LiveRange, ...], ...]:
        """
        Return the ranges of each weekday, Monday first, then those of public holidays.
        """
        week = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return (*week, self.publicHolidays)


class LivenessContract(_Body, frozen=True):
    """
    The liveness contract.
    """

    liveHours: Schedule  # noqa: N815


class ConfirmBookingInsert(_Body, frozen=True):
    """
    Yes to a booking; at least one appointment id is needed.
    """

    pmsAppointmentIds: Annotated[tuple[Text, ...], Meta(min_length=1)]  # noqa: N815
    pmsPatientId: Text  # noqa: N815
    patientAppointmentLink: str | UnsetType = UNSET  # noqa: N815
    patientAppointmentDescription: str | UnsetType = UNSET  # noqa: N815
    practitionerAppointmentLink: str | UnsetType = UNSET  # noqa: N815
    practitionerAppointmentDescription: str | UnsetType = UNSET  # noqa: N815


class Reason(_Body, frozen=True):
    """
    The body of every reject, cancel and did-not-attend.
    """

    reason: str | None = None


class Topic(StrEnum):
    """
    What can be subscribed to.
    """

    ALL = "requests.*"
    BOOKINGS = "requests.bookings"
    BOOKING_UPDATES = "requests.bookingUpdates"
    AVAILABILITY = "requests.availability"
    APPOINTMENT_CHANGES = "requests.pmsAppointmentChanges"
    RESOURCES = "requests.pmsResources"
    TYPES = "requests.pmsAppointmentTypes"
    AVAILABLE_DOCUMENTS = "requests.availableDocuments"
    UPLOAD_DOCUMENTS = "requests.uploadDocuments"
    CLIENT_SNAPSHOTS = "requests.clientSnapshots"
    ATTACH_DOCUMENTS = "requests.attachDocuments"


class Subscription(_Body, frozen=True):
    """
    A wish to be called back.
    """

    topic: Topic
    callbackUrl: Text  # noqa: N815
    id: str | UnsetType = UNSET
    clientId: str | UnsetType = UNSET  # noqa: N815
    startAt: Stamp | UnsetType = UNSET  # noqa: N815
    expireAt: Stamp | UnsetType = UNSET  # noqa: N815

    def __post_init__(self) -> None:
        parts = urlsplit(self.callbackUrl)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("callbackUrl is not a web address")


class DocumentMetadata(_Body, frozen=True):
    """
    A document that the practice has for a booking.
    """

    bookingId: int  # noqa: N815
    pmsDocumentId: Text  # noqa: N815
    documentType: str | UnsetType = UNSET  # noqa: N815
    documentName: str | UnsetType = UNSET  # noqa: N815
    documentDescription: str | UnsetType = UNSET  # noqa: N815
    documentFormat: str | UnsetType = UNSET  # noqa: N815
    documentSize: Annotated[int, Meta(ge=0)] | UnsetType = UNSET  # noqa: N815
    createdAt: Stamp | UnsetType = UNSET  # noqa: N815
    updatedAt: Stamp | UnsetType = UNSET  # noqa: N815


class Document(DocumentMetadata, frozen=True, forbid_unknown_fields=True):
    """
    A document with its content, base64 on the wire.
    """

    documentContent: bytes = b""  # noqa: N815


class RejectDocumentUpload(_Body, frozen=True):
    """
    No to a wanted document.
    """

    bookingId: int  # noqa: N815
    pmsDocumentId: Text  # noqa: N815
    reason: str | None = None


class ConfirmAttachDocument(_Body, frozen=True):
    """
    Yes to a document for the PMS.
    """

    pmsDocumentId: str | None = None  # noqa: N815


class DateType(StrEnum):
    """
    Which date of an appointment a client snapshot goes by.
    """

    TIME = "appt_datetime"
    CREATION = "appt_creation_datetime"


class ActiveState(StrEnum):
    """
    Whether a location, practitioner or type is in use.
    """

    ACTIVE = "active"
    INACTIVE = "inactive"


class AppointmentState(StrEnum):
    """
    Where an appointment is, in a client snapshot.
    """

    BOOKED = "booked"
    DID_NOT_ATTEND = "patient-dna"
    ARRIVED = "patient-arrived"
    IN_CONSULT = "patient-in-consult"
    COMPLETE = "patient-complete"
    CANCELLED = "cancelled"


class ClientLocation(_Body, frozen=True):
    """
    A location in a client snapshot.
    """

    pmsLocationId: Text  # noqa: N815
    pmsLocationName: str  # noqa: N815
    pmsLocationStatus: ActiveState  # noqa: N815


class ClientPractitioner(_Body, frozen=True):
    """
    A practitioner in a client snapshot.
    """

    pmsPractitionerId: Text  # noqa: N815
    pmsPractitionerName: str  # noqa: N815
    pmsPractitionerStatus: ActiveState  # noqa: N815


class ClientType(_Body, frozen=True):
    """
    An appointment type in a client snapshot.
    """

    pmsAppointmentTypeId: Text  # noqa: N815
    pmsAppointmentTypeName: str  # noqa: N815
    pmsAppointmentTypeStatus: ActiveState  # noqa: N815


class ClientAppointment(_Body, frozen=True):
    """
    An appointment in a client snapshot; its length is in minutes.
    """

    pmsAppointmentId: Text  # noqa: N815
    pmsPatientId: Text  # noqa: N815
    pmsPractitionerId: Text  # noqa: N815
    pmsAppointmentTypeId: str  # noqa: N815
    pmsAppointmentCreationTime: Stamp  # noqa: N815
    pmsAppointmentTime: Stamp  # noqa: N815
    pmsAppointmentLength: Annotated[int, Meta(ge=0)]  # noqa: N815
    pmsAppointmentStatus: AppointmentState  # noqa: N815


class ClientPatient(_Body, frozen=True):
    """
    A patient in a client snapshot.
    """

    pmsPatientId: Text  # noqa: N815
    pmsPatientFirstname: str  # noqa: N815
    pmsPatientLastname: str  # noqa: N815
    pmsPatientCreationTime: Stamp  # noqa: N815
    pmsPatientPreferredName: str | UnsetType = UNSET  # noqa: N815
    pmsPatientPhoneMobile: str | UnsetType = UNSET  # noqa: N815
    pmsPatientPhoneHome: str | UnsetType = UNSET  # noqa: N815
    pmsPatientPhoneWork: str | UnsetType = UNSET  # noqa: N815
    pmsPatientSmsConsent: bool | UnsetType = UNSET  # noqa: N815
    pmsPatientAge16AndUnder: bool | UnsetType = UNSET  # noqa: N815


class ClientSnapshot(_Body, frozen=True):
    """
    Everything about one day.
    """

    date: date
    dateType: DateType  # noqa: N815
    locations: tuple[ClientLocation, ...]
    practitioners: tuple[ClientPractitioner, ...]
    appointmentTypes: tuple[ClientType, ...]  # noqa: N815
    appointments: tuple[ClientAppointment, ...]
    patients: tuple[ClientPatient, ...]


_VALUE = re.compile(r"(Invalid enum value|Invalid literal|Invalid value) .*?( - at|$)")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def checked(content: Any, shape: type[T]) -> T:
    """
    Return parsed JSON as *shape*.

    Raises:
        BreachError: if it does not fit; the text names the place and the rule.
    """
    try:
        return msgspec.convert(content, shape, strict=True)
    except msgspec.ValidationError as error:
        raise BreachError(_VALUE.sub(r"\1\2", _ADDRESS.sub("", str(error)))) from None


def unique(values: list[str], what: str) -> None:
    """
    Make sure that no value appears twice.

    Raises:
        BreachError: if one does.
    """
    if len(set(values)) != len(values):
        raise BreachError(f"{what} is not unique")


def known(values: Iterable[T], there: Container[T], what: str) -> None:
    """
    Make sure that every value is one of those that are there.

    Raises:
        BreachError: if one is not.
    """
    if any(value not in there for value in values):
        raise BreachError(f"{what} is not known")
