"""
What the tray and the window say, as tables.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from ui_values import NOW, ago, channel, condition, make_status, task

from agent.domain.status import (
    ChannelState,
    ChannelStatus,
    EngineState,
    EngineStatus,
    PracticeStatus,
    PublishedCounts,
    ResyncStatus,
    Severity,
)
from agent.domain.stopping import Stop
from agent.ports.tasks import TaskKind
from agent.ui.presenters import ICONS, IconKey, StatusView, last_success_text, moment_text, practice_line, resync_view
from agent.ui.rows import (
    CHANNEL_COLUMNS,
    CHANNEL_STATES,
    CONDITION_COLUMNS,
    TASK_COLUMNS,
    TASK_KINDS,
    Tone,
    channel_rows,
    condition_rows,
    task_rows,
)


def view(status: EngineStatus | None, unreachable: str = "") -> StatusView:
    return StatusView.from_status(status, NOW, unreachable=unreachable)


@pytest.mark.parametrize(
    ("state", "icon", "headline"),
    [
        (EngineState.ATTENTION, IconKey.ATTENTION, "Something needs your attention"),
        (EngineState.OFFLINE, IconKey.OFFLINE, "No connection right now"),
        (EngineState.STARTING, IconKey.WORKING, "Starting"),
        (EngineState.WORKING, IconKey.WORKING, "Working"),
        (EngineState.PAUSED, IconKey.PAUSED, "Paused until you resume"),
        (EngineState.NOT_SET_UP, IconKey.NOT_SET_UP, "Not set up yet"),
        (EngineState.ONLINE, IconKey.ONLINE, "Online bookings are working"),
    ],
)
def test_every_state_has_a_picture_and_a_headline(state: EngineState, icon: IconKey, headline: str) -> None:
    """
    A state of the engine is shown by one picture and a few plain words.
    """
    shown = view(make_status(state))

    assert (icon, headline, headline) == (shown.icon, shown.headline, shown.menu_line)


def test_no_state_is_forgotten() -> None:
    """
    Every state, channel state and kind of task has words of its own.
    """
    assert set(EngineState) == set(ICONS)
    assert set(ChannelState) == set(CHANNEL_STATES)
    assert {kind.value for kind in TaskKind} == set(TASK_KINDS)


@pytest.mark.parametrize(
    ("status", "unreachable", "icon"),
    [
        (None, "", IconKey.UNREACHABLE),
        (None, "nothing listens", IconKey.UNREACHABLE),
        (make_status(EngineState.ONLINE), "gone", IconKey.UNREACHABLE),
        (make_status(EngineState.OFFLINE), "gone", IconKey.UNREACHABLE),
        (make_status(EngineState.PAUSED), "gone", IconKey.UNREACHABLE),
        (make_status(EngineState.ATTENTION), "gone", IconKey.ATTENTION),
    ],
)
def test_only_attention_is_more_urgent_than_a_missing_engine(
    status: EngineStatus | None, unreachable: str, icon: IconKey
) -> None:
    """
    A lost engine hides every state but the one in which a person has to do something.
    """
    assert icon is view(status, unreachable).icon


@pytest.mark.parametrize(
    "channels",
    [
        (),
        (channel("requests", last_success=ago()), channel("availability")),
        (channel("requests", last_success=ago()), channel("availability", ChannelState.STALE, last_success=ago(hours=3))),
    ],
    ids=["no channel", "never", "stale"],
)
def test_online_without_proof_is_not_shown_as_online(channels: tuple[ChannelStatus, ...]) -> None:
    """
    Whatever an engine of another version calls itself: green needs a recent success in every channel.
    """
    shown = view(make_status(channels=channels))

    assert (IconKey.WORKING, "Starting") == (shown.icon, shown.headline)


def practice(name: str, stop: Stop | None = None) -> PracticeStatus:
    return PracticeStatus(id=name, name=name, live_now=True, liveness="", published=PublishedCounts(), stop=stop)


@pytest.mark.parametrize(
    ("state", "practices", "icon", "headline", "names"),
    [
        (EngineState.ONLINE, (practice("A", Stop(since=ago())),), IconKey.PAUSED, "Online bookings are stopped", ": A."),
        (
            EngineState.ONLINE,
            (practice("A", Stop(since=ago(), until=ago(minutes=-25))), practice("B")),
            IconKey.PAUSED,
            "Online bookings are stopped in part",
            ": A until 14:30.",
        ),
        (EngineState.ONLINE, (practice("A"), practice("B")), IconKey.ONLINE, "Online bookings are working", ""),
        (EngineState.WORKING, (practice("A", Stop(since=ago())),), IconKey.WORKING, "Working", ""),
        (EngineState.OFFLINE, (practice("A", Stop(since=ago())),), IconKey.OFFLINE, "No connection right now", ""),
    ],
    ids=["all", "one of two", "none", "working", "offline"],
)
def test_a_practice_that_takes_no_bookings_is_not_shown_as_online(
    state: EngineState, practices: tuple[PracticeStatus, ...], icon: IconKey, headline: str, names: str
) -> None:
    """
    Green would not be true; what is more urgent comes before.
    """
    shown = view(make_status(state, practices=practices))

    assert (icon, headline) == (shown.icon, shown.headline)
    assert names in shown.line
    assert len(shown.tooltip) <= 127


@pytest.mark.parametrize(
    ("status", "unreachable", "allowed"),
    [
        (None, "", (False, False, False)),
        (make_status(), "gone", (False, False, False)),
        (make_status(), "", (True, True, False)),
        (make_status(EngineState.NOT_SET_UP), "", (False, False, False)),
        (make_status(EngineState.OFFLINE), "", (True, True, False)),
        (make_status(EngineState.PAUSED), "", (False, False, True)),
        (make_status(EngineState.ATTENTION, paused_until=ago(minutes=-9)), "", (False, False, True)),
        (make_status(resync=ResyncStatus(scope="all", requested_at=ago(seconds=3), requested_by="x")), "", (False, True, False)),
    ],
)
def test_only_what_can_be_done_is_offered(
    status: EngineStatus | None, unreachable: str, allowed: tuple[bool, bool, bool]
) -> None:
    """
    Resync, pause and resume are enabled where they would do something.
    """
    shown = view(status, unreachable)

    assert allowed == (shown.can_resync, shown.can_pause, shown.can_resume)


def test_online_says_when_it_was_last_proven() -> None:
    """
    The words for "all well" carry the time of the last success, in the line and in the tooltip.
    """
    shown = view(make_status())

    assert "Last checked for bookings at 14:04." == shown.line
    proof = "Last checked for bookings at 14:04, everything else since 14:01"
    assert f"Frontdesk: Online bookings are working\n{proof}" == shown.tooltip


def test_the_practice_that_lags_decides_the_last_success() -> None:
    """
    With several practices the oldest success of the bookings channel counts, and one without any says so.
    """
    well = channel("requests", last_success=ago(seconds=5))
    late = channel("requests", last_success=ago(hours=2))
    other = channel("configuration", last_success=ago(hours=9))

    assert "Last checked for bookings at 12:05" == last_success_text(make_status(channels=(well, late, other)), NOW)
    assert "No successful check for bookings yet" == last_success_text(make_status(channels=(well, channel("requests"))), NOW)
    assert "No successful check for bookings yet" == last_success_text(None, NOW)


def test_a_pause_with_an_end_says_when() -> None:
    """
    The headline of a pause names its end in local time.
    """
    shown = view(make_status(EngineState.PAUSED, paused_until=datetime(2026, 11, 23, 4, 35, tzinfo=UTC)))

    assert "Paused until 14:35" == shown.headline


def test_attention_shows_what_is_wrong_and_what_to_do() -> None:
    """
    A condition that needs a person comes before one that heals by itself, with its remedy.
    """
    slow = condition(Severity.WARNING, code="pms-slow", message="Slow.", remedy="", since=ago(hours=3))
    shown = view(make_status(EngineState.ATTENTION, conditions=(slow, condition()), tasks=(task(),)))

    assert 2 == shown.to_do
    assert shown.line.startswith("The practice has not agreed to online bookings at Healthengine. Ask the practice manager")


@pytest.mark.parametrize(
    ("tasks", "line"),
    [
        ((task(),), "1 booking needs a person. See the list under To do."),
        ((task(1), task(2)), "2 bookings need a person. See the list under To do."),
    ],
)
def test_attention_counts_tasks(tasks: tuple[object, ...], line: str) -> None:
    """
    Where only tasks are open, they are counted.
    """
    assert line == view(make_status(EngineState.ATTENTION, tasks=tasks)).line


def test_the_tooltip_fits_windows() -> None:
    """
    Windows cuts a tooltip after 127 characters; ours ends before that, visibly.
    """
    shown = view(make_status(EngineState.ATTENTION, conditions=(condition(remedy="word " * 90),)))

    assert 120 < len(shown.tooltip) <= 127
    assert shown.tooltip.endswith("…")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 23, 4, 4, tzinfo=UTC), "14:04"),
        (datetime(2026, 11, 22, 13, 59, tzinfo=UTC), "Sun 22 Nov 23:59"),
        (datetime(2026, 11, 22, 14, 0, tzinfo=UTC), "00:00"),
    ],
)
def test_moments_are_local_and_carry_the_day_when_it_is_another(moment: datetime, text: str) -> None:
    """
    An instant is shown in the reader's zone.
    """
    assert text == moment_text(moment, NOW)


def test_a_resync_is_told_from_start_to_end() -> None:
    """
    None, running, done and failed each have their words.
    """
    asked = ResyncStatus(scope="all", requested_at=ago(minutes=2), requested_by="anna")
    done = ResyncStatus(
        scope="all",
        requested_at=ago(minutes=2),
        requested_by="anna",
        finished_at=ago(minutes=1),
        ok=True,
        result="360 days sent.",
    )
    failed = ResyncStatus(scope="all", requested_at=ago(minutes=2), requested_by="anna", finished_at=ago(), result="No link.")

    assert (False, "") == (resync_view(None, NOW).running, resync_view(None, NOW).text)
    assert resync_view(asked, NOW).running
    assert "Sending everything to Healthengine again, since 14:03" == resync_view(asked, NOW).text
    assert "Resync finished at 14:04: 360 days sent." == resync_view(done, NOW).text
    assert (True, "Resync did not work, 14:05: No link.") == (resync_view(failed, NOW).failed, resync_view(failed, NOW).text)


def test_a_practice_says_what_is_published() -> None:
    """
    The line under the tables counts what Healthengine has acknowledged.
    """
    text = practice_line(make_status().practices[0])

    assert text.startswith("Harbour Street Family Practice: 6 practitioners, 9 appointment types and 360 days")
    assert text.endswith("; live Mon-Fri 08:00-18:00")


def test_one_of_each_has_no_plural() -> None:
    """
    A practice of one practitioner is spoken of as one.
    """
    practice = make_status().practices[0]
    alone = dataclasses.replace(practice, published=PublishedCounts(resources=1, types=1, days=1), liveness="")

    assert f"{practice.name}: 1 practitioner, 1 appointment type and 1 day of free times published" == practice_line(alone)


def test_rows_fit_their_columns() -> None:
    """
    Every line has a cell for every column.
    """
    status = make_status(tasks=(task(),), conditions=(condition(),))

    assert {len(CHANNEL_COLUMNS)} == {len(row.cells) for row in channel_rows(status, NOW)}
    assert {len(TASK_COLUMNS)} == {len(row.cells) for row in task_rows(status, NOW)}
    assert {len(CONDITION_COLUMNS)} == {len(row.cells) for row in condition_rows(status, NOW)}


def test_a_channel_is_shown_in_plain_words() -> None:
    """
    Name, state, last success and what the last run did.
    """
    row = channel_rows(make_status(channels=(channel("availability", ChannelState.FAILING, detail="2 tries"),)), NOW)[0]

    expected = ("Harbour Street Family Practice", "Free times to Healthengine", "Failing, trying again", "never", "", "2 tries")
    assert (expected, Tone.BAD) == (row.cells, row.tone)


def test_a_channel_that_goes_on_failing_says_how_often() -> None:
    """
    The first failure is no number yet.
    """
    states = [
        channel_rows(make_status(channels=(channel("requests", ChannelState.FAILING, failures=n),)), NOW)[0].cells[2]
        for n in (1, 12)
    ]

    assert ["Failing, trying again", "Failing, trying again (12 failures)"] == states


def test_channels_of_a_lost_engine_are_not_called_working() -> None:
    """
    What cannot be known any more is not shown as good.
    """
    rows = channel_rows(make_status(), NOW, current=False)

    assert {("Not known", Tone.PLAIN)} == {(row.cells[2], row.tone) for row in rows}


def test_texts_pass_through_the_translation() -> None:
    """
    No fixed text goes round the translate function.
    """

    def marked(text: str) -> str:
        return f"<{text}>"

    shown = StatusView.from_status(make_status(), NOW, tr=marked)
    rows = channel_rows(make_status(), NOW, marked)

    assert "<Online bookings are working>" == shown.headline
    assert "<Last checked for bookings at 14:04>" == shown.last_success
    assert "<Working>" == rows[0].cells[2]
