"""All checks of the project, one after the other: `python check.py`; the first failure ends it.

`--no-tests` leaves the tests out.
"""

from __future__ import annotations

import subprocess
import sys

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("pytest", "-q", "-n", "2"),
)


def main() -> int:
    """Run every check; the exit status of the first that fails, or 0."""
    for check in CHECKS[:-1] if "--no-tests" in sys.argv else CHECKS:
        print("$", "python -m", *check, flush=True)
        status = subprocess.run([sys.executable, "-m", *check], check=False).returncode  # noqa: S603  our own words
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
