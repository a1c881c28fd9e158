"""
JSON over HTTP, one call at a time: whether it surely was not done, surely was, or may have been.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from agent.domain.errors import Misconfigured, OutcomeUnknown, Transient
from agent.domain.masked import Secret

CONNECT_S, READ_S = 1.0, 2.5
"""Short: a booking may take two calls, and the worker has seven seconds for all of it."""

REFUSED = "pms-api-refused"
LARGEST_ANSWER = 4 * 1024 * 1024

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class JsonCaller:
    """
    Calls one base URL.

    Args:
        base_url: `https://...`, verified by the system's trust store; `http` on this machine alone.
        authorization: The whole value of that header.

    Raises:
        Misconfigured: `pms-api-url`.
    """

    def __init__(self, base_url: str, authorization: Secret) -> None:
        parts = urlsplit(base_url)
        is_loopback = parts.hostname in _LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback)):
            raise Misconfigured(
                "pms-api-url",
                "The address of the practice system's API does not begin with https://.",
                remedy="Correct api_url under [pms]; plain http is for this machine alone.",
            )
        self._base_url = base_url.rstrip("/")
        self._is_loopback = is_loopback
        self._authorization = authorization
        self._session = requests.Session()
        self._session.trust_env = False  # no login from .netrc, no certificates from the environment
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", _SystemTrust(max_retries=0))
        self._session.mount("http://", HTTPAdapter(max_retries=0))

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """
        Make one call, once, and return what it answers; None for an empty answer.

        Raises:
            Misconfigured: `pms-api-refused`, or `pms-api-tls` if the certificate is not trusted.
            Transient: `pms-api-away`.
            OutcomeUnknown: if it may have been done.
        """
        url = self._base_url + path
        try:
            with self._session.request(
                method,
                url,
                data=None if body is None else msgspec.json.encode(body),
                headers={"Authorization": self._authorization.reveal(), "Content-Type": "application/json"},
                timeout=(CONNECT_S, READ_S),
                proxies={} if self._is_loopback else dict(get_environ_proxies(url)),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                content = response.raw.read(LARGEST_ANSWER, decode_content=True)
        except requests.exceptions.SSLError:
            raise Misconfigured(
                "pms-api-tls",
                "The certificate of the practice system's API is not trusted.",
                remedy="Give it a certificate that this machine trusts, or correct api_url under [pms].",
            ) from None
        except requests.exceptions.ConnectTimeout:
            raise _away() from None
        except requests.exceptions.ConnectionError as error:
            raise (_away() if _never_connected(error) else _lost(method)) from None
        except (requests.RequestException, OSError, ValueError):
            raise _lost(method) from None
        _judge(status, method)
        try:
            return msgspec.json.decode(content) if content else None
        except msgspec.DecodeError:
            raise _lost(method) from None


class _SystemTrust(HTTPAdapter):
    # Verifies with the system's trust store.

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002 - the signature is requests'
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **proxy_kwargs)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:  # noqa: ARG002, FBT001 - the signature is requests'
        # Always verify, by the system's store alone.
        conn.cert_reqs = "CERT_REQUIRED"


def _judge(status: int, method: str) -> None:
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's successes
        return
    if status == 429:  # noqa: PLR2004 - too many at once; nothing was done
        raise _away()
    if status >= 500 or status < 400 or status == 408:  # noqa: PLR2004 - nobody says how far it came
        raise _lost(method)
    if status in (401, 403):
        raise Misconfigured(
            REFUSED,
            "The practice system's API refuses the keys.",
            remedy="Store the right ones: frontdesk credentials set pms-api-keys; and check what they are allowed.",
        )
    raise Misconfigured(
        REFUSED,
        f"The practice system's API refuses what it is asked ({status}).",
        remedy="Enter it by hand. If it happens again, check api_url under [pms] and the system's version.",
    )


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ProxyError"}


def _away() -> Transient:
    return Transient("pms-api-away", "The practice system's API cannot be reached.", remedy="Check that it runs: api_url.")


def _lost(method: str) -> Transient | OutcomeUnknown:
    if method == "GET":
        return _away()
    return OutcomeUnknown("pms-outcome-unknown", "The answer of the practice system's API was lost.")
