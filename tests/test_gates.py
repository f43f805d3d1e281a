"""The gate table and the numbers below it: derivatives, special points, and that nothing raises."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import mpmath
import numpy
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradviz import ieee, nd
from gradviz.evaluator import evaluate
from gradviz.gates import (
    CONSTANT_BASES,
    CONSTANTS,
    FUNCTIONS,
    GATES,
    INFIX,
    LIBRARIES,
    PREFIX,
    Gate,
    Setting,
    library,
    methods,
)  # fmt: skip
from gradviz.graph import GraphBuilder
from gradviz.language.parser import parse
from tests.array_cases import cases_of, numbers
from tests.shares import examples

INF, NAN = math.inf, math.nan
ALL = pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
OF_NUMBERS = {name: gate for name, gate in GATES.items() if gate.partials is not None}
ELEMENTWISE = pytest.mark.parametrize("gate", OF_NUMBERS.values(), ids=OF_NUMBERS)
FLOATS = st.one_of(
    st.floats(),
    st.sampled_from([0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 5e-324, -5e-324, 1e308, -1e308, 709.8, -745.2, 1e-160]),
    st.integers(-4, 4).map(float),
)


def is_comparison(gate: Gate) -> bool:
    return gate.arity == 2 and gate.binds == 0 and bool(gate.operators)


def same(a: float, b: float, relative: float = 0.0) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=relative)


# derivatives ---------------------------------------------------------------------------------------------------------

STEP = 1e-6
KINK = 1e-3  # distance kept from the points where a gate is not smooth: 0, or two equal inputs


def wrong_partials(gate: Gate, xs: list[float]) -> list[int]:
    """The inputs by which the declared partial is not the central difference.

    The difference is good to STEP**2 of the third derivative and to 2e-16/STEP of the value: about 1e-9; 1e-6 leaves
    room for a gate near the end of its domain.
    """
    assert gate.partials is not None
    y = gate.forward(ieee, *xs)
    found = []
    for slot, partial in enumerate(gate.partials(ieee, y, *xs)):
        right, left = ([x + sign * STEP * (i == slot) for i, x in enumerate(xs)] for sign in (1, -1))
        difference = (gate.forward(ieee, *right) - gate.forward(ieee, *left)) / (2 * STEP)
        if not math.isclose(partial, difference, rel_tol=1e-6, abs_tol=1e-6 * max(1.0, abs(y))):
            found.append(slot)
    return found


@ELEMENTWISE
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_local_partials_match_central_differences(gate: Gate, data: st.DataObject) -> None:
    """At points of a grid in the domain that has neither zero nor two equal inputs."""
    xs = []
    for slot, (low, high) in enumerate(gate.domain):
        way = (data.draw(st.integers(0, 999)) + 0.3 + slot / 3) / 1000
        xs.append(low + (high - low) * way)
    assume(min(map(abs, xs)) > KINK and all(abs(a - b) > KINK for a, b in combinations(xs, 2)))
    assert wrong_partials(gate, xs) == []


@ELEMENTWISE
def test_a_wrong_partial_is_found(gate: Gate) -> None:
    xs = [low + 0.7 * (high - low) / (slot + 1) for slot, (low, high) in enumerate(gate.domain)]
    for wrong in range(gate.arity):

        def off(xp: object, y: float, *at: float, wrong: int = wrong) -> tuple[float, ...]:
            right = gate.partials(xp, y, *at)
            return tuple(p + 1e-4 * (slot == wrong) * max(1, abs(y)) for slot, p in enumerate(right))

        assert wrong_partials(gate, xs) == []
        assert wrong_partials(replace(gate, partials=off), xs) == [wrong]


# special points ------------------------------------------------------------------------------------------------------

SPECIAL = [(gate, *special) for gate in OF_NUMBERS.values() for special in gate.special]
# PyTorch's published conventions, and IEEE-754 at poles; d by each input, None where the table makes no promise
CONVENTIONS: list[tuple[str, tuple[float, ...], float, tuple[float, ...]]] = [
    ("relu", (0.0,), 0.0, (0.0,)),
    ("relu", (-0.0,), 0.0, (0.0,)),
    ("abs", (0.0,), 0.0, (0.0,)),
    ("max", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("min", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("max", (1.0, 2.0), 2.0, (0.0, 1.0)),
    ("min", (1.0, 2.0), 1.0, (1.0, 0.0)),
    ("sqrt", (0.0,), 0.0, (INF,)),
    ("sqrt", (-0.0,), -0.0, (INF,)),
    ("sqrt", (-1.0,), NAN, (NAN,)),
    ("elu", (0.0,), 0.0, (1.0,)),
    ("pow", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("pow", (5.0, 0.0), 1.0, (0.0, math.log(5))),
    ("pow", (-5.0, 0.0), 1.0, (0.0, NAN)),
    ("pow", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("pow", (0.0, 0.5), 0.0, (INF, 0.0)),
    ("pow", (0.0, 3.0), 0.0, (0.0, 0.0)),
    ("pow", (-2.0, 3.0), -8.0, (12.0, NAN)),
    ("pow", (-2.0, 0.5), NAN, (NAN, NAN)),
    ("pow", (0.0, -2.0), INF, (-INF, -INF)),
    ("log", (0.0,), -INF, (INF,)),
    ("log", (-0.0,), -INF, (INF,)),  # its only side is that above: so log(-x) at 0 falls
    ("log", (-1.0,), NAN, (-1.0,)),
    ("div", (1.0, 0.0), INF, (INF, -INF)),
    ("div", (0.0, 0.0), NAN, (INF, NAN)),
    ("div", (1.0, -0.0), -INF, (-INF, -INF)),
    ("reciprocal", (0.0,), INF, (-INF,)),
    ("exp", (INF,), INF, (INF,)),
    ("exp", (-INF,), 0.0, (0.0,)),
    ("sigmoid", (INF,), 1.0, (0.0,)),
    ("sigmoid", (-INF,), 0.0, (0.0,)),
    ("tanh", (-INF,), -1.0, (0.0,)),
    ("softplus", (-INF,), 0.0, (0.0,)),
    ("softplus", (INF,), INF, (1.0,)),
    ("sin", (INF,), NAN, (NAN,)),
    ("leaky_relu", (0.0,), 0.0, (0.01,)),
    ("leaky_relu", (-INF,), -INF, (0.01,)),
    ("gelu", (INF,), INF, (1.0,)),
    ("gelu", (-1e300,), 0.0, (0.0,)),
    ("swish", (INF,), INF, (1.0,)),
    ("swish", (-1e300,), 0.0, (0.0,)),
    ("clip", (-1.0, -1.0, 2.0), -1.0, (1.0, 0.0, 0.0)),
    ("clip", (2.0, -1.0, 2.0), 2.0, (1.0, 0.0, 0.0)),
    ("clip", (-2.0, -1.0, 2.0), -1.0, (0.0, 1.0, 0.0)),
    ("clip", (3.0, -1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
    ("clip", (0.0, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),  # bounds the wrong way round: the upper one
    ("where", (0.0, 5.0, 7.0), 7.0, (0.0, 0.0, 1.0)),
    ("where", (-0.0, 5.0, 7.0), 7.0, (0.0, 0.0, 1.0)),
    ("where", (NAN, 5.0, 7.0), 5.0, (0.0, 1.0, 0.0)),
    ("where", (1.0, 5.0, NAN), 5.0, (0.0, 1.0, 0.0)),
    ("greater", (1.0, 1.0), 0.0, (0.0, 0.0)),
    ("greater_equal", (1.0, 1.0), 1.0, (0.0, 0.0)),
    ("less", (1.0, 2.0), 1.0, (0.0, 0.0)),
    ("less_equal", (1.0, 1.0), 1.0, (0.0, 0.0)),
    ("equal", (0.0, -0.0), 1.0, (0.0, 0.0)),
    ("not_equal", (NAN, NAN), 1.0, (0.0, 0.0)),
    ("less", (NAN, 1.0), 0.0, (0.0, 0.0)),
]


@pytest.mark.parametrize(("gate", "xs", "value", "partials"), SPECIAL, ids=[f"{s[0].name}{s[1]}" for s in SPECIAL])
def test_special_points_of_the_table(
    gate: Gate, xs: tuple[float, ...], value: float, partials: tuple[float, ...]
) -> None:
    assert gate.partials is not None
    y = gate.forward(ieee, *xs)
    assert same(y, value, 1e-15)  # one rounding
    found = gate.partials(ieee, y, *xs)
    assert all(same(a, b, 1e-15) for a, b in zip(found, partials, strict=True)), found


@pytest.mark.parametrize(("name", "xs", "value", "partials"), CONVENTIONS)
def test_the_conventions_at_kinks_and_poles_are_the_published_ones(
    name: str, xs: tuple[float, ...], value: float, partials: tuple[float, ...]
) -> None:
    test_special_points_of_the_table(GATES[name], xs, value, partials)


@ELEMENTWISE
def test_nan_in_is_nan_out(gate: Gate) -> None:
    """Except that anything to the power of 0 is 1, as in IEEE-754, and for gates that choose."""
    for slot in range(gate.arity):
        value = gate.forward(ieee, *[NAN if i == slot else 2.0 for i in range(gate.arity)])
        assert math.isnan(value) or is_comparison(gate) or (gate.name, slot) in {("where", 0), ("where", 2)}
    assert gate.name != "pow" or gate.forward(ieee, NAN, 0.0) == 1.0


@ELEMENTWISE
def test_a_comparison_is_piecewise_constant_and_no_other_gate_is(gate: Gate) -> None:
    values = {gate.forward(ieee, *xs) for xs in product((-1.0, 0.0, 2.0), repeat=gate.arity)}
    assert (values <= {0.0, 1.0}) == is_comparison(gate)
    if is_comparison(gate):
        assert values == {0.0, 1.0}
        assert gate.partials is not None
        assert {gate.partials(ieee, 1.0, a, b) for a in (-1.0, 0.0) for b in (-1.0, 0.0)} == {(0.0, 0.0)}


@ELEMENTWISE
def test_numbers_and_arrays_are_computed_alike(gate: Gate) -> None:
    """One row serves both namespaces, at kinks and far out as well; NumPy's functions may round otherwise."""
    points = [(-1000.0, -1.5, -0.0, 0.0, 0.7, 2.0, 1000.0, INF, -INF, NAN)] * gate.arity
    grid = list(product(*(points if gate.arity < 3 else [column[2:] for column in points])))
    assert gate.partials is not None
    with numpy.errstate(all="ignore"):
        columns = [numpy.array(column) for column in zip(*grid, strict=True)]
        value = gate.forward(nd, *columns)
        partials = [numpy.broadcast_to(p, value.shape) for p in gate.partials(nd, value, *columns)]
    for k, xs in enumerate(grid):
        y = gate.forward(ieee, *xs)
        ours, numpys = (y, *gate.partials(ieee, y, *xs)), (value[k], *(p[k] for p in partials))
        assert all(same(a, float(b), 1e-13) for a, b in zip(ours, numpys, strict=True)), (xs, ours, numpys)


