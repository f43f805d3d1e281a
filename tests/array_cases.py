"""Cases for every gate of the table: settings and shapes of its inputs, and numbers at which it is smooth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy

from gradviz.gates import GATES, Gate, Shape

Array = Any
GRID = 1000  # places in a domain, so that neither two numbers of a case nor a number and a kink come close


class Case(NamedTuple):
    """A gate with settings and the shapes of its inputs."""

    name: str
    settings: dict[str, Any]
    shapes: tuple[Shape, ...]

    @property
    def gate(self) -> Gate:
        """The row, with the settings and the number of inputs."""
        return GATES[self.name].choose(self.settings).of(len(self.shapes))

    def __str__(self) -> str:
        chosen = ",".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.name}({chosen}){'x'.join(map(str, self.shapes))}".replace(" ", "")


ONE: tuple[Shape, ...] = ((), (3,), (2, 3), (2, 1, 3), (1, 1), (0,), (2, 0))
TWO: tuple[tuple[Shape, Shape], ...] = (
    ((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((), (2, 3)), ((2, 3), (1, 3)),
    ((4, 1), (1, 3)), ((2, 2, 3), (2, 3)), ((1, 1), (1, 1)), ((0,), (1,)), ((2, 0), (1,)), ((2, 0), ()), ((1,), (2, 0)),
)  # fmt: skip
THREE: tuple[tuple[Shape, ...], ...] = (
    ((), (), ()), ((3,), (3,), (3,)), ((2, 3), (), ()), ((2, 1), (3,), ()), ((), (2, 3), (3,)), ((0,), (), (1,)),
)  # fmt: skip
MANY = {1: tuple((shape,) for shape in ONE), 2: TWO, 3: THREE}
MATMUL: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (3,)), ((2, 3), (3,)), ((2,), (2, 3)), ((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (5, 3, 1)),
    ((1, 1), (1, 1)), ((0,), (0,)), ((2, 0), (0, 3)), ((0, 3), (3, 2)),
    ((2, 3), (3, 0)), ((2, 0), (0,)), ((0, 2, 3), (3,)),
)  # fmt: skip
AXES = ({}, {"axis": 0}, {"axis": -1}, {"axis": (0,)}, {"keepdims": True}, {"axis": -1, "keepdims": True})
MORE_AXES = ({"axis": (0, -1)}, {"axis": (1, 0), "keepdims": True}, {"axis": None, "keepdims": True}, {"axis": ()})
EMPTY: tuple[Shape, ...] = ((0,), (2, 0), (0, 2))
REDUCED = [
    *[({}, ()), ({"keepdims": True}, ()), ({"axis": -1}, ()), ({"axis": 0, "keepdims": True}, ())],
    *[(settings, shape) for settings in AXES for shape in ((3,), (2, 3), (2, 1, 3), (1, 1), *EMPTY)],
    *[(settings, shape) for settings in MORE_AXES for shape in ((2, 3), (2, 1, 3), (1, 1), (2, 0))],
]
ALONG = [
    *[({}, shape) for shape in ONE],
    *[({"axis": axis}, shape) for axis in (0, -1) for shape in ((3,), (2, 3), (2, 0), (1, 1))],
    ({"axis": 1}, (2, 1, 3)), ({"axis": 1}, (2, 4, 3)),
]  # fmt: skip
TRANSPOSED: list[tuple[dict[str, Any], Shape]] = [
    *[({}, shape) for shape in ONE],
    ({"axes": (1, 0)}, (2, 3)), ({"axes": (1, 2, 0)}, (2, 4, 3)), ({"axes": (-1, 0, 1)}, (2, 4, 3)),
    ({"axes": (0,)}, (3,)), ({"axes": (1, 0)}, (2, 0)),
]  # fmt: skip
SWAPPED: list[tuple[dict[str, Any], Shape]] = [
    ({}, (2, 3)), ({"axis": 0, "other": -1}, (2, 4, 3)), ({"axis": 1, "other": 2}, (2, 4, 3)), ({}, (2, 0)),
    ({"axis": 0, "other": 0}, (2,)),
]  # fmt: skip
RESHAPED: list[tuple[dict[str, Any], Shape]] = [
    *[({}, shape) for shape in ONE],
    ({"shape": (3, 2)}, (2, 3)), ({"shape": (3, -1)}, (2, 3)), ({"shape": (-1, 1, 2)}, (2, 3)), ({"shape": 6}, (2, 3)),
    ({"shape": ()}, (1, 1)), ({"shape": (1, 1)}, ()), ({"shape": (0, 3)}, (0,)), ({"shape": (-1, 3)}, (0,)),
]  # fmt: skip
INDEXED: list[tuple[tuple[Any, ...], Shape]] = [
    ((0,), (3,)), ((-1,), (2, 3)), ((0, 1), (2, 3)), ((), (2, 3)), ((), ()), ((...,), (3,)), ((None,), (3,)),
    ((None,), ()), (((1, None, None),), (3,)), (((None, None, -1),), (3,)),
    (((None, None, None), (0, 2, None)), (2, 3)),
    (((None, None, None), None, (None, -1, None)), (2, 3)), ((..., 0), (2, 4, 3)),
    ((1, ..., (None, None, -2)), (2, 4, 3)),
    (((5, None, None),), (3,)), (((2, 0, -1),), (3,)), (((-9, 9, None),), (3,)), (((None, None, None),), (0,)),
    ((1,), (2, 0)), ((..., None, 0), (1, 1)),
]  # fmt: skip
JOINED: list[tuple[int, tuple[Shape, ...]]] = [
    (0, ((3,),)), (0, ((3,), (2,))), (0, ((2, 3), (1, 3), (4, 3))), (1, ((2, 3), (2, 1))), (-1, ((2, 3), (2, 2))),
    (1, ((2, 1, 3), (2, 4, 3))), (0, ((0,), (2,))), (1, ((2, 0), (2, 1))), (-2, ((1, 1), (1, 1))),
]  # fmt: skip
STACKED: list[tuple[int, tuple[Shape, ...]]] = [
    (0, ((),)), (0, ((), (), ())), (0, ((3,), (3,))), (1, ((3,), (3,))), (-1, ((2, 3), (2, 3), (2, 3))),
    (1, ((2, 3), (2, 3))),
    (-2, ((2, 3), (2, 3))), (0, ((0,), (0,))), (-1, ((2, 0), (2, 0))),
]  # fmt: skip
LOGITS: tuple[Shape, ...] = ((3,), (2, 3), (2, 4, 3), (1, 1), (0, 3))
REPEATED = (((-1, -1), (2, 3)), ((2, 3), (3,)), (3, ()), ((2, 3), (1, 3)), ((2, -1, 3), (4, 1)), ((0, 2), (2,)))


def _one(name: str, rows: Iterable[tuple[dict[str, Any], Shape]]) -> list[Case]:
    return [Case(name, settings, (shape,)) for settings, shape in rows]


def _same(name: str, shapes: Iterable[Shape]) -> list[Case]:
    return [Case(name, {}, (shape, shape)) for shape in shapes]


def _reduced(name: str) -> list[Case]:
    return _one(name, REDUCED)


def _not_empty(name: str) -> list[Case]:
    kept = [row for row in REDUCED if 0 not in row[1] or (row[0].get("axis") == 0 and row[1] == (2, 0))]
    return _one(name, [*kept, ({"axis": 1}, (0, 2))])


OF_ARRAYS: dict[str, list[Case]] = {
    "matmul": [Case("matmul", {}, shapes) for shapes in MATMUL],
    **{name: _reduced(name) for name in ("sum", "mean", "prod", "logsumexp", "norm", "L2")},
    **{name: _not_empty(name) for name in ("amax", "amin")},
    **{name: _one(name, ALONG) for name in ("softmax", "log_softmax")},
    "transpose": _one("transpose", TRANSPOSED),
    "swapaxes": _one("swapaxes", SWAPPED),
    "reshape": _one("reshape", RESHAPED),
    "broadcast_to": _one("broadcast_to", [({"shape": to}, shape) for to, shape in REPEATED]),
    "flatten": [Case("flatten", {}, (shape,)) for shape in ((), (3,), (2, 3), (2, 0), (1, 2, 3))],
    "index": _one("index", [({"at": at}, shape) for at, shape in INDEXED]),
    "concatenate": [Case("concatenate", {"axis": axis}, shapes) for axis, shapes in JOINED],
    "stack": [Case("stack", {"axis": axis}, shapes) for axis, shapes in STACKED],
    **{
        name: [
            *_same(name, ONE),
            *[Case(name, {}, shapes) for shapes in (((2, 3), (3,)), ((), (2, 3)), ((1, 3), (2, 3)), ((3,), (1, 1)))],
        ]
        for name in ("mse", "binary_cross_entropy")
    },
    "cross_entropy": _same("cross_entropy", LOGITS),
}
WITH_SETTINGS = [Case("leaky_relu", {"negative_slope": slope}, ((2, 3),)) for slope in (0, 0.2, 3)]
ELEMENTWISE = [
    *[Case(name, {}, shapes) for name, gate in GATES.items() if gate.partials for shapes in MANY[gate.arity]],
    *WITH_SETTINGS,
]
CASES: list[Case] = [*ELEMENTWISE, *[case for cases in OF_ARRAYS.values() for case in cases]]


def cases_of(name: str) -> list[Case]:
    """The cases of one gate."""
    return [case for case in CASES if case.name == name]


def numbers(case: Case, seed: int = 0) -> tuple[Array, ...]:
    """An input each, of numbers of the gate's domain that are apart from each other and from zero."""
    random, gate, found = numpy.random.default_rng(seed), case.gate, []
    for slot, (shape, (low, high)) in enumerate(zip(case.shapes, gate.domain, strict=True)):
        places = random.permutation(GRID)[: numpy.prod(shape, dtype=int)] + 0.3 + slot / 4
        found.append((low + (high - low) * places / GRID).reshape(shape))
    return tuple(found)
