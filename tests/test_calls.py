"""Calls, methods, indices and arrays: what is read how, in the language's own words and in those of libraries."""

from __future__ import annotations

import pytest

from gradviz.errors import ProgramError
from gradviz.gates import GATES, Gate, library, methods
from gradviz.language.calls import WRAPPERS
from gradviz.language.parser import parse
from tests.test_parser import polish
from tests.test_unparse import structure

# pasted lines --------------------------------------------------------------------------------------------------------

HYPOTHESIS = {
    "ours": "hypothesis = sigmoid(L2 @ W2 + b2)",
    "tensorflow": "import tensorflow as tf\nhypothesis = tf.sigmoid(tf.matmul(L2, W2) + b2)",
    "tf.math": "hypothesis = tf.math.sigmoid(tf.linalg.matmul(L2, W2) + b2)",
    "torch": "import torch\nhypothesis = torch.sigmoid(torch.matmul(L2, W2) + b2)",
    "F": "import torch.nn.functional as F\nhypothesis = F.sigmoid(L2.matmul(W2) + b2)",
    "nn": "from torch import (\n    nn,\n)\nhypothesis = nn.functional.sigmoid(L2 @ W2 + b2)",
    "jax": "import jax\nimport jax.numpy as jnp\nhypothesis = jax.nn.sigmoid(jnp.dot(L2, W2) + b2)",
    "methods": "hypothesis = (L2.dot(W2) \\\n  + b2).sigmoid()",
}
COST = {
    "ours": "cost = -mean(Y*log(h) + (1-Y)*log(1-h))",
    "tensorflow": "cost = -tf.reduce_mean(Y*tf.log(h) + (1-Y)*tf.log(1-h))",
    "tf.math": "cost = -tf.math.reduce_mean(Y*tf.math.log(h) + (1-Y)*tf.math.log(1-h))",
    "numpy": "import numpy as np; cost = -np.mean(Y*np.log(h) + (1-Y)*np.log(1-h))",
    "torch": "cost = -torch.mean(Y*torch.log(h) + (1-Y)*torch.log(1-h))",
    "jax": "cost = -jnp.mean(Y*jnp.log(h) + (1-Y)*jnp.log(1-h))",
    "methods": "cost = -(Y*h.log() + (1-Y)*(1-h).log()).mean()",
    "lines": "cost = -tf.reduce_mean(\n    Y*tf.log(h)\n    + (1-Y)*tf.log(1-h),\n)",
}


@pytest.mark.parametrize("spelling", HYPOTHESIS)
def test_the_hypothesis_of_the_lecture_is_one_graph_in_every_spelling(spelling: str) -> None:
    graph = parse(HYPOTHESIS[spelling])
    assert polish(graph) == "(sigmoid (add (matmul L2 W2) b2))"
    assert structure(graph) == structure(parse(HYPOTHESIS["ours"]))


@pytest.mark.parametrize("spelling", COST)
def test_the_cost_of_the_lecture_is_one_graph_in_every_spelling(spelling: str) -> None:
    assert structure(parse(COST[spelling])) == structure(parse(COST["ours"]))
    assert structure(parse(COST[spelling])) != structure(parse(COST["ours"].replace("-mean", "-sum")))


def operands(gate: Gate) -> str:
    names = ["a", "b", "c"][: gate.arity]
    return f"[{', '.join([*names, 'd'])}]" if gate.variadic else ", ".join(names)


def shape(name: str) -> str:
    return ", (2, 3)" if name.endswith(("reshape", "view", "broadcast_to", "expand")) else ""


BY_KEYWORD = {"torch.clamp": ("max", "min"), "torch.clip": ("max", "min")}  # x.clamp(min=0), x.clamp(max=1)


@pytest.mark.parametrize("name", library())
def test_every_name_in_a_library_is_its_gate(name: str) -> None:
    for gate in library()[name]:
        last = f"a, {gate.inputs[-1]}=b" if gate.name in BY_KEYWORD.get(name, ()) else operands(gate)
        graph = parse(f"{name}({last}{shape(name)})")
        found = graph.gates[graph.output]
        assert found is not None
        assert found.name == gate.name


