"""
The table `[tasks]`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings.config import Settings, SettingsError, parse_settings
from agent.settings.tasks import TaskSettings

GOOD = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[pms]
profile = "sample"
connection = 'DSN=Practice'

[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"

[tasks]
"""


def read(text: str) -> Settings:
    return parse_settings(GOOD + text, Path("config.toml"))


def test_tasks_go_nowhere_else_at_first() -> None:
    """
    Neither message, e-mail nor webhook, and ten minutes.
    """
    assert TaskSettings() == read("").tasks
    assert not TaskSettings().pms_message
    assert ((), "", 10) == (TaskSettings().email_to, TaskSettings().webhook_url, TaskSettings().after_minutes)


def test_a_message_in_the_pms_is_a_word() -> None:
    """
    Where it goes is the profile's affair.
    """
    assert read("pms_message = true\n").tasks.pms_message


def test_both_roads_are_read() -> None:
    """
    As the documentation shows them.
    """
    tasks = read(
        'email_to = ["a@example.com"]\nsmtp_host = "mail.example.com"\nsmtp_port = 465\nsmtp_user = "f@example.com"\n'
        'webhook_url = "https://example.com/x?y=z"\nafter_minutes = 5\n'
    ).tasks

    assert (("a@example.com",), "mail.example.com", 465, "f@example.com") == (
        tasks.email_to,
        tasks.smtp_host,
        tasks.smtp_port,
        tasks.smtp_user,
    )
    assert ("https://example.com/x?y=z", 5, False, False) == (
        tasks.webhook_url,
        tasks.after_minutes,
        tasks.webhook_is_loopback,
        tasks.mail_is_loopback,
    )


def test_this_machine_may_be_spoken_to_plainly() -> None:
    """
    A relay or a receiver on loopback.
    """
    tasks = read('email_to = ["a@example.com"]\nsmtp_host = "127.0.0.1"\nwebhook_url = "http://localhost:8080/x"\n').tasks

    assert (True, True) == (tasks.mail_is_loopback, tasks.webhook_is_loopback)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('email_to = ["a@example.com"]', "tasks.smtp_host"),
        ('email_to = "a@example.com"', "tasks.email_to"),
        ('email_to = ["nobody"]\nsmtp_host = "h"', "tasks.email_to"),
        ('webhook_url = "http://example.com/"', "tasks.webhook_url"),
        ('webhook_url = "https://user:word@example.com/"', "tasks.webhook_url"),
        ('webhook_url = "https://example.com:port/"', "tasks.webhook_url"),
        ('webhook_url = "https:///x"', "tasks.webhook_url"),
        ("after_minutes = 0", "tasks.after_minutes"),
        ('pms_message = "yes"', "tasks.pms_message"),
        ("smtp_port = 70000", "tasks.smtp_port"),
    ],
)
def test_what_cannot_be_is_refused(text: str, key: str) -> None:
    """
    Each mistake names its key.
    """
    with pytest.raises(SettingsError) as caught:
        read(text)

    assert [key] == [problem.key for problem in caught.value.problems]
