"""
Keys that a person enters: tried with Healthengine before they are stored, and stored where the engine finds them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent import __version__
from agent.app.checking import check_credential, check_healthengine
from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.domain.reports import CheckItem
from agent.ipc.address import address_of
from agent.ipc.client import IpcClient
from agent.ipc.messages import Refused, SetCredential
from agent.settings.config import load_settings
from agent.settings.credentials import API_KEY, Credentials, practice_key, variable
from agent.settings.paths import Home


def with_entered(home: Home, entered: Mapping[str, Secret]) -> Credentials:
    """
    Return the credentials of a home with what a person has *entered* put first; in memory alone.
    """
    return Credentials(home, environ={**os.environ, **{variable(name): secret.reveal() for name, secret in entered.items()}})


def store_credential(home: Home, stored: Credentials, name: str, secret: Secret) -> str:
    """
    Have the running engine store a credential, or without one store it here. Returns where it is, in plain words.

    Raises:
        FrontdeskError: if the engine refuses it, or it cannot be stored.
    """
    if stored.is_overruled(name):
        return f"{name} comes from the variable {variable(name)}."
    try:
        with IpcClient.connect(address_of(home.folder), program=f"frontdesk {__version__}") as client:
            reply = client.call(SetCredential(name=name, value=secret))
    except Transient:  # no engine runs
        return f"{name} is stored: {stored.set(name, secret)}."
    if isinstance(reply, Refused):
        raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
    return f"{name} is stored by the engine."


def replace_keys(
    home: Home, practice_id: str, entered: Mapping[str, Secret], *, stored: Credentials | None = None
) -> tuple[str, ...]:
    """
    Try a practice's keys with Healthengine, what a person has *entered* first, and store that if they are accepted.

    Args:
        stored: By default the credentials of this system.

    Returns:
        Where each is now, in plain words.

    Raises:
        Misconfigured: `settings-no-practice`, if there is no such practice.
        FrontdeskError: `keys-refused`, if a key is missing or Healthengine does not accept them; nothing is stored then. Or as
            `store_credential`.
    """
    settings = load_settings(home.config)
    practice = settings.practice(practice_id)
    if practice is None:
        raise Misconfigured(
            "settings-no-practice", f"there is no practice {practice_id} in the settings", remedy="open the settings again"
        )
    credentials = with_entered(home, entered)
    for name in (API_KEY, practice_key(practice_id)):
        _require(check_credential(credentials, name))
    _require(check_healthengine(practice, settings, credentials))
    kept = stored or Credentials(home)
    return tuple(store_credential(home, kept, name, secret) for name, secret in entered.items())


def _require(tried: CheckItem) -> None:
    if not tried.ok:
        raise FrontdeskError("keys-refused", f"nothing is stored: {tried.detail}", remedy=tried.remedy)
