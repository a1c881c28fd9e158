"""
The practice's live hours: learned once a day from when this machine was up, less planned closures, cut when it is switched off.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.domain.days import DateRange
from agent.domain.errors import Cancelled, FrontdeskError
from agent.domain.liveness import (
    LivenessContract,
    carried_on,
    contract_for,
    contract_from,
    cut,
    hours_text,
    roster_hours,
    staffed,
)
from agent.domain.practice import LiveHours, Practice
from agent.domain.reports import LiveHoursReport, UptimeDay, UptimeReport
from agent.domain.rule import Holidays
from agent.domain.status import Condition, Severity
from agent.domain.uptime import LOOK_BACK, Learned, adopted, beyond, disagreement, learn, up_spans, wished
from agent.ports.clock import Clock
from agent.ports.ledger import Published
from agent.ports.live_hours import ConditionBoard, KnownHours, LiveHoursMemory, UptimeRecord
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms

log = logging.getLogger(__name__)

SHOWN_DAYS = 28
"""How far back a person sees when this machine was up."""

ROSTER_DAYS = 28
"""How far ahead the rosters are looked at: what repeats does so within four weeks."""

NARROWER = "live-hours-narrower"
DISAGREE = "live-hours-disagree"


class LiveHoursKeeper:
    """
    Knows the live hours of every practice. Safe to call from several threads.

    Args:
        is_holiday: Whether a date is a public holiday where a zone is.
        activity: Called with a code and plain words for the timeline.
    """

    def __init__(
        self,
        *,
        memory: LiveHoursMemory,
        uptime: UptimeRecord,
        conditions: ConditionBoard,
        clock: Clock,
        is_holiday: Callable[[date, ZoneInfo], bool],
        activity: Callable[[str, str], None],
    ) -> None:
        self._memory = memory
        self._uptime = uptime
        self._conditions = conditions
        self._clock = clock
        self._is_holiday = is_holiday
        self._activity = activity
        self._lock = threading.Lock()
        self._known: dict[str, KnownHours | None] = {}
        self._looked: dict[str, tuple[date, Practice]] = {}

    def contract(self, practice: Practice, *, at: time | None = None) -> LivenessContract:
        """
        Return what Healthengine is to know now: planned closures are taken out.

        Args:
            at: As it is at this time of today; None: now.
        """
        now = self._local_now(practice)
        if at is not None:
            now = datetime.combine(now.date(), at)
        return staffed(contract_for(now, self._base(practice), practice.closures, self._holidays(practice)), practice)

    def is_holiday(self, practice: Practice, day: date) -> bool:
        """
        Return whether *day* is a public holiday for the practice.
        """
        return self._is_holiday(day, practice.zone)

    def refresh(self, practice: Practice, pms: Pms) -> None:
        """
        Once a day, and when the settings change: learn, and say where hours and uptime disagree.

        Raises:
            FrontdeskError: if the PMS cannot be read and nothing is known yet.
        """
        today = self._local_now(practice).date()
        if self._looked.get(practice.id) == (today, practice):
            return
        if practice.learns_live_hours:
            known = self._of(practice.id)
            if known is None or known.learned_at.astimezone(practice.zone).date() != today:
                try:
                    self._learn(practice, pms)
                except FrontdeskError as error:  # shown where the diary is published; known hours are good for another day
                    if known is None or isinstance(error, Cancelled):
                        raise
                    log.info("live hours of practice %s are not learned now: %s", practice.id, error.code)
                    return
            self._ask(practice)
        else:
            self._compare(practice, self._taught(practice))
        self._looked[practice.id] = (today, practice)

    def report(self, practice: Practice) -> LiveHoursReport:
        """
        Return the practice's live hours as a person reads them.
        """
        known = self._known_for(practice)
        in_force = hours_text(self.contract(practice))
        if known is None:
            return LiveHoursReport(
                practice_id=practice.id, name=practice.name, in_force=in_force, is_learned=practice.learns_live_hours
            )
        return LiveHoursReport(
            practice_id=practice.id,
            name=practice.name,
            in_force=in_force,
            is_learned=True,
            learned_at=known.learned_at,
            question=hours_text(_open_question(known)) if practice.learns_live_hours else "",
            learned_from=tuple(day.dates for day in known.learned.days),
            answered_at=known.answered_at,
            answered_by=known.answered_by,
        )

    def uptime(self, practice: Practice) -> UptimeReport:
        """
        Return the last four weeks and today: when this machine was up, beside the live hours as they are now.
        """
        now = self._local_now(practice)
        window = DateRange.of_days(now.date() - timedelta(days=SHOWN_DAYS), SHOWN_DAYS + 1)
        intervals = self._uptime.intervals(self._clock.now() - timedelta(days=SHOWN_DAYS + 2))
        everything = self._uptime.intervals(self._clock.now() - LOOK_BACK)
        recorded_from = everything[0].start.astimezone(practice.zone).date() if everything else now.date()
        contract = staffed(self._base(practice), practice)

        def shown(day: date) -> UptimeDay:
            is_holiday = self.is_holiday(practice, day)
            hours = contract.public_holidays if is_holiday else contract.days[day.weekday()]
            return UptimeDay(
                date=day,
                live=() if practice.is_closed(day) else hours,
                up=up_spans(day, practice.zone, intervals),
                is_recorded=day > recorded_from or day == now.date(),
                is_holiday=is_holiday,
            )

        known = self._known_for(practice)
        base = self._base(practice)
        wish = adopted(base, self._taught(practice))
        return UptimeReport(
            practice_id=practice.id,
            name=practice.name,
            days=tuple(map(shown, window)),
            minute=now.hour * 60 + now.minute,
            hours=hours_text(contract),
            is_learned=practice.learns_live_hours,
            adoptable=hours_text(wish) if wish != base else "",
            answered_at=known.answered_at if known else None,
            answered_by=known.answered_by if known else "",
        )

    def answer(self, practice: Practice, *, adopt: bool, by: str) -> str:
        """
        Take a person's answer: *adopt* what uptime asks for, or else keep the hours; returns what was done in plain words.

        Where the hours are set, what was learned takes their place until others are set.
        """
        if not practice.learns_live_hours:
            return self._adopt_instead(practice, by) if adopt else _nothing_to_answer(practice)
        with self._lock:
            known = self._load(practice.id)
            narrower = disagreement(known.contract, known.learned) if known else None
            if known is None or narrower is None or not hours_text(narrower):
                return _nothing_to_answer(practice)
            contract = adopted(known.contract, known.learned) if adopt else known.contract
            kept = None if adopt else narrower
            changed = replace(known, contract=contract, kept=kept, answered_at=self._clock.now(), answered_by=by)
            self._remember(practice.id, changed)
        self._ask(practice)
        done = "are now" if adopt else "stay"
        return f"Practice {practice.id}: the live hours {done} {hours_text(contract)}."

    def _adopt_instead(self, practice: Practice, by: str) -> str:
        learned = self._taught(practice)
        base = self._base(practice)
        contract = adopted(base, learned)
        if contract == base:
            return _nothing_to_answer(practice)
        now = self._clock.now()
        with self._lock:
            self._remember(
                practice.id,
                KnownHours(
                    contract=contract,
                    learned=learned,
                    learned_at=now,
                    answered_at=now,
                    answered_by=by,
                    instead_of=contract_from(practice.live_hours),
                ),
            )
        self._compare(practice, learned)
        return f"Practice {practice.id}: the live hours are now {hours_text(contract)}."

    def _learn(self, practice: Practice, pms: Pms) -> None:
        window = DateRange.of_days(self._local_now(practice).date(), ROSTER_DAYS)
        sessions = pms.diary(window).sessions
        is_holiday, opens = self._holidays(practice), _opens_on_holidays(practice)
        here = (
            s
            for s in sessions
            if practice.serves(s.location_id) and not practice.is_closed(s.date) and (opens or not is_holiday(s.date))
        )
        rosters = roster_hours(here, is_holiday)
        learned = self._taught(practice)
        with self._lock:
            known = self._load(practice.id)  # somebody may have answered meanwhile
            before = known.contract if known else None
            contract = carried_on(before, wished(learned, rosters), rosters)
            now = self._clock.now()
            if known is None:
                changed = KnownHours(contract=contract, learned=learned, learned_at=now)
            else:
                changed = replace(known, contract=contract, learned=learned, learned_at=now, instead_of=None)
            self._remember(practice.id, changed)
        if contract != before:
            self._activity(
                "live-hours-learned", f"The live hours of practice {practice.id} are now {hours_text(contract) or 'none'}."
            )

    def _taught(self, practice: Practice) -> Learned:
        return learn(
            self._uptime.intervals(self._clock.now() - LOOK_BACK - timedelta(days=1)),
            zone=practice.zone,
            today=self._local_now(practice).date(),
            is_holiday=self._holidays(practice),
            is_closed=practice.is_closed,
        )

    def _ask(self, practice: Practice) -> None:
        """
        Show the question whether the hours may be narrowed inside the rosters', or end it.
        """
        known = self._of(practice.id)
        hours = hours_text(_open_question(known)) if known else ""
        self._show(
            practice,
            NARROWER,
            hours and f"On most days of practice {practice.id} this machine is not up within its rosters' hours: {hours}.",
            remedy="Leave the machine on in these hours, or answer: frontdesk live-hours adopt (patients' bookings wait then) "
            "or frontdesk live-hours keep (the practice's times are hidden then).",
            severity=Severity.ERROR,
        )
        self._conditions.clear_condition(_area(practice), DISAGREE)

    def _compare(self, practice: Practice, learned: Learned) -> None:
        hours = hours_text(disagreement(self._base(practice), learned))
        self._show(
            practice,
            DISAGREE,
            hours and f"On most days of practice {practice.id} this machine is not up within its set live hours: {hours}.",
            remedy="Leave the machine on in these hours, or adopt what was learned: frontdesk live-hours adopt. "
            'With live_hours = "auto" in config.toml they are learned from now on.',
            severity=Severity.WARNING,
        )
        self._conditions.clear_condition(_area(practice), NARROWER)

    def _show(self, practice: Practice, code: str, message: str, *, remedy: str, severity: Severity) -> None:
        if not message:
            self._conditions.clear_condition(_area(practice), code)
            return
        self._conditions.raise_condition(
            Condition(area=_area(practice), code=code, severity=severity, message=message, remedy=remedy, since=self._clock.now())
        )

    def _base(self, practice: Practice) -> LivenessContract:
        known = self._known_for(practice)
        return known.contract if known else contract_from(practice.live_hours)

    def _known_for(self, practice: Practice) -> KnownHours | None:
        """
        Return what is in force in place of the settings: learned, or adopted instead of the very hours that are set.
        """
        known = self._of(practice.id)
        if known is None or practice.learns_live_hours:
            return known
        return known if known.instead_of == contract_from(practice.live_hours) else None

    def _of(self, practice_id: str) -> KnownHours | None:
        with self._lock:
            return self._load(practice_id)

    def _load(self, practice_id: str) -> KnownHours | None:
        if practice_id not in self._known:
            self._known[practice_id] = self._memory.known(practice_id)
        return self._known[practice_id]

    def _remember(self, practice_id: str, known: KnownHours) -> None:
        self._memory.remember(practice_id, known)
        self._known[practice_id] = known

    def _holidays(self, practice: Practice) -> Callable[[date], bool]:
        return lambda day: self._is_holiday(day, practice.zone)

    def _local_now(self, practice: Practice) -> datetime:
        return self._clock.now().astimezone(practice.zone).replace(tzinfo=None)


def cut_today(
    practice: Practice, keeper: LiveHoursKeeper, *, clock: Clock, published: Published, marketplace: Marketplace
) -> bool:
    """
    Tell Healthengine that today's live hours end now, because this machine is being switched off; returns whether it was told.

    What Healthengine does not have is not cut. The note that it has the whole contract is taken back first, so that the next
    start restores it whatever becomes of this call.

    Raises:
        FrontdeskError: if Healthengine cannot be told.
    """
    local_now = clock.now().astimezone(practice.zone).replace(tzinfo=None)
    # Today's hours count again in a week, when the practice may be closed.
    ended = keeper.contract(practice, at=time.max)
    shorter = cut(ended, local_now, holiday=keeper.is_holiday(practice, local_now.date()))
    told = (keeper.contract(practice), keeper.contract(practice, at=time.min))
    if all(contract == shorter for contract in told) or not published.note(practice.id, "liveness"):
        return False
    published.set_note(practice.id, "liveness", "")
    marketplace.send_liveness(shorter)
    return True


def _nothing_to_answer(practice: Practice) -> str:
    return f"Practice {practice.id}: there is nothing to answer."


def _open_question(known: KnownHours) -> LiveHours:
    narrower = disagreement(known.contract, known.learned)
    return beyond(narrower, known.kept) if known.kept else narrower


def _opens_on_holidays(practice: Practice) -> bool:
    """
    Return whether a rule opens anything on public holidays. Without one nothing is published on them, whatever the rosters say.
    """
    return any(rule.public_holidays is Holidays.OPEN for rule in practice.rules)


def _area(practice: Practice) -> str:
    return f"live-hours:{practice.id}"