@pytest.mark.parametrize("name", methods())
def test_every_method_is_its_gate(name: str) -> None:
    for gate in [gate for gate in methods()[name] if gate.name != "index"]:
        others = ["b", "c"][: gate.arity + gate.variadic - 1]
        if gate.name in BY_KEYWORD.get(f"torch.{name}", ()):
            others = [f"{gate.inputs[-1]}=b"]
        graph = parse(f"(a).{name}({', '.join(others)}{shape(name)[2 * (not others) :]})")
        found = graph.gates[graph.output]
        assert found is not None
        assert found.name == gate.name


@pytest.mark.parametrize("name", sorted(WRAPPERS))
def test_what_makes_an_array_of_a_literal_is_not_drawn(name: str) -> None:
    assert polish(parse(f"{name}([1, 2], dtype=np.float32)")) == "[1, 2]"
    assert polish(parse(f"{name}(x + 1)")) == "(add x 1)"


# what is read how ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "read"),
    [
        ("x.T", "(transpose x)"),
        ("(a+b).T", "(transpose (add a b))"),
        ("x.mT", "(swapaxes x axis=-2 other=-1)"),
        ("-x.T**2", "(neg (pow (transpose x) 2))"),
        ("√x[0]²", "(pow (sqrt (index x at=(0,))) 2)"),
        ("x[-1]", "(index x at=(-1,))"),
        ("x[:, 1:3]", "(index x at=((None, None, None), (1, 3, None)))"),
        ("x[::-1,]", "(index x at=((None, None, -1),))"),
        ("x[..., None]", "(index x at=(Ellipsis, None))"),
        ("x[np.newaxis, newaxis]", "(index x at=(None, None))"),
        ("x[\n0,\n1:\n2]", "(index x at=(0, (1, 2, None)))"),
        ("exp(x).mean()[0].sum(0, True)", "(sum (index (mean (exp x)) at=(0,)) axis=0 keepdims=True)"),
        ("x.sum(axis=0)", "(sum x axis=0)"),
        ("x.sum(0)", "(sum x axis=0)"),
        ("x.sum(dim=(0, 1), keepdim=True)", "(sum x axis=(0, 1) keepdims=True)"),
        ("tf.reduce_mean(x, reduction_indices=[1])", "(mean x axis=(1,))"),
        ("sum(x, axis=None)", "(sum x axis=None)"),
        ("sum(x, axis=(1))", "(sum x axis=1)"),
        ("F.softmax(z, 1)", "(softmax z axis=1)"),
        ("F.leaky_relu(x, 0.2)", "(leaky_relu x negative_slope=0.2)"),
        ("x.reshape(2, 3)", "(reshape x shape=(2, 3))"),
        ("x.reshape((2,3))", "(reshape x shape=(2, 3))"),
        ("x.view(-1)", "(reshape x shape=-1)"),
        ("tf.reshape(x, [-1, 4])", "(reshape x shape=(-1, 4))"),
        ("x.flatten() + ravel(y)", "(add (flatten x) (flatten y))"),
        ("np.transpose(x, (1, 0))", "(transpose x axes=(1, 0))"),
        ("x.transpose(1, 0)", "(transpose x axes=(1, 0))"),
        ("torch.transpose(x, 0, 1)", "(swapaxes x axis=0 other=1)"),
        ("F.cross_entropy(target=y, input=z)", "(cross_entropy z y)"),
        ("np.clip(x, min=0, max=1)", "(clip x 0 1)"),
        ("where(x > 0, y=2, x=1)", "(where (greater x 0) 1 2)"),
        ("exp(x=2)", "(exp 2)"),
        ("max(a, b)", "(max a b)"),
        ("max(a, 0)", "(max a 0)"),
        ("max(x)", "(amax x)"),
        ("max(x, axis=0)", "(amax x axis=0)"),
        ("np.max(x, 0)", "(amax x axis=0)"),
        ("torch.max(x, 0)", "(amax x axis=0)"),
        ("torch.max(a, b)", "(max a b)"),
        ("torch.max(a, 0 + b)", "(max a (add 0 b))"),
        ("x.max(axis=1)", "(amax x axis=1)"),
        ("np.concatenate([a, b], axis=1)", "(concatenate a b axis=1)"),
        ("torch.cat((a, b), dim=1)", "(concatenate a b axis=1)"),
        ("tf.concat([a, b,], -1,)", "(concatenate a b axis=-1)"),
        ("concatenate(a, b, axis=1)", "(concatenate a b axis=1)"),
        ("concatenate([1, 2], [3, 4])", "(concatenate [1, 2] [3, 4])"),
        ("concatenate([a, 2] * 3, [3, 4])", "(concatenate (mul (stack a 2) 3) [3, 4])"),
        ("stack([a])", "(stack a)"),
        ("stack((a + b, (c)))", "(stack (add a b) c)"),
        ("np.pi * math.e", "(mul π e)"),
        ("torch.tensor([1.], requires_grad=True) + tf.constant(3., tf.float32)", "(add [1] 3)"),
        ("array([[1, 2], [3, 4]]).T", "(transpose [[1, 2], [3, 4]])"),
        ("[]", "[]"),
        ("[1, -2.50, +.5,]", "[1, -2.5, 0.5]"),
        ("[[1, −2],\n [3, 4]] @ x", "(matmul [[1, -2], [3, 4]] x)"),
        ("[a, 1+2]", "(stack a (add 1 2))"),
        ("[[1, 2], [a, 3]]", "(stack [1, 2] (stack a 3))"),
        ("-[1, 2]", "(neg [1, 2])"),
        ("[x, y][0]", "(index (stack x y) at=(0,))"),
        ("a + b > c*d", "(greater (add a b) (mul c d))"),
        ("x * (x > 0)", "(mul x (greater x 0))"),
        ("(x\n .T\n .sum())", "(sum (transpose x))"),
        ("True + None", "(add True None)"),
        ("np + tf.T", "(add np (transpose tf))"),
    ],
)
def test_a_program_with_arrays_is_read_as(program: str, read: str) -> None:
    assert polish(parse(program)) == read


