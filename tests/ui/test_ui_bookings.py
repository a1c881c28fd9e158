"""
The tab *Bookings*: what it lists, whose names it asks for, and what it forgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_values import NOW, booking, coming

from agent.domain.booking import BookingState
from agent.domain.coming import BookingPatient, ComingBooking, ComingBookings, soonest
from agent.ui.booking_rows import BOOKING_COLUMNS, BOOKING_STATES, booking_rows, bookings_line
from agent.ui.bookings_view import BookingsView
from agent.ui.questions import BookingsQuestion, Finding, PatientsQuestion
from agent.ui.rows import Tone

PATIENT = BOOKING_COLUMNS.index("Patient")
ADA = BookingPatient(practice_id="1001", booking_id=88123, name="Ada Sample")


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[BookingsView]:
    """
    On the screen, with three bookings of which two have a patient, whose names have not been told.
    """
    made = BookingsView(now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(900, 400)
    with qtbot.waitSignal(made.asked) as asked:
        made.show()
    made.show_finding(Finding(question=BookingsQuestion(), found=coming()))

    assert [BookingsQuestion()] == asked.args
    yield made
    made.close()


def patients(view: BookingsView) -> list[str]:
    return [row.cells[PATIENT] for row in view.table.rows_model.rows]


def test_a_booking_is_shown_in_plain_words() -> None:
    """
    Today's by its hour, later ones by their day; with the practitioner's name, state and time to answer.
    """
    rows = booking_rows(coming(), {("1001", 88123): "Ada Sample"}, NOW)

    assert ("Today, 15:30", "15 min", "Ada Sample", "Dr Mia Tran", "Confirmed", "3.2 s", "88123", "") == rows[0].cells[1:]
    assert ("Tue 24 Nov 2026, 09:30", "…") == (rows[1].cells[1], rows[1].cells[PATIENT])
    assert ("To be entered", "", Tone.BAD) == (rows[2].cells[5], rows[2].cells[6], rows[2].tone)
    assert {len(BOOKING_COLUMNS)} == {len(row.cells) for row in rows}


def test_every_state_has_words() -> None:
    """
    No state of a booking is forgotten.
    """
    assert set(BookingState) == set(BOOKING_STATES)


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (ComingBookings(bookings=(), count=0, today=0), "Nothing has been booked online for today or later."),
        (coming(), "1 online booking today, 2 later."),
        (
            ComingBookings(bookings=coming().bookings, count=40, today=7),
            "7 online bookings today, 33 later. The next 3 are shown.",
        ),
    ],
    ids=["none", "all", "more"],
)
def test_how_many_there_are_is_said(shown: ComingBookings, line: str) -> None:
    """
    Also where the list is shorter than that.
    """
    assert line == bookings_line(shown)


def test_the_bookings_of_several_practices_are_one_list() -> None:
    """
    The soonest comes first, whosever it is.
    """
    early = ComingBooking(line=booking(5, practice_id="1002", start=datetime(2026, 11, 23, 14, 30)))
    both = soonest([coming(), ComingBookings(bookings=(early,), count=1, today=1)])

    assert ([5, 88123, 88124, 88125], 4, 2) == ([one.line.booking_id for one in both.bookings], both.count, both.today)


def test_names_are_asked_for_those_on_the_screen_and_shown(view: BookingsView, qtbot: QtBot) -> None:
    """
    Only where there is a patient, and once.
    """
    with qtbot.waitSignal(view.asked) as asked:
        pass
    view.show_finding(Finding(question=asked.args[0], found=(ADA,)))

    assert [PatientsQuestion(bookings=(("1001", 88123), ("1001", 88124)))] == asked.args
    assert ["Ada Sample", "…", ""] == patients(view)


def test_a_long_list_asks_for_no_more_than_it_shows(view: BookingsView, qtbot: QtBot) -> None:
    """
    The names of the others are asked for when they come into sight.
    """
    many = tuple(ComingBooking(line=booking(n), has_patient=True) for n in range(1, 301))
    view.show_finding(Finding(question=BookingsQuestion(), found=ComingBookings(bookings=many, count=300, today=0)))
    with qtbot.waitSignal(view.asked) as first:
        pass
    view.table.scrollToBottom()
    with qtbot.waitSignal(view.asked) as last:
        pass
    top, bottom = ([number for _, number in asked.args[0].bookings] for asked in (first, last))

    assert (1, 300) == (top[0], bottom[-1])
    assert max(len(top), len(bottom)) < 40


def test_names_are_forgotten_when_hidden(view: BookingsView) -> None:
    """
    Also an answer that comes late finds nobody who looks.
    """
    answer = Finding(question=PatientsQuestion(bookings=(("1001", 88123),)), found=(ADA,))
    view.show_finding(answer)
    shown = patients(view)
    view.hide()
    view.show_finding(answer)

    assert "Ada Sample" in shown
    assert "Ada Sample" not in patients(view)
    assert "BookingPatient(88123, ***)" == repr(ADA)


def test_a_booking_that_changed_is_asked_about_anew(view: BookingsView) -> None:
    """
    The desk may have given the appointment to somebody else.
    """
    view.show_finding(Finding(question=PatientsQuestion(bookings=(("1001", 88123),)), found=(ADA,)))
    first, *others = coming().bookings
    changed = ComingBooking(line=booking(88123, start=first.line.start, updated_at=NOW), has_patient=True)
    view.show_finding(Finding(question=BookingsQuestion(), found=ComingBookings(bookings=(changed, *others), count=3, today=1)))

    assert "…" == patients(view)[0]


def test_names_that_cannot_be_had_are_explained_and_not_asked_for_again_and_again(view: BookingsView, qtbot: QtBot) -> None:
    """
    The bookings stay; the reason stands above them, until somebody scrolls or comes back.
    """
    view.show_finding(Finding(question=PatientsQuestion(bookings=(("1001", 88123),)), text="The PMS cannot be reached."))
    view._rest.stop()
    view.show_finding(Finding(question=BookingsQuestion(), found=coming()))

    assert "1 online booking today, 2 later. The patients' names cannot be shown: The PMS cannot be reached." == view.line.text()
    assert not view._rest.isActive()


def test_an_older_engine_is_explained(view: BookingsView) -> None:
    """
    One that knows no list of bookings says so itself.
    """
    view.show_finding(Finding(question=BookingsQuestion(), text="It does not know that command. Update the program."))

    assert "Update the program." in view.line.text()


def test_changes_are_asked_for_only_while_somebody_looks(view: BookingsView, qtbot: QtBot) -> None:
    """
    Once for a burst of them.
    """
    seen: list[object] = []
    view.asked.connect(seen.append)
    for _ in range(5):
        view.look_again()
    qtbot.waitUntil(lambda: BookingsQuestion() in seen)
    view.hide()
    view.look_again()
    QTest.qWait(0)

    assert 1 == seen.count(BookingsQuestion())
    assert not view._again.isActive()
