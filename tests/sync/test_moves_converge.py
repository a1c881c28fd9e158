"""
The desk moves, cancels, restores, reuses, merges and retypes in any order: the ledger ends where the appointment is, and no
living appointment is ever called cancelled.
"""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sync_support import TEN, World

from agent.domain.booking import BookingState
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.moves import Place, place_of
from agent.ports.tasks import TaskKind
from agent.sync.changes import REUSED, UNCLEAR

STARTS = st.sampled_from([TEN, TEN + timedelta(minutes=45), TEN + timedelta(days=3)])
ANN, HEIR, STRANGER = "7", "70", "8"


class Desk(RuleBasedStateMachine):
    """
    One booking at the mercy of the desk. *living* is what the desk would call its appointment.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name))
        self.pms = self.world.pms
        self.living: str | None = None
        self.patient = ANN

    @initialize()
    def booked(self) -> None:
        self.pms.add_patient(STRANGER, first_name="Ben", last_name="Ng", date_of_birth=date(1990, 5, 6))
        self.follow_up = self.pms.add_appointment("2", TEN + timedelta(days=5), patient_id=ANN)
        self.world.patient_books()
        self.agent = self.world.running()
        self.agent.poll()
        self.agent.watch.run()
        self.living = self.world.ours()[0].id
        self.world.market.fail["cancel_booking"] = self._nothing_lives

    @precondition(lambda self: self.living)
    @rule(start=STARTS, doctor=st.sampled_from("12"), minutes=st.sampled_from([15, 30]))
    def the_desk_moves(self, start: datetime, doctor: str, minutes: int) -> None:
        self.pms.change_appointment(self._living(), start=start, practitioner_id=doctor, minutes=minutes)

    @precondition(lambda self: self.living)
    @rule(is_deleted=st.booleans())
    def the_desk_cancels(self, *, is_deleted: bool) -> None:
        if is_deleted:
            self.pms.delete_appointment(self._living())
        else:
            self.pms.change_appointment(self._living(), state=AppointmentState.CANCELLED)
        self.living = None

    @precondition(lambda self: not self.living)
    @rule(data=st.data())
    def the_desk_restores(self, data: st.DataObject) -> None:
        rows = [a.id for a in self._rows() if a.state is AppointmentState.CANCELLED and a.patient_id == self.patient]
        if rows:
            self.living = data.draw(st.sampled_from(rows))
            self.pms.change_appointment(self.living, state=AppointmentState.BOOKED)

    @precondition(lambda self: self.living)
    @rule()
    def the_desk_gives_it_away(self) -> None:
        self.pms.change_appointment(self._living(), patient_id=STRANGER)
        self.living = None

    @precondition(lambda self: not self.living)
    @rule()
    def the_desk_gives_it_back(self) -> None:
        rows = [a.id for a in self._rows() if a.state is AppointmentState.BOOKED and a.patient_id == STRANGER]
        if rows:
            self.living = rows[0]
            self.pms.change_appointment(self.living, patient_id=self.patient)

    @precondition(lambda self: not self.living)
    @rule(start=STARTS, marked=st.booleans())
    def the_desk_types_it_again(self, start: datetime, *, marked: bool) -> None:
        self.living = self.pms.add_appointment("1", start, patient_id=self.patient, reference=int(marked))

    @precondition(lambda self: self.patient == ANN)
    @rule()
    def the_desk_merges_the_patient(self) -> None:
        self.pms.add_patient(HEIR)
        self.pms.add_patient(ANN, active=False)
        for row in self._rows():
            if row.patient_id == ANN:
                self.pms.change_appointment(row.id, patient_id=HEIR)
        self.pms.change_appointment(self.follow_up, patient_id=HEIR)
        self.patient = HEIR

    @rule()
    def the_agent_looks(self) -> None:
        self.agent.watch.run()

    @rule(seconds=st.sampled_from([10, 70]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @rule()
    def the_agent_starts_anew(self) -> None:
        self.agent = self.world.running()

    @invariant()
    def what_is_not_ours_is_left_alone(self) -> None:
        if self.living:
            assert self.pms.states([self.follow_up])[self.follow_up].state is AppointmentState.BOOKED

    def teardown(self) -> None:
        try:
            if hasattr(self, "agent"):
                self._converges()
        finally:
            self.world.store.close()
            self._folder.cleanup()

    def _converges(self) -> None:
        for _ in range(7):  # two looks, and the search for what was given away, which rests for five minutes
            self.agent.watch.run()
            self.world.clock.advance(seconds=65)
        entry = self.world.entry()
        asked = {task.kind for task in self.world.tasks()}
        if entry.state is BookingState.GONE:
            known = self.living in entry.appointment_ids and entry.patient_id == self.patient
            assert known == (TaskKind.RESTORED in asked), "what was put back too late is told to reception"
        elif entry.reason == REUSED:
            assert asked == {TaskKind.REUSED}, "one given away is told to reception"
            assert not self.living or self.patient == HEIR, "what is still the patient's was not given away"
        elif entry.reason == UNCLEAR:
            assert asked == {TaskKind.MOVED}, "one that cannot be found is told to reception"
        else:
            assert self.living, "what the desk cancelled was told to Healthengine"
            row = self.pms.states([self.living])[self.living]
            assert self.living in entry.appointment_ids, "the ledger names the appointment"
            assert (entry.place, entry.patient_id) == (place_of([row]), self.patient), "and where it is, and whose"
            assert asked == (set() if _is_where_booked(entry.booked, row) else {TaskKind.MOVED}), "a task while it is elsewhere"

    def _nothing_lives(self) -> None:
        assert self.living is None, "a living appointment was called cancelled"

    def _living(self) -> str:
        assert self.living
        return self.living

    def _rows(self) -> list[Appointment]:
        ids = [str(number) for number in range(1, 60)]
        return [a for a in self.pms.states(ids).values() if a.id != self.follow_up]


def _is_where_booked(booked: Place, row: Appointment) -> bool:
    return place_of([row]).shows_the_same(booked)


TestMovesConverge = Desk.TestCase
TestMovesConverge.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
