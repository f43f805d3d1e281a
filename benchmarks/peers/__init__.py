"""THE PEER TABLE: whom gradviz is measured against, one file each; a peer that is not installed is told, not fatal."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

EXTRA: Final = "pip install 'gradviz[bench]'"
TORCH: Final = "pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"


class Peer(NamedTuple):
    """A package, or a program on PATH."""

    package: str | None  # None for a program
    modules: tuple[str, ...] = ()
    install: str = EXTRA


PEERS: Final[Mapping[str, Peer]] = {
    "micrograd": Peer("micrograd", ("micrograd", "graphviz")),
    "autograd": Peer("autograd", ("autograd",)),
    "torch": Peer("torch", ("torch",), TORCH),
    "torchviz": Peer("torchviz", ("torchviz", "torch"), f"{TORCH}; {EXTRA}"),
    "jax": Peer("jax", ("jax",)),
    "graphviz": Peer("graphviz", ("graphviz",)),
    "sympy": Peer("sympy", ("sympy",)),
    "dot": Peer(None, install="apt install graphviz"),
}


def missing(name: str) -> str | None:
    """How to install a peer that is not there; None for one that is."""
    peer = PEERS[name]
    there = all(map(find_spec, peer.modules)) if peer.package else shutil.which(name) is not None
    return None if there else f"not installed: {peer.install}"


def of(name: str, function: str, *arguments: Any) -> Any:
    """What `function` of a peer's file makes of the arguments, or how to install the peer."""
    told = missing(name)
    if told is not None:
        return told
    make: Callable[..., Any] = getattr(import_module(f"benchmarks.peers.{name}"), function)
    return make(*arguments)
