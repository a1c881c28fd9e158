"""
What operations, their columns and their parameters mean, in words: for whoever writes a profile.

`agent.pms.sql.operations` says which there are; the drafts of `frontdesk profiles new`, `frontdesk profiles explain` and the
tables of `docs/profiles.md` are made from both.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.pms.sql.operations import ALWAYS, OPERATIONS


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    What one column or parameter means.

    Attributes:
        what: In a few words, with its unit.
        example: A value as a driver gives or takes it.
    """

    what: str
    example: str


ABOUT: dict[str, str] = {
    "identity": "Which database this is: one row",
    "locations": "The practice's places; left out where the system knows none",
    "practitioners": "Whom patients can book: a row for each place and specialty; rosters name nobody else",
    "appointment_types": "What can be booked; a row for each practitioner where only some take it",
    "markers": "Whatever changes when a date's roster, leave or appointments change; asked every 30 seconds",
    "sessions": "When people work: a row for each date and stretch, recurring ones written out",
    "absences": "When they are away all the same, at every place: leave, meetings, breaks, reserved slots",
    "free_slots": "What is free, in place of sessions, where the system works it out",
    "appointments": "The diary, cancelled appointments too, or they are not in it; also what the desk has blocked",
    "states": "The appointments with these ids as they are now, whatever their status; what is deleted is left out",
    "patient_appointments": "One patient's appointments from a moment on, by an index",
    "find_booked": "The appointments that carry a booking's reference, by an index; cancelled ones too",
    "links": "The system's own telehealth links of appointments",
    "patients": "The records with these ids",
    "find_patients": "Candidates for a person, a step for each indexed look-up; a step whose parameter has no value is left out",
    "lock": "A named lock of ours, waited for two seconds; left out on SQLite alone, where beginning a transaction locks",
    "engine_lock": "Keeps a second engine out: a lock for as long as the connection lasts; its holder may take it again",
    "unlock": "Lets go of the lock",
    "create_patient": "A new patient's record; a step that expects one row gives patient_id",
    "book": "Puts the appointment in: a step that counts inserts it, one that expects one row gives appointment_id",
    "withdraw": "Takes our own appointment back, and the patient that was made for it",
    "may_write": "Statements that change nothing (WHERE 1 = 0), one for each right that writing needs; taken back",
    "message": "A message about a task for the practice's people: changes one row, or none if one with this subject is there",
    "cancel": "Cancels an appointment if it still is as expected: changes one row or none",
}
"""What each operation is for."""

_ID = "opaque, never NULL"
_ID_OR_NONE = "opaque; NULL: none"
_DAY = "date"
_TIME = "wall time at the place: a time, hh:mm, or a number of [units] time_of_day since midnight"

COLUMNS: dict[str, Meaning] = {
    "database_id": Meaning("the same for the life of the database, another in every other database", "8f14e45f"),
    "version": Meaning("the system's version", "7.0.3"),
    "newest_change": Meaning("only ever grows: the highest id, or the latest change", "48211"),
    "id": Meaning(_ID, "12"),
    "name": Meaning("what people read", "Main Street"),
    "premises": Meaning("the building, where a location is a room of one; NULL: a place of its own", "1"),
    "title": Meaning("form of address; may be empty", "Dr"),
    "first_name": Meaning("given name", "Ada"),
    "last_name": Meaning("family name", "Example"),
    "location_id": Meaning("as in locations; NULL: none", "1"),
    "specialty_id": Meaning("opaque; NULL: none", "gp"),
    "specialty_name": Meaning("what people read; may be empty", "General practice"),
    "length": Meaning("a number of [units] length", "15"),
    "practitioner_id": Meaning("as in practitioners; of an appointment type NULL: everybody's", "12"),
    "date": Meaning(_DAY, "2026-12-01"),
    "start_time": Meaning(_TIME, "09:00"),
    "end_time": Meaning(f"the first moment after it, up to 24:00; {_TIME}", "17:00"),
    "slot_length": Meaning("a number of [units] length; 0: any", "15"),
    "type_ids": Meaning("the types it takes, with commas between; empty: all", "1,4"),
    "start": Meaning("date and wall time, without a time zone", "2026-12-01 09:30:00"),
    "patient_id": Meaning(_ID_OR_NONE, "7"),
    "type_id": Meaning("as in appointment_types; NULL: none", "1"),
    "status": Meaning("a code of [status]", "B"),
    "notes": Meaning("the free text that ends with a booking's reference; empty where it has none", "HE:501;"),
    "date_of_birth": Meaning("date; NULL: not known", "1980-02-03"),
    "phone": Meaning("as written", "0400 111 222"),
    "email": Meaning("as written", "ann@example.com"),
    "medicare_number": Meaning("as written; empty: none", "2123456701"),
    "active": Meaning("yes or no", "1"),
    "preferred_name": Meaning("what the patient is called", "Annie"),
    "former_name": Meaning("an earlier family name", "Other"),
    "mobile": Meaning("as written", "0400 111 222"),
    "other_phone": Meaning("as written", "02 5550 0000"),
    "address": Meaning("street and number", "1 Main Street"),
    "suburb": Meaning("place", "Bondi"),
    "postcode": Meaning("as written", "2026"),
    "sex": Meaning("a code of [sex]", "F"),
    "medicare_irn": Meaning("the number before the name on the card", "1"),
    "deceased": Meaning("yes or no", "0"),
    "merged_into": Meaning("the id of the record that took its place; NULL: none", "9"),
    "patient_link": Meaning("web address for the patient", "https://example.com/p/1"),
    "patient_description": Meaning("what it says", "Your video call"),
    "practitioner_link": Meaning("web address for the practitioner", "https://example.com/d/1"),
    "practitioner_description": Meaning("what it says", "Video call"),
    "locked": Meaning("1: got it", "1"),
}
"""What each column of an answer means."""

