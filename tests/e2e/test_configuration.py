"""
Acceptance C1-C7: what can be booked, and when we are up.
"""

from __future__ import annotations

import shutil

import pytest
from conftest import Install
from support import execute, health, nothing_wrong, operations, shown, started, until

from agent.sandbox.installation import PRACTICE_ID

pytestmark = pytest.mark.slow


def test_c1_changed_live_hours_are_sent_promptly(install: Install) -> None:
    """
    An edit of the settings file reaches Healthengine without a restart, sorted and merged.
    """
    installation = started(install())
    installation.live_hours = "Mon-Fri 13:00-17:00, Mon-Fri 08:00-12:30, Mon-Fri 12:00-12:45"
    installation.write_config()

    def monday() -> object:
        return installation.simulator.configuration()["contract"]["liveHours"]["monday"]

    wanted = [{"start": "08:00", "end": "12:45"}, {"start": "13:00", "end": "17:00"}]
    until(lambda: wanted == monday(), "the new contract is there")

    assert [] == installation.simulator.violations


def test_c1_a_wrong_settings_file_is_shown_and_what_was_read_before_goes_on(install: Install) -> None:
    """
    A slip of the pen does not stop the engine; it is shown with its remedy until it is mended.
    """
    installation = started(install())
    config = installation.home / "config.toml"
    good = config.read_text(encoding="utf-8")
    config.write_text(good.replace("horizon_days = 14", "horizon_days = 0"), encoding="utf-8")
    until(lambda: "horizon_days" in installation.run("status").stdout, "the mistake is shown")
    config.write_text(good, encoding="utf-8")

    until(lambda: 0 == health(installation), "the status is healthy again")


def test_c2_c3_changed_resources_and_types_are_sent_whole(install: Install) -> None:
    """
    A type that is renamed reaches Healthengine by itself, somebody who leaves once a person has said so; a missing item means
    deleted.
    """
    installation = started(install(scale=30.0))
    before = installation.simulator.configuration()
    execute(installation, "UPDATE practitioners SET active = 0 WHERE id = 8")
    execute(installation, "UPDATE appointment_types SET name = 'Renamed' WHERE id = 1")

    def now() -> dict[str, list[str]]:
        found = installation.simulator.configuration()
        return {
            "resources": [r["pmsResourceId"] for r in found["resources"]],
            "types": [t["pmsAppointmentTypeName"] for t in found["types"]],
        }

    until(lambda: "Renamed" in now()["types"], "the renamed type is there")
    until(lambda: "have disappeared" in installation.run("status").stdout, "it is held")
    kept = len(now()["resources"])
    installation.run("release")
    until(lambda: not any(r.startswith("8@") for r in now()["resources"]), "the resource is gone")

    assert len(before["resources"]) == kept
    assert len(now()["resources"]) == len(before["resources"]) - 1
    assert [] == installation.simulator.violations


def test_c4_resync_sends_the_configuration_again(install: Install) -> None:
    """
    A person presses resync, and everything is stated once more though nothing changed.
    """
    installation = started(install())
    before = installation.simulator.configuration()
    result = installation.run("resync", "configuration")
    after = installation.simulator.configuration()

    assert 0 == result.returncode
    assert before["resources_sent"] + 1 == after["resources_sent"]
    assert before["types_sent"] + 1 == after["types_sent"]


def test_c5_an_integration_that_is_enabled_again_starts_from_scratch(install: Install) -> None:
    """
    After a refusal has ended, configuration and every day are sent anew, and what waits is answered.
    """
    installation = started(install())
    simulator = installation.simulator
    simulator.set_consent(PRACTICE_ID, given=False)
    until(lambda: "he-no-consent" in shown(installation), "the refusal is shown")
    simulator.set_consent(PRACTICE_ID, given=True)
    at = len(simulator.requests_log)
    installation.run("resync")

    def days_after_the_types() -> int:
        calls = operations(installation)[at:]
        if "uploadPmsAppointmentTypes" not in calls:
            return 0
        later = simulator.requests_log[at + calls.index("uploadPmsAppointmentTypes") :]
        return sum(len(call.body) for call in later if call.operation == "sendAvailabilitySnapshots")

    until(lambda: 10 * 14 <= days_after_the_types(), "every day is sent anew")
    until(lambda: 0 == health(installation), "the status is healthy")

    assert {"uploadPmsResources", "uploadPmsAppointmentTypes", "uploadLivenessContract"} <= set(operations(installation)[at:])


def test_c6_c7_ids_are_the_same_when_everything_is_derived_again(install: Install) -> None:
    """
    A practitioner with two specialties is two resources, types of one resource carry its id, and a lost state file
    changes none of them.
    """
    installation = started(install())

    def ids() -> tuple[list[str], list[str]]:
        found = installation.simulator.configuration()
        return (
            sorted(r["pmsResourceId"] for r in found["resources"]),
            sorted(t["pmsAppointmentTypeId"] for t in found["types"]),
        )

    before = ids()
    names = [r["pmsResourceName"] for r in installation.simulator.configuration()["resources"]]
    installation.stop_engine()
    shutil.rmtree(installation.home / "state")
    sent = installation.simulator.configuration()["resources_sent"]
    installation.start_engine()
    until(lambda: installation.simulator.configuration()["resources_sent"] > sent, "everything is sent again")
    twice = [r for r in before[0] if r.split("@")[0] == str(installation.facts.two_specialties)]

    assert before == ids()
    assert 2 == len(twice)
    assert len(names) == len(set(names))
    assert any(t.split(":", 1)[1] in before[0] for t in before[1] if ":" in t)
    nothing_wrong(installation)
