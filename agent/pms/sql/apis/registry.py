"""
Which APIs there are.
"""

from __future__ import annotations

from agent.domain.masked import Secret
from agent.pms.sql.apis import Api


def open_api(name: str, base_url: str, keys: Secret) -> Api:
    """
    Return the API that a profile names; it is not called yet.

    Args:
        name: `opendental`; a profile names no other.

    Raises:
        Misconfigured: `pms-api-url`.
    """
    from agent.pms.sql.apis.opendental import OpenDentalApi  # noqa: PLC0415 - a worker that calls no API loads no HTTP

    return {"opendental": OpenDentalApi}[name](base_url, keys)
