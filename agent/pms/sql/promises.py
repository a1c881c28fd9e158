"""
What rows have to be beyond their types: the rules by which `frontdesk profiles test` judges a profile's answers.

Each rule takes rows in the order in which they came and raises `agent.pms.sql.normalise.BadValue` with operation, column and row,
never a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from statistics import median

from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState, PmsType, Practitioner
from agent.pms.sql.normalise import Place
from agent.pms.sql.rows import AppointmentRow, LeaveRow, SessionRow

APPOINTMENT_COLUMNS = ("id", "practitioner_id", "location_id", "start", "length", "patient_id", "type_id", "status", "notes")
"""The columns of an appointment in the order of `agent.pms.sql.rows.AppointmentRow`."""

TIME_UNIT = "Check [units] time_of_day in profile.toml."
LENGTH_UNIT = "Check [units] length in profile.toml."
LAST_MINUTE = "This system seems to keep the last minute inside; let the SQL add one minute, for ends are the first moment after."

_FEW_MINUTES = 24  # what a day has in hours: times of day that stay below count something else than minutes
_LONG = 12 * 60
_ENOUGH = 10  # appointments, before a rule about most of them is held against a diary
_FACTOR = 3  # between a type's length and its appointments': more is another unit and not a habit


def each_once(operation: str, column: str, keys: Iterable[object]) -> None:
    """
    Refuse a key that comes twice.
    """
    seen = set()
    for row, key in enumerate(keys, 1):
        if key in seen:
            raise Place(operation, column).broken(row, "comes a second time", "Look for a join that doubles rows.")
        seen.add(key)


def some(operation: str, rows: Sequence[object], why: str) -> None:
    """
    Refuse an empty answer: it proves nothing, and may come from another or an empty database.
    """
    if not rows:
        raise Place(operation, "any").broken(
            0,
            f"there are no rows ({why})",
            "Check that this is the right database, and what the SQL leaves out; or choose --date.",
        )


def known(operation: str, column: str, ids: Iterable[str], where: str, there: Collection[str] | None) -> None:
    """
    Refuse an id that *where* does not give; where *there* is None, nothing is known. The empty id is nobody.
    """
    if there is None:
        return
    for row, one in enumerate(ids, 1):
        if one and one not in there:
            raise Place(operation, column).broken(
                row, f"is an id that {where}.sql does not give", "Give the same ids in both files."
            )


def practitioners(rows: Sequence[Practitioner], places: Collection[str] | None) -> None:
    """
    People who can be booked.
    """
    some("practitioners", rows, "nobody can be booked")
    each_once("practitioners", "id", ((p.id, p.location_id, p.specialty_id) for p in rows))
    known("practitioners", "location_id", (p.location_id for p in rows), "locations", places)
    for row, person in enumerate(rows, 1):
        if not person.last_name:
            raise Place("practitioners", "last_name").broken(row, "is empty", "Patients choose by name: give one.")


def types(rows: Sequence[PmsType], people: Collection[str] | None) -> None:
    """
    What can be booked.
    """
    some("appointment_types", rows, "nothing can be booked")
    each_once("appointment_types", "id", ((t.id, t.practitioner_id) for t in rows))
    known("appointment_types", "practitioner_id", (t.practitioner_id for t in rows), "practitioners", people)
    _not_too_long("appointment_types", [t.minutes for t in rows])


def stretches(
    operation: str, rows: Sequence[SessionRow], window: DateRange, people: Collection[str] | None, places: Collection[str] | None
) -> None:
    """
    Working time or free slots.
    """
    some(operation, rows, "nobody works in these weeks")
    known(operation, "practitioner_id", (row[0] for row in rows), "practitioners", people)
    known(operation, "location_id", (row[1] for row in rows), "locations", places)
    _in_window(operation, "date", (row[2] for row in rows), window)
    _spans(operation, [(row[3], row[4]) for row in rows])
    for number, row in enumerate(rows, 1):
        if row[5] > row[4] - row[3]:
            raise Place(operation, "slot_length").broken(number, "is longer than the whole stretch", LENGTH_UNIT)


def types_of_sessions(operation: str, rows: Sequence[SessionRow], kinds: Collection[str] | None) -> None:
    """
    The types that a stretch is for.
    """
    for number, row in enumerate(rows, 1):
        if kinds is not None and not set(row[6]).issubset(kinds):
            raise Place(operation, "type_ids").broken(
                number, "has an id that appointment_types.sql does not give", "Give the same ids in both files."
            )


def leave(rows: Sequence[LeaveRow], window: DateRange, people: Collection[str] | None) -> None:
    """
    Who is away when; nobody need be.
    """
    known("absences", "practitioner_id", (row[0] for row in rows), "practitioners", people)
    _in_window("absences", "date", (row[1] for row in rows), window)
    _spans("absences", [(row[2], row[3]) for row in rows])


def appointments(rows: Sequence[AppointmentRow], window: DateRange) -> None:
    """
    The diary.
    """
    some("appointments", rows, "nobody has an appointment in these weeks")
    each_once("appointments", "id", (row[0] for row in rows))
    _in_window("appointments", "start", (row[3].date() for row in rows), window)
    lengths = [row[4] for row in rows]
    _not_too_long("appointments", lengths)
    if set(lengths) == {1}:
        raise Place("appointments", "length").broken(1, "is one minute, as is every other", LENGTH_UNIT)
    _not_short("appointments", "length", lengths)


def in_sessions(rows: Sequence[AppointmentRow], sessions: Sequence[SessionRow]) -> None:
    """
    Refuse a diary most of which lies outside working time: weekdays, time zones, places or practitioners are mixed up.

    A few may: the desk squeezes patients in. What has no patient, and whoever has no session, does not count.
    """
    spans: dict[tuple[str, date], list[tuple[str, int, int]]] = defaultdict(list)
    for who, where, day, start, end, _, _ in sessions:
        spans[who, day].append((where, start, end))
    people = {who for who, _ in spans}
    counted = outside = first = 0
    for number, row in enumerate(rows, 1):
        who, where, moment = row[1], row[2], row[3]
        if who not in people or not row[5] or row[7] is AppointmentState.CANCELLED:
            continue
        counted += 1
        minute = moment.hour * 60 + moment.minute
        working = (start <= minute < end for there, start, end in spans[who, moment.date()] if not where or there in {where, ""})
        if not any(working):
            outside += 1
            first = first or number
    if counted >= _ENOUGH and 2 * outside > counted:
        raise Place("appointments", "start").broken(
            first,
            "lies outside its practitioner's sessions there, as do most others",
            "Compare weekdays, time zones, places and practitioners of sessions.sql and appointments.sql.",
        )


def as_long_as_types(rows: Sequence[AppointmentRow], kinds: Sequence[PmsType]) -> None:
    """
    Refuse types and appointments whose lengths count different things.
    """
    minutes = {kind.id: kind.minutes for kind in kinds if kind.minutes}
    factors = [row[4] / minutes[row[6]] for row in rows if row[6] in minutes]
    if len(factors) >= _ENOUGH and not 1 / _FACTOR < median(factors) < _FACTOR:
        raise Place("appointment_types", "length").broken(
            1, "does not fit: most appointments are many times longer or shorter than their types", "Give both in the same unit."
        )


def same(operation: str, wanted: AppointmentRow, number: int, found: AppointmentRow | None) -> None:
    """
    Refuse another answer of *operation* about the appointment in row *number* of `appointments`.
    """
    if found is None:
        raise Place("appointments", "id").broken(
            number,
            f"is an appointment that {operation}.sql does not give (id {wanted[0]})",
            f"Let both files take the same rows: see {operation}.sql.",
        )
    for column, one, other in zip(APPOINTMENT_COLUMNS, wanted, found, strict=True):
        if one != other:
            raise Place("appointments", column).broken(
                number,
                f"differs from what {operation}.sql says of it (id {wanted[0]})",
                f"Make both files say the same: see {operation}.sql.",
            )


def _in_window(operation: str, column: str, days: Iterable[date], window: DateRange) -> None:
    for row, day in enumerate(days, 1):
        if day not in window:
            raise Place(operation, column).broken(
                row, "lies outside the window that was asked for", "Take what is >= first and < end: end is the day after."
            )


def _spans(operation: str, spans: Sequence[tuple[int, int]]) -> None:
    for row, (start, end) in enumerate(spans, 1):
        if end <= start:
            raise Place(operation, "end_time").broken(row, "does not lie after start_time", "Midnight as an end is 24:00.")
    if spans and max(end for _, end in spans) <= _FEW_MINUTES:
        raise Place(operation, "end_time").broken(1, "lies within minutes of midnight, as does every other", TIME_UNIT)
    _not_short(operation, "end_time", [end for _, end in spans])


def _not_short(operation: str, column: str, minutes: Sequence[int]) -> None:
    short = [row for row, one in enumerate(minutes, 1) if one % 5 == 4]  # noqa: PLR2004 - 12:59, or a length of 14
    if 2 * len(short) > len(minutes):
        raise Place(operation, column).broken(short[0], "is a minute short, as are most others", LAST_MINUTE)


def _not_too_long(operation: str, lengths: Sequence[int]) -> None:
    if lengths and min(lengths) > _LONG:
        raise Place(operation, "length").broken(1, "is more than half a day, as is every other", LENGTH_UNIT)
