"""
What SQL cannot say: small modules that finish the rows of a profile's queries, for a practice management system that keeps
rosters in a form which no SELECT can spread out.

A profile names its module in `profile.toml`. Modules come with the program; a profile of one's own may use one, not bring one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.domain.days import DateRange
from agent.pms.sql.carriers import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """
    How the rows of one operation become those that it promises.

    Attributes:
        columns: What the profile's SQL has to give instead of the operation's own columns.
        make: Gives the finished table for the window that was asked for. Raises `normalise.BadValue` for a row that it
            cannot read. Called by one thread at a time.
        whole: It needs everybody's rows, also where only one practitioner is asked about.
    """

    columns: tuple[str, ...]
    make: Callable[[Table, DateRange], Table]
    whole: bool = False


Module = Mapping[str, Finish]
"""What a module finishes, by operation."""
