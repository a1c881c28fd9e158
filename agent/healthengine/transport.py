"""
Bytes to and from Healthengine: connections, time limits, TLS, proxies, compression. No meaning.

One `requests.Session` with one connection pool serves every thread. The pool is made for that, so a connection warmed by the poll
also carries the confirm that a booking worker sends; the session itself is never changed after it is built: it keeps no
cookies, reads no environment, and each call brings its own headers.
"""

from __future__ import annotations

import gzip
import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from agent.domain.errors import Misconfigured
from agent.healthengine import failures

GZIP_FROM = 1024
"""Bodies of this many bytes and more are compressed; below, the headers weigh more than what is saved."""

GZIP_LEVEL = 3
"""Measured on 100 snapshots of 22 slots, 199 kB: 5.7 kB in 0.5 ms; level 6 saves another 1.7 kB and takes three times as long."""

LARGEST_ANSWER = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_CONNECTIONS = 24  # 16 confirms at once, the poll and the channels' workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    How long a call may take, in seconds: to connect, for each silence of the server, and for the answer as a whole.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 30.0


ORDINARY = Limits()
ANSWER = Limits(connect=3.0, read=6.0, total=8.0)
"""For what a patient waits for: there must be time for another try within their 20 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reply:
    """
    An HTTP answer. Its `repr` shows the status alone.

    Attributes:
        at: The server's `Date`, aware UTC; our clock's time if it sent none.
        body: Decompressed.
        retry_after: What it asked for, if anything.
    """

    status: int
    at: datetime
    body: bytes
    retry_after: timedelta | None = None

    def __repr__(self) -> str:
        return f"Reply({self.status})"


class Transport:
    """
    Sends requests to one base URL. Safe to call from many threads.

    Args:
        base_url: `https://...`; `http` only on the loopback interface.
        user_agent: `NAME (EMAIL) ENVIRONMENT`.
        now: The time to fall back on when an answer carries none; aware UTC.

    Raises:
        Misconfigured: if the address or the user agent cannot be used.
    """

    def __init__(
        self, base_url: str, *, user_agent: str, now: Callable[[], datetime], largest_answer: int = LARGEST_ANSWER
    ) -> None:
        self._base_url, self._loopback = _checked(base_url)
        self._headers = {
            "User-Agent": header_text(user_agent, "user_agent"),
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
        }
        self._now = now
        self._largest_answer = largest_answer
        self._session = _session()

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: Limits = ORDINARY,
    ) -> Reply:
        """
        Send one request, once, and return the whole answer, whatever its status.

        Raises:
            Transient: if there is no answer.
            OutcomeUnknown: the same for a POST that may have arrived.
            ContractBroken: if the answer is absurdly large.
        """
        posted = method == "POST"
        all_headers = {**self._headers, **headers}
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            if len(body) >= GZIP_FROM:
                body = gzip.compress(body, GZIP_LEVEL, mtime=0)
                all_headers["Content-Encoding"] = "gzip"
        deadline = time.monotonic() + limits.total
        url = self._base_url + path
        try:
            with self._session.request(
                method,
                url,
                headers=all_headers,
                params=params,
                data=body,
                timeout=(limits.connect, limits.read),
                proxies=self._proxies(url),
                allow_redirects=False,
                stream=True,
                verify=True,
            ) as response:
                content = self._content(response, deadline, posted=posted)
        except urllib3.exceptions.DecodeError:
            raise failures.not_an_answer() from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise failures.link_failure(error, posted=posted) from None
        at = failures.answered_at(response.headers.get("Date"), self._now())
        return Reply(
            status=response.status_code,
            at=at,
            body=content,
            retry_after=failures.retry_after(response.headers.get("Retry-After"), at),
        )

    def close(self) -> None:
        """
        Let go of every connection; a later call opens them again.
        """
        self._session.close()

    def _proxies(self, url: str) -> dict[str, str]:
        """
        Return what the system says now (environment, Windows and macOS settings), for settings change while the engine runs.
        """
        return {} if self._loopback else dict(get_environ_proxies(url))

    def _content(self, response: requests.Response, deadline: float, *, posted: bool) -> bytes:
        """
        Read the body piece by piece as it comes, so that neither a trickle nor a flood goes on for ever.
        """
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._largest_answer:
                raise failures.contract_broken("an answer larger than any it defines")
            if time.monotonic() > deadline:
                raise failures.timed_out(posted=posted)
        return b"".join(pieces)


class _SystemTrust(HTTPAdapter):
    """
    Verifies with the system's trust store, for this session alone: nothing global is replaced.
    """

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002 - the signature is requests'
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **proxy_kwargs)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:  # noqa: ARG002, FBT001 - the signature is requests'
        """
        Always verify; requests would also load the certificate list it brings along, on top of the system's.
        """
        conn.cert_reqs = "CERT_REQUIRED"


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no .netrc login, no CA bundle from the environment; proxies are asked for by each call
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _SystemTrust(pool_connections=2, pool_maxsize=_CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def header_text(text: str, setting: str) -> str:
    """
    Return *text* if it can be sent as the value of a header.

    Raises:
        Misconfigured: if not; the text itself, perhaps a key, is not repeated.
    """
    if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", text):
        raise Misconfigured(
            "settings-header",
            f"{setting} is empty or has characters that cannot be sent",
            remedy=f"Enter {setting} again, without line breaks or spaces around it.",
        )
    return text


def _checked(base_url: str) -> tuple[str, bool]:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is no number
    except ValueError:
        raise _bad_address("it cannot be read") from None
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise _bad_address("it must be a plain address such as https://healthengine.com.au/pms-api/v1")
    loopback = _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise _bad_address("it must begin with https://")
    return base_url.rstrip("/"), loopback


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bad_address(why: str) -> Misconfigured:
    return Misconfigured(
        "settings-base-url", f"Healthengine's address cannot be used: {why}", remedy="Correct the base URL in the settings."
    )
