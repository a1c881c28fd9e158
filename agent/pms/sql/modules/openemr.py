"""
OpenEMR: one table holds rosters, leave and appointments, and a recurring event is one row in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, subtract
from agent.pms.sql import normalise
from agent.pms.sql.carriers import Table
from agent.pms.sql.modules import Finish, Module
from agent.pms.sql.modules.openemr_recurrence import Kind, Unreadable, dates, recurrence
from agent.pms.sql.modules.openemr_roster import Marker, working_time
from agent.pms.sql.normalise import Place, Unit
from agent.pms.sql.operations import OPERATIONS

LONGEST = timedelta(days=31)
"""How long a single event may go on, as far as it is looked for."""

_REPEATS = ("repeats", "rule", "until")
_EVENT = ("event_id", "date", "start", "minutes", *_REPEATS)
_ONCE = str(int(Kind.ONCE))


def _sessions(table: Table, window: DateRange) -> Table:
    events = _Events("sessions", table)
    who, where = events.ids("practitioner_id"), events.ids("location_id")
    kinds, types = events.ids("kind"), events.ids("only_type")
    opens, closes = events.numbers("day_start"), events.numbers("day_end")
    markers: dict[tuple[str, date], list[Marker]] = defaultdict(list)
    closed: dict[tuple[str, date, str], list[Span]] = defaultdict(list)
    example: dict[tuple[str, date], int] = {}
    for row, day, start, end in events.spans(window):
        key = who[row], day
        if kinds[row] == "closed":
            closed[(*key, where[row])].append(Span(start, end))
        else:
            markers[key].append(Marker(start, kinds[row] == "in", where[row], types[row]))
            example[key] = row
    rows = []
    for key, seen in markers.items():
        row = example[key]
        first, last = _hours(opens[row], closes[row])
        slot = table.columns["slot_length"][row]
        for location_id, start, end, only_type in working_time(seen, last):
            taken = sorted(closed.get((*key, location_id), ()))
            left = subtract(Span(max(start, first), min(end, last)), taken) if start < last and end > first else []
            rows += [(*key, location_id, a, b, slot, only_type) for a, b in left]
    return _table(("practitioner_id", "date", "location_id", "start_time", "end_time", "slot_length", "type_ids"), rows)


def _absences(table: Table, window: DateRange) -> Table:
    events = _Events("absences", table)
    who = events.ids("practitioner_id")
    rows = [(who[row], day, start, end) for row, day, start, end in events.spans(window)]
    return _table(("practitioner_id", "date", "start_time", "end_time"), rows)


def _appointments(table: Table, window: DateRange) -> Table:
    columns = {name: values for name, values in table.columns.items() if name not in _REPEATS}
    if set(normalise.texts(table.columns["repeats"], Place("appointments", "repeats"))) <= {_ONCE}:
        return Table(columns, table.rows)
    starts = normalise.moments(columns["start"], Place("appointments", "start"))
    ids = normalise.ids(columns["id"], Place("appointments", "id"))
    days: list[object] = [start.date() for start in starts]
    events = _Events("appointments", Table({**table.columns, "event_id": columns["id"], "date": days}, table.rows))
    found = list(events.occurrences(window))
    made: dict[str, list[object]] = {name: [values[row] for row, _ in found] for name, values in columns.items()}
    made["id"] = [f"{ids[row]}-{day:%Y%m%d}" if events.is_recurring(row) else ids[row] for row, day in found]
    made["start"] = [datetime.combine(day, starts[row].time()) for row, day in found]
    return Table(made, len(found))


def _markers(table: Table, window: DateRange) -> Table:
    if "rule" not in table.columns:
        return table  # sums over what happens once
    prints = table.columns["print"]
    events = _Events("markers", table)
    numbers = events.ids("event_id")
    return _table(("date", "event_id", "print"), [(day, numbers[row], prints[row]) for row, day, _, _ in events.spans(window)])


class _Events:
    # The rows of one answer, each of which may stand for many dates.

    def __init__(self, operation: str, table: Table) -> None:
        self._operation = operation
        self._table = table
        self._dates = normalise.dates(table.columns["date"], self._place("date"))
        self._kinds = self.numbers("repeats")
        self._rules = normalise.texts(table.columns["rule"], self._place("rule"))
        self._until = normalise.optional_dates(table.columns["until"], self._place("until"))

    def ids(self, name: str) -> list[str]:
        return normalise.ids(self._table.columns[name], self._place(name), optional=True)

    def numbers(self, name: str) -> list[int]:
        return normalise.lengths(self._table.columns[name], self._place(name), Unit.MINUTES, least=0)

    def is_recurring(self, row: int) -> bool:
        return self._kinds[row] != Kind.ONCE

    def occurrences(self, window: DateRange) -> Iterator[tuple[int, date]]:
        for row in range(self._table.rows):
            for day in self._days(row, window):
                yield row, day

    def spans(self, window: DateRange) -> Iterator[tuple[int, date, int, int]]:
        # By row and date, as minutes of the day; what goes on past midnight has one for each date.
        starts = normalise.minutes_of_day(self._table.columns["start"], self._place("start"), Unit.MINUTES)
        lengths = normalise.lengths(self._table.columns["minutes"], self._place("minutes"), Unit.MINUTES, least=1)
        before = DateRange(window.first - LONGEST, window.end)
        for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            end = start + length
            for day in self._days(row, before if end > MINUTES_PER_DAY else window):
                for later in range(-(-end // MINUTES_PER_DAY)):
                    date_of_part = day + timedelta(days=later)
                    if date_of_part in window:
                        at = later * MINUTES_PER_DAY
                        yield row, date_of_part, max(start - at, 0), min(end - at, MINUTES_PER_DAY)

    def _days(self, row: int, window: DateRange) -> Sequence[date]:
        first, until = self._dates[row], self._until[row]
        if not self.is_recurring(row):
            return (first,) if first in window else ()
        try:
            rule = recurrence(self._kinds[row], self._rules[row])
        except Unreadable:
            raise self._place("rule").broken(
                row + 1,
                f"event {self.ids('event_id')[row]} repeats in a way that cannot be read",
                "Open it in OpenEMR's calendar, set again how it repeats, and save it.",
            ) from None
        return dates(rule, first, until, window) if rule and until else ()  # its calendar shows none without an end

    def _place(self, column: str) -> Place:
        return Place(self._operation, column)


def _hours(first: int, last: int) -> tuple[int, int]:
    # The calendar's opening hours as minutes of the day; nonsense limits nothing.
    return (first * 60, last * 60) if first < last <= MINUTES_PER_DAY // 60 else (0, MINUTES_PER_DAY)


def _table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return Table({name: list(values) for name, values in zip(names, columns, strict=True)}, len(rows))


MODULE: Module = {
    "sessions": Finish(
        columns=(
            "practitioner_id",
            "location_id",
            "kind",
            "only_type",
            "slot_length",
            "day_start",
            "day_end",
            *_EVENT,
        ),
        make=_sessions,
    ),
    "absences": Finish(columns=("practitioner_id", *_EVENT), make=_absences),
    "appointments": Finish(columns=(*OPERATIONS["appointments"].columns, *_REPEATS), make=_appointments),
    "markers": Finish(columns=("date",), make=_markers),
}
"""
What is made of OpenEMR's rows. `start` of an event is a minute of the day, `until` its last date, `rule` how it repeats; `kind`
of a session's event is `in`, `out` or `closed`.
"""
