"""
Writing a message for the practice's people into the PMS itself, where it has such messages.
"""

from __future__ import annotations

from agent.domain.errors import FrontdeskError, Misconfigured, OutcomeUnknown
from agent.domain.tasks import Notice
from agent.pms.sql import parameters
from agent.pms.sql.carriers import Carrier, DuplicateKey, busy
from agent.pms.sql.queries import Queries

ATTEMPTS = 5
"""How often a key that somebody else took first is chosen again."""


def leave_message(queries: Queries, carrier: Carrier, notice: Notice, subject: str, text: str) -> None:
    """
    Put one message there; a profile's SQL that looks for the task first puts it there once, however often it is asked.

    Raises:
        Misconfigured: if the PMS has no messages (`pms-cannot`).
        OutcomeUnknown: if the answer was lost; asking again is as safe as the profile's SQL.
        FrontdeskError: if it is not there.
    """
    if not queries.profile.has("message"):
        raise Misconfigured(
            "pms-cannot",
            "This practice's system has no messages for its people, or the profile does not know them.",
            remedy="Take pms_message out of [tasks] in the settings, or choose another road for tasks.",
        )
    bound = parameters.message(queries.profile, notice, subject, text)
    for _ in range(ATTEMPTS):
        carrier.begin()
        try:
            queries.run(carrier, "message", bound)
            _commit(carrier)
        except DuplicateKey:
            continue  # somebody numbered a message between our question and our insert
        finally:
            carrier.rollback()  # nothing to undo after a commit
        return
    raise busy("message")


def _commit(carrier: Carrier) -> None:
    try:
        carrier.commit()
    except DuplicateKey:
        raise
    except FrontdeskError:
        carrier.close()
        raise OutcomeUnknown("pms-outcome-unknown", "The answer of the practice database was lost.") from None
