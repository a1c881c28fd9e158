"""
The liveness contract: when Healthengine should expect to hear from us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.domain.days import MINUTES_PER_DAY, Span, merge
from agent.domain.practice import LiveHours


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessContract:
    """
    Sorted, merged ranges per weekday (Monday first) and for public holidays; none crosses midnight.
    """

    days: tuple[tuple[Span, ...], ...]
    public_holidays: tuple[Span, ...]


def contract_from(hours: LiveHours) -> LivenessContract:
    """
    Return the contract for set hours: sorted, merged, and 23:59 read as the end of the day.

    Healthengine's own guide shows unordered and overlapping ranges, but does not say that they are accepted.
    """
    return LivenessContract(days=tuple(_tidy(spans) for spans in hours.days), public_holidays=_tidy(hours.public_holidays))


def _tidy(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ends = (Span(s.start, MINUTES_PER_DAY if s.end >= MINUTES_PER_DAY - 1 else s.end) for s in spans)
    return tuple(merge(ends))


def is_live(contract: LivenessContract, local: datetime, *, holiday: bool) -> bool:
    """
    Return whether the naive *local* time lies inside the contract.
    """
    spans = contract.public_holidays if holiday else contract.days[local.weekday()]
    minute = local.hour * 60 + local.minute
    return any(span.start <= minute < span.end for span in spans)
