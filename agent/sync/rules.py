"""
The publishing rules at work: over the free time that is sent, over the bookings that come in, and in the preview.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.domain.availability import DayAvailability
from agent.domain.booking import Booking, BookingState, CancellationState
from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, later
from agent.domain.diary import Diary
from agent.domain.practice import Practice
from agent.domain.publishing import horizon
from agent.domain.resources import Catalogue
from agent.domain.rules import Objection, OwnBooking, RuleBook, Ruled, Wish, holiday_rosters, session_spans
from agent.domain.withholding import withhold
from agent.ports.ledger import Ledger
from agent.sync.context import Context

GRACE = timedelta(minutes=6)
"""What a patient looks at may be older than now by the longest time between two looks at the free time, and a little."""

STANDING = (
    BookingState.INSERTING,
    BookingState.INSERTED,
    BookingState.CONFIRMING,
    BookingState.CONFIRMED,
    BookingState.DID_NOT_ATTEND,
    BookingState.TASK,
    BookingState.BY_HAND,
)
"""A booking in one of these states counts for caps; one that became a task does if it is in the PMS."""

GIVEN_UP = (CancellationState.CANCELLING, CancellationState.BY_HAND, CancellationState.TASK)
"""A booking whose cancellation is in one of these states does not count: its patient does not come. Its appointment may still be
there, because the desk gave it to somebody else."""

WARNED = "holiday_rosters"
"""The note of the public holidays that were warned of."""

OwnBookings = Mapping[date, Mapping[str, Sequence[OwnBooking]]]
"""Our standing bookings by date and resource."""

TimesByHand = Mapping[tuple[str, date], Sequence[Span]]
"""What is booked and reception is to enter, by resource and date."""

NONE: Mapping[str, Sequence[OwnBooking]] = {}


class DayRules:
    """
    One practice's rules for what it publishes, with everything that they depend on. For one thread: the sender's.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._book: RuleBook | None = None
        self._now = context.local_now()
        self._now_at: dict[str, datetime] = {}
        self._now_by_zone = {context.practice.zone: self._now}
        self._place_of: dict[str, str] = {}
        self._own: OwnBookings = {}
        self._by_hand: TimesByHand = {}
        self._sessions: dict[tuple[str, date], tuple[Span, ...]] = {}
        self.basis = ""

    def begin(self, catalogue: Catalogue) -> DateRange:
        """
        Look at settings, clock and ledger as they are now; returns the dates that are published at all.

        Afterwards *basis* differs from what it was if anything changed that may change days whose diary did not.
        """
        context = self._context
        practice = context.practice
        basis = rules_basis(practice, catalogue)
        if self._book is None or basis != self.basis:
            self._book = book_of(context, catalogue)
            self.basis = basis
        self._now = context.local_now()
        self._now_at = {place: context.local_now(place) for place, _ in practice.location_zones}
        self._now_by_zone = {practice.zone: self._now} | {practice.zone_at(place): at for place, at in self._now_at.items()}
        self._place_of = {resource.id: resource.location_id for resource in catalogue.resources} if self._now_at else {}
        window = horizon(self._now.date(), self._book.horizon_days)
        self._own = own_bookings(context.ledger, practice.id, window.first) if self._book.has_caps else {}
        self._by_hand = times_by_hand(context.ledger, practice, catalogue, window.first)
        self._sessions = {key: spans for key, spans in self._sessions.items() if key[1] in window}
        return window

    @property
    def book(self) -> RuleBook:
        """
        The rules. `begin` comes first.
        """
        assert self._book is not None  # noqa: S101 - a mistake of the program's
        return self._book

    @property
    def earliest(self) -> datetime:
        """
        The moment up to which the mere passing of time may change what is published; local and naive.
        """
        return max(later(now, self.book.longest_notice, zone) for zone, now in self._now_by_zone.items())

    def marked(self, markers: Mapping[date, str]) -> dict[date, str]:
        """
        Return *markers* with what else decides about each date, so that it is looked at again when that changes.
        """
        book, todays = self.book, [now.date() for now in self._now_by_zone.values()]
        by_hand: dict[date, list[tuple[str, Span]]] = defaultdict(list)
        for (resource_id, day), spans in self._by_hand.items():
            by_hand[day] += [(resource_id, span) for span in spans]
        marked: dict[date, str] = {}
        for day, marker in markers.items():
            own = [(rid, booking) for rid, bookings in self._own.get(day, NONE).items() for booking in bookings]
            marked[day] = book.mark(marker, day, todays, own)
            if day in by_hand:
                marked[day] += f"|by hand {sorted((resource_id, *span) for resource_id, span in by_hand[day])}"
        return marked

    def learn(self, diary: Diary, catalogue: Catalogue, window: DateRange) -> None:
        """
        Take from a reading what the rules need, and warn of rosters that run over public holidays, each once.
        """
        if self.book.has_session_caps:
            self._sessions.update(session_spans(catalogue, diary))
        context = self._context
        found = holiday_rosters(self.book, context.practice, catalogue, diary, window)
        if not found:
            return
        warned = set(context.published.note(context.practice.id, WARNED).split())
        new = [day for day in found if day.isoformat() not in warned]
        for day in new:
            context.activity("roster-on-holiday", roster_warning(day))
        if new:
            kept = {text for text in warned if text >= self._now.date().isoformat()}
            context.published.set_note(context.practice.id, WARNED, " ".join(sorted(kept | {day.isoformat() for day in new})))

    def ruled(self, day: DayAvailability) -> Ruled:
        """
        Return what of *day* is published and what is withheld.
        """
        own = self._own.get(day.date, NONE).get(day.resource_id, ())
        now = self._now_at.get(self._place_of.get(day.resource_id, ""), self._now)
        ruled = self.book.apply(day, now, bookings=own, sessions=self._sessions.get((day.resource_id, day.date), ()))
        return withhold(ruled, self._by_hand.get((day.resource_id, day.date), ()))

    def publish(self, day: DayAvailability) -> DayAvailability:
        """
        Return what of *day* is published.
        """
        return self.ruled(day).published


