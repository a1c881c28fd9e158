"""
Opens what the settings name: the PMS, the marketplace and the other roads of a task.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.domain.masked import Secret
from agent.domain.practice import Practice
from agent.healthengine.client import HealthengineClient
from agent.notices.mail import MailRoad
from agent.notices.message import MessageRoad
from agent.notices.webhook import WebhookRoad
from agent.pms.sql.lane import Limits
from agent.pms.sql.process import DIARY, ROWS, WorkerPms
from agent.pms.sql.profile import profile_folders
from agent.ports.clock import Clock
from agent.ports.pms import Pms
from agent.ports.tasks import Road
from agent.settings.config import Settings
from agent.settings.credentials import (
    API_KEY,
    API_KEY_NEXT,
    PMS_API_KEYS,
    PMS_PASSWORD,
    SMTP_PASSWORD,
    WEBHOOK_SECRET,
    Credentials,
    practice_key,
)
from agent.settings.paths import Home
from agent.settings.tasks import TaskSettings

log = logging.getLogger(__name__)


def open_pms(home: Home, settings: Settings, credentials: Credentials) -> WorkerPms:
    """
    Return the practice's PMS; its workers start with the first call.
    """
    pms, read_timeout = settings.pms, settings.pms.read_timeout_seconds
    return WorkerPms(
        profile_folders=profile_folders(pms.profile, dialect=pms.dialect, home=home.profiles),
        carrier=pms.carrier.value,
        connection=pms.connection,
        password=optional_credential(credentials, PMS_PASSWORD),
        worker_command=worker_command(),
        read_only=pms.read_only,
        api_url=pms.api_url,
        api_keys=optional_credential(credentials, PMS_API_KEYS) if pms.api_url else None,
        rows=Limits(silence_s=read_timeout, total_s=read_timeout) if read_timeout else ROWS,
        diary=Limits(silence_s=read_timeout, total_s=3 * read_timeout) if read_timeout else DIARY,
    )


def open_marketplace(
    practice: Practice,
    settings: Settings,
    credentials: Credentials,
    clock: Clock,
    *,
    pause: Callable[[float], bool] | None = None,
) -> HealthengineClient:
    """
    Return the client for one practice.

    Args:
        pause: Waits so many seconds and returns whether the engine is stopping.

    Raises:
        AuthRequired: if a key is missing.
    """
    vendor = settings.vendor
    return HealthengineClient(
        settings.healthengine.base_url,
        api_key=credentials.require(API_KEY),
        next_api_key=optional_credential(credentials, API_KEY_NEXT),
        practice_id=practice.id,
        practice_key=credentials.require(practice_key(practice.id)),
        user_agent=f"{vendor.name} ({vendor.email}) {vendor.environment}",
        clock=clock,
        pause=pause,
    )


def open_roads(tasks: TaskSettings, credentials: Credentials, pms: Pms) -> list[Road]:
    """
    Return the other roads that are configured for tasks that nobody takes.
    """
    roads: list[Road] = [MessageRoad(pms=pms)] if tasks.pms_message else []
    if tasks.email_to:
        roads.append(
            MailRoad(
                to=tasks.email_to,
                host=tasks.smtp_host,
                port=tasks.smtp_port,
                user=tasks.smtp_user,
                password=lambda: optional_credential(credentials, SMTP_PASSWORD),
                is_loopback=tasks.mail_is_loopback,
            )
        )
    if tasks.webhook_url:
        roads.append(
            WebhookRoad(
                url=tasks.webhook_url,
                secret=lambda: optional_credential(credentials, WEBHOOK_SECRET),
                is_loopback=tasks.webhook_is_loopback,
            )
        )
    return roads


def worker_command() -> tuple[str, ...]:
    """
    Return the command line of a PMS worker: this program again, frozen or not.
    """
    if getattr(sys, "frozen", False):
        return (str(Path(sys.executable).with_stem("frontdesk")), "pms-worker")
    return (sys.executable, "-m", "agent", "pms-worker")


def optional_credential(credentials: Credentials, name: str) -> Secret | None:
    """
    Return a credential that need not be there; a system without a credential store has none.
    """
    try:
        return credentials.get(name)
    except Misconfigured as error:
        log.info("%s: not looked for in the system's store (%s)", name, error.code)
        return None