@ELEMENTWISE
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_gate_gives_floats_for_any_floats(gate: Gate, data: st.DataObject) -> None:
    assert gate.partials is not None
    xs = data.draw(st.tuples(*[FLOATS] * gate.arity))
    y = gate.forward(ieee, *xs)
    assert [type(number) for number in (y, *gate.partials(ieee, y, *xs))] == [float] * (1 + gate.arity)


# accuracy ------------------------------------------------------------------------------------------------------------

NORMAL = 2.3e-308  # smaller numbers have fewer digits
EXACT: dict[str, tuple[Callable[[mpmath.mpf], mpmath.mpf], Callable[[mpmath.mpf], mpmath.mpf]]] = {
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x))),
    "softplus": (lambda x: mpmath.log(1 + mpmath.exp(x)), lambda x: 1 / (1 + mpmath.exp(-x))),
    "tanh": (mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    "elu": (lambda x: x if x > 0 else mpmath.expm1(x), lambda x: mpmath.exp(min(x, 0))),
    "exp": (mpmath.exp, mpmath.exp),
    "log": (mpmath.log, lambda x: 1 / x),
    "tan": (mpmath.tan, lambda x: mpmath.sec(x) ** 2),
    "swish": (lambda x: x / (1 + mpmath.exp(-x)), lambda x: (1 + mpmath.exp(-x) * (1 + x)) / (1 + mpmath.exp(-x)) ** 2),
    "sqrt": (mpmath.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x))),
}
SIZES = (1e-300, 1e-20, 1e-8, 0.3, 1, 5, 19.5, 36.8, 100, 354, 700, 708)
TINY_TO_LARGE = [sign * size for size in SIZES for sign in (1, -1)]


