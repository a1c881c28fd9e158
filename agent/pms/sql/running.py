"""
A profile's statements, run on a connection; what comes back has the shape that was promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from agent.domain.days import DateRange
from agent.domain.errors import ContractBroken, Misconfigured
from agent.pms.sql import parameters
from agent.pms.sql.carriers import Carrier, Table
from agent.pms.sql.operations import OPERATIONS
from agent.pms.sql.parameters import Bound
from agent.pms.sql.profile import Profile
from agent.pms.sql.statements import Expects, Statement

_NOTHING = frozenset({"", None, ()})
"""The values of a parameter that stand for none."""

DONE = "done"
"""The column by which a step that runs a procedure says whether it did its work: 0 ends the steps, as a count of no rows does."""


class Outcome(NamedTuple):
    """
    What steps gave: the values of their single rows, and how many rows the last counting step changed, or what `DONE` says.
    """

    values: Bound
    changed: int


class Runner:
    """
    Runs one profile's statements.

    Args:
        progress: Called after each statement, so that whoever waits can tell slow from hung.
    """

    def __init__(self, profile: Profile, progress: Callable[[], None] = lambda: None) -> None:
        self.profile = profile
        self._progress = progress
        self._narrow: dict[str, Statement | None] = {}

    def run(self, carrier: Carrier, operation: str, bound: Bound) -> Outcome:
        """
        Run the steps of a writing operation, within the caller's transaction.
        """
        known = dict(bound)
        count = 0
        for statement in self.profile.statements[operation]:
            if OPERATIONS[operation].skips and any(known.get(name) in _NOTHING for name in statement.names):
                continue
            _check_names(statement, known)
            if statement.expects is Expects.COUNT:
                count = carrier.execute(statement, known)
                if count == 0:
                    break
            elif statement.expects is Expects.NONE:
                carrier.execute(statement, known)
            else:
                table = carrier.query(statement, known)
                if statement.expects is Expects.ONE:
                    _exactly_one(table, statement)
                    known |= parameters.from_step(table.columns)
                    if DONE in table.columns:
                        count = int(bool(known[DONE]))
                        if count == 0:
                            break
            self._progress()
        return Outcome(known, count)

    def _of_one(self, carrier: Carrier, operation: str, window: DateRange, practitioner_id: str) -> Table:
        bound: Bound = parameters.window(self.profile, window)
        bound["practitioner_id"] = parameters.one_id(self.profile, "practitioner_id", practitioner_id)
        if operation not in self._narrow:
            finish = self.profile.finish.get(operation)
            statement = self.profile.statements[operation][0]
            self._narrow[operation] = None if finish and finish.whole else statement.of_one("practitioner_id")
        narrow = self._narrow[operation]
        if narrow is None:
            return self._table(carrier, operation, bound, window)
        return self._asked(carrier, operation, narrow, bound, window)

    def _one_row(self, carrier: Carrier, operation: str, bound: Mapping[str, object]) -> Table:
        table = self._table(carrier, operation, bound)
        _exactly_one(table, self.profile.statements[operation][0])
        return table

    def _table(self, carrier: Carrier, operation: str, bound: Mapping[str, object], window: DateRange | None = None) -> Table:
        return next(iter(self._tables(carrier, operation, bound, window)))

    def _tables(
        self, carrier: Carrier, operation: str, bound: Mapping[str, object], window: DateRange | None = None
    ) -> Iterable[Table]:
        known: Bound = dict(bound)  # type: ignore[arg-type]  # every caller builds it from `parameters`
        for statement in self.profile.statements[operation]:
            table = self._answer(carrier, operation, statement, known, window)
            if table is not None:
                yield table

    def _answer(
        self, carrier: Carrier, operation: str, statement: Statement, bound: Bound, window: DateRange | None = None
    ) -> Table | None:
        if OPERATIONS[operation].skips and any(bound.get(name) in _NOTHING for name in statement.names):
            return None  # nothing to look for
        _check_names(statement, bound)
        return self._asked(carrier, operation, statement, bound, window)

    def _asked(self, carrier: Carrier, operation: str, statement: Statement, bound: Bound, window: DateRange | None) -> Table:
        promised = OPERATIONS[operation]
        table = carrier.query(statement, bound)
        self._progress()
        finish = None if window is None else self.profile.finish.get(operation)
        columns = promised.columns if finish is None else finish.columns
        more = tuple(table.columns) if promised.any_columns else promised.more_columns
        _check_columns(statement, table, columns, more)
        return table if finish is None or window is None else finish.make(table, window)


def _check_columns(statement: Statement, table: Table, promised: tuple[str, ...], more: tuple[str, ...]) -> None:
    missing = [name for name in promised if name not in table.columns]
    if missing:
        raise Misconfigured(
            "pms-columns",
            f"{statement.place}: there is no column {missing[0]} in the result.",
            remedy=f"Give the columns {', '.join(promised)}.",
        )
    unknown = [name for name in table.columns if name not in promised and name not in more]
    if unknown:
        raise Misconfigured(
            "pms-columns",
            f"{statement.place}: the result has a column {unknown[0]} that nobody reads.",
            remedy=f"Give the columns {', '.join(promised)}{', and what there is of ' + ', '.join(more) if more else ''}.",
        )


def _check_names(statement: Statement, known: Bound) -> None:
    for name in statement.names:
        if name not in known:
            raise Misconfigured(
                "pms-profile",
                f"{statement.place}: nothing gives a value for :{name}.",
                remedy="Select it in an earlier step that expects one row.",
            )


def _exactly_one(table: Table, statement: Statement) -> None:
    if table.rows != 1:
        raise ContractBroken("pms-rows", f"{statement.place}: one row was expected, {table.rows} came.")
