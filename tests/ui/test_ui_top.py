"""
The top of the window: for every state, loss and condition one sentence, what to do, and the most useful button.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from ui_values import NOW, ago, channel, condition, make_status, task

from agent.domain.status import ChannelState, EngineState, EngineStatus, Severity
from agent.domain.stopping import Stop
from agent.ui.commands import RELEASE, START_BOOKINGS, TRY_AGAIN, Command
from agent.ui.remedies import DECIDE, NOTHING, START_AGAIN, answer_to, remedy_of
from agent.ui.top import ACTION_WORDS, Top, TopAction, waiting_text

A = TopAction
FAILING = (channel("requests", ChannelState.FAILING, last_success=ago(minutes=7)),)
AWAY = condition(
    Severity.WARNING, code="pms-connect", message="The PMS cannot be reached.", remedy="Look whether its server is on."
)
(PRACTICE,) = make_status().practices
STOPPED = replace(PRACTICE, stop=Stop(since=ago(hours=1), until=ago(minutes=-25)))


def top(status: EngineStatus | None, unreachable: str = "", code: str = "") -> Top:
    return Top.from_status(status, NOW, unreachable=unreachable, code=code)


@pytest.mark.parametrize(
    ("status", "sentence", "advice", "action"),
    [
        pytest.param(make_status(), "Online bookings are working.", "Nothing", A.RESYNC, id="online"),
        pytest.param(make_status(EngineState.WORKING), "Online bookings are working.", "Nothing", A.RESYNC, id="working"),
        pytest.param(
            make_status(EngineState.STARTING, channels=(channel("requests"),)),
            "Frontdesk is starting, and checks its connections.",
            "Nothing: this takes a minute or two.",
            A.SHOW_CONNECTIONS,
            id="starting",
        ),
        pytest.param(
            make_status(EngineState.NOT_SET_UP, channels=(), practices=()),
            "Frontdesk is not set up yet.",
            "Set it up, or ask your IT support to.",
            A.SET_UP,
            id="not set up",
        ),
        pytest.param(
            make_status(EngineState.OFFLINE, channels=FAILING, conditions=(AWAY,)),
            "The PMS cannot be reached.",
            "Look whether its server is on.",
            A.TRY_AGAIN,
            id="offline",
        ),
        pytest.param(
            make_status(EngineState.OFFLINE, channels=FAILING),
            "Frontdesk has no connection right now.",
            "Nothing: Frontdesk keeps trying by itself. If it lasts, tell your IT support.",
            A.TRY_AGAIN,
            id="offline, nobody knows why",
        ),
        pytest.param(
            make_status(EngineState.PAUSED, paused_until=ago(minutes=-30)),
            "Paused until 14:35: online bookings wait.",
            "Resume when you are ready: until then online bookings wait, and Healthengine may hide your times.",
            A.RESUME,
            id="paused",
        ),
        pytest.param(
            make_status(EngineState.PAUSED),
            "Paused until you resume: online bookings wait.",
            "Resume when you are ready: until then online bookings wait, and Healthengine may hide your times.",
            A.RESUME,
            id="paused and forgotten",
        ),
        pytest.param(
            make_status(EngineState.PAUSED, paused_until=ago(minutes=-30), in_maintenance=True),
            "Maintenance until 14:35: the appointment program is let go of.",
            "Resume when you are ready: until then online bookings wait, and Healthengine may hide your times.",
            A.RESUME,
            id="maintenance",
        ),
        pytest.param(
            make_status(practices=(STOPPED,)),
            "Online bookings are stopped: Harbour Street Family Practice until 14:30.",
            "Patients see no free times, and bookings made before are still answered. Start them when patients may book.",
            A.START_BOOKINGS,
            id="stopped",
        ),
        pytest.param(
            make_status(practices=(STOPPED, PRACTICE)),
            "Online bookings are stopped in part: Harbour Street Family Practice until 14:30.",
            "Patients see no free times, and bookings made before are still answered. Start them when patients may book.",
            A.START_BOOKINGS,
            id="stopped in part",
        ),
        pytest.param(
            make_status(EngineState.ATTENTION, tasks=(task(),)),
            "Online bookings are working; 1 task waits for you.",
            "Do what stands under To do.",
            A.SHOW_TASKS,
            id="a task",
        ),
        pytest.param(
            make_status(EngineState.ATTENTION, tasks=(task(1), task(2)), channels=FAILING, conditions=(AWAY,)),
            "The PMS cannot be reached; 2 tasks wait for you.",
            "Do what stands under To do.",
            A.SHOW_TASKS,
            id="tasks while a connection is lost",
        ),
        pytest.param(
            make_status(EngineState.ATTENTION, tasks=(task(),), paused_until=ago(minutes=-30)),
            "Paused until 14:35: online bookings wait; 1 task waits for you.",
            "Do what stands under To do.",
            A.SHOW_TASKS,
            id="a task in a pause",
        ),
        pytest.param(
            make_status(EngineState.ATTENTION, conditions=(AWAY, condition()), tasks=(task(),)),
            "The practice has not agreed to online bookings at Healthengine.",
            "Ask the practice manager to give consent in Healthengine's own screens.",
            A.SHOW_HEALTH,
            id="an error before everything else",
        ),
        pytest.param(
            make_status(
                EngineState.ATTENTION, conditions=(condition(code="brake-bookings", message="4 bookings have vanished."),)
            ),
            "4 bookings have vanished.",
            DECIDE,
            A.SHOW_HEALTH,
            id="a held change",
        ),
        pytest.param(
            make_status(conditions=(condition(Severity.WARNING, code="brake-openings", message="90 free times appeared."),)),
            "Online bookings are working.",
            "Nothing: a large change is being looked at a second time.",
            A.SHOW_HEALTH,
            id="a change that is looked at again",
        ),
        pytest.param(
            make_status(channels=(channel("requests", ChannelState.STALE, last_success=ago(hours=3)),)),
            "Frontdesk is starting, and checks its connections.",
            "Nothing: this takes a minute or two.",
            A.SHOW_CONNECTIONS,
            id="online without proof",
        ),
        pytest.param(None, "Looking for Frontdesk on this computer.", "Wait a moment.", None, id="nothing known yet"),
    ],
)
def test_every_status_has_a_sentence_and_one_thing_to_do(
    status: EngineStatus | None, sentence: str, advice: str, action: TopAction | None
) -> None:
    """
    What is most urgent is said, and the button does what helps with it.
    """
    shown = top(status)

    assert (sentence, advice, action) == (shown.sentence, shown.advice, shown.action)


@pytest.mark.parametrize(
    ("code", "reason", "sentence", "action"),
    [
        ("ipc-no-engine", "The engine is not running.", "Frontdesk is not running: online bookings wait.", A.START_ENGINE),
        (
            "ipc-engine-silent",
            "The engine does not answer.",
            "Frontdesk is running but does not answer (The engine does not answer).",
            A.SAVE_DIAGNOSTICS,
        ),
        (
            "ipc-version",
            "This program speaks version 1, the engine version 2.",
            "This window and Frontdesk's engine are of versions that do not understand each other.",
            A.SAVE_DIAGNOSTICS,
        ),
        (
            "ipc-denied",
            "This account may not talk to the engine.",
            "Frontdesk does not answer (This account may not talk to the engine): online bookings may have stopped.",
            A.SAVE_DIAGNOSTICS,
        ),
        ("", "an error", "Frontdesk does not answer (an error): online bookings may have stopped.", A.SAVE_DIAGNOSTICS),
    ],
)
@pytest.mark.parametrize("known", [None, make_status(), make_status(EngineState.ATTENTION, tasks=(task(),))], ids=str)
def test_an_engine_that_cannot_be_reached_comes_before_what_was_last_known(
    known: EngineStatus | None, code: str, reason: str, sentence: str, action: TopAction
) -> None:
    """
    Absent, hung, of another version or closed to this user: each is said, and what waits is not known.
    """
    shown = top(known, reason, code)

    assert (sentence, "Not known", action) == (shown.sentence, shown.waiting, shown.action)
    assert shown.advice


def test_every_state_and_button_has_words() -> None:
    """
    No state of the engine is without a sentence and a button that has a name.
    """
    shown = [top(make_status(state)) for state in EngineState]

    of_the_menu_alone = {TopAction.SHOW_SETTINGS, TopAction.SHOW_DIAGNOSTICS}

    assert set(TopAction) - of_the_menu_alone == set(ACTION_WORDS)
    assert all(one.sentence.endswith(".") and one.advice and one.action for one in shown)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (make_status(), "Nothing"),
        (make_status(booking_counts={"confirmed": 88, "inserting": 1}), "1 booking is being answered"),
        (
            make_status(
                booking_counts={"requested": 2, "confirming": 1}, tasks=(task(1), task(2)), conditions=(condition(), AWAY)
            ),
            "3 bookings are being answered, 2 tasks wait for you, 1 problem needs a person",
        ),
    ],
    ids=["nothing", "a booking", "all kinds"],
)
def test_what_waits_is_counted(status: EngineStatus, text: str) -> None:
    """
    Bookings on their way, tasks and problems; what heals by itself does not wait for anybody.
    """
    assert text == waiting_text(status)


@pytest.mark.parametrize(
    ("code", "answer", "remedy"),
    [
        ("brake-bookings", RELEASE, DECIDE),
        ("brake-closings", RELEASE, DECIDE),
        ("brake-openings", RELEASE, DECIDE),
        ("brake-resources", RELEASE, DECIDE),
        ("bookings-stopped", START_BOOKINGS, START_AGAIN),
        ("identity-held", None, "as the engine says"),
        ("live-hours-disagree", None, "as the engine says"),
        ("live-hours-narrower", None, "as the engine says"),
        ("pms-other-engine", None, "as the engine says"),
        ("store-rebuilt", None, "as the engine says"),
        ("he-busy", TRY_AGAIN, "as the engine says"),
        ("he-contract", TRY_AGAIN, "as the engine says"),
        ("he-days-refused", TRY_AGAIN, "as the engine says"),
        ("he-key-refused", TRY_AGAIN, "as the engine says"),
        ("he-no-consent", TRY_AGAIN, "as the engine says"),
        ("he-unreachable", TRY_AGAIN, "as the engine says"),
        ("pms-connect", TRY_AGAIN, "as the engine says"),
        ("pms-driver", TRY_AGAIN, "as the engine says"),
        ("pms-hung", TRY_AGAIN, "as the engine says"),
        ("pms-login", TRY_AGAIN, "as the engine says"),
        ("pms-sql", TRY_AGAIN, "as the engine says"),
        ("settings-invalid", TRY_AGAIN, "as the engine says"),
        ("unexpected", TRY_AGAIN, "as the engine says"),
    ],
)
def test_a_condition_has_its_answer_and_its_remedy(code: str, answer: Command | None, remedy: str) -> None:
    """
    Where the window has a button the words speak of it, and not of the command line; trying again is offered where it may help.
    """
    assert (answer, remedy) == (answer_to(code), remedy_of(condition(code=code, remedy="as the engine says")))


def test_what_heals_by_itself_asks_for_nothing() -> None:
    """
    A condition without a remedy says so.
    """
    assert NOTHING == remedy_of(condition(code="he-busy", remedy=""))
