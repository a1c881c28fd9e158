"""
Publishing rules, from the settings file to what patients see.
"""

from __future__ import annotations

import json

import pytest
from conftest import Install
from support import an_opening, book, confirmed, execute, nothing_wrong, started, until

pytestmark = pytest.mark.slow

RULES = """
[[practices.rules]]
new_types = "wait"

[[practices.rules]]
name = "One a day"
resource = "{resource}"
daily_cap = 1
"""


def test_a_cap_withholds_a_day_and_a_new_type_waits_for_a_tick(install: Install) -> None:
    """
    A booking fills the day, which disappears; the preview names the rule; a new type goes out when somebody ticks it off.
    """
    installation = started(install(scale=30.0))
    simulator = installation.simulator
    until(lambda: 10 * 14 == len(simulator.published()), "every day is published")
    opening = an_opening(installation)
    resource, day = opening.resource_id, opening.start.date()
    config = installation.home / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + RULES.format(resource=resource), "utf-8")
    until(lambda: "new settings" in (installation.home / "logs" / "engine.log").read_text("utf-8"), "the rules are read")
    confirmed(installation, book(installation, opening))
    until(lambda: not list(simulator.openings(resource_id=resource, day=day)), "the day has disappeared")
    shown = json.loads(installation.run("preview", "--json", "--date", str(day)).stdout)["practices"][0]
    rules = {line["rule"]["source"] for line in shown["withheld"] if line["resource"] == resource}

    assert {f"rule 2 'One a day' (resource {resource})"} == rules

    execute(installation, "INSERT INTO appointment_types VALUES (99, 'Brand new', 15, NULL, 1)")
    until(lambda: "Brand new" in installation.run("approve", "list").stdout, "the new type waits")

    def types() -> list[str]:
        return [kind["pmsAppointmentTypeName"] for kind in simulator.configuration()["types"]]

    assert "Brand new" not in types()

    number = json.loads(installation.run("approve", "--json").stdout)["waiting"][0]["id"]

    assert 0 == installation.run("approve", str(number)).returncode

    until(lambda: "Brand new" in types(), "the new type is published")

    assert "Nothing waits" in installation.run("approve").stdout
    nothing_wrong(installation)
