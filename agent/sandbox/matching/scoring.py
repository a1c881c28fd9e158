"""
A matcher's outcomes against the truth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from agent.domain.matching.outcome import Ambiguous, Held, Match, Matched
from agent.sandbox.matching.cases import Case, Due


@dataclass(slots=True, kw_only=True)
class Score:
    """
    What came of many cases.

    Attributes:
        false: Matched or held for somebody else's record, by kind.
        missed: Cases of people on record who were neither matched, asked about nor held, by kind.
        asked: Cases that were asked about though one answer is right, by kind.
    """

    cases: int = 0
    on_record: int = 0
    to_match: int = 0
    matched: int = 0
    settled: int = 0
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, outcome: Match) -> None:
        """
        Count one more.
        """
        self.cases += 1
        named = outcome.patient_id if isinstance(outcome, Matched | Held) else ""
        if named and named != case.truth:
            self.false[case.kind] += 1
        if case.due is Due.MATCH:
            self.to_match += 1
            self.matched += isinstance(outcome, Matched) and named == case.truth
        if case.truth:
            self.on_record += 1
            is_found = named == case.truth or (isinstance(outcome, Ambiguous) and case.truth in outcome.patient_ids)
            is_right = is_found and (case.due is not Due.HELD or not isinstance(outcome, Matched))
            self.settled += is_right
            if not is_right:
                self.missed[case.kind] += 1
        if isinstance(outcome, Ambiguous) and case.due is not Due.QUESTION:
            self.asked[case.kind] += 1

    @property
    def false_matches(self) -> int:
        """
        How many bookings went to somebody else's record.
        """
        return self.false.total()

    @property
    def recall(self) -> float:
        """
        Of the people on record in use, the share that was matched.
        """
        return self.matched / max(self.to_match, 1)

    @property
    def settled_share(self) -> float:
        """
        Of the people on record, the share that was matched, asked about, or held when due.
        """
        return self.settled / max(self.on_record, 1)

    @property
    def needless(self) -> float:
        """
        Of all cases, the share that was asked about needlessly.
        """
        return self.asked.total() / max(self.cases, 1)
