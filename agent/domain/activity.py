"""
What happened, as people read it: ids and counts only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """
    One thing that happened.

    Attributes:
        at: Aware UTC.
        area: What it concerns, as in `agent.domain.status.Condition`.
        code: Stable and short.
        text: Plain words with ids and counts, never patient data.
        given_by: Who gave the command; empty: the agent itself.
    """

    at: datetime
    area: str
    code: str
    text: str
    given_by: str = ""
