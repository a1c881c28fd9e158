"""
OpenEMR's calendar as its people keep it: markers, series, leave, closures, statuses; read with the login of `grants.sql`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from openemr_practice import OpenEmrDesk, OpenEmrPractice, rule
from sample_rows import TEN, TUESDAY

from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState, Diary
from agent.domain.errors import ContractBroken
from agent.pms.sql.pms import SqlPms

MONDAY = TUESDAY - timedelta(days=1)
FORTNIGHT = DateRange.of_days(MONDAY, 14)
NINE, NOON, ONE, FIVE = 9 * 60, 12 * 60, 13 * 60, 17 * 60
END_OF_YEAR = date(2026, 12, 31)

WORKDAYS = rule(event_repeat_freq=1, event_repeat_freq_type=4)
DAILY = rule(event_repeat_freq=1, event_repeat_freq_type=0)

pytestmark = pytest.mark.servers


@pytest.fixture
def desk(openemr: OpenEmrPractice) -> OpenEmrDesk:
    """
    One practitioner with two places, who has no working time yet.
    """
    desk = openemr.desk
    desk.add_location("1", "Main Street")
    desk.add_location("2", "Beach Road")
    desk.add_practitioner("1")
    desk.add_practitioner("1", location_id="2")
    desk.add_patient("7")
    return desk


@pytest.fixture
def pms(openemr: OpenEmrPractice) -> SqlPms:
    return openemr.pms()


def in_and_out(desk: OpenEmrDesk, spec: str, *, repeats: int = 1, first: date = MONDAY, only_type: str = "") -> tuple[str, str]:
    come = desk.add_event(
        "in_office", first, NINE, practitioner_id="1", repeats=repeats, spec=spec, until=END_OF_YEAR, only_type=only_type
    )
    go = desk.add_event("out_of_office", first, FIVE, practitioner_id="1", repeats=repeats, spec=spec, until=END_OF_YEAR)
    return come, go


def worked(diary: Diary) -> dict[int, list[tuple[int, int]]]:
    """
    Return working time in minutes, by day of December; 0 is the last of November.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for session in sorted(diary.sessions, key=lambda s: (s.date, s.start)):
        found.setdefault((session.date - MONDAY).days, []).append((session.start, session.end))
    return found


@pytest.mark.parametrize(
    ("repeats", "spec", "days"),
    [
        (1, WORKDAYS, {0, 1, 2, 3, 4, 7, 8, 9, 10, 11}),
        (1, rule(event_repeat_freq=5, event_repeat_freq_type=0), {0, 5, 10}),
        (1, rule(event_repeat_freq=2, event_repeat_freq_type=1), {0}),
        (1, rule(event_repeat_freq=1, event_repeat_freq_type=2), {0}),
        (1, rule(event_repeat_freq=1, event_repeat_freq_type=3), {0}),
        (2, rule(event_repeat_on_num=5, event_repeat_on_day=1, event_repeat_on_freq=1, rt2_pf_flag=1), {0}),
        (3, rule(event_repeat_freq="2,5", event_repeat_freq_type=6), {0, 3, 7, 10}),
        (3, rule(event_repeat_freq="2,5", event_repeat_freq_type=6, exdate="20261203"), {0, 7, 10}),
    ],
    ids=["workdays", "days", "fortnights", "months", "years", "last Monday", "listed days", "with a date left out"],
)
def test_recurring_rosters(desk: OpenEmrDesk, pms: SqlPms, repeats: int, spec: str, days: set[int]) -> None:
    """
    Markers that recur give working time on each of their dates.
    """
    in_and_out(desk, spec, repeats=repeats)

    assert {day: [(NINE, FIVE)] for day in days} == worked(pms.diary(FORTNIGHT))


