"""
`frontdesk preview`: what would be published, worked out without an engine.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date

from agent.app.adapters import open_pms
from agent.domain.days import DateRange
from agent.domain.practice import Practice
from agent.domain.reports import PracticePreview, Preview
from agent.engine.clock import SystemClock
from agent.engine.holidays import is_public_holiday
from agent.ports.clock import Clock
from agent.ports.pms import Pms
from agent.settings.config import Settings, load_settings
from agent.settings.credentials import Credentials
from agent.settings.paths import Home
from agent.store.store import Store
from agent.sync.preview import preview as preview_practice
from agent.sync.rules import own_bookings, times_by_hand

PREVIEW_DAYS = 7


def preview(home: Home, day: date | None) -> Preview:
    """
    Work out what would be published on *day*, or on the next seven days; sends nothing.

    Raises:
        FrontdeskError: if the PMS cannot be read.
    """
    return preview_with(home, load_settings(home.config), Credentials(home), day)


def preview_with(home: Home, settings: Settings, credentials: Credentials, day: date | None) -> Preview:
    """
    Do what `preview` does with settings that need not be written yet.

    Raises:
        FrontdeskError: if the PMS cannot be read.
    """
    with ExitStack() as stack:
        # Before the engine's first start nothing has been booked, and nothing waits for a tick.
        store = stack.enter_context(Store.open(home.state_db)) if home.state_db.exists() else None
        pms = open_pms(home, settings, credentials)
        stack.callback(pms.close)
        return Preview(practices=tuple(_preview(practice, pms, store, SystemClock(), day) for practice in settings.practices))


def _preview(practice: Practice, pms: Pms, store: Store | None, clock: Clock, day: date | None) -> PracticePreview:
    now = clock.now().astimezone(practice.zone).replace(tzinfo=None)
    window = DateRange.of_days(day, 1) if day else DateRange.of_days(now.date(), PREVIEW_DAYS)
    return preview_practice(
        practice,
        pms,
        window=window,
        now=now,
        is_holiday=lambda date_: is_public_holiday(date_, practice.zone),
        known=store.approvals.known(practice.id) if store else {},
        own=own_bookings(store.ledger, practice.id, window.first) if store else {},
        by_hand=lambda catalogue: times_by_hand(store.ledger, practice, catalogue, window.first) if store else {},
    )
