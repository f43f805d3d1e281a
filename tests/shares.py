"""How much of what takes long a usual run does: all with the environment variable GRADVIZ_TEST_FULL."""

from __future__ import annotations

import os

FULL = bool(os.environ.get("GRADVIZ_TEST_FULL"))


def examples(count: int) -> int:
    """Of so many random examples a third, which are the same in every run."""
    return count if FULL else count // 3
