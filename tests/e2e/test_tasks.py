"""
A task's whole way: the desk moves an online booking, nobody takes the task, it leaves, and somebody ends it.
"""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from conftest import Install
from support import an_opening, book, confirmed, execute, started, until
from task_roads import Receiver, serving

from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow


def messages(installation: Installation) -> list[str]:
    """
    Return the subjects of what was left in the practice's system.
    """
    with closing(installation.connect()) as connection:
        return [subject for (subject,) in connection.execute("SELECT subject FROM messages")]


def test_a_task_leaves_and_a_person_ends_it(install: Install) -> None:
    """
    By webhook and as a message in the PMS, with ids alone; on the command line with the patient's name, asked of the PMS.
    """
    receiver = Receiver()
    with serving(receiver):
        installation = install(live_hours="Mon-Sun 00:00-24:00")
        with (installation.home / "config.toml").open("a", encoding="utf-8") as config:
            config.write(f'\n[tasks]\nwebhook_url = "{receiver.url}"\nafter_minutes = 1\npms_message = true\n')
        started(installation)
        booking_id = book(installation, an_opening(installation))
        confirmed(installation, booking_id)
        execute(
            installation,
            "UPDATE appointments SET starts_at = datetime(starts_at, '+7 days'), version = version + 1 WHERE notes LIKE ?",
            f"%HE:{booking_id};%",
        )
        until(lambda: receiver.posted, "the task has left", seconds=90)
        told = json.loads(receiver.posted[0][1])
        until(lambda: messages(installation), "the message is in the PMS")
        number = str(told["task_id"])
        shown = installation.run("tasks", "show", number, "--json")
        refused = installation.run("tasks", "cancel-booking", number)
        claimed = installation.run("tasks", "claim", number)
        done = installation.run("tasks", "done", number)
        left = installation.run("tasks", "--json")
        ended = json.loads(installation.run("tasks", "--ended", "--json").stdout)["tasks"]

    assert [f"Frontdesk: task {number} waits for a person (practice 1001)"] == messages(installation)
    assert ("moved", booking_id) == (told["kind"], told["booking_id"])
    assert json.loads(shown.stdout)["patient_name"]
    assert "[task-in-pms]" in refused.stderr
    assert [2, 0, 0, 0] == [ran.returncode for ran in (refused, claimed, done, left)]
    assert ("done", True) == (ended[0]["ending"], bool(ended[0]["done_by"]))
    assert [] == installation.simulator.violations
