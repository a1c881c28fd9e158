"""
Where tasks go that nobody takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta

from agent.settings.tables import TableReader

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")

_Address = Annotated[str, Meta(pattern=r"^[!-'*-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings:
    """
    The other roads of tasks.

    Attributes:
        pms_message: Whether a message is left in the PMS.
        email_to: Empty: no e-mail.
        smtp_user: Empty: the mail server wants no login. With an `@` in it, it is the sender too.
        webhook_url: Empty: no webhook.
        after_minutes: How many minutes of live hours a task may wait for somebody.
    """

    pms_message: Annotated[bool, Meta(description="true or false", examples=["true"])] = False
    email_to: Annotated[
        tuple[_Address, ...], Meta(description="a list of e-mail addresses", examples=['["reception@example.com"]'])
    ] = ()
    smtp_host: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.:-]*$", description="a host", examples=['"mail.example.com"'])] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="a port number", examples=["587"])] = 587
    smtp_user: Annotated[str, Meta(pattern=r"^[!-~]*$", description="a user name", examples=['"frontdesk@example.com"'])] = ""
    webhook_url: Annotated[
        str, Meta(pattern=r"^[!-~]*$", description="a web address", examples=['"https://example.com/frontdesk"'])
    ] = ""
    after_minutes: Annotated[int, Meta(ge=1, le=480, description="a whole number of minutes from 1 to 480", examples=["10"])] = 10

    @property
    def mail_is_loopback(self) -> bool:
        """
        Whether the mail server is on this machine.
        """
        return self.smtp_host in LOOPBACK_HOSTS

    @property
    def webhook_is_loopback(self) -> bool:
        """
        Whether the webhook is on this machine.
        """
        return urlsplit(self.webhook_url).hostname in LOOPBACK_HOSTS


def read_tasks(reader: TableReader, raw: object) -> dict[str, Any]:
    """
    Return the values of the table `[tasks]`, with what is wrong in it noted.
    """
    values = reader.values(TaskSettings, raw, ("tasks",))
    if values.get("email_to") and not values.get("smtp_host"):
        reader.problem(("tasks", "smtp_host"), "is missing, and there is email_to", 'write smtp_host = "mail.example.com"')
    url: str = values.get("webhook_url", "")
    if url and not is_safe_address(url):
        reader.problem(
            ("tasks", "webhook_url"),
            "is not a web address that begins with https://",
            "plain http is for a receiver on 127.0.0.1 only; a secret goes into the credential webhook-secret",
        )
    return values


def is_safe_address(url: str) -> bool:
    """
    Return whether *url* is a plain address over TLS, or one on this machine.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
