"""
The stories of what goes wrong quote what the screen says, in the code's own words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "receptionist.md"
HOLE = "\0"


def texts() -> Iterator[str]:
    """
    Return every text of the program; what is filled in later is a hole.
    """
    for path in (ROOT / "agent").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\{\w+\}", HOLE, node.value)
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)


def test_every_quoted_sentence_is_on_the_screen() -> None:
    """
    Ten stories, and nothing in quotation marks that the program does not say.
    """
    story = PAGE.read_text(encoding="utf-8").split("## When something is wrong", 1)[1].split("\n## ", 1)[0]
    quoted = re.findall("“([^”]+)”", story)
    known = list(texts())

    assert 10 == len(re.findall(r"^\| \*\*", story, re.MULTILINE))
    assert len(quoted) >= 10
    assert [] == [sentence for sentence in quoted if not any(sentence in text for text in known)]