def test_an_array_of_numbers_is_one_constant() -> None:
    graph = parse("[[1, -2], [3, 4.5]]")
    assert list(graph.constants.values()) == [(((1.0, -2.0), (3.0, 4.5)), "[[1, -2], [3, 4.5]]")]
    assert graph.place(0) == (0, 19)


def test_a_value_with_the_name_of_a_library_has_methods() -> None:
    assert polish(parse("F.sum()", ["F"])) == "(sum F)"
    assert polish(parse("nn = a*b; nn.sum()")) == "(sum (mul a b))"
    with pytest.raises(ProgramError, match=r"unknown function 'F.sum'"):
        parse("F.sum()")


def test_the_same_settings_are_the_same_gate() -> None:
    graph = parse("sum(x, axis=0) + sum(y, axis=0) + x.sum(0)")
    assert len({id(gate) for gate in graph.gates if gate and gate.name == "sum"}) == 1
    assert GATES["sum"] not in graph.gates


# errors --------------------------------------------------------------------------------------------------------------

INDEX = "an index is constant: whole numbers, slices such as 1:3, '...' and None"
SETTING = "a setting is a number, True, False, None, or a tuple of them"
ERRORS = [
    ("x[i]", INDEX, "i"),
    ("x[1.5]", INDEX, "1.5"),
    ("x[0+1]", INDEX, "+"),
    ("x[]", INDEX, "]"),
    ("x[1:2:0]", "the step of a slice is not 0", "1:2:0"),
    ("x[..., ...]", "an index has one '...' at most", "..."),
    ("x[0", "this '[' is never closed", "["),
    ("x[10000000000000000]", "this whole number is too large here", "10000000000000000"),
    ("a < b <= c", "write two comparisons one by one: (a < b) * (b <= c)", "<="),
    ("[[1, 2], [3]]", "this entry has the shape (1,), those before it have the shape (2,)", "["),
    ("[1, [2]]", "this entry has the shape (1,), those before it have no axis", "["),
    ("[1, 2; 3, 4]", "this '[' is never closed", "["),
    ("[1 2]", "'1' and '2' without an operator between them; for a product write 1*2", "1 2"),
    ("[1, 2)", "this ')' cannot close the '[' before it", ")"),
    ("x = a*b; x.shape", "the attribute '.shape' is not understood", ".shape"),
    ("(a*b).sum", "the attribute '.sum' is not understood; write .sum()", ".sum"),
    ("(a*b).summ()", "unknown method '.summ'; did you mean '.sum'?", ".summ"),
    ("self.W @ x", "a name has no dot: 'self.W'", "self.W"),
    ("x.sum + 1", "a name has no dot: 'x.sum'; write x.sum()", "x.sum"),
    ("model.fc(x)", "'model.fc' is neither a function of a library nor a method of an array", "model.fc"),
    (
        "x.summ()",
        "'x.summ' is neither a function of a library nor a method of an array; did you mean '.sum'?",
        "x.summ",
    ),
    ("np.expp(x)", "unknown function 'np.expp'; did you mean 'np.exp'?", "np.expp"),
    ("np.zeros(3)", "unknown function 'np.zeros'", "np.zeros"),
    ("np.sigmoid(x)", "unknown function 'np.sigmoid'; did you mean 'nn.sigmoid'?", "np.sigmoid"),
    ("index(x, 0)", "unknown function 'index'", "index"),
    ("sum(x, axis=1.5)", "'axis' must be a whole number, several, or None", "1.5"),
    ("sum(x, axis=a)", SETTING, "a"),
    ("sum(x, axis=1 + 1)", SETTING, "+"),
    ("sum(x, y)", f"after its input 'sum' takes settings (axis and keepdims); {SETTING}", "y"),
    ("sum(x, foo=1)", "'sum' has no argument 'foo'", "foo"),
    ("sum(x, axs=1)", "'sum' has no argument 'axs'; did you mean 'axis'?", "axs"),
    ("sum(x, 0, axis=1)", "'axis' is given twice", "1"),
    ("sum(x, 0, True, 3)", "'sum' has only the settings axis and keepdims", "0, True, 3"),
    ("sum(axis=0)", "'sum' takes 1 input, not 0", "sum"),
    ("sum(axis=0, x)", "an argument without a name after one with a name", "x"),
    ("clip(x, 0, x=1)", "'x' is given twice", "x"),
    ("exp(x=)", "')' where a name or a number should stand", ")"),
    ("max(a, b, axis=0)", "'max' of 2 inputs has no argument 'axis'", "max"),
    ("x.reshape()", "'.reshape' needs its shape: a whole number or several, one of them perhaps -1", ".reshape"),
    ("x.flatten(1)", "'.flatten' takes 1 input, not 2", ".flatten"),
    (
        "norm(x, 1)",
        "in libraries the second argument of a norm is its order, which is 2 here; write axis=... if that is meant",
        "1",
    ),
    ("stack(a)", "'stack' takes a list: stack([a, b])", "stack"),
    ("concatenate([])", "'concatenate' takes a list: concatenate([a, b])", "concatenate"),
    ("stack((a, b), c)", "a tuple is no array; write [a, b]", "(a, b)"),
    ("sum((a, b))", "a ',' outside the parentheses of a function", ","),
]


@pytest.mark.parametrize(("program", "problem", "at"), ERRORS, ids=[program for program, _, _ in ERRORS])
def test_an_error_says_the_problem_and_points_to_its_place(program: str, problem: str, at: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(program)
    error = caught.value
    assert error.place is not None
    assert (error.problem, error.program[slice(*error.place)]) == (problem, at)
