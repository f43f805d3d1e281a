"""What the numbers were measured on and with."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers import PEERS

OURS = ("gradviz", "numpy", "pygraphviz", "click", "rich")


def machine() -> dict[str, str]:
    """Facts by their names, in the order in which they are shown."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "load at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "system": platform.platform(terse=True),
        "Python": platform.python_version(),
        **{name: _version(name) for name in OURS},
        **{name: _version(peer.package) for name, peer in PEERS.items() if peer.package},
        "dot": _dot(),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "from its source" if package == "gradviz" else "not installed"


def _dot() -> str:
    path = shutil.which("dot")
    if path is None:
        return "not installed"
    said = subprocess.run([path, "-V"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    return said.strip().removeprefix("dot - graphviz version ")