def book_of(context: Context, catalogue: Catalogue) -> RuleBook:
    """
    Return the practice's rules as they are now.
    """
    practice = context.practice
    return RuleBook(practice, catalogue, lambda day: context.is_holiday(day, practice.zone))


def zones_of(practice: Practice) -> Callable[[str], ZoneInfo] | None:
    """
    Return what gives each location's zone, or None where all have the practice's own.
    """
    return practice.zone_at if practice.location_zones else None


def rules_basis(practice: Practice, catalogue: Catalogue) -> str:
    """
    Return a short text that changes with everything that may change days whose diary did not.

    Holidays are in the dates' own markers, approvals are in the catalogue.
    """
    basis = (
        catalogue,
        practice.horizon_days,
        practice.minimum_notice,
        practice.rules,
        practice.closures,
        practice.zone.key,
        practice.location_zones,
    )
    return hashlib.blake2b(repr(basis).encode()).hexdigest()


def own_bookings(ledger: Ledger, practice_id: str, first: date, *, but: int = 0) -> OwnBookings:
    """
    Return our standing bookings from *first* on.

    Args:
        but: A booking that does not count.
    """
    given_up = {cancellation.booking_id for cancellation in ledger.cancellations(practice_id, states=GIVEN_UP)} | {but}
    found: dict[date, dict[str, list[OwnBooking]]] = defaultdict(lambda: defaultdict(list))
    for entry in ledger.bookings(practice_id, states=STANDING, start_from=datetime.combine(first, time())):
        if entry.booking_id not in given_up and (entry.state is not BookingState.TASK or entry.appointment_ids):
            minute = entry.start.hour * 60 + entry.start.minute
            found[entry.start.date()][entry.resource_id].append(OwnBooking(minute, entry.type_id))
    return found


def times_by_hand(ledger: Ledger, practice: Practice, catalogue: Catalogue, first: date, *, but: int = 0) -> TimesByHand:
    """
    Return what is withheld from *first* on: of every practice on the same PMS, because a practitioner has one diary.

    Args:
        but: A booking that does not count.
    """
    found: dict[tuple[str, date], list[Span]] = defaultdict(list)
    for entry in ledger.left_to_reception(datetime.combine(first, time()) - timedelta(days=1)):
        there = practice.zone_at(entry.location_id)
        for resource in catalogue.siblings(entry.practitioner_id) if entry.booking_id != but else ():
            here = practice.zone_at(resource.location_id)
            start = entry.start.replace(tzinfo=there).astimezone(here)
            minute = start.hour * 60 + start.minute
            end = min(minute + max(entry.minutes, 1), MINUTES_PER_DAY)
            found[resource.id, start.date()].append(Span(minute, end))
    return found


def objection_to(context: Context, booking: Booking, book: RuleBook | None = None) -> Objection | None:
    """
    Return why the rules do not allow *booking* (whose resource is known), or None.

    What time alone decides is asked as of when the patient booked: bookings wait while this machine is off.

    Args:
        book: The practice's rules as they are now; None: work them out.

    Raises:
        FrontdeskError: if the PMS has to be asked for the day's sessions and does not answer.
    """
    catalogue = context.catalogue
    book = book or book_of(context, catalogue)
    wish = Wish(
        resource_id=booking.resource_id or "",
        type_id=booking.type_id,
        start=booking.start,
        is_new_patient=booking.is_new_patient,
    )
    day = booking.start.date()
    own: Sequence[OwnBooking] = ()
    sessions: Sequence[Span] = ()
    if book.has_caps:
        standing = own_bookings(context.ledger, context.practice.id, day, but=booking.id)
        own = standing.get(day, NONE).get(wish.resource_id, ())
    if book.must_know_sessions(wish, own):
        sessions = session_spans(catalogue, context.pms.diary(DateRange.of_days(day, 1))).get((wish.resource_id, day), ())
    resource = catalogue.resource(wish.resource_id)
    zone = context.practice.zone_at(resource.location_id if resource else "")
    asked_at = [at.astimezone(zone).replace(tzinfo=None) for at in (booking.booked_at, booking.booked_at - GRACE)]
    return book.objection(wish, asked_at, bookings=own, sessions=sessions)


def roster_warning(day: date) -> str:
    """
    Return what to say about a roster that runs over a public holiday.
    """
    return (
        f"A roster runs over {day:%d/%m/%Y}, a public holiday: nothing is published. Take the day off the roster, or say "
        'public_holidays = "open" or "closed" in a rule.'
    )
