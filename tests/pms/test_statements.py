"""
The SQL text of a profile.
"""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import Misconfigured
from agent.pms.sql.statements import Expects, Statement, parse

KNOWN = ("first", "end", "ids", "note")


def parsed(text: str) -> tuple[Statement, ...]:
    return parse(text, file="x.sql", operation="x", expects=Expects.ROWS, known=KNOWN)


def bound(text: str, **values: str | int | tuple[int, ...]) -> tuple[str, list[object]]:
    (statement,) = parsed(text)
    sql, found = statement.bind(values)
    return sql, list(found)


def test_parameters_become_question_marks_in_order() -> None:
    """
    A name may stand several times; each gives a value.
    """
    sql, values = bound("SELECT :end, :first, :end FROM t;\n", first=1, end=2)

    assert ("SELECT ?, ?, ? FROM t", [2, 1, 2]) == (sql, values)


def test_lists() -> None:
    """
    Several values make a list for `IN`; none makes one that holds nothing.
    """
    assert ("SELECT 1 WHERE 1 IN (?, ?, ?)", [3, 4, 5]) == bound("SELECT 1 WHERE 1 IN (:ids)", ids=(3, 4, 5))
    assert ("SELECT 1 WHERE 1 IN (NULL)", []) == bound("SELECT 1 WHERE 1 IN (:ids)", ids=())


def test_what_only_looks_like_a_parameter() -> None:
    """
    Times in literals, casts, question marks in quotes and comments are left alone, and comments are not sent.
    """
    text = "SELECT '09:30', '24:00?', \"a:b\", x::text, [c:d], 'it''s' -- why?\n FROM t /* : ? */ WHERE a = :first"

    sql, values = bound(text, first=1)

    assert "SELECT '09:30', '24:00?', \"a:b\", x::text, [c:d], 'it''s'  \n FROM t   WHERE a = ?" == sql
    assert [1] == values


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SELECT 1\nWHERE x = :nobody", "line 2, column 11"),
        ("SELECT 1\nWHERE x = ?", "line 2, column 11"),
        ("SELECT ':first'", "line 1, column 8"),
        ("SELECT 1 -- of :first", "line 1, column 10"),
        ("SELECT\n 'open", "line 2, column 2"),
        ("SELECT /* open", "line 1, column 8"),
        ("  -- nothing\n ; ", "line 1, column 1"),
        ("SELECT 1\n-- step: a expects=rows\nSELECT 2", "line 1, column 1"),
        ("-- step: a\nSELECT 2", "line 1, column 1"),
        ("-- step: a expects=many\nSELECT 2", "line 1, column 1"),
        ("-- step: a expects=rows\nSELECT 2\n-- step: b expects=rows\n", "line 3, column"),
    ],
)
def test_mistakes_name_their_place(text: str, place: str) -> None:
    """
    Whoever writes a profile is told the file, the line and the column, and what to do.
    """
    with pytest.raises(Misconfigured) as raised:
        parsed(text)

    assert "pms-profile" == raised.value.code
    assert f"x.sql, {place}" in raised.value.message
    assert raised.value.remedy


def test_steps() -> None:
    """
    Steps come in their order; after one that gives a row, its columns may be used.
    """
    text = (
        "-- About.\n-- step: next_id expects=one\nSELECT 1 AS new_id\n"
        "-- step: insert expects=count\nINSERT INTO t VALUES (:new_id, :note)"
    )

    first, second = parsed(text)

    assert ("next_id", Expects.ONE, ()) == (first.name, first.expects, first.names)
    assert ("insert", Expects.COUNT, ("new_id", "note")) == (second.name, second.expects, second.names)
    assert "x.sql, line 5" == second.place


LITERALS = st.text(st.characters(exclude_characters=":\x00", exclude_categories=["Cs"]), max_size=20).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
PIECES = st.lists(st.one_of(LITERALS, st.sampled_from([":first", ":end", ":note"])), min_size=1, max_size=8)


@given(PIECES)
def test_sqlite_agrees(pieces: list[str]) -> None:
    """
    However literals and parameters are mixed, what is sent means what was written.
    """
    values = {"first": "f?'", "end": "e:first", "note": "-- n"}

    sql, bound_values = bound("SELECT " + ", ".join(pieces), **values)
    connection = sqlite3.connect(":memory:")
    found = connection.execute(sql, bound_values).fetchone()
    connection.close()

    assert [values[p[1:]] if p.startswith(":") else p[1:-1].replace("''", "'") for p in pieces] == list(found)
