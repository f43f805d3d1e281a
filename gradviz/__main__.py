"""`python -m gradviz`, and the command."""

from __future__ import annotations

import sys
from typing import Final

INTERRUPTED: Final = 130


def run() -> int:
    """The command; returns the exit status, also when it is interrupted before it has begun."""
    try:
        from gradviz.cli import main

        return main()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(run())
