"""
Best Practice's profile: no server of its kind can be had here, so each statement is parsed as T-SQL, strictly, and its tables
and columns are held against those that are published.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.qualify import qualify

from agent.pms.sql.operations import OPERATIONS, WRITING
from agent.pms.sql.profile import builtin_profiles, load_profile
from agent.pms.sql.statements import Statement
from agent.ports.pms import BookingWay

PROFILE = load_profile(builtin_profiles()["best_practice"])
STATEMENTS = [(name, step) for name, steps in PROFILE.statements.items() for step in steps]
PUBLISHED = {
    "LOCATIONS": "LOCATIONID LOCATIONNAME RECORDSTATUS",
    "USERS": "USERID SURNAME FIRSTNAME TITLECODE LOCATIONID USERSTATUS APPOINTMENTS",
    "PROVIDER_LOCATION": "USERID LOCATIONID PROVIDERNUMBER",
    "TITLES": "TITLECODE TITLE",
    "APPOINTMENTTYPES": "APPOINTMENTCODE DESCRIPTION APPOINTMENTLENGTH LISTORDER RECORDSTATUS",
    "SESSIONS": "SESSIONID USERID LOCATIONID DAYOFWEEK STARTTIME ENDTIME LENGTH STARTDATE ENDDATE WEEKS "
    "CYCLEWEEK CYCLEDATE RECORDSTATUS",
    "EXTRASESSIONS": "SESSIONID USERID LOCATIONID SESSIONDATE STARTTIME ENDTIME LENGTH RECORDSTATUS",
    "DAYSAWAY": "USERID STARTDATE FINISHDATE AWAYREASON RECORDSTATUS",
    "RESERVEDAPPOINTMENTS": "USERID DAYOFWEEK APPOINTMENTTIME",
    "APPOINTMENTS": "RECORDID INTERNALID RECORDSTATUS USERID LOCATIONID APPOINTMENTDATE APPOINTMENTTIME APPOINTMENTLENGTH "
    "APPOINTMENTCODE APPOINTMENTTYPE REASON COMMENT ARRIVALTIME CREATED UPDATED",
    "PATIENTS": "INTERNALID SURNAME FIRSTNAME PREFERREDNAME DOB SEXCODE ADDRESS1 CITY POSTCODE HOMEPHONE WORKPHONE MOBILEPHONE "
    "MEDICARENO MEDICARELINENO PATIENTSTATUS RECORDSTATUS",
    "EMAIL": "INTERNALID EMAIL EMAILCODE RECORDSTATUS",
}
"""Tables with those of their columns that public code or the vendor's pages name."""

SCHEMA: dict[str, object] = {
    "dbo": {table: dict.fromkeys(columns.split(), "int") for table, columns in PUBLISHED.items()},
    "sys": {"databases": dict.fromkeys(("database_id", "service_broker_guid"), "int")},
}


def _tree(statement: Statement) -> exp.Query:
    lists = {name for operation in OPERATIONS.values() for name in operation.lists}
    text, _ = statement.bind({name: (1, 2) if name in lists else 1 for name in statement.names})
    tree = parse_one(text, read="tsql", error_level=ErrorLevel.RAISE)
    assert isinstance(tree, exp.Query)
    return tree


@pytest.mark.parametrize(("operation", "statement"), STATEMENTS, ids=[f"{name}-{step.name}" for name, step in STATEMENTS])
def test_each_statement_is_t_sql_over_published_columns(operation: str, statement: Statement) -> None:
    """
    It is one query, gives the columns that its operation promises, and reads nothing that is not published.
    """
    tree = _tree(statement)
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


def test_it_only_reads() -> None:
    """
    The vendor forbids writing tables, and its procedures commit by themselves: reception enters bookings.
    """
    assert BookingWay.NONE is PROFILE.capabilities.booking
    assert not PROFILE.writes
    assert set() == WRITING & set(PROFILE.statements)


def test_it_is_marked_as_unproven() -> None:
    """
    Whoever chooses it sees that.
    """
    assert "unproven" in PROFILE.title
    assert "UNPROVEN" in (Path(PROFILE.folders[0]) / "profile.toml").read_text("utf-8")
