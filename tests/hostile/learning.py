"""Hostile and broken inputs of what comes after the gradient: descents, gradient programs, checks, forward mode."""

# ruff: noqa: E501  rows of tables

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.hostile.broken import NAMES
from tests.hostile.cases import Case, refused
from tests.hostile.limits import FILES, size
from tests.hostile.payloads import FEW

DESCEND: Final = ("descend", "w*w + x", "--w=1", "--x=2", "--wrt=w", "--iterations=2")
GRAD: Final = ("grad", "w*w + x", "--w=1", "--x=2")
CHECK: Final = ("check", "w*w + x", "--w=1", "--x=2")
FORWARD: Final = ("w*w + x", "--w=1", "--x=2", "--mode=forward")
DATA: Final = ("descend", "w*x", "--data=d.csv", "--w=1", "--iterations=2")


def _file(words: tuple[str, ...], name: str, data: bytes) -> Case:
    return Case(words, files={name: data})


CARRIERS: Final[dict[str, Callable[[str], Case]]] = {
    **{
        f"{option} of descend": lambda text, option=option: refused(*DESCEND, f"--{option}={text}")  # type: ignore[misc]
        for option in (
            "wrt", "lr", "iterations", "update", "schedule", "tolerance", "batch-size", "shuffle-seed", "init", "seed",
            "shapes", "picture", "over", "steps", "seconds", "theme", "digits", "format", "of", "data", "values",
        )
    },
    "show of a circuit": lambda text: refused(*DESCEND, "--picture=circuit", f"--show={text}"),
    "a number of an update": lambda text: refused(*DESCEND, f"--update=momentum={text}"),
    "a shape": lambda text: refused("descend", "sum(w)", "--wrt=w", "--init=normal", f"--shapes=w={text}"),
    "expression of descend": lambda text: refused("descend", "--x=1", "--", text),
    "expression of grad": lambda text: refused("grad", "--x=1", "--", text),
    "wrt of grad": lambda text: refused(*GRAD, f"--wrt={text}"),
    "order of grad": lambda text: refused(*GRAD, "--wrt=w", f"--order={text}"),
    "expression of check": lambda text: refused("check", "--x=1", "--", text),
    "step of check": lambda text: refused(*CHECK, f"--step={text}"),
    "tolerance of check": lambda text: refused(*CHECK, f"--tolerance={text}"),
    "seed of check": lambda text: refused(*CHECK, f"--seed={text}"),
    "mode": lambda text: refused("w*x", "--w=1", "--x=2", f"--mode={text}", "--wrt=w"),
    "wrt of forward mode": lambda text: refused(*FORWARD, f"--wrt={text}"),
    "index of forward mode": lambda text: refused("sum(w)", "--w=[1,2]", "--mode=forward", f"--wrt=w[{text}]"),
    "a cell of the data": lambda text: _file(DATA, "d.csv", b'x\n"' + text.encode() + b'"\n'),
    "a heading of the data": lambda text: _file(DATA, "d.csv", text.encode() + b"\n1\n"),
    "a values file": lambda text: _file(("w*x", "--values=v.json"), "v.json", text.encode()),
}  # fmt: skip
REFUSED: Final[dict[str, tuple[str, ...]]] = {
    "no rate": (*DESCEND, "--lr=0"), "a negative rate": (*DESCEND, "--lr=-1"), "a rate of nan": (*DESCEND, "--lr=nan"),
    "an infinite rate": (*DESCEND, "--lr=inf"), "fewer than no iterations": (*DESCEND, "--iterations=-1"),
    "iterations without end": (*DESCEND, "--iterations=99999999999999999999"),
    "many iterations": (*DESCEND, "--iterations=1000000000"), "a tolerance of nan": (*DESCEND, "--tolerance=nan"),
    "a negative tolerance": (*DESCEND, "--tolerance=-1"), "no rows in a batch": (*DESCEND, "--batch-size=0"),
    "a batch without data": (*DESCEND, "--batch-size=1"), "an order without data": (*DESCEND, "--shuffle-seed=1"),
    "shapes without a start": (*DESCEND, "--shapes=w=2"), "no parameters": ("descend", "w*x", "--w=1", "--x=2", "--wrt="),
    "an unknown parameter": (*DESCEND[:4], "--wrt=nope"),
    "a gate as a parameter": ("descend", "g = w*x; g*g", "--w=1", "--x=2", "--wrt=g"),
    "a start without end": ("descend", "sum(w)", "--wrt=w", "--init=normal", "--shapes=w=1000000000x1000000000"),
    "a start of nothing": ("descend", "w*w", "--wrt=w"), "a negative shape": ("descend", "sum(w)", "--wrt=w", "--init=zeros", "--shapes=w=-1"),
    "an output that is an array": ("descend", "w*w", "--w=[1,2]", "--wrt=w"), "nothing to learn": ("descend", "3*4"),
    "steps without end": (*DESCEND, "--steps=0,99999999999999999999", "-o", "s.svg"), "steps that go back": (*DESCEND, "--steps=-1", "-o", "s.svg"),
    "a bowl over three": ("descend", "w*x*y", "--w=1", "--x=1", "--y=1", "--wrt=w,x,y", "--picture=bowl", "--over=w,x,y"),
    "data that is not there": ("descend", "w*x", "--w=1", "--data=nope.csv"), "data of a device": ("descend", "w*x", "--w=1", "--data=/dev/zero"),
    "data of a folder": ("descend", "w*x", "--w=1", "--data=."), "values that are not there": ("w*x", "--values=nope.json"),
    "values of a device": ("w*x", "--values=/dev/zero"), "values of a folder": ("w*x", "--values=."),
    "a derivative by nothing": (*GRAD, "--wrt="),
    "an order of nothing": (*GRAD, "--wrt=w", "--order=0"), "an order below": (*GRAD, "--wrt=w", "--order=-1"),
    "an order by two": (*GRAD, "--wrt=w,x", "--order=2"), "a matrix without values": ("grad", "w*x", "--hessian"),
    "a derivative of an array": ("grad", "w*w", "--w=[1,2]"), "a matrix of an array": ("grad", "w*w", "--hessian", "--w=[1,2]"),
    "no step": (*CHECK, "--step=0"), "a step of nan": (*CHECK, "--step=nan"), "no tolerance": (*CHECK, "--tolerance=0"),
    "a check without values": ("check", "w*x"), "a check of an array": ("check", "w*w", "--w=[1,2]"),
    "forward by nothing": (*FORWARD, "--wrt="), "forward by two": FORWARD, "forward by an array": ("sum(w)", "--w=[1,2]", "--mode=forward"),
    "forward beyond": ("sum(w)", "--w=[1,2]", "--mode=forward", "--wrt=w[2]"), "forward far beyond": ("sum(w)", "--w=[1,2]", "--mode=forward", "--wrt=w[999999999]"),
    "forward of an axis more": ("sum(w)", "--w=[1,2]", "--mode=forward", "--wrt=w[0,0]"), "backward by": ("w*x", "--w=1", "--x=2", "--wrt=w"),
}  # fmt: skip
EITHER: Final[dict[str, tuple[str, ...]]] = {
    "a parameter twice": (*DESCEND[:4], "--wrt=w,w"), "a derivative by a gate": ("grad", "g = w*x; g*g", "--wrt=g"),
    "a high order": ("grad", "sigmoid(w*x)", "--wrt=w", "--order=40"),
    "an order without end": ("grad", "w*x", "--wrt=w", "--order=1000000000"),
    "the derivative of a tower": ("grad", "x**x**x**x**x", "--wrt=x"),
    "the derivative of many": ("grad", "+".join(["w*x"] * size(3_000)), "--wrt=w"),
    "the derivative of doublings": ("grad", "x=x+x;" * 60 + "x", "--wrt=x"),
    "a matrix of many": ("grad", "+".join(f"x{k}*x{k}" for k in range(size(400))), "--hessian", *(f"--x{k}=1" for k in range(size(400)))),
    "a check of doublings": ("check", "x=x+x;" * 60 + "x", "--x=1"),
    "forward through doublings": ("x=x+x;" * 60 + "x", "--x=1", "--mode=forward"),
    "forward through many": ("+".join(["w*x"] * size(3_000)), "--w=1", "--x=2", "--mode=forward", "--wrt=w", "-f", "json"),
    "a descent of many": ("descend", "+".join(["w*x"] * size(3_000)), "--w=1", "--x=2", "--wrt=w", "--iterations=3"),
    "a descent that explodes": ("descend", "exp(exp(w*w))", "--w=3", "--wrt=w", "--lr=1e300"),
    "a descent from nowhere": ("descend", "w/0", "--w=3", "--wrt=w"),
    "a descent of SymPy's": ("descend", "--w=3", "--wrt=w", "--iterations=3", "--", "gamma(w)"),
}  # fmt: skip
VALUES: Final[dict[str, bytes]] = {
    "an array": b"[1]", "a number": b"1", "text": b'"w"', "nothing": b"", "null": b"null", "a value of text": b'{"w": "1"}',
    "a value of null": b'{"w": null}', "a value of truth": b'{"w": true}', "an object in a value": b'{"w": {"x": 1}}', "a ragged value": b'{"w": [[1], 2]}',
    "an empty value": b'{"w": []}', "a huge number": b'{"w": 1e999, "x": 1} {}', "a huge integer": b'{"w": ' + b"9" * 100_000 + b"}", "a name twice": b'{"w": 1, "w": 2}',
    "depth": b'{"w": ' * size(200_000), "depth that ends": b'{"w": ' + b"[" * size(100_000) + b"1" + b"]" * size(100_000) + b"}", "NUL": b'{"w": 1\x00}',
    "UTF-16": '{"w": 1}'.encode("utf-16"), "not UTF-8": b'{"w\xff": 1}', "two documents": b'{"w": 1}\n{"x": 1}', "a comment": b'{"w": 1} // x', "a pickle": b"\x80\x04cos\nsystem\n(S'touch CANARY'\ntR.",
    "an object of Python": b'{"py/object": "os.system", "__class__": "x"}', "an unknown name": b'{"w": 1, "x": 1, "nope": 1}', "size": b'{"w": [' + b"1," * size(30_000_000) + b"1]}",
}  # fmt: skip


def cases() -> dict[str, Case]:
    """All of them."""
    found = {f"{place}-{number}": make(text) for place, make in CARRIERS.items() for number, text in enumerate(FEW)}
    found |= {name: refused(*words) for name, words in REFUSED.items()}
    found["a check of much"] = Case(("check", "sum(w)", "--w=@w.npy"), 0, files={"w.npy": _npy(5_000)})
    found |= {name: Case(words, -1) for name, words in EITHER.items()}
    found |= {f"values: {name}": _file(("w*x", "--values=v.json"), "v.json", data) for name, data in VALUES.items()}
    for name, files in FILES.items():
        for file, data in files.items():
            if file.endswith(".csv"):
                found[f"data: {name}"] = _file(DATA, "d.csv", b"x\n" + data)
    for number, name in enumerate(NAMES):
        found[f"a name in a values file-{number}"] = _file(
            ("w*x", "--values=v.json"), "v.json", ('{"w": 1, "x": 2, ' + _quoted(name) + ": 3}").encode()
        )
    return found


def _npy(count: int) -> bytes:
    from tests.hostile.limits import npy

    return npy(f"({count},)", bytes(8 * count))


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)
