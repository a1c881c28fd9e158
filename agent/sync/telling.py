"""
Sending days of free time, with a record of what was sent, why, and what Healthengine said.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.days import clock_text
from agent.domain.errors import FrontdeskError
from agent.domain.publishing import Asked
from agent.ports.history import SentDay, SentOutcome, SentWhy
from agent.ports.ledger import AcknowledgedDay, DayKey
from agent.ports.marketplace import SnapshotOutcome
from agent.sync.context import Context

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=731)
"""How long ids and times are kept: 24 months."""


def send_and_remember(
    context: Context, days: Sequence[DayAvailability], known: Mapping[DayKey, AcknowledgedDay], asked: Asked
) -> SnapshotOutcome:
    """
    Send up to 100 days.

    A record that cannot be written stops no sending: it is for people, and no rule reads it.

    Raises:
        FrontdeskError: as `Marketplace.send_availability`; the record then says that there was no answer.
    """
    outcome: SnapshotOutcome | None = None
    try:
        outcome = context.marketplace.send_availability(days)
    finally:
        _remember(context, days, known, asked, outcome)
    return outcome


def forget_the_old(context: Context) -> None:
    """
    Drop from the ledger and the record what is older than 24 months; what a rule still needs stays.
    """
    if context.history is None:
        return
    dropped = context.history.prune(context.clock.now() - KEPT_FOR)
    if dropped:
        log.info("%s entries older than 24 months were deleted", dropped)


def ranges_text(ranges: Sequence[OpenRange]) -> str:
    """
    Return free time as it is kept and shown.
    """
    return " ".join(_range_text(opening) for opening in ranges)


def _range_text(opening: OpenRange) -> str:
    text = f"{clock_text(opening.start)}-{clock_text(opening.end)}"
    if opening.slot_minutes:
        text += f"/{opening.slot_minutes}"
    return f"{text}[{','.join(opening.type_ids)}]" if opening.type_ids else text


def _remember(
    context: Context,
    days: Sequence[DayAvailability],
    known: Mapping[DayKey, AcknowledgedDay],
    asked: Asked,
    outcome: SnapshotOutcome | None,
) -> None:
    if context.history is None:
        return
    at = context.clock.now()
    rows: list[SentDay] = []
    for position, day in enumerate(days):
        before = known.get(DayKey(resource_id=day.resource_id, date=day.date))
        said, detail = _said(outcome, position)
        rows.append(
            SentDay(
                resource_id=day.resource_id,
                date=day.date,
                fingerprint=day.fingerprint(),
                ranges=ranges_text(day.ranges),
                generation=before.generation if before else 0,
                why=_why(day, before, asked),
                outcome=said,
                detail=detail,
                at=at,
                last_at=at,
            )
        )
    try:
        context.history.sent(context.practice.id, rows)
    except FrontdeskError as error:
        log.warning("what was sent is not in the history (%s)", error.code)


def _said(outcome: SnapshotOutcome | None, position: int) -> tuple[SentOutcome, str]:
    if outcome is not None and position in outcome.failed:
        return SentOutcome.REFUSED, outcome.failed[position]
    if outcome is not None and position in outcome.acknowledged:
        return SentOutcome.ACKNOWLEDGED, ""
    return SentOutcome.NO_ANSWER, ""


def _why(day: DayAvailability, before: AcknowledgedDay | None, asked: Asked) -> SentWhy:
    if asked.everything:
        return SentWhy.EVERYTHING
    if day in asked:
        return SentWhy.ASKED
    if before is None:
        return SentWhy.FIRST
    if before.failed:
        return SentWhy.REFUSED
    return SentWhy.CHANGED if before.fingerprint else SentWhy.BOOKED
