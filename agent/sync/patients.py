"""
Whose booking it is, and what to do where that is not certain.

A doubtful booking keeps its time: on the practice's placeholder patient, if there is one, or under a new record; and reception is
asked. One whose record may not simply be used goes to the placeholder too, or is left to reception as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.domain.booking import Booking
from agent.domain.matching.decide import match, missing_survivors
from agent.domain.matching.model import Field
from agent.domain.matching.outcome import Ambiguous, Held, Match, Matched
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.practice import OnDoubt, Practice
from agent.ports.ledger import LedgerBooking
from agent.ports.pms import Pms
from agent.ports.tasks import TaskKind
from agent.sync.context import Context

ENTER_BOTH = "enter the patient, whom Frontdesk finds no record of and may not create, and the appointment."
"""What reception is asked to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """
    For whom to book.

    Attributes:
        patient_id: The record; empty: a new one.
        doubt: What reception has to decide, with ids alone; empty: nothing.
        details: What the appointment's note has to say of the patient.
        is_for_reception: The agent must not book it.
        candidates: Whom it may be for, where that is the doubt.
    """

    patient_id: str = ""
    doubt: str = ""
    details: str = field(default="", repr=False)
    is_for_reception: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        """
        Whether it is for a record, and there is nothing to ask.
        """
        return bool(self.patient_id) and not self.doubt


def whose(context: Context, bookings: Sequence[Booking]) -> list[Whose]:
    """
    Ask the PMS who could be meant, and decide for each booking.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    people = context.pms.find_patients([booking.patient for booking in bookings])
    return [_whose(context, booking, candidates) for booking, candidates in zip(bookings, people, strict=True)]


def ask(context: Context, entry: LedgerBooking, patient: Whose) -> None:
    """
    Open the task of a doubtful booking, before it is put into the PMS: whatever breaks then, it is asked about.
    """
    if not patient.doubt:
        return
    why = f"Booking {entry.booking_id} for {entry.start:%d/%m %H:%M}: {patient.doubt}"
    context.tasks.open(
        context.practice.id, TaskKind.CHOOSE_PATIENT, entry.booking_id, why, context.clock.now(), candidates=patient.candidates
    )


def settle(context: Context, booking_id: int) -> None:
    """
    Close the question whose booking it is.
    """
    for task in context.tasks.open_tasks():
        is_this = (task.practice_id, task.booking_id, task.kind) == (context.practice.id, booking_id, TaskKind.CHOOSE_PATIENT)
        if is_this:
            context.tasks.close(task.id, context.clock.now())


def _whose(context: Context, booking: Booking, candidates: Sequence[PmsPatient]) -> Whose:
    practice, pms = context.practice, context.pms
    found = _found(pms, booking, candidates, practice.placeholder_patient)
    match found:
        case Matched():
            return Whose(patient_id=found.patient_id, details=_differing(booking.patient, found.differences))
        case Held():
            doubt = f"It is for patient {found.patient_id}, whose record is {found.why}."
            possible: tuple[str, ...] = (found.patient_id,)
        case Ambiguous():
            doubt = f"It may be for patient {' or '.join(found.patient_ids)}, or for somebody new."
            possible = found.patient_ids
        case _:
            return _able(pms, Whose())
    return _able(pms, replace(_in_doubt(practice, pms, booking, found, doubt), candidates=possible))


def _found(pms: Pms, booking: Booking, candidates: Sequence[PmsPatient], placeholder: str) -> Match:
    known = list(candidates)
    named = booking.patient_id if booking.patient_id != placeholder else ""
    if named and all(candidate.id != named for candidate in known):
        known += pms.patients([named])
    survivors = missing_survivors(known)
    if survivors:
        known += pms.patients(survivors)
    return match(booking.patient, [candidate for candidate in known if candidate.id != placeholder], known_id=named)


def _in_doubt(practice: Practice, pms: Pms, booking: Booking, found: Match, doubt: str) -> Whose:
    is_new = isinstance(found, Ambiguous) and practice.on_doubt is OnDoubt.NEW
    if practice.placeholder_patient and not is_new and pms.patients([practice.placeholder_patient]):
        return Whose(
            patient_id=practice.placeholder_patient,
            doubt=f"{doubt} Its time is held for patient {practice.placeholder_patient}: give it to the right one.",
            details=_who(booking.patient),
        )
    if isinstance(found, Held):
        return Whose(doubt=f"{doubt} Enter it, if that is right.", is_for_reception=True)
    return Whose(doubt=f"{doubt} It was entered for a new patient: merge the records, if they are one person's.")


def _able(pms: Pms, found: Whose) -> Whose:
    if found.patient_id or found.is_for_reception or pms.capabilities.create_patients:
        return found
    return Whose(doubt=ENTER_BOTH, is_for_reception=True)


def _who(patient: PatientDetails) -> str:
    born = f"born {patient.date_of_birth:%d/%m/%Y}" if patient.date_of_birth else ""
    name = f"{patient.first_name} {patient.last_name}".strip()
    return "Booked for: " + ", ".join(filter(None, (name, born, patient.phone, patient.email)))


def _differing(patient: PatientDetails, fields: tuple[str, ...]) -> str:
    if not fields:
        return ""
    given = {
        Field.FIRST_NAME: patient.first_name,
        Field.LAST_NAME: patient.last_name,
        Field.BIRTH: f"{patient.date_of_birth:%d/%m/%Y}" if patient.date_of_birth else "",
        Field.PHONE: patient.phone,
        Field.EMAIL: patient.email,
        Field.ADDRESS: " ".join(filter(None, (patient.address, patient.suburb, patient.state, patient.postcode))),
        Field.MEDICARE: patient.medicare_number,
    }
    said = [f"{name} {given[Field(name)]}" for name in fields if given.get(Field(name))]
    return f"Not as on record: {', '.join(said)}" if said else ""
