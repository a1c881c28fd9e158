"""
Whether a booking's time is free, by practitioners' days as they are at one moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agent.domain.booking import BookRequest
from agent.domain.days import MINUTES_PER_DAY, Span, merge
from agent.pms.sql.carriers import Carrier
from agent.pms.sql.queries import Queries
from agent.pms.sql.rows import AppointmentRow, SessionRow


class Days:
    """
    Practitioners' days for all the bookings that are put in together: each is read once.

    Attributes:
        carrier: The connection that they are read over.
        taken: What has been put in over it meanwhile.
    """

    def __init__(self, queries: Queries, carrier: Carrier) -> None:
        self.carrier = carrier
        self.taken: list[BookRequest] = []
        self._queries = queries
        self._open: dict[tuple[str, date], list[SessionRow]] = {}
        self._appointments: dict[tuple[str, date], list[AppointmentRow]] = {}

    def why_not_free(self, request: BookRequest) -> str:
        """
        Return why *request* cannot have its time, in words for a person; empty: it can.
        """
        if _span_of(request).end > MINUTES_PER_DAY:
            return "it would run past midnight"
        if not self.is_open(request):
            return "it is outside working time"
        return "the time is taken" if self._is_taken(request) else ""

    def is_open(self, request: BookRequest) -> bool:
        """
        Return whether its practitioner works there all that time, for that type.
        """
        wanted = _span_of(request)
        return any(span.start <= wanted.start and wanted.end <= span.end for span in self._open_spans(request))

    def overlapping(self, request: BookRequest) -> list[AppointmentRow]:
        """
        Return its practitioner's appointments at that time, wherever they are.
        """
        start, end = request.start, _end(request)
        return [
            row
            for row in self._appointments_of(request)
            if row[3] < end and start < row[3] + timedelta(minutes=row[4]) and row[1] == request.practitioner_id
        ]

    def take(self, request: BookRequest) -> None:
        """
        Remember what has been put in.
        """
        self.taken.append(request)

    def _is_taken(self, request: BookRequest) -> bool:
        return bool(self.overlapping(request)) or any(
            earlier.practitioner_id == request.practitioner_id and earlier.start < _end(request) and request.start < _end(earlier)
            for earlier in self.taken
        )

    def _open_spans(self, request: BookRequest) -> list[Span]:
        return merge(
            Span(start, end)
            for who, where, day, start, end, _, type_ids in self._sessions_of(request)
            if who == request.practitioner_id
            and where == request.location_id
            and day == request.start.date()
            and (not type_ids or not request.type_id or request.type_id in type_ids)
        )

    def _sessions_of(self, request: BookRequest) -> list[SessionRow]:
        key = _day_of(request)
        if key not in self._open:
            self._open[key] = self._queries.open_on(self.carrier, *key)
        return self._open[key]

    def _appointments_of(self, request: BookRequest) -> list[AppointmentRow]:
        key = _day_of(request)
        if key not in self._appointments:
            self._appointments[key] = self._queries.day_of(self.carrier, *key)
        return self._appointments[key]


def _span_of(request: BookRequest) -> Span:
    first = request.start.hour * 60 + request.start.minute
    return Span(first, first + max(request.minutes, 1))


def _day_of(request: BookRequest) -> tuple[str, date]:
    return request.practitioner_id, request.start.date()


def _end(request: BookRequest) -> datetime:
    return request.start + timedelta(minutes=max(request.minutes, 1))