def inaccurate(gate: Gate, x: float) -> list[str]:
    """Which of value and derivative is off by more than 1e-13: a thousand roundings, none of them magnified.

    mpmath works with 700 digits, so that 1 + e**-700 keeps its second term.
    """
    value, slope = EXACT[gate.name]
    y = gate.forward(ieee, x)
    with mpmath.workdps(700):  # type: ignore[no-untyped-call]
        at = mpmath.mpf(x)
        truths = {"value": (y, value(at)), "derivative": (gate.partials(ieee, y, x)[0], slope(at))}
        return [
            what
            for what, (number, truth) in truths.items()
            if NORMAL < abs(truth) < mpmath.mpf(1.79e308) and abs(number - truth) > abs(truth) * mpmath.mpf("1e-13")
        ]


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("x", TINY_TO_LARGE)
def test_values_and_derivatives_are_accurate_far_out(name: str, x: float) -> None:
    if x > 0 or name not in ("log", "sqrt"):
        assert inaccurate(GATES[name], x) == []


def test_a_textbook_formula_is_found_inaccurate() -> None:
    textbook = replace(GATES["tanh"], partials=lambda _xp, y, _x: (1 - y * y,))
    assert inaccurate(textbook, 19.5) == ["derivative"]
    naive = replace(GATES["softplus"], forward=lambda xp, x: xp.log(1 + xp.exp(x)))
    assert inaccurate(naive, -36.8) == ["value"]


