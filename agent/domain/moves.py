"""
What it means for a booking of ours that the desk did something to its appointment (life cycle *Practice's*).

Two questions, asked one after the other: `look` needs only the rows that the ledger names; where none of them is the patient's
living appointment any more, `search` says where it went, from what else the PMS has. Neither ever takes a living appointment
for a cancelled one: where something might be the appointment, it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from agent.domain.diary import Appointment, AppointmentState

ONE_ROOM_EACH: Mapping[str, str] = MappingProxyType({})
"""No location is a room of a larger building."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where in the diary an appointment is.

    Attributes:
        start: Local wall time, naive.
    """

    practitioner_id: str
    location_id: str
    start: datetime
    minutes: int

    @property
    def end(self) -> datetime:
        """
        Its end, naive.
        """
        return self.start + timedelta(minutes=self.minutes)

    def shows_the_same(self, other: Place, premises: Mapping[str, str] = ONE_ROOM_EACH) -> bool:
        """
        Return whether a patient who was told *other* comes at the right time, to the right person and place.

        A longer or shorter appointment is the same to the patient, and so is another room of the same building; a place that
        the PMS does not know is no other place.

        Args:
            premises: Of the locations that are rooms, the building that each is in.
        """
        is_there = self.is_at_the_premises_of(other, premises)
        return is_there and (self.practitioner_id, self.start) == (other.practitioner_id, other.start)

    def is_at_the_premises_of(self, other: Place, premises: Mapping[str, str]) -> bool:
        """
        Return whether a patient who was told *other* comes to the right building.
        """
        if self.location_id == other.location_id or not (self.location_id and other.location_id):
            return True
        return self.location_id in premises and premises[self.location_id] == premises.get(other.location_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    What the ledger has of a booking.

    Attributes:
        present: Where it was last seen, if the desk had moved it; None: where it was booked.
        other_ids: What else the patient had when the appointment was last known to be in order; None: nobody looked, and
            whatever the patient has counts as new.
        premises: Of the locations that are rooms, the building that each is in.
    """

    booking_id: int
    appointment_ids: tuple[str, ...]
    patient_id: str
    booked: Place
    present: Place | None = None
    other_ids: frozenset[str] | None = None
    premises: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """
        Where it was last seen.
        """
        return self.present or self.booked


