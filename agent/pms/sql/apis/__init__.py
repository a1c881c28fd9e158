"""
Vendors' HTTP APIs, for practice systems that may be read by SQL but written by no other way than this.

A profile names its API; where the practice has configured its address and keys, what would be written by SQL is given to it in
the same parameters. An API has neither our lock nor a transaction: each call is done when it is answered, so that a booking is
looked for before and after each of them, by the reference in its note.
"""

from __future__ import annotations

from typing import Protocol

from agent.pms.sql.parameters import Bound
from agent.pms.sql.running import Outcome


class Api(Protocol):
    """
    One vendor's API. Used by one thread at a time.
    """

    def run(self, operation: str, bound: Bound) -> Outcome:
        """
        Do what a writing operation says.

        Args:
            operation: `create_patient`, `book`, `cancel` or `withdraw`.
            bound: As for that operation's SQL, with what its SQL selects beforehand.

        Raises:
            Misconfigured: `pms-api-refused`, if it surely did not do it and would not do it another time either.
            Transient: if it surely did not do it.
            OutcomeUnknown: if it may have done it.
        """

    def check(self) -> int:
        """
        Ask for something that changes nothing; return how much came back.

        Raises:
            FrontdeskError: as `run`.
        """