def test_an_exception_to_a_series(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    A changed occurrence is a date left out and an event of its own.
    """
    come, _ = in_and_out(desk, WORKDAYS)
    desk.change(come, pc_recurrspec=rule(event_repeat_freq=1, event_repeat_freq_type=4, exdate="20261201"))
    desk.add_event("in_office", TUESDAY, NOON, practitioner_id="1")

    found = worked(pms.diary(FORTNIGHT))

    assert ([(NINE, FIVE)], [(NOON, FIVE)]) == (found[0], found[1])


def test_recurring_lunch_and_half_day_leave(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    Lunch on every workday, an afternoon off, and a week of vacation as a series of whole days.
    """
    in_and_out(desk, WORKDAYS)
    desk.add_event("lunch", MONDAY, NOON, 60, practitioner_id="1", repeats=1, spec=WORKDAYS, until=END_OF_YEAR)
    desk.add_event("vacation", TUESDAY, NOON, 5 * 60, practitioner_id="1")
    week = MONDAY + timedelta(days=7)
    desk.add_event("vacation", week, practitioner_id="1", all_day=True, repeats=1, spec=DAILY, until=week + timedelta(days=2))

    found = worked(pms.diary(FORTNIGHT))

    assert [(NINE, NOON), (ONE, FIVE)] == found[0]
    assert [(NINE, NOON)] == found[1]
    assert {0, 1, 2, 3, 4, 10, 11} == set(found)


def test_one_vacation_of_several_days(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    One event may last for days; the days in the middle know of it, also when it began before the window.
    """
    in_and_out(desk, WORKDAYS)
    away = desk.add_event("vacation", TUESDAY, NOON, 3 * 24 * 60, practitioner_id="1")
    later = DateRange.of_days(TUESDAY + timedelta(days=1), 3)
    before = pms.markers(later)

    assert {0: [(NINE, FIVE)], 1: [(NINE, NOON)], 4: [(NOON, FIVE)]} == {
        day: spans for day, spans in worked(pms.diary(FORTNIGHT)).items() if day < 5
    }
    assert [(NOON, FIVE)] == worked(pms.diary(later))[4]
    desk.change(away, pc_duration=2 * 24 * 60 * 60)
    assert [day for day in later if before[day] != pms.markers(later)[day]] == list(later)


def test_holidays_and_closures(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    An imported holiday, which has neither provider nor time, is everybody's; a closure may be one facility's.
    """
    in_and_out(desk, WORKDAYS)
    desk.run(
        "INSERT INTO openemr_postcalendar_events (pc_catid, pc_multiple, pc_aid, pc_pid, pc_eventDate, pc_duration,"
        " pc_alldayevent) VALUES (?, 0, '0', '0', ?, 86400, 1)",
        desk.category("holidays"),
        TUESDAY,
    )
    desk.add_event("closed", TUESDAY + timedelta(days=1), NOON, 60, location_id="1")
    desk.add_event("closed", TUESDAY + timedelta(days=2), NOON, 60, location_id="2")

    diary = pms.diary(FORTNIGHT)
    found = worked(diary)

    assert 1 not in found
    assert [(NINE, NOON), (ONE, FIVE)] == found[2]
    assert [(NINE, FIVE)] == found[3]
    assert [("1", TUESDAY)] == [(leave.practitioner_id, leave.date) for leave in diary.leave]


def test_two_places_in_a_day(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    In the morning here, in the afternoon there; a marker without a facility is at the default one.
    """
    desk.add_event("in_office", TUESDAY, NINE, practitioner_id="1")
    desk.add_event("out_of_office", TUESDAY, NOON, practitioner_id="1", location_id="1")
    desk.add_event("in_office", TUESDAY, NOON, practitioner_id="1", location_id="2")
    desk.add_event("out_of_office", TUESDAY, FIVE, practitioner_id="1")

    assert [("1", NINE, NOON), ("2", NOON, FIVE)] == [
        (s.location_id, s.start, s.end) for s in sorted(pms.diary(FORTNIGHT).sessions, key=lambda s: s.start)
    ]


def test_the_calendars_hours_and_slots(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    Who never goes is in until the calendar's closing hour; the calendar's interval is the length of a slot.
    """
    desk.add_event("in_office", TUESDAY, NINE, practitioner_id="1")
    before = pms.markers(FORTNIGHT)
    desk.set("schedule_start", 10)
    desk.set("schedule_end", 18)
    desk.set("calendar_interval", 20)

    assert [(600, 1080, 20)] == [(s.start, s.end, s.slot_minutes) for s in pms.diary(FORTNIGHT).sessions]
    assert before[TUESDAY] != pms.markers(FORTNIGHT)[TUESDAY]


def test_a_preferred_category(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    From a marker with a category on, only that type can be booked.
    """
    in_and_out(desk, WORKDAYS)
    desk.add_event("in_office", TUESDAY, NOON, practitioner_id="1", only_type="10")

    found = [(s.start, s.end, s.type_ids) for s in pms.diary(DateRange.of_days(TUESDAY, 1)).sessions]

    assert [(NINE, NOON, ()), (NOON, FIVE, ("10",))] == sorted(found)


def test_recurring_appointments(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    A patient's series takes the time on each of its dates, under an id of each own.
    """
    in_and_out(desk, WORKDAYS)
    series = desk.add_event(
        "office_visit", MONDAY, NOON, 30, practitioner_id="1", patient_id="7", repeats=1, spec=WORKDAYS, until=date(2026, 12, 2)
    )
    single = desk.add_appointment("1", TEN, type_id="")

    found = {(a.id, a.start, a.minutes, a.patient_id) for a in pms.diary(FORTNIGHT).appointments}

    noon = datetime(2026, 11, 30, 12)
    assert {
        (f"{series}-20261130", noon, 30, "7"),
        (f"{series}-20261201", noon + timedelta(days=1), 30, "7"),
        (f"{series}-20261202", noon + timedelta(days=2), 30, "7"),
        (single, TEN, 15, "7"),
    } == found


def test_groups_and_events_without_a_provider(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    A therapy group takes its counsellor's time; what has no provider takes nobody's.
    """
    group = desk.add_event("group_therapy", TUESDAY, NOON, 60, practitioner_id="1")
    desk.add_event("office_visit", TUESDAY, NOON, 60, practitioner_id="", patient_id="7")

    assert [(group, 60)] == [(a.id, a.minutes) for a in pms.diary(FORTNIGHT).appointments]


def test_statuses(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    The shipped codes, those that the practice made itself, and one that nobody knows... which is refused by name.
    """
    codes = {
        "-": AppointmentState.BOOKED,
        "*": AppointmentState.BOOKED,
        "^": AppointmentState.BOOKED,
        "SMS": AppointmentState.BOOKED,
        "Room 2": AppointmentState.ARRIVED,
        "@": AppointmentState.ARRIVED,
        "<": AppointmentState.ARRIVED,
        ">": AppointmentState.ARRIVED,
        "x": AppointmentState.CANCELLED,
        "%": AppointmentState.CANCELLED,
        "?": AppointmentState.DID_NOT_ATTEND,
    }
    desk.run("DELETE FROM list_options WHERE option_id = 'Room 2'")
    desk.run(
        "INSERT INTO list_options (list_id, option_id, title, toggle_setting_1) VALUES ('apptstat', 'Room 2', 'In room 2', 1)"
    )
    ids = {desk.add_event("office_visit", TUESDAY, NINE, 15, practitioner_id="1", status=code): code for code in codes}

    assert codes == {ids[i]: a.state for i, a in pms.states(list(ids)).items()}


def test_a_series_without_an_end(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    OpenEMR's own calendar shows it on no date, and so do we.
    """
    desk.add_event("in_office", MONDAY, NINE, practitioner_id="1", repeats=1, spec=DAILY)

    assert {} == worked(pms.diary(FORTNIGHT))


def test_a_rule_that_cannot_be_read(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    Half a roster is never published: the event is named, and what to do.
    """
    broken = desk.add_event("in_office", MONDAY, NINE, practitioner_id="1", repeats=1, spec="every day", until=END_OF_YEAR)

    with pytest.raises(ContractBroken, match=f"event {broken} repeats") as caught:
        pms.diary(FORTNIGHT)

    assert "OpenEMR's calendar" in caught.value.remedy
    line = {line.operation: line for line in pms.check()}["sessions"]
    assert not line.ok or line.rows == 0  # the check's own week may lie before the event


def test_markers_of_a_series(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    A date left out changes that date alone, another time changes all; clocks change none.
    """
    come, _ = in_and_out(desk, WORKDAYS)

    def changed(change: Callable[[], None]) -> list[int]:
        before = pms.markers(FORTNIGHT)
        change()
        after = pms.markers(FORTNIGHT)
        return [(day - MONDAY).days for day in FORTNIGHT if before[day] != after[day]]

    skipping = rule(event_repeat_freq=1, event_repeat_freq_type=4, exdate="20261203")
    assert [3] == changed(lambda: desk.change(come, pc_recurrspec=skipping))
    assert [0, 1, 2, 4, 7, 8, 9, 10, 11] == changed(lambda: desk.change(come, pc_startTime="10:00:00"))
    assert [9, 10, 11] == changed(lambda: desk.change(come, pc_endDate=date(2026, 12, 8)))
    assert [] == changed(lambda: desk.change(come, pc_time=datetime(2026, 12, 1, 12), pc_title="Here"))


def test_markers_of_what_lies_behind_the_events(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    Another default facility or another kind of category changes what the events mean.
    """
    desk.add_event("in_office", TUESDAY, NINE, practitioner_id="1")
    desk.add_event("lunch", TUESDAY, NOON, 60, practitioner_id="1")
    seen = [pms.markers(FORTNIGHT)[TUESDAY]]
    desk.run("UPDATE users SET facility_id = 2 WHERE id = 1")
    seen.append(pms.markers(FORTNIGHT)[TUESDAY])
    desk.run("UPDATE openemr_postcalendar_categories SET pc_cattype = 0 WHERE pc_constant_id = 'lunch'")
    seen.append(pms.markers(FORTNIGHT)[TUESDAY])

    assert 3 == len(set(seen))


def test_several_specialties(desk: OpenEmrDesk, pms: SqlPms) -> None:
    """
    Specialties are written into one text; each is a resource, and who is not in the calendar is none.
    """
    desk.run("UPDATE users SET specialty = 'GP, Skin Cancer ,' WHERE id = 1")
    desk.add_practitioner("2")
    desk.run("UPDATE users SET specialty = NULL WHERE id = 2")
    desk.add_practitioner("3")
    desk.run("UPDATE users SET calendar = 0 WHERE id = 3")

    assert [
        ("1", "1", "gp", "GP"),
        ("1", "1", "skin-cancer", "Skin Cancer"),
        ("1", "2", "gp", "GP"),
        ("1", "2", "skin-cancer", "Skin Cancer"),
        ("2", "1", "", ""),
    ] == [(p.id, p.location_id, p.specialty_id, p.specialty_name) for p in pms.practitioners()]
