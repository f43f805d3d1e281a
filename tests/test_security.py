"""SECURITY.md says what is so: its table is the table of limits."""

from __future__ import annotations

import re
from pathlib import Path

from gradviz.limits import LIMITS, Limit, grouped

TEXT = (Path(__file__).parents[1] / "SECURITY.md").read_text(encoding="utf-8")


def row(limit: Limit) -> str:
    """A limit as it stands in the table."""
    return f"| `{limit.variable}` | {grouped(limit.most)} {limit.of} | {limit.protects} |"


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\| `GRADVIZ_MAX_", line)]


def test_the_table_is_that_of_the_limits() -> None:
    assert rows(TEXT) == [row(limit) for limit in LIMITS.values()]


def test_a_limit_that_is_told_wrong_is_found() -> None:
    limit = next(iter(LIMITS.values()))
    assert rows(row(limit._replace(most=limit.most + 1))) != [row(limit)]
