"""
Open Dental: whose an operatory is at each minute, and what of that time is left.

Several people may be scheduled in one operatory, which holds one patient at a time. Each minute of it is given to one of them
alone, so that no two resources ever offer the same chair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, merge, subtract
from agent.pms.sql import normalise
from agent.pms.sql.carriers import Table
from agent.pms.sql.modules import Finish, Module
from agent.pms.sql.normalise import Place, Unit

_NOBODY = ""

_GIVEN = ("practitioner_id", "location_id", "kind", "has_it", "slot_length", "date", "start", "minutes")
_MADE = ("practitioner_id", "location_id", "date", "start_time", "end_time", "slot_length", "type_ids")


@dataclass(slots=True)
class _ChairDay:
    # One operatory on one date: whose it is, who works in it, and who takes what of it; spans are minutes of the day.
    owner: str = _NOBODY
    working: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    taken: list[tuple[str, Span]] = field(default_factory=list)
    slot: object = 0

    def left(self) -> Iterator[tuple[str, Span]]:
        given: list[Span] = []
        for who in sorted(self.working, key=lambda who: (who != self.owner, len(who), who)):
            theirs = merge(self.working[who])
            # What takes the practitioner's own time is known from the diary; here it counts for everybody else.
            away = sorted([*given, *(span for other, span in self.taken if other != who)])
            for span in theirs:
                for left in subtract(span, away):
                    yield who, left
            given += theirs


def _sessions(table: Table, window: DateRange) -> Table:
    chairs: dict[tuple[str, date], _ChairDay] = defaultdict(_ChairDay)
    who, where = _ids(table, "practitioner_id"), _ids(table, "location_id")
    kinds = normalise.texts(table.columns["kind"], _place("kind"))
    has_it = normalise.flags(table.columns["has_it"], _place("has_it"))
    for row, day, span in _spans(table, window):
        chair = chairs[where[row], day]
        if kinds[row] != "works":
            chair.taken.append((who[row] if kinds[row] == "taken" else _NOBODY, span))
            continue
        chair.working[who[row]].append(span)
        chair.slot = table.columns["slot_length"][row]
        if has_it[row]:
            chair.owner = who[row]
    return _table(
        (practitioner_id, location_id, day, left.start, left.end, chair.slot, "")
        for (location_id, day), chair in chairs.items()
        for practitioner_id, left in chair.left()
    )


def _spans(table: Table, window: DateRange) -> Iterator[tuple[int, date, Span]]:
    # By row and date; what goes on past midnight has one for each date.
    days = normalise.dates(table.columns["date"], _place("date"))
    starts = normalise.minutes_of_day(table.columns["start"], _place("start"), Unit.MINUTES)
    lengths = normalise.lengths(table.columns["minutes"], _place("minutes"), Unit.MINUTES, least=0)
    for row, (day, start, length) in enumerate(zip(days, starts, lengths, strict=True)):
        for later in range(-(-(start + length) // MINUTES_PER_DAY)):
            date_of_part, midnight = day + timedelta(days=later), later * MINUTES_PER_DAY
            span = Span(max(start - midnight, 0), min(start + length - midnight, MINUTES_PER_DAY))
            if date_of_part in window and span.start < span.end:
                yield row, date_of_part, span


def _ids(table: Table, column: str) -> list[str]:
    return normalise.ids(table.columns[column], _place(column))


def _place(column: str) -> Place:
    return Place("sessions", column)


def _table(rows: Iterable[Sequence[object]]) -> Table:
    made = list(rows)
    columns = zip(*made, strict=True) if made else ((),) * len(_MADE)
    return Table({name: list(values) for name, values in zip(_MADE, columns, strict=True)}, len(made))


MODULE: Module = {"sessions": Finish(columns=_GIVEN, make=_sessions, whole=True)}
"""
What is made of Open Dental's rows. `start` is a minute of the day; `kind` is `works`, `closed` for everybody or `taken` by that
practitioner's patient; `has_it` says whose the operatory is where nobody else is scheduled.
"""
