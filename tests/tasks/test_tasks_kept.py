"""
Tasks in the state file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.domain.tasks import Ending, Task, TaskAction, TaskKind, TaskState, follow
from agent.ports.tasks import Leaving
from agent.store import Store
from agent.store.migrations import migrate, shipped

AT = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_people_did_is_kept(tmp_path: Path) -> None:
    """
    State, names and times survive a restart; only what is still as it was read can be written.
    """
    path = tmp_path / "state.db"
    with Store.open(path) as store:
        opened = store.tasks.open("1001", TaskKind.MOVED, 7, "moved", AT)
        claimed = follow(opened, TaskAction.CLAIM, by="mel", at=AT + MINUTE)
        written = store.tasks.replace(opened, claimed)
        again = store.tasks.replace(opened, follow(opened, TaskAction.CLAIM, by="sam", at=AT + 2 * MINUTE))
    with Store.open(path) as store:
        done = follow(claimed, TaskAction.DONE, by="sam", at=AT + 3 * MINUTE)

        assert (True, False, [claimed]) == (written, again, store.tasks.open_tasks())
        assert store.tasks.replace(claimed, done)
        assert ([], done, [done], []) == (
            store.tasks.open_tasks(),
            store.tasks.task(opened.id),
            store.tasks.done_since(AT),
            store.tasks.done_since(AT + 4 * MINUTE),
        )


def test_what_ended_by_itself_has_no_name(tmp_path: Path) -> None:
    """
    Also one that somebody had claimed.
    """
    with Store.open(tmp_path / "state.db") as store:
        opened = store.tasks.open("1001", TaskKind.MOVED, 7, "moved", AT)
        claimed = follow(opened, TaskAction.CLAIM, by="mel", at=AT)
        store.tasks.replace(opened, claimed)
        store.tasks.close_for("1001", 7, AT + MINUTE)
        ended = replace(claimed, state=TaskState.DONE, changed_at=AT + MINUTE, done_at=AT + MINUTE, ending=Ending.BY_ITSELF)

        assert ended == store.tasks.task(opened.id)
        assert store.tasks.task(opened.id + 1) is None


def test_how_far_the_telling_has_come(tmp_path: Path) -> None:
    """
    For each task and road by itself.
    """
    with Store.open(tmp_path / "state.db") as store:
        task = store.tasks.open("1001", TaskKind.MOVED, 7, "moved", AT)
        tried = Leaving(tries=2, next_at=AT + MINUTE)
        store.tasks.set_leaving(task.id, "email", tried)

        assert (tried, Leaving()) == (store.tasks.leaving(task.id, "email"), store.tasks.leaving(task.id, "webhook"))


def test_tasks_of_an_older_file(tmp_path: Path) -> None:
    """
    Open ones go on waiting, closed ones ended by themselves.
    """
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        migrate(connection, path, [m for m in shipped() if m.number < 6])
        insert = "INSERT INTO tasks (practice_id, kind, booking_id, why, since, closed_at) VALUES ('1001', 'past', ?, '', ?, ?)"
        connection.execute(insert, (7, AT.isoformat(), None))
        connection.execute(insert, (8, AT.isoformat(), (AT + MINUTE).isoformat()))
        connection.commit()
    with Store.open(path) as store:
        task = Task(id=1, practice_id="1001", kind=TaskKind.PAST, booking_id=7, why="", since=AT, changed_at=AT)
        ended = store.tasks.task(2)

        assert [task] == store.tasks.open_tasks()
        assert ended is not None
        assert (TaskState.DONE, Ending.BY_ITSELF, AT + MINUTE) == (ended.state, ended.ending, ended.changed_at)
