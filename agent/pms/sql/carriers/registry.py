"""
Which carriers there are.
"""

from __future__ import annotations

from agent.domain.errors import Misconfigured
from agent.domain.masked import Secret
from agent.pms.sql.carriers import Access, Carrier, Connector
from agent.pms.sql.profile import Profile


def connector(profile: Profile, carrier: str, connection: str, password: Secret | None) -> Connector:
    """
    Return what opens connections for *profile*.

    Args:
        carrier: `odbc`, or `sqlite`, which takes a file's name as its connection and no password.

    Raises:
        Misconfigured: `pms-carrier`, if the profile cannot be run by that carrier.
    """
    if carrier not in profile.carriers:
        raise Misconfigured(
            "pms-carrier",
            f"The profile {profile.name} is not run by {carrier!r}.",
            remedy=f"Choose one of: {', '.join(profile.carriers)}.",
        )

    def connect(access: Access) -> Carrier:
        # A process that runs one carrier does not load the library of the other: the demo works without any ODBC.
        if carrier == "sqlite":
            from agent.pms.sql.carriers import sqlite  # noqa: PLC0415

            return sqlite.connect(profile, connection, access)
        from agent.pms.sql.carriers import odbc  # noqa: PLC0415

        return odbc.connect(profile, connection, password, access)

    return connect