# the table -----------------------------------------------------------------------------------------------------------


def doubles(things: list[Any]) -> list[Any]:
    return [thing for thing, count in Counter(things).items() if count > 1]


def words(gate: Gate) -> set[str]:
    return {gate.name, *gate.aliases}


def test_a_word_or_an_operator_means_one_gate_for_a_number_of_inputs() -> None:
    """`max` is the larger of two inputs, and the largest entry of one."""
    every = [(word, gate.arity) for gate in GATES.values() for word in words(gate)]
    assert doubles(every) == []
    assert {word for word, _ in every if [w for w, _ in every].count(word) > 1} == {"max", "min"}
    assert doubles([(mark, gate.arity) for gate in GATES.values() for mark in gate.operators]) == []
    assert doubles(["exp", "log", "exp"]) == ["exp"]


def test_a_name_of_a_library_means_one_gate_for_a_number_of_inputs() -> None:
    for table in (library(), methods()):
        for name, gates in table.items():
            assert doubles([(gate.arity, gate.inputs) for gate in gates]) == [], name  # told apart by keywords, if not
            assert not any(gate.variadic for gate in gates) or len(gates) == 1, name
    assert doubles([(name, gate.arity, gate.inputs) for gate in GATES.values() for name in gate.spelled.split()]) == []


THE_LECTURES = {
    "add", "sub", "mul", "div", "neg", "pow", "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu",
    "elu", "softplus", "abs", "max", "min", "square", "reciprocal", "where", "clip", "leaky_relu", "gelu", "swish",
    "sum", "mean", "prod", "amax", "amin", "norm", "softmax", "log_softmax", "logsumexp", "matmul", "transpose",
    "reshape", "broadcast_to", "concatenate", "stack", "index", "mse", "cross_entropy", "binary_cross_entropy",
}  # fmt: skip


