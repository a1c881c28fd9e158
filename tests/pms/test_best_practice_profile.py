"""
Best Practice's profile: no server of its kind can be had here, so each statement is parsed as T-SQL, strictly, and its tables,
columns, procedures and parameters are held against those that are published.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from best_practice_server import PROCEDURES, PUBLISHED
from sqlglot import ErrorLevel, exp, parse, parse_one
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.qualify import qualify

from agent.pms.sql.operations import OPERATIONS, WRITING
from agent.pms.sql.profile import builtin_profiles, load_profile
from agent.pms.sql.statements import Statement
from agent.ports.pms import BookingWay

PROFILE = load_profile(builtin_profiles()["best_practice"])
DOING = WRITING | {"lock", "engine_lock", "unlock"}
STEPS = [(name, step) for name, steps in PROFILE.statements.items() for step in steps]
READS = [(name, step) for name, step in STEPS if name not in DOING]
ACTS = [(name, step) for name, step in STEPS if name in DOING]
SCHEMA: dict[str, object] = {
    "dbo": {table: dict.fromkeys(columns.split(), "int") for table, columns in PUBLISHED.items()},
    "sys": {"databases": dict.fromkeys(("database_id", "service_broker_guid"), "int")},
}


def _trees(statement: Statement) -> list[exp.Expr]:
    lists = {name for operation in OPERATIONS.values() for name in operation.lists}
    text, _ = statement.bind({name: (1, 2) if name in lists else 1 for name in statement.names})
    return [tree for tree in parse(text, read="tsql", error_level=ErrorLevel.RAISE) if tree is not None]


def _ids(steps: list[tuple[str, Statement]]) -> list[str]:
    return [f"{name}-{step.name}" for name, step in steps]


@pytest.mark.parametrize(("operation", "statement"), READS, ids=_ids(READS))
def test_each_statement_is_t_sql_over_published_columns(operation: str, statement: Statement) -> None:
    """
    It is one query, gives the columns that its operation promises, and reads nothing that is not published.
    """
    (tree,) = _trees(statement)
    assert isinstance(tree, exp.Query)
    promised = OPERATIONS[operation]
    given = {name.lower() for name in tree.named_selects}

    assert not list(tree.find_all(exp.Command))
    assert set() == set(promised.columns) - given
    assert promised.any_columns or set() == given - {*promised.columns, *promised.more_columns}
    qualify(tree, schema=SCHEMA, dialect="tsql", validate_qualify_columns=True, quote_identifiers=False)
    assert all(table.db for table in tree.find_all(exp.Table) if table.name != "cal")


def test_the_parser_is_strict() -> None:
    """
    What is no T-SQL, and a column that is not published, are refused.
    """
    with pytest.raises(ParseError):
        parse_one("SELECT a FROM b WHERE (c = 1", read="tsql", error_level=ErrorLevel.RAISE)
    with pytest.raises(OptimizeError, match="surnames"):
        qualify(parse_one("SELECT u.SURNAMES FROM dbo.USERS AS u", read="tsql"), schema=SCHEMA, dialect="tsql")


@pytest.mark.parametrize(("operation", "statement"), ACTS, ids=_ids(ACTS))
def test_each_act_is_a_procedure_with_its_published_parameters(operation: str, statement: Statement) -> None:
    """
    Nothing writes a table: beside procedures there are only queries over published columns, and variables for what comes back.
    """
    for tree in _trees(statement):
        assert isinstance(tree, (exp.Set, exp.Declare, exp.Execute, exp.Query))
        if isinstance(tree, exp.Execute):
            assert "dbo" == tree.this.db
            assert PROCEDURES[tree.this.name].split() == [each.this.name for each in tree.expressions]
        elif isinstance(tree, exp.Query):
            qualify(tree, schema=SCHEMA, dialect="tsql", validate_qualify_columns=True, quote_identifiers=False)


def test_it_books_in_steps() -> None:
    """
    The vendor forbids writing tables, and its procedures commit by themselves. Where a practice wants, reception enters bookings.
    """
    reading = PROFILE.read_only()

    assert BookingWay.STEPS is PROFILE.capabilities.booking
    assert not reading.writes
    assert set() == WRITING & set(reading.statements)


def test_it_is_marked_as_unproven() -> None:
    """
    Whoever chooses it sees that.
    """
    assert "unproven" in PROFILE.title
    assert "UNPROVEN" in (Path(PROFILE.folders[0]) / "profile.toml").read_text("utf-8")
