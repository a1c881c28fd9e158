"""
What each practice works with, coming and going while the engine runs.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.app.adapters import optional_credential
from agent.domain.practice import Practice
from agent.engine.desk import PracticeDesk
from agent.healthengine.client import HealthengineClient
from agent.settings.credentials import API_KEY, API_KEY_NEXT, Credentials, practice_key


class Desks:
    """
    Makes and unmakes what each practice works with: its desk and its client (`agent.engine.practices.DeskMaker`).
    """

    def __init__(
        self,
        desk: Callable[[Practice, HealthengineClient], PracticeDesk],
        client: Callable[[Practice], HealthengineClient],
        credentials: Credentials,
    ) -> None:
        self._desk = desk
        self._client = client
        self._credentials = credentials
        self._clients: dict[str, HealthengineClient] = {}

    def open(self, practice: Practice) -> PracticeDesk:
        """
        Return the practice's desk; nothing of it runs yet.

        Raises:
            AuthRequired: if a key is missing.
        """
        client = self._clients[practice.id] = self._client(practice)
        return self._desk(practice, client)

    def close(self, practice_id: str) -> None:
        """
        Let go of a practice's connections.
        """
        self._clients.pop(practice_id).close()

    def close_all(self) -> None:
        """
        Let go of all practices' connections.
        """
        for client in list(self._clients.values()):
            client.close()

    def use_new_keys(self, practice_id: str) -> None:
        """
        Read the keys again, and use them from the next call on.

        Raises:
            AuthRequired: if a key is missing.
            Misconfigured: if it cannot be used.
        """
        client = self._clients[practice_id]
        client.replace_practice_key(self._credentials.require(practice_key(practice_id)))
        client.replace_api_keys(self._credentials.require(API_KEY), optional_credential(self._credentials, API_KEY_NEXT))