def test_the_table_has_the_gates_of_the_lecture() -> None:
    assert GATES.keys() >= THE_LECTURES
    assert set(FUNCTIONS) >= GATES.keys() | {"σ", "ln", "dot", "maximum", "minimum", "silu", "clamp"}
    assert [gate.name for gate in FUNCTIONS["max"]] == ["max", "amax"]
    assert set(INFIX) >= set("+-*/^·×−÷@<>≤≥≠") | {"**", "<=", ">=", "==", "!="}
    assert set(PREFIX) >= set("-−√")


LIBRARY_NAMES = {
    "np.maximum": "max", "numpy.exp": "exp", "jnp.exp": "exp", "jax.numpy.sum": "sum", "tf.matmul": "matmul",
    "tf.math.log": "log", "tf.nn.relu": "relu", "F.relu": "relu", "jax.nn.softmax": "softmax",
    "torch.sigmoid": "sigmoid",
    "nn.functional.softmax": "softmax", "tf.reduce_mean": "mean", "np.linalg.norm": "norm", "np.clip": "clip",
    "torch.nn.functional.cross_entropy": "cross_entropy", "tensorflow.exp": "exp", "math.exp": "exp",
    "torch.cat": "concatenate",
    "scipy.special.expit": "sigmoid", "np.dot": "matmul", "F.mse_loss": "mse", "torch.transpose": "swapaxes",
}  # fmt: skip


@pytest.mark.parametrize(("name", "gate"), LIBRARY_NAMES.items())
def test_names_of_libraries(name: str, gate: str) -> None:
    assert [found.name for found in library()[name]] == [gate]


@ALL
def test_spelled_names_are_dotted_names_under_known_modules(gate: Gate) -> None:
    for name in gate.spelled.split():
        first, *rest = name.split(".")
        assert rest, name
        assert all(part.isidentifier() for part in rest), name
        assert first in {"", *LIBRARIES, "torch", "math", "jax", "scipy"}, name


@pytest.mark.parametrize(("name", "gates"), [
    ("sum", ["sum"]), ("max", ["amax"]), ("maximum", ["max"]), ("mean", ["mean"]), ("dot", ["matmul"]),
    ("reshape", ["reshape"]),
    ("flatten", ["flatten"]), ("t", ["transpose"]), ("permute", ["transpose"]), ("exp", ["exp"]),
    ("relu", ["relu"]), ("sigmoid", ["sigmoid"]), ("softmax", ["softmax"]), ("clamp", ["clip", "max", "min"]),
    ("norm", ["norm"]), ("view", ["reshape"]),
])  # fmt: skip
def test_names_of_methods(name: str, gates: list[str]) -> None:
    assert sorted(gate.name for gate in methods()[name]) == gates


@ALL
def test_a_row_is_whole(gate: Gate) -> None:
    assert gate.arity in (1, 2, 3)
    assert bool(gate.operators) == (gate.binds > 0) or is_comparison(gate)
    assert not gate.folded or len(gate.folded) == gate.arity
    assert all(template.count("{}") == 1 for template in gate.folded)
    assert gate.does
    assert gate.label() == (gate.shows() if gate.shows else gate.symbol)
    assert gate.label()
    assert all(len(xs) == len(partials) == gate.arity for xs, _, partials in gate.special)
    assert all(low < high for low, high in gate.domain)
    assert any(mark.isascii() for mark in gate.operators) or gate.name.isascii()


@ALL
def test_a_row_has_partials_or_pulls(gate: Gate) -> None:
    assert (gate.partials is None) == (gate.pull is not None) == (gate.shape is not None) == (gate.sympy is None)
    assert not (gate.special and gate.pull)
    assert gate.body is None
    assert gate.chosen == {}


@ALL
def test_inputs_have_names(gate: Gate) -> None:
    assert len(gate.inputs) in (0, gate.arity)
    assert doubles(list(gate.input_names)) == []
    assert not gate.made_of or len(gate.input_names) == gate.arity
    assert not gate.variadic or gate.arity == 1
    assert not set(gate.input_names) & {word for s in gate.settings for word in (s.name, *s.aliases)}


SETTINGS = [pytest.param(gate, s, id=f"{gate.name}-{s.name}") for gate in GATES.values() for s in gate.settings]


