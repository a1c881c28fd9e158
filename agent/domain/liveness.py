"""
The liveness contract: when Healthengine should expect to hear from us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, merge
from agent.domain.diary import Session
from agent.domain.practice import WEEKDAYS, LiveHours, Practice, Unanswered
from agent.domain.rule import Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessContract:
    """
    Sorted, merged ranges per weekday (Monday first) and for public holidays; none crosses midnight.
    """

    days: tuple[tuple[Span, ...], ...]
    public_holidays: tuple[Span, ...]


NOBODY_EXPECTED = LivenessContract(days=((),) * len(WEEKDAYS), public_holidays=())
"""The contract without any hours: silence is forgiven at any time."""


def contract_from(hours: LiveHours) -> LivenessContract:
    """
    Return the contract for set hours: sorted, merged, and 23:59 read as the end of the day.

    Healthengine's own guide shows unordered and overlapping ranges, but does not say that they are accepted.
    """
    return LivenessContract(days=tuple(_tidy(spans) for spans in hours.days), public_holidays=_tidy(hours.public_holidays))


def contract_for(
    local_now: datetime, base: LivenessContract, closures: Iterable[Closure], is_holiday: Callable[[date], bool]
) -> LivenessContract:
    """
    Return the contract to send now: *base* without the hours of planned closures within the next seven days.

    A contract knows weekdays only, and each weekday next comes round within seven days. So a closed day's hours can be taken
    out up to a week before, while the machine is still there to say so, and the other weekdays keep theirs. A day whose hours
    are over counts as the same day of next week.

    Args:
        local_now: The practice's wall time, naive.
        closures: In any order; past ones do no harm.
    """
    planned = tuple(closures)
    if not planned:
        return base
    today = local_now.date()
    hours = base.public_holidays if is_holiday(today) else base.days[today.weekday()]
    is_over = all(span.end <= _minute(local_now) for span in hours)
    days, holiday_hours, next_holiday = list(base.days), base.public_holidays, None
    for day in list(DateRange.of_days(today, 8))[1 if is_over else 0 :][:7]:
        is_closed = any(closure.covers(day) for closure in planned)
        if is_closed:
            days[day.weekday()] = ()
        if next_holiday is None and is_holiday(day):
            next_holiday = day
            holiday_hours = () if is_closed else holiday_hours
    return LivenessContract(days=tuple(days), public_holidays=holiday_hours)


def cut(contract: LivenessContract, local_now: datetime, *, holiday: bool) -> LivenessContract:
    """
    Return *contract* with today's hours ending at this minute, for a machine that is being switched off.

    On a public holiday the weekday's hours end too: Healthengine may know fewer holidays than we do.
    """
    now = _minute(local_now)
    today = local_now.weekday()
    days = tuple(_until(spans, now) if day == today else spans for day, spans in enumerate(contract.days))
    holiday_hours = _until(contract.public_holidays, now) if holiday else contract.public_holidays
    return LivenessContract(days=days, public_holidays=holiday_hours)


def staffed(contract: LivenessContract, practice: Practice) -> LivenessContract:
    """
    Return *contract*, cut to the hours in which somebody enters bookings where *practice* wants that.
    """
    hours = practice.staffed_hours
    if practice.unanswered is not Unanswered.STAFFED_HOURS or hours is None:
        return contract
    pairs = zip((*contract.days, contract.public_holidays), (*hours.days, hours.public_holidays), strict=True)
    cuts = tuple(_tidy(tuple(_common(expected, present))) for expected, present in pairs)
    return LivenessContract(days=cuts[:-1], public_holidays=cuts[-1])


def roster_hours(sessions: Iterable[Session], is_holiday: Callable[[date], bool]) -> LiveHours:
    """
    Return from when to when somebody works: one stretch for each weekday, and one for public holidays.
    """
    kinds: list[list[Session]] = [[] for _ in (*WEEKDAYS, "holidays")]
    for session in sessions:
        kinds[-1 if is_holiday(session.date) else session.date.weekday()].append(session)
    spans = tuple((Span(min(s.start for s in kind), max(s.end for s in kind)),) if kind else () for kind in kinds)
    return LiveHours(days=spans[:-1], public_holidays=spans[-1])


def carried_on(current: LivenessContract | None, wish: LivenessContract, rosters: LiveHours) -> LivenessContract:
    """
    Return the contract that may follow *current* without asking anybody.

    It has everything that is wished for, and keeps what was there inside the rosters' hours: to take that away would let patients
    book working time against a diary that nobody reads, which only a person may decide.

    Args:
        current: The contract in force; None: there is none yet, and the rosters' hours stand for it.
        wish: What uptime asks for.
        rosters: From when to when somebody works.
    """
    held = current or contract_from(rosters)
    days = tuple(
        _tidy((*wanted, *_common(kept, worked)))
        for wanted, kept, worked in zip(
            (*wish.days, wish.public_holidays),
            (*held.days, held.public_holidays),
            (*rosters.days, rosters.public_holidays),
            strict=True,
        )
    )
    return LivenessContract(days=days[:-1], public_holidays=days[-1])


def hours_text(hours: LiveHours | LivenessContract) -> str:
    """
    Return *hours* in one line, as in the settings file; neighbours that are alike are joined.
    """
    parts: list[str] = []
    for spans, group in groupby(zip(hours.days, WEEKDAYS, strict=True), key=lambda pair: pair[0]):
        names = [name[:3].capitalize() for _, name in group]
        if spans:
            parts.append(f"{names[0]}-{names[-1]} {_spans_text(spans)}" if len(names) > 1 else f"{names[0]} {_spans_text(spans)}")
    if hours.public_holidays:
        parts.append(f"Holidays {_spans_text(hours.public_holidays)}")
    return ", ".join(parts)


def _spans_text(spans: tuple[Span, ...]) -> str:
    return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    # not `clock_text`, which writes midnight as Healthengine wants it
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _until(spans: tuple[Span, ...], minute: int) -> tuple[Span, ...]:
    return tuple(Span(span.start, min(span.end, minute)) for span in spans if span.start < minute)


def _common(first: tuple[Span, ...], second: tuple[Span, ...]) -> list[Span]:
    both = (Span(max(a.start, b.start), min(a.end, b.end)) for a in first for b in second)
    return [span for span in both if span.start < span.end]


def _tidy(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ends = (Span(s.start, MINUTES_PER_DAY if s.end >= MINUTES_PER_DAY - 1 else s.end) for s in spans)
    return tuple(merge(ends))


def is_live(contract: LivenessContract, local: datetime, *, holiday: bool) -> bool:
    """
    Return whether the naive *local* time lies inside the contract.
    """
    spans = contract.public_holidays if holiday else contract.days[local.weekday()]
    minute = _minute(local)
    return any(span.start <= minute < span.end for span in spans)
