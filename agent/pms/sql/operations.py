"""
What a profile may define: the operations, their parameters and the columns each has to give back.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.pms.sql.statements import Expects

_WINDOW = ("first", "end")
_APPOINTMENT = ("id", "practitioner_id", "location_id", "start", "length", "patient_id", "type_id", "status", "notes")
_STRETCH = ("practitioner_id", "location_id", "date", "start_time", "end_time", "slot_length", "type_ids")
_PATIENT = ("id", "first_name", "last_name", "date_of_birth", "phone", "email", "medicare_number", "active")
_MORE_OF_PATIENT = (
    "preferred_name",
    "former_name",
    "mobile",
    "other_phone",
    "address",
    "suburb",
    "postcode",
    "sex",
    "medicare_irn",
    "deceased",
    "merged_into",
)
_LOOK_UPS = ("birthdays", "phones", "emails", "cards", "first_names", "last_names")
_LINKS = ("id", "patient_link", "patient_description", "practitioner_link", "practitioner_description")
_DETAILS = (
    "first_name",
    "last_name",
    "date_of_birth",
    "phone",
    "email",
    "address",
    "suburb",
    "state",
    "postcode",
    "sex",
    "medicare_number",
    "medicare_irn",
    "medicare_expiry",
)
_CARRIED = ("is_new_patient", "details", "reason", "comments", "telehealth_url")
_PLACED = ("booking_id", "reference", "practitioner_id", "location_id", "start", "finish", "date", "time", "length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One thing a profile says in SQL.

    Attributes:
        columns: What its rows must have, no more and no less; empty: it gives no rows that are read.
        more_columns: What its rows may have beside them.
        any_columns: Further columns are allowed (they become part of a marker).
        lists: The parameters that stand for several values, for `IN (:ids)`.
        steps: It may have several steps; otherwise exactly one statement.
        skips: A step is left out when a parameter in it has no value.
    """

    parameters: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    more_columns: tuple[str, ...] = ()
    any_columns: bool = False
    lists: frozenset[str] = frozenset()
    expects: Expects = Expects.ROWS
    steps: bool = False
    skips: bool = False


OPERATIONS: dict[str, Operation] = {
    "identity": Operation(columns=("database_id", "version", "newest_change"), expects=Expects.ONE),
    "locations": Operation(columns=("id", "name"), more_columns=("premises",)),
    "practitioners": Operation(
        columns=("id", "title", "first_name", "last_name", "location_id", "specialty_id", "specialty_name")
    ),
    "appointment_types": Operation(columns=("id", "name", "length", "practitioner_id")),
    "markers": Operation(parameters=_WINDOW, columns=("date",), any_columns=True, steps=True),
    "sessions": Operation(parameters=_WINDOW, columns=_STRETCH),
    "absences": Operation(parameters=_WINDOW, columns=("practitioner_id", "date", "start_time", "end_time")),
    "free_slots": Operation(parameters=(*_WINDOW, "practitioner_id"), columns=_STRETCH),
    "appointments": Operation(parameters=_WINDOW, columns=_APPOINTMENT),
    "states": Operation(parameters=("ids",), lists=frozenset({"ids"}), columns=_APPOINTMENT),
    "patient_appointments": Operation(parameters=("patient_id", "since"), columns=_APPOINTMENT),
    "find_booked": Operation(parameters=("booking_id", "reference", "reference_pattern"), columns=_APPOINTMENT),
    "links": Operation(parameters=("ids",), lists=frozenset({"ids"}), columns=_LINKS),
    "patients": Operation(parameters=("ids",), lists=frozenset({"ids"}), columns=_PATIENT, more_columns=_MORE_OF_PATIENT),
    "find_patients": Operation(
        parameters=(*_DETAILS, *_LOOK_UPS),
        lists=frozenset(_LOOK_UPS),
        columns=_PATIENT,
        more_columns=_MORE_OF_PATIENT,
        steps=True,
        skips=True,
    ),
    "lock": Operation(parameters=("lock_name",), columns=("locked",), expects=Expects.ONE),
    "engine_lock": Operation(parameters=("lock_name",), columns=("locked",), expects=Expects.ONE),
    "unlock": Operation(parameters=("lock_name",), expects=Expects.ROWS),
    "create_patient": Operation(parameters=_DETAILS, expects=Expects.COUNT, steps=True),
    "book": Operation(
        parameters=(
            *_PLACED,
            "type_id",
            "patient_id",
            "note",
            "is_new_patient",
            "reason",
            "comments",
            "telehealth_url",
            "details",
        ),
        expects=Expects.COUNT,
        steps=True,
    ),
    "withdraw": Operation(
        parameters=("appointment_id", "created_patient_id", "reference", "reference_pattern"),
        expects=Expects.COUNT,
        steps=True,
        skips=True,
    ),
    "may_write": Operation(expects=Expects.COUNT, steps=True),
    "message": Operation(
        parameters=("task_id", "practice_id", "location_id", "kind", "booking_id", "since", "subject", "text"),
        expects=Expects.COUNT,
        steps=True,
    ),
    "cancel": Operation(parameters=("appointment_id", "patient_id", "start"), expects=Expects.COUNT, steps=True),
}
"""Every operation by its file's name. `book` has to give `appointment_id` in a step, `create_patient` `patient_id`."""

WRITING = frozenset({"create_patient", "book", "withdraw", "cancel", "message", "may_write"})
"""What is left out where the database is only to be read."""

ALWAYS = (
    "identity",
    "practitioners",
    "appointment_types",
    "markers",
    "appointments",
    "states",
    "patient_appointments",
    "patients",
    "find_patients",
)
"""What every profile has to define."""