@pytest.mark.parametrize(("gate", "setting"), SETTINGS)
def test_a_default_is_legal_and_what_the_row_does_without_it(gate: Gate, setting: Setting) -> None:
    assert setting.legal(setting.default)
    assert not any(setting.legal(value) for value in ("0", 1j, [0], object()))
    plain, chosen = gate, gate.choose({setting.name: setting.default})
    assert chosen is gate.choose({setting.name: setting.default}) is not plain
    assert dict(chosen.chosen) == {setting.name: setting.default}
    case = next(case for case in cases_of(gate.name) if len(case.shapes[0]) == 2)
    xs = numbers(case)
    count = len(xs)
    numpy.testing.assert_array_equal(plain.of(count).forward(nd, *xs), chosen.of(count).forward(nd, *xs))
    with pytest.raises(ValueError, match=f"'{setting.name}' must be "):
        gate.choose({setting.name: "many"})


def test_settings_add_up() -> None:
    gate = GATES["sum"].choose({"axis": 0}).choose({"keepdims": True})
    assert dict(gate.chosen) == {"axis": 0, "keepdims": True}
    assert gate.label() == "sum₀"
    assert gate.shape is not None
    assert gate.shape((2, 3)) == (1, 3)


@pytest.mark.parametrize(("at", "legal"), [
    ((0, (1, None, None), ..., None), True), ((), True), ((True,), False), ((1.0,), False), (((0, 5, 0),), False),
    (((0, 5),), False), ((("a", None, None),), False), (0, False), ((slice(1),), False),
])  # fmt: skip
def test_an_index_is_whole_numbers_and_spans(at: object, legal: bool) -> None:
    (setting,) = GATES["index"].settings
    assert setting.legal(at) == legal


def test_a_gate_of_a_list_has_as_many_inputs_as_it_gets() -> None:
    assert GATES["stack"].of(3).arity == 3
    assert GATES["stack"].of(3) is GATES["stack"].of(3)
    assert GATES["add"].of(3) is GATES["add"]
    assert GATES["stack"].choose({"axis": 1}).of(2).chosen == {"axis": 1}


MADE_OF = [pytest.param(gate, n, id=f"{gate.name}-{n}") for gate in GATES.values() for n in range(len(gate.made_of))]
MADE = 1e-12  # a definition as it is written may lose a few digits to cancellation


@pytest.mark.parametrize(("gate", "number"), MADE_OF)
def test_a_definition_gives_the_same_numbers(gate: Gate, number: int) -> None:
    """Value and gradients of the program that a row says it is made of, on a number or on a vector."""
    graph = parse(gate.definition(number))
    case = next(case for case in cases_of(gate.name) if case.shapes[0] == (3,) and not case.settings)
    given = dict(zip(gate.input_names, numbers(case), strict=True))
    assert set(graph.input_names) == set(gate.input_names)
    made = evaluate(graph, given, seed=SEEDS[numpy.shape(evaluate(graph, given, jacobian=True).output)])
    builder = GraphBuilder("?")
    whole = builder.build(builder.gate(gate, tuple(map(builder.input, gate.input_names))))
    trace = evaluate(whole, given, seed=SEEDS[numpy.shape(made.output)])
    numpy.testing.assert_allclose(trace.output, made.output, rtol=MADE)
    for name in gate.input_names:
        numpy.testing.assert_allclose(trace.grads[name], made.grads[name], rtol=MADE, atol=MADE)


SEEDS: dict[tuple[int, ...], object] = {(): 0.7, (3,): [0.7, -1.1, 0.3]}


def test_the_settings_are_filled_into_a_definition() -> None:
    assert GATES["logsumexp"].choose({"axis": (0, 1), "keepdims": True}).definition() == \
        "log(sum(exp(x), axis=(0, 1), keepdims=True))"  # fmt: skip
    assert GATES["leaky_relu"].choose({"negative_slope": 0.2}).definition() == "where(x > 0, x, 0.2*x)"


def test_operators_of_one_strength_associate_alike() -> None:
    for binds in {gate.binds for gate in INFIX.values()}:
        assert len({gate.right for gate in INFIX.values() if gate.binds == binds}) == 1