class Fate(StrEnum):
    """
    What became of an appointment of ours.
    """

    STANDS = "stands"  # where Healthengine shows it, whatever its ids and length
    MOVED = "moved"  # another time, practitioner or place
    DID_NOT_ATTEND = "did_not_attend"
    REUSED = "reused"  # the row lives, but for another patient
    AWAY = "away"  # no row of it lives; gone only if it stays so
    UNCLEAR = "unclear"  # several rows could be it, or its patient's record is no longer in use: a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What became of it, and where it is now.

    Attributes:
        rows: The living rows that are the appointment, by start; empty where there is none for certain.
        patient_id: Whose it is now: another id than before if two records were merged.
    """

    fate: Fate
    rows: tuple[Appointment, ...] = ()
    patient_id: str = ""

    @property
    def appointment_ids(self) -> tuple[str, ...]:
        """
        The ids of its rows.
        """
        return tuple(row.id for row in self.rows)

    @property
    def place(self) -> Place:
        """
        Where it is; only where there are rows.
        """
        return place_of(self.rows)


def place_of(rows: Sequence[Appointment]) -> Place:
    """
    Return the time that the rows of one appointment take together; a multi-slot appointment may have several rows.
    """
    first = min(rows, key=lambda row: (row.start, row.id))
    end = max(row.start + timedelta(minutes=row.minutes) for row in rows)
    return Place(
        practitioner_id=first.practitioner_id,
        location_id=first.location_id,
        start=first.start,
        minutes=int((end - first.start) / timedelta(minutes=1)),
    )


def look(known: Known, states: Mapping[str, Appointment], *, heirs: frozenset[str] | None = None) -> Verdict:
    """
    Judge by the rows that the ledger names.

    Args:
        heirs: Where the booking's patient has no record in use any more, the patients it may have been merged into: their
            row is still the same person's if it still carries the reference. None: the record is in use.
    """
    live = [row for row in (states.get(i) for i in known.appointment_ids) if row is not None and is_live(row)]
    if not live:
        return Verdict(fate=Fate.AWAY, patient_id=known.patient_id)
    ours = [row for row in live if row.patient_id == known.patient_id]
    if ours:
        return _found(known, ours, known.patient_id)
    return _inherited(known, live, heirs) or Verdict(fate=Fate.REUSED, patient_id=known.patient_id)


def search(
    known: Known,
    *,
    referenced: Iterable[Appointment],
    of_patient: Iterable[Appointment],
    claimed: frozenset[str] = frozenset(),
    others: Sequence[Place] = (),
    heirs: frozenset[str] | None = None,
) -> Verdict:
    """
    Judge by what else there is, where the rows that the ledger names are away or another patient's.

    Of several bookings of one patient that were typed again each has the row at its own last place, whichever is judged first.

    Args:
        referenced: The rows that carry the booking's reference.
        of_patient: What the patient has from now on.
        claimed: Appointment ids of other bookings.
        others: Where the patient's other bookings were last seen: a new row there is more likely theirs.
        heirs: As for `look`.
    """
    marked = [row for row in referenced if is_live(row)]
    ours = [row for row in marked if row.patient_id == known.patient_id]
    if ours:
        return _found(known, ours, known.patient_id)
    inherited = _inherited(known, marked, heirs)
    if inherited:
        return inherited
    new = [row for row in of_patient if _may_be_it(known, row, claimed)]
    free = [row for row in new if not any(_is_at(known, row, other) for other in others)]
    for rows in ([r for r in new if _is_at(known, r, known.place)], [r for r in free if _is_at(known, r, known.booked)], free):
        if len(rows) == 1:
            return _found(known, rows, known.patient_id)
    fate = Fate.UNCLEAR if new or heirs is not None else Fate.REUSED if marked else Fate.AWAY
    return Verdict(fate=fate, patient_id=known.patient_id)


def is_live(row: Appointment) -> bool:
    """
    Return whether the row stands for an appointment, kept or missed.
    """
    return row.state is not AppointmentState.CANCELLED


def may_cancel(known: Known, rows: Sequence[Appointment], present: Place, local_now: datetime) -> bool:
    """
    Return whether a patient's cancellation may touch these living rows: all still that patient's, in the future, not arrived,
    and in the time where the ledger last saw them.
    """
    return all(
        row.patient_id == known.patient_id
        and row.state is AppointmentState.BOOKED
        and row.start > local_now
        and row.practitioner_id == present.practitioner_id
        and present.start <= row.start < present.end
        for row in rows
    )


def _found(known: Known, rows: Iterable[Appointment], patient_id: str) -> Verdict:
    found = tuple(sorted(rows, key=lambda row: (row.start, row.id)))
    if any(row.state is AppointmentState.DID_NOT_ATTEND for row in found):
        fate = Fate.DID_NOT_ATTEND
    elif place_of(found).shows_the_same(known.booked, known.premises):
        fate = Fate.STANDS
    else:
        fate = Fate.MOVED
    return Verdict(fate=fate, rows=found, patient_id=patient_id)


def _inherited(known: Known, live: Sequence[Appointment], heirs: frozenset[str] | None) -> Verdict | None:
    whose = {row.patient_id for row in live}
    if len(whose) != 1 or not whose <= (heirs or frozenset()) or any(row.reference != known.booking_id for row in live):
        return None
    return _found(known, live, live[0].patient_id)


def _is_at(known: Known, row: Appointment, place: Place) -> bool:
    return place_of([row]).shows_the_same(place, known.premises)


def _may_be_it(known: Known, row: Appointment, claimed: frozenset[str]) -> bool:
    return (
        is_live(row)
        and row.patient_id == known.patient_id
        and row.id not in claimed
        and row.id not in (known.other_ids or ())
        and row.reference in (0, known.booking_id)
    )
