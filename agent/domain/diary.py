"""
What a PMS says: places, people, working time, appointments.

All times are the location's local wall time. Texts are stripped and never padded; ids are opaque strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """
    A place of the practice, as the PMS knows it.

    Attributes:
        premises: The building that it is a room of: to a patient all rooms of one building are the same place. Empty: it is a
            place of its own.
    """

    id: str
    name: str
    premises: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """
    One row of who can be booked: a practitioner at a place, for a specialty.

    Someone with two specialties or two places appears once for each.

    Attributes:
        location_id: Empty where the PMS knows no locations.
        specialty_id: The PMS's code; empty where it knows none. Part of the resource's id for ever.
    """

    id: str
    title: str
    first_name: str
    last_name: str
    location_id: str = ""
    specialty_id: str = ""
    specialty_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PmsType:
    """
    An appointment type.

    Attributes:
        minutes: Its usual length; 0 where the PMS leaves it open.
        practitioner_id: Set where the type belongs to one practitioner; empty: to all.
    """

    id: str
    name: str
    minutes: int
    practitioner_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """
    A stretch of working time with leave and breaks already taken out.

    Attributes:
        start: Minute of the day.
        end: Minute of the day, up to 1440.
        slot_minutes: How long one slot is; 0 lets Healthengine use its own length.
        type_ids: The PMS's types that may be booked in it; empty: all.
    """

    practitioner_id: str
    location_id: str
    date: date
    start: int
    end: int
    slot_minutes: int = 0
    type_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """
    A stretch in which somebody is away, as the PMS says so itself.

    Attributes:
        start: Minute of the day.
        end: Minute of the day, up to 1440.
    """

    practitioner_id: str
    date: date
    start: int
    end: int


class AppointmentState(StrEnum):
    """
    Where an appointment is in the PMS.
    """

    BOOKED = "booked"
    ARRIVED = "arrived"  # arrived, in consultation or completed: the patient came
    CANCELLED = "cancelled"
    DID_NOT_ATTEND = "did_not_attend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """
    An entry that takes a practitioner's time.

    Attributes:
        minutes: Its length, at least 1.
        patient_id: Empty for a blocked stretch.
        reference: The Healthengine booking id found in the row's reference; 0: none.
    """

    id: str
    practitioner_id: str
    location_id: str
    start: datetime
    minutes: int
    patient_id: str = ""
    type_id: str = ""
    state: AppointmentState = AppointmentState.BOOKED
    reference: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """
    The complete answer for a window of dates, read between two equal markers.

    Attributes:
        markers: A fingerprint per date over rosters, leave and appointments.
        sessions: Working time; where *slots_are_free* each is free time that the PMS worked out itself.
        appointments: What takes time, cancelled ones left out; empty where *slots_are_free*.
        leave: What was taken out of the sessions, where the PMS keeps it apart: it explains time that closes.
    """

    markers: Mapping[date, str]
    sessions: tuple[Session, ...]
    appointments: tuple[Appointment, ...]
    slots_are_free: bool = False
    leave: tuple[Leave, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PmsIdentity:
    """
    Which database this is.

    Attributes:
        database_id: Stays the same for the life of the database.
        newest_change: A text that only ever grows (an id or a timestamp); empty where there is none.
    """

    database_id: str
    version: str = ""
    newest_change: str = ""
