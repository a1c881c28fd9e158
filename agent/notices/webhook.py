"""
Tasks by a call to another program.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import msgspec
import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from agent.domain.errors import AuthRequired, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.domain.tasks import Notice

CONNECT_S, READ_S = 5.0, 15.0
SECRET_HEADER = "X-Frontdesk-Secret"  # noqa: S105 - a header's name
TASK_HEADER = "X-Frontdesk-Task"
"""Names the task, so that a receiver knows one that it is told twice."""


class _SystemTrust(HTTPAdapter):
    """
    Verifies with the system's trust store.
    """

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002 - the signature is requests'
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **proxy_kwargs)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:  # noqa: ARG002, FBT001 - the signature is requests'
        """
        Always verify, by the system's store alone.
        """
        conn.cert_reqs = "CERT_REQUIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRoad:
    """
    Posts notices as JSON: `task_id`, `practice_id`, `location_id`, `kind`, `booking_id`, `since`.

    Attributes:
        url: `https://...`; plain `http` only on this machine.
        secret: Asked for each notice, and sent in the header `X-Frontdesk-Secret`; None: it has none.
        is_loopback: The receiver is on this machine: no proxy is asked.
    """

    url: str = field(repr=False)
    secret: Callable[[], Secret | None] = field(repr=False)
    is_loopback: bool = False
    name: str = "webhook"

    def send(self, notice: Notice) -> None:
        """
        Post one notice; whatever is answered with 2xx has arrived.

        Raises:
            Transient: if there is no answer, or a passing failure (`webhook-connect`, `webhook-refused`).
            AuthRequired: if the secret is refused (`webhook-secret`).
            Misconfigured: if the receiver cannot be trusted (`webhook-tls`) or does not take it (`webhook-refused`).
        """
        headers = {"Content-Type": "application/json", TASK_HEADER: str(notice.task_id)}
        if (secret := self.secret()) is not None:
            headers[SECRET_HEADER] = secret.reveal()
        with requests.Session() as session:
            session.trust_env = False  # no login from .netrc, no certificates from the environment
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.mount("https://", _SystemTrust(max_retries=0))
            session.proxies = {} if self.is_loopback else dict(get_environ_proxies(self.url))
            try:
                with session.post(
                    self.url,
                    data=msgspec.json.encode(notice),
                    headers=headers,
                    timeout=(CONNECT_S, READ_S),
                    allow_redirects=False,
                    stream=True,  # what it answers is of no interest
                ) as response:
                    status = response.status_code
            except requests.exceptions.SSLError:
                raise Misconfigured(
                    "webhook-tls",
                    "The webhook's certificate is not trusted, so no task goes out by webhook.",
                    remedy="Give the receiver a certificate that this machine trusts: webhook_url.",
                ) from None
            except (requests.RequestException, OSError, ValueError):
                raise Transient("webhook-connect", "The webhook cannot be reached, so no task goes out by it.") from None
        _judge(status)


def _judge(status: int) -> None:
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's successes
        return
    if status in (401, 403):
        raise AuthRequired(
            "webhook-secret",
            "The webhook refuses the secret, so no task goes out by it.",
            remedy="Store the right one: frontdesk credentials set webhook-secret",
        )
    text = f"The webhook answers {status}, so no task goes out by it."
    if status in (408, 425, 429) or status >= 500:  # noqa: PLR2004 - HTTP's passing failures
        raise Transient("webhook-refused", text)
    raise Misconfigured("webhook-refused", text, remedy="Check webhook_url in the settings.")