@pytest.mark.parametrize(("name", "constants", "label"), [
    ("mul", {1: "-1"}, "*-1"), ("add", {0: "-1"}, "+(-1)"), ("sub", {0: "-1"}, "-1-x"), ("sub", {1: "-1"}, "-(-1)"),
    ("div", {0: "1"}, "1/x"), ("div", {1: "-2"}, "/-2"), ("pow", {0: "-2"}, "(-2)^x"), ("pow", {1: "-2"}, "^-2"),
    ("where", {2: "0"}, "where(x,x,0)"), ("clip", {1: "0", 2: "6"}, "clip(x,0,6)"), ("greater", {1: "0"}, ">0"),
    ("less", {0: "0"}, "0<x"), ("sum", {}, "sum"), ("matmul", None, "@"),
    ("max", {0: "-1"}, "max -1"), ("min", {0: "1", 1: "2"}, "min 1 2"), ("exp", {}, "exp"), ("exp", None, "exp"),
])  # fmt: skip
def test_the_label_shows_folded_constants(name: str, constants: dict[int, str] | None, label: str) -> None:
    assert GATES[name].label(constants) == label


def test_constants_are_the_nearest_floats() -> None:
    assert dict(CONSTANTS) == {"e": math.e, "pi": math.pi, "π": math.pi}
    assert list(CONSTANT_BASES.items()) == [(("pow", 0, math.e), "exp")]


# ieee ----------------------------------------------------------------------------------------------------------------

ONE_NAMES = ["exp", "expm1", "cosh", "sin", "cos", "tan", "tanh", "sqrt", "log", "log1p", "absolute", "sign"]
TWO_NAMES = ["divide", "power", "maximum", "minimum"]


def agrees(a: float, b: float) -> bool:
    """Equal up to the last digits, in which C libraries differ, or to the last one of a denormal number."""
    return same(a, b) or math.isclose(a, b, rel_tol=1e-14, abs_tol=1e-322)


@pytest.mark.parametrize("name", ONE_NAMES)
@settings(max_examples=200, deadline=None)
@given(x=FLOATS)
def test_functions_of_one_number_are_those_of_numpy(name: str, x: float) -> None:
    with numpy.errstate(all="ignore"):
        expected = float(getattr(numpy, name)(numpy.float64(x)))
    found = getattr(ieee, name)(x)
    assert agrees(found, expected)
    assert name == "sign" or found != 0 or math.copysign(1, found) == math.copysign(1, expected)


@pytest.mark.parametrize("name", TWO_NAMES)
@settings(max_examples=examples(300), deadline=None)
@given(a=FLOATS, b=FLOATS)
@example(a=-0.0, b=-1.0)
@example(a=-0.0, b=-2.0)
@example(a=-1e200, b=3.0)
@example(a=-1e200, b=2.0)
@example(a=-8.0, b=1 / 3)
@example(a=1.0, b=-0.0)
def test_functions_of_two_numbers_are_those_of_numpy(name: str, a: float, b: float) -> None:
    with numpy.errstate(all="ignore"):
        expected = float(getattr(numpy, name)(numpy.float64(a), numpy.float64(b)))
    found = getattr(ieee, name)(a, b)
    assert agrees(found, expected)
    if found == 0 and a != b:  # of two zeros IEEE-754 lets max and min give either
        assert math.copysign(1, found) == math.copysign(1, expected)


def test_disagreement_is_found() -> None:
    assert not agrees(1.0, 1.0 + 1e-13)
    assert not agrees(INF, NAN)
    assert not agrees(INF, -INF)
    assert agrees(NAN, NAN)


@given(FLOATS, FLOATS)
def test_where_takes_one_of_both(a: float, b: float) -> None:
    assert ieee.where(True, a, b) is a
    assert ieee.where(False, a, b) is b


@given(FLOATS)
def test_erfc_is_the_same_in_both_namespaces(x: float) -> None:
    assert same(ieee.erfc(x), float(nd.erfc(x)))
    assert same(ieee.each(math.atan, x), float(nd.each(math.atan, numpy.array([x]))[0]))