PARAMETERS: dict[str, Meaning] = {
    "first": Meaning("the first date of a window", "2026-12-01"),
    "end": Meaning("the first date after it: compare with <", "2026-12-08"),
    "ids": Meaning("a list, for IN", "12, 13"),
    "practitioner_id": Meaning("as in practitioners", "12"),
    "location_id": Meaning("as in locations", "1"),
    "patient_id": Meaning("as in patients", "7"),
    "since": Meaning("a moment, wall time", "2026-12-01 09:30:00"),
    "booking_id": Meaning("Healthengine's number of the booking", "501"),
    "reference": Meaning("what the note of a booking ends with", "HE:501;"),
    "reference_pattern": Meaning("the same, for LIKE", "%HE:501;%"),
    "birthdays": Meaning("a list, day and month swapped too", "1980-02-03, 1980-03-02"),
    "phones": Meaning("a list, in the usual ways of writing", "0400111222, 0400 111 222"),
    "emails": Meaning("a list", "ann@example.com"),
    "cards": Meaning("a list of Medicare numbers in the usual ways of writing", "2123456701"),
    "first_names": Meaning("a list of usual forms", "Ann, Annie"),
    "last_names": Meaning("a list of usual forms", "O'Brien, O Brien"),
    "state": Meaning("of Australia", "NSW"),
    "medicare_expiry": Meaning("month and year", "12/2027"),
    "lock_name": Meaning("which lock", "frontdesk"),
    "start": Meaning("date and wall time", "2026-12-01 09:30:00"),
    "finish": Meaning("the first moment after it", "2026-12-01 09:45:00"),
    "date": Meaning("the date of the start", "2026-12-01"),
    "time": Meaning("its wall time, a number of [units] time_of_day since midnight", "570"),
    "length": Meaning("a number of [units] length", "15"),
    "type_id": Meaning("as in appointment_types, else the fallback of [carries] type, else NULL", "1"),
    "note": Meaning("at most [notes] limit characters; ends with the reference", "Sore knee HE:501;"),
    "details": Meaning("what [carries] puts into a field of its own, else empty", "Born 1980-02-03"),
    "is_new_patient": Meaning("1 or 0", "0"),
    "reason": Meaning("what [carries] puts into a field of its own, else empty", "Sore knee"),
    "comments": Meaning("what [carries] puts into a field of its own, else empty", "On the left"),
    "telehealth_url": Meaning("what [carries] puts into a field of its own, else empty", "https://example.com/p/1"),
    "appointment_id": Meaning("the appointment", "48211"),
    "created_patient_id": Meaning("the patient that was created for it, else no value", "812"),
    "task_id": Meaning("number of the task", "3"),
    "practice_id": Meaning("Healthengine's number of the practice", "1001"),
    "kind": Meaning("of the task", "book_by_hand"),
    "subject": Meaning("one line", "Frontdesk: task 3"),
    "text": Meaning("ids and times alone", "Booking 501 waits"),
}
"""What each parameter means; one that is not here means what the column of its name does."""

NEEDED_WHEN: dict[str, str] = {
    "sessions": "[free_time] shape is sessions",
    "free_slots": "[free_time] shape is free_slots",
    "find_booked": "[capabilities] booking is not none",
    "book": "[capabilities] booking is not none",
    "withdraw": "[capabilities] booking is not none",
    "create_patient": "[capabilities] create_patients",
    "cancel": "[capabilities] cancel",
    "unlock": "there is a lock",
}
"""What makes an operation necessary that not every profile has."""


def parameter(name: str) -> Meaning:
    """
    Return what a parameter means.
    """
    return PARAMETERS.get(name) or COLUMNS[name]


def needed(operation: str) -> str:
    """
    Return when a profile has to have *operation*.
    """
    if operation in ALWAYS:
        return "always"
    return f"if {NEEDED_WHEN[operation]}" if operation in NEEDED_WHEN else "optional"


def reference() -> str:
    """
    Return the reference of operations, columns and parameters, as it stands in `docs/profiles.md`.
    """
    lines = ["| file | needed | what it gives | parameters | columns |", "| --- | --- | --- | --- | --- |"]
    for name, operation in OPERATIONS.items():
        columns = _listed(operation.columns)
        if operation.more_columns:
            columns += f"; and of these what there is: {_listed(operation.more_columns)}"
        if operation.any_columns:
            columns += " and any others"
        lines.append(f"| `{name}` | {needed(name)} | {ABOUT[name]} | {_listed(operation.parameters)} | {columns} |")
    lines += ["", "| column | what it means | example |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {meaning.what} | `{meaning.example}` |" for name, meaning in COLUMNS.items()]
    lines += ["", "| parameter | what it means | example |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {meaning.what} | `{meaning.example}` |" for name, meaning in PARAMETERS.items()]
    return "\n".join(lines)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
