"""
When the tray speaks up: transitions only, grouped, quiet after start and wake; tasks until somebody claims them.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui_values import NOW, channel, condition, make_status, task

from agent.domain.status import ChannelState, EngineState, EngineStatus, Severity
from agent.ui.notifying import QUIET, REMINDER, SETTLED, Loss, Memory, Notification, Place, Seen, Topic, look

WELL = Seen(is_well=True, is_live=True)
GONE = Seen(lost=Loss.ENGINE, is_live=True)
OFFLINE = Seen(lost=Loss.CONNECTION, is_live=True)
LOOK = timedelta(seconds=15)
QUIET_LOOKS = QUIET // LOOK
SETTLED_LOOKS = SETTLED // LOOK


def told(*sights: Seen, memory: Memory | None = None) -> list[tuple[int, str]]:
    """
    Return which look told what, of looks one after the other that begin after the quiet time.
    """
    memory = memory or Memory(looked_at=NOW, quiet_until=NOW)
    heard: list[tuple[int, str]] = []
    for number, seen in enumerate(sights):
        memory, notification = look(memory, seen, NOW + LOOK * (number + 1))
        if notification is not None:
            heard.append((number, notification.text.splitlines()[0]))
    return heard


ENGINE_GONE = "Online bookings may have stopped. If this lasts, tell your IT support."
NO_CONNECTION = "Online bookings wait. Frontdesk keeps trying by itself."
BACK = "It is exchanging appointments with Healthengine."


@pytest.mark.parametrize(
    ("sights", "heard"),
    [
        ([WELL] * 20, []),
        ([GONE] * 3 + [WELL] * 9, []),
        ([GONE] * 20 + [WELL] * 9, [(SETTLED_LOOKS, ENGINE_GONE), (20, BACK)]),
        ([OFFLINE] * 20, [(SETTLED_LOOKS, NO_CONNECTION)]),
        ([GONE] * 8 + [OFFLINE] * 8, [(SETTLED_LOOKS, ENGINE_GONE), (8, NO_CONNECTION)]),
        ([GONE] * 8 + [Seen()] * 8, [(SETTLED_LOOKS, ENGINE_GONE)]),
        ([GONE] * 8 + [Seen(), WELL], [(SETTLED_LOOKS, ENGINE_GONE), (9, BACK)]),
    ],
    ids=["well", "short", "gone and back", "offline", "gone, then offline", "not proven yet", "proven later"],
)
def test_a_loss_is_told_once_it_lasts_and_so_is_its_end(sights: list[Seen], heard: list[tuple[int, str]]) -> None:
    """
    What comes back by itself is never mentioned; what is not proven to be back is not said to be.
    """
    assert heard == told(*sights)


@pytest.mark.parametrize(("looks", "heard"), [(QUIET_LOOKS - 1, 0), (QUIET_LOOKS + 9, 1)])
@pytest.mark.parametrize("seen", [GONE, Seen(problems=frozenset({"pms pms-login"}))], ids=["gone", "problem"])
def test_it_is_quiet_after_a_start(seen: Seen, looks: int, heard: int) -> None:
    """
    What is wrong at the start is told only if it stays, and once.
    """
    assert heard == len(told(*[seen] * looks, memory=Memory.at_start(NOW)))


def test_it_is_quiet_after_a_wake_up() -> None:
    """
    A gap between two looks begins a new quiet time.
    """
    memory = Memory(looked_at=NOW - timedelta(hours=9), quiet_until=NOW - timedelta(hours=9), lost_since=NOW - timedelta(hours=9))

    assert [] == told(*[GONE] * (QUIET_LOOKS - 1), memory=memory)


def test_a_new_task_is_always_told_also_after_a_start() -> None:
    """
    Nothing keeps a task back, and a click on it opens the list.
    """
    memory, first = look(Memory.at_start(NOW), Seen(unclaimed=frozenset({3, 4})), NOW)
    memory, same = look(memory, Seen(unclaimed=frozenset({3, 4})), NOW + LOOK)
    _, new = look(memory, Seen(unclaimed=frozenset({3, 4, 5})), NOW + 2 * LOOK)

    assert first == Notification(title="Please look at Frontdesk", text="2 tasks are waiting for somebody.", place=Place.TO_DO)
    assert same is None
    assert new is not None
    assert "1 task is waiting for somebody." == new.text


@pytest.mark.parametrize(("is_live", "heard"), [(True, 3), (False, 1)])
def test_a_task_is_told_again_until_somebody_claims_it(is_live: bool, heard: int) -> None:  # noqa: FBT001 - a column
    """
    Every ten minutes, in live hours alone, and no longer once it is claimed.
    """
    waiting, claimed = Seen(unclaimed=frozenset({3}), is_live=is_live), Seen(is_live=is_live)
    sights = [waiting] * (2 * (REMINDER // LOOK) + 1) + [claimed] * 100

    assert heard == len(told(*sights))


def test_what_comes_together_is_told_together() -> None:
    """
    One notification for all, the most urgent first.
    """
    memory = Memory(looked_at=NOW, quiet_until=NOW, lost_since=NOW - SETTLED)
    seen = Seen(lost=Loss.CONNECTION, problems=frozenset({"a x", "b y"}), unclaimed=frozenset({1}))
    _, notification = look(memory, seen, NOW + LOOK)

    assert notification == Notification(
        title="Please look at Frontdesk",
        text=f"1 task is waiting for somebody.\n2 problems need a person.\n{NO_CONNECTION}",
        place=Place.TO_DO,
    )


def test_a_problem_is_told_once_and_again_only_when_it_comes_anew() -> None:
    """
    A condition that stays is not repeated.
    """
    bad = Seen(problems=frozenset({"pms pms-login"}))
    text = "1 problem needs a person."

    assert [(0, text), (12, text)] == told(*[bad] * 9, *[WELL] * 3, *[bad] * 9)


SIGHTS = st.builds(
    Seen,
    lost=st.sampled_from([None, Loss.ENGINE, Loss.CONNECTION]),
    is_well=st.booleans(),
    problems=st.frozensets(st.sampled_from(["a x", "b y"])),
    unclaimed=st.frozensets(st.integers(1, 4)),
    is_live=st.booleans(),
)


@given(sights=st.lists(SIGHTS, max_size=40))
def test_whatever_happens_every_new_task_is_told_at_once(sights: list[Seen]) -> None:
    """
    In any order of events, a look that shows a task for the first time speaks, and what stays the same is not repeated.
    """
    memory, before = Memory.at_start(NOW), frozenset[int]()
    for number, seen in enumerate(sights):
        memory, notification = look(memory, seen, NOW + LOOK * number)
        memory, again = look(memory, seen, NOW + LOOK * number)

        assert again is None
        assert notification is not None or not seen.unclaimed - before
        before = seen.unclaimed


@pytest.mark.parametrize(
    ("status", "is_reachable", "seen"),
    [
        (None, True, Seen(lost=Loss.ENGINE)),
        (make_status(), True, Seen(is_well=True, is_live=True)),
        (make_status(), False, Seen(lost=Loss.ENGINE, is_live=True)),
        (make_status(channels=()), True, Seen(is_live=True)),
        (
            make_status(EngineState.ATTENTION, channels=(channel("requests", ChannelState.FAILING),)),
            True,
            Seen(lost=Loss.CONNECTION, is_live=True),
        ),
        (
            make_status(
                EngineState.ATTENTION,
                tasks=(task(1), task(2, state="claimed"), task(3, state="undone"), task(4, state="new word")),
                conditions=(condition(), condition(Severity.WARNING, code="he-slow")),
            ),
            True,
            Seen(
                is_well=True,
                problems=frozenset({"healthengine:1001 he-consent"}),
                unclaimed=frozenset({1, 3}),
                is_live=True,
            ),
        ),
    ],
    ids=["nothing", "well", "gone", "older", "failing", "to do"],
)
def test_what_matters_in_a_status(status: EngineStatus | None, is_reachable: bool, seen: Seen) -> None:  # noqa: FBT001 - a column
    """
    A task counts until it is claimed, a condition if a person has to end it.
    """
    assert seen == Seen.of(status, is_reachable=is_reachable)


@pytest.mark.parametrize(
    ("muted", "heard"),
    [
        (frozenset(), ["1 task", "1 problem", ENGINE_GONE]),
        (frozenset({Topic.PROBLEM}), ["1 task", ENGINE_GONE]),
        (frozenset({Topic.CONNECTION}), ["1 task", "1 problem"]),
        (frozenset(Topic), ["1 task"]),
    ],
    ids=["all", "no problems", "no connection", "tasks alone"],
)
def test_what_a_user_does_not_want_is_not_told_but_tasks_are(muted: frozenset[Topic], heard: list[str]) -> None:
    """
    It counts as told: once it is wanted again it does not come late.
    """
    seen = Seen(lost=Loss.ENGINE, problems=frozenset({"pms pms-login"}), unclaimed=frozenset({3}))
    memory = Memory(looked_at=NOW, quiet_until=NOW, lost_since=NOW - SETTLED)
    memory, notification = look(memory, seen, NOW + LOOK, muted=muted)
    _, later = look(memory, seen, NOW + 2 * LOOK)

    assert notification is not None
    assert len(heard) == len(notification.text.splitlines())
    assert all(line.startswith(words) for line, words in zip(notification.text.splitlines(), heard, strict=True))
    assert later is None
