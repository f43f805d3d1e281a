"""Programs: what is read how, what is drawn, and what an error says and where it points."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradviz.errors import ProgramError
from gradviz.gates import CONSTANTS, FUNCTIONS, GATES, INFIX, LIBRARIES, PREFIX, Gate
from gradviz.graph import Graph
from gradviz.language.parser import Further, parse
from gradviz.rewrite import fold
from tests.circuits import programs, soups
from tests.shares import examples


def polish(graph: Graph, node: int | None = None) -> str:
    """The expression of a node with every application in parentheses, operator first: `(+ a (* b c))`."""
    node = graph.output if node is None else node
    gate = graph.gates[node]
    if gate is None:
        return graph.label(node)
    constants = {k: c.text for k, c in enumerate(reversed(graph.folded), -len(graph.folded))}
    operands = [constants[k] if k < 0 else polish(graph, k) for k in graph.operands[node]]
    settings = "".join(f" {name}={value!r}" for name, value in gate.chosen.items())
    return f"({' '.join([gate.name, *operands])}{settings})"


def labels(program: str) -> list[str]:
    """What stands in the gates of the lecture's figure, in order of evaluation."""
    graph = fold(parse(program))
    return [graph.label(node) for node, gate in enumerate(graph.gates) if gate]


# what is read how ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "read"),
    [
        ("a + b*c", "(add a (mul b c))"),
        ("a - b - c", "(sub (sub a b) c)"),
        ("a - (b - c)", "(sub a (sub b c))"),
        ("a / b * c", "(mul (div a b) c)"),
        ("a ** b ** c", "(pow a (pow b c))"),
        ("a^b^c", "(pow a (pow b c))"),
        ("-a ** b", "(neg (pow a b))"),
        ("-2**2", "(neg (pow 2 2))"),
        ("(-2)**2", "(pow -2 2)"),
        ("a ** -b", "(pow a (neg b))"),
        ("2**-b*c", "(mul (pow 2 (neg b)) c)"),
        ("2**-b**c", "(pow 2 (neg (pow b c)))"),
        ("-a * b", "(mul (neg a) b)"),
        ("-a + b", "(add (neg a) b)"),
        ("a * -b", "(mul a (neg b))"),
        ("a - -b", "(sub a (neg b))"),
        ("--a", "(neg (neg a))"),
        ("--2", "2"),
        ("+a", "a"),
        ("a + +b", "(add a b)"),
        ("-2*x", "(mul -2 x)"),
        ("x - -2", "(sub x -2)"),
        ("-e", "-e"),
        ("h = 2; -h*x + h", "(add (mul (neg 2) x) 2)"),
        ("x²", "(pow x 2)"),
        ("-x²", "(neg (pow x 2))"),
        ("2**x²", "(pow 2 (pow x 2))"),
        ("x⁻¹", "(pow x -1)"),
        ("x¹⁰", "(pow x 10)"),
        ("(a+b)²", "(pow (add a b) 2)"),
        ("√x", "(sqrt x)"),
        ("√x²", "(pow (sqrt x) 2)"),
        ("√x**2", "(pow (sqrt x) 2)"),
        ("√(x²)", "(sqrt (pow x 2))"),
        ("√-x", "(sqrt (neg x))"),
        ("-√x", "(neg (sqrt x))"),
        ("√√x", "(sqrt (sqrt x))"),
        ("2·√x", "(mul 2 (sqrt x))"),
        ("a · b × c ÷ d − f", "(sub (div (mul (mul a b) c) d) f)"),
        ("−x", "(neg x)"),
        ("σ(x)", "(sigmoid x)"),
        ("σ * x", "(mul σ x)"),
        ("ln(x)", "(log x)"),
        ("maximum(a, b)", "(max a b)"),
        ("mul(a, add(b, c))", "(mul a (add b c))"),
        ("2*π", "(mul 2 π)"),
        ("e^x", "(pow e x)"),
        ("exp(\n  x\n)", "(exp x)"),
        ("(a\n+ b\n)", "(add a b)"),
        ("（ａ＋ｂ）＊ｃ", "(mul (add a b) c)"),
    ],
)
def test_an_expression_is_read_as(program: str, read: str) -> None:
    assert polish(parse(program)) == read


CALLED = [(word, gate) for word, gates in sorted(FUNCTIONS.items()) for gate in gates if gate.name != "index"]


@pytest.mark.parametrize(("word", "gate"), CALLED, ids=[f"{word} {gate.arity}" for word, gate in CALLED])
def test_every_function_of_the_table_is_called_by_name(word: str, gate: Gate) -> None:
    operands = ["a", "b", "c"][: gate.arity + gate.variadic]
    shape = "shape=2" if word in ("reshape", "broadcast_to") else ""
    read = f"({' '.join([gate.name, *operands])}{' ' * bool(shape)}{shape})"
    assert polish(parse(f"{word}({', '.join([*operands, shape][: len(operands) + bool(shape)])})")) == read


@pytest.mark.parametrize("mark", sorted(mark for mark, gate in INFIX.items() if not gate.binds))
def test_a_comparison_does_not_follow_another_one(mark: str) -> None:
    assert polish(parse(f"(a {mark} b) {mark} c")) == f"({INFIX[mark].name} ({INFIX[mark].name} a b) c)"
    with pytest.raises(ProgramError, match="write two comparisons one by one"):
        parse(f"a {mark} -b + c {mark} d")


@pytest.mark.parametrize("mark", sorted(mark for mark, gate in INFIX.items() if gate.binds))
def test_every_infix_operator_associates_as_its_row_says(mark: str) -> None:
    gate = INFIX[mark]
    left, right = f"({gate.name} ({gate.name} a b) c)", f"({gate.name} a ({gate.name} b c))"
    assert polish(parse(f"a {mark} b {mark} c")) == (right if gate.right else left)


@pytest.mark.parametrize("mark", sorted(PREFIX))
def test_every_prefix_operator_stands_before_its_operand(mark: str) -> None:
    assert polish(parse(f"{mark}a")) == f"({PREFIX[mark].name} a)"


INFIX_GATES = list(dict.fromkeys(INFIX.values()))


@pytest.mark.parametrize(
    ("tight", "loose"),
    [(tight, loose) for tight in INFIX_GATES for loose in INFIX_GATES if tight.binds > loose.binds],
    ids=lambda gate: gate.name,
)
def test_what_binds_tighter_is_applied_first(tight: Gate, loose: Gate) -> None:
    a, b = tight.operators[0], loose.operators[0]
    assert polish(parse(f"a {b} b {a} c")) == f"({loose.name} a ({tight.name} b c))"
    assert polish(parse(f"a {a} b {b} c")) == f"({loose.name} ({tight.name} a b) c)"


@pytest.mark.parametrize("name", [*keyword.kwlist, "N", "E", "S", "I", "beta", "gamma", "zeta", "Q", "σ", "sin"])
def test_a_name_is_a_plain_variable_whatever_it_means_elsewhere(name: str) -> None:
    graph = parse(f"{name} * 2")
    assert graph.input_names == (name,)


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_a_constant_gives_way_to_a_value_or_an_assignment(name: str) -> None:
    assert parse(f"{name} * x").input_names == ("x",)
    assert parse(f"{name} * x", [name]).input_names == (name, "x")
    assert parse(f"g = {name} * x\n{name} = 3\ng * {name}").input_names == (name, "x")


# the graph as written ------------------------------------------------------------------------------------------------


def test_the_neuron_has_exactly_the_eight_gates_of_cs231n() -> None:
    assert labels("1/(1+exp(-(w0*x0+w1*x1+w2)))") == ["*", "*", "+", "+", "*-1", "exp", "+1", "1/x"]


@pytest.mark.parametrize(
    ("program", "label"),
    [("x-1", "-1"), ("1-x", "1-x"), ("2*x", "*2"), ("x*2", "*2"), ("x/2", "/2"), ("1/x", "1/x"), ("x+1", "+1"),
     ("1+x", "+1"), ("max(0,x)", "max 0"), ("max(x,0)", "max 0"), ("e^x", "exp"), ("e**x", "exp"), ("x^2", "^2"),
     ("x²", "^2"), ("2^x", "2^x"), ("-x", "*-1"), ("x*-1", "*-1"), ("x - -2", "-(-2)"), ("x + -1", "+(-1)"),
     ("x^-1", "^-1"), ("(-2)^x", "(-2)^x"), ("-1/x", "-1/x"), ("x*pi", "*π"), ("x/1000", "/1000"),
     ("x/10000", "/10000"),
     ("x*123456", "*123456"),
     ("x*1_000_000", "*1e+06"), ("x*0.0001", "*0.0001"), ("x*3.14159", "*3.14159"),
     ("x*0.1e-4", "*1e-05"), ("x⁺²", "^2"), ("x*.5", "*0.5")],
)  # fmt: skip
def test_a_constant_stands_in_its_gate(program: str, label: str) -> None:
    assert labels(program) == [label]


def test_a_wire_used_twice_stays_two_wires() -> None:
    graph = parse("x*x")
    assert len(graph) == 2
    assert [tuple(wire) for wire in graph.wires] == [(0, 1, 0), (0, 1, 1)]


@pytest.mark.parametrize("program", ["x+x", "x-x", "x/x", "x+0", "x*1", "x*0", "(a+b)-b", "a+b+a"])
def test_nothing_is_simplified_merged_or_reordered(program: str) -> None:
    graph = parse(program)
    assert sum(gate is not None for gate in graph.gates) == sum(program.count(mark) for mark in "+-*/")


def test_inputs_come_first_in_order_of_use_then_all_else_in_order_of_evaluation() -> None:
    graph = parse("(b + 2*a) * (c - exp(a)/3)")
    assert [graph.label(node) for node in range(len(graph))] == \
        ["b", "a", "c", "2", "*", "+", "exp", "3", "/", "-", "*"]  # fmt: skip
    assert list(graph.inputs) == [0, 1, 2]
    assert graph.output == len(graph) - 1


@pytest.mark.parametrize(
    ("program", "inputs"),
    [("g = w*x\nb + g", "wxb"), ("b + w*x", "bwx"), ("x = a - x\ny = b\nc + x*y", "axcb"), ("g = b*a\na + b", "ab"),
     ("max(c, -b) ** exp(a)", "cba")],
)  # fmt: skip
def test_inputs_stand_in_order_of_first_use_in_what_is_drawn(program: str, inputs: str) -> None:
    assert "".join(parse(program).input_names) == inputs


def test_every_node_knows_its_place() -> None:
    graph = parse("g = w·x\n√g + 12.5")
    places = {graph.label(node): graph.program[slice(*graph.place(node))] for node in range(len(graph))}
    assert places == {"w": "w", "x": "x", "*": "·", "√": "√", "12.5": "12.5", "+": "+"}


# programs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program", ["g = w*x\nf = g + b", "g=w*x;f=g+b", "\n\ng = w*x # product\n;;\n f = g+b # sum\n\n"]
)
def test_assignments_are_separated_by_newlines_or_semicolons(program: str) -> None:
    graph = parse(program)
    assert polish(graph) == "(add (mul w x) b)"
    assert graph.names == ("w", "x", "b", "g", "f")
    assert graph.notes == ()


def test_a_name_assigned_again_means_the_newer_node() -> None:
    graph = parse("x = x + x\nx = x * x\nx - 1")
    assert polish(graph) == "(sub (mul (add x x) (add x x)) 1)"
    assert graph.input_names == ("x",)


def test_sixty_doublings_are_sixty_gates() -> None:
    graph = parse("x = x + x\n" * 60)
    assert sum(gate is not None for gate in graph.gates) == 60


def test_an_alias_is_the_same_node() -> None:
    graph = parse("y = x\nx*y")
    assert [tuple(wire) for wire in graph.wires] == [(0, 1, 0), (0, 1, 1)]
    assert graph.bindings == {"x": 0, "y": 0}


@pytest.mark.parametrize(
    ("program", "left_out"),
    [
        ("g = a*b\nx + y", "g"),
        ("g = a*b\nh = g + 1\nx + y", "g and h"),
        ("a + b\nx + y", "a line without a name"),
        ("a\nb\nx + y", "a line without a name"),
        ("g = a*b\ng = x\ng + 1", "an earlier g"),
        ("h = 2\nx + y", "h"),
    ],
)
def test_what_the_output_does_not_use_is_left_out_with_one_note(program: str, left_out: str) -> None:
    graph = parse(program)
    assert graph.notes == (f"left out, the output does not use it: {left_out}",)
    assert not {"a", "b"} & set(graph.input_names)


@pytest.mark.parametrize("program", ["y = x\nx + 1", "g = w*x\ng + 1", "x"])
def test_there_is_no_note_when_every_node_is_used(program: str) -> None:
    assert parse(program).notes == ()


def test_of_makes_another_node_the_output() -> None:
    graph = parse("g = w*x\nf = g + b", of="g")
    assert polish(graph) == "(mul w x)"
    assert parse("g = w*ｘ\nf = g + b", of="ｘ").input_names == ("x",)


def test_of_an_unknown_node_is_told_the_nearest() -> None:
    with pytest.raises(ProgramError, match=r"the program has no node 'lost'; did you mean 'loss'\?"):
        parse("loss = w*x\nloss + b", of="lost")


def test_further_functions_are_asked_for_by_name_and_number_of_inputs() -> None:
    further = Further(lambda: ["hypot"], lambda name, count: GATES["max"] if (name, count) == ("hypot", 2) else None)
    assert polish(parse("hypot(a, b) + exp(c)", further=further)) == "(add (max a b) (exp c))"
    with pytest.raises(ProgramError, match=r"unknown function 'expp'; did you mean 'exp'\?"):
        parse("expp(a)", further=further)
    with pytest.raises(ProgramError, match=r"unknown function 'hypto'; did you mean 'hypot'\?"):
        parse("hypto(a)", further=further)
    with pytest.raises(ProgramError, match=r"'hypot' does not take 1 input\n  hypot\(a\)"):
        parse("hypot(a)", further=further)


# errors --------------------------------------------------------------------------------------------------------------

ERRORS = [
    ("", "the program is empty", ""),
    ("# nothing\n;;", "the program is empty", ""),
    ("1/(1+exq(-x))", "unknown function 'exq'; did you mean 'exp'?", "exq"),
    ("a = 1\nb = siin(a)", "unknown function 'siin'; did you mean 'sin'?", "siin"),
    ("x = 2; x(3)", "unknown function 'x'; for a product write x*(...)", "x"),
    ("import(x)", "unknown function 'import'", "import"),
    ("2 x", "'2' and 'x' without an operator between them; for a product write 2*x", "2 x"),
    ("2x", "'2' and 'x' without an operator between them; for a product write 2*x", "2x"),
    ("w x", "'w' and 'x' without an operator between them; for a product write w*x", "w x"),
    ("(a)(b)", "')' and '(' without an operator between them; a product needs its '*'", ")("),
    ("2√x", "'2' and '√' without an operator between them; a product needs its '*'", "2√"),
    ("2(x)", "'2' and '(' without an operator between them; a product needs its '*'", "2("),
    ("(a\n\nb)", "'a' and 'b' without an operator between them; for a product write a*b", "a\n\nb"),
    ("(a + b", "this '(' is never closed", "("),
    ("exp(a; b", "this '(' is never closed", "exp"),
    ("a + b)", "this ')' closes nothing", ")"),
    ("()", "')' where a name or a number should stand", ")"),
    ("a + * b", "'*' where a name or a number should stand", "*"),
    ("a = = b", "'=' where a name or a number should stand", "="),
    ("²", "'2' where a name or a number should stand", "²"),
    ("a +", "the expression ends where a name or a number should follow", "+"),
    ("x =   # nothing\ny", "the expression ends where a name or a number should follow", "="),
    ("(a +\n\n", "the expression ends where a name or a number should follow", "+"),
    ("f(2) = x", "a parameter is a plain name, not '2'", "2"),
    ("exp(x) = 2", "unexpected '='", "="),
    ("exp()", "'exp' takes 1 input, not 0", "exp"),
    ("exp(a, b)", "'exp' takes 1 input, not 2", "exp"),
    ("max(a, b, c)", "'max' takes 2 inputs, not 3", "max"),
    ("power(a,)", "'power' takes 2 inputs, not 1", "power"),
    ("exp(,)", "',' where a name or a number should stand", ","),
    ("exp(a,,)", "',' where a name or a number should stand", ","),
    ("(a, b)", "a ',' outside the parentheses of a function", ","),
    ("a, b", "a ',' outside the parentheses of a function", ","),
    ("a.b + 1", "a name has no dot: 'a.b'", "a.b"),
    ("a.b = 1", "a name has no dot: 'a.b'", "a.b"),
    ("np.expp(x)", "unknown function 'np.expp'; did you mean 'np.exp'?", "np.expp"),
    ("1e999", "this number is too large for a float64", "1e999"),
    ("x⁹" + "⁹" * 400, "this number is too large for a float64", "⁹" * 401),
    ("a & b", "unexpected character '&'", "&"),
    ("'a'", "unexpected character '''", "'"),
    ("x½", "'x½' is not a name", "x½"),
]


@pytest.mark.parametrize(("program", "problem", "at"), ERRORS, ids=[repr(program)[:40] for program, _, _ in ERRORS])
def test_an_error_says_the_problem_and_points_to_its_place(program: str, problem: str, at: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(program)
    error = caught.value
    assert error.problem == problem
    assert (error.program[slice(*error.place)] if error.place else "") == at


def test_an_error_in_a_program_of_many_lines_names_the_line() -> None:
    with pytest.raises(ProgramError) as caught:
        parse("g = w*x\r\nf = g + exq(b)\r\nf")
    assert str(caught.value).splitlines()[1:] == ["  line 2: f = g + exq(b)", "                  ^^^"]


# any text ------------------------------------------------------------------------------------------------------------


def parsed_or_refused(program: str) -> Graph | None:
    """The graph, or None for a program that is refused as it should be: with a place inside the text."""
    try:
        return fold(parse(program))
    except ProgramError as error:
        refusal = error
    if refusal.place is not None:
        start, end = refusal.place
        assert 0 <= start < end <= len(refusal.program)
    return None


@settings(max_examples=examples(1000), deadline=None)
@given(st.text())
@example("1__0")
@example("(\n\n")
@example("\udc80")
@example("﷼ﷺ")
def test_any_text_is_parsed_or_refused(program: str) -> None:
    parsed_or_refused(program)


SOUP = st.lists(
    st.sampled_from([
        *INFIX, *PREFIX, *FUNCTIONS, "exp(", "max(", "(", "(", ")", ")", ",", "=", ";", "\n", "#", " ", "x", "x", "y",
        "e", "pi", "2", "1.5", "1_0", "1e5", "²", "⁻¹", "x =", "y = ", "w.x", "½", "（", "＝", "$",
    ]),
    max_size=25,
).map("".join)  # fmt: skip


@settings(max_examples=examples(1000), deadline=None)
@given(SOUP | soups)
def test_any_soup_of_tokens_is_parsed_or_refused(program: str) -> None:
    parsed_or_refused(program)


@settings(max_examples=examples(300), deadline=None)
@given(programs, st.integers(0), st.sampled_from([*"()+*=;,²2x$\n", ""]))
def test_a_program_with_one_slip_is_parsed_or_refused(program: str, at: int, slip: str) -> None:
    at %= len(program)
    parsed_or_refused(program[:at] + slip + program[at + 1 :])


@settings(max_examples=examples(300), deadline=None)
@given(programs)
def test_operands_come_before_their_gates_and_all_reach_the_output(program: str) -> None:
    for graph in (parse(program), fold(parse(program))):
        assert all(wire.source < wire.target for wire in graph.wires)
        reached = {wire.source for wire in graph.wires} | {graph.output}
        assert reached == set(range(len(graph)))
        assert [graph.gates[i] is None and i not in graph.constants for i in range(len(graph))] == \
            [i in graph.inputs for i in range(len(graph))]  # fmt: skip


# sizes ---------------------------------------------------------------------------------------------------------------

DEEP = 100_000
LONG = 20_000  # twenty times Python's limit of recursion; a step that is quadratic takes a minute


@pytest.mark.parametrize(
    "program",
    [
        "(" * DEEP + "x" + ")" * DEEP,
        "+".join(["x"] * DEEP),
        "exp(" * LONG + "x" + ")" * LONG,
        "-" * LONG + "x",
        "√" * LONG + "x",
        "x" + "^2" * LONG,
        "x = x + 1\n" * LONG,
        "(" + "x^\n" * LONG + "x)",
        "[exp(" * LONG + "x" + ")]" * LONG,
        "x" + "[0].T.sum()" * LONG,
        "np.exp(" * LONG + "x" + ")" * LONG,
        "stack([x, " * LONG + "x" + "])" * LONG,
        f"[{'[1, 2, 3, x], ' * LONG}]",
        f"[{'[1, 2, 3], ' * DEEP}]",
        "x += 1\n" * LONG,
        "import a\n" * LONG + "x",
        f"sum(x, axis={'(' * LONG}0{')' * LONG})",
    ],
    ids=[
        "parentheses",
        "sum",
        "calls",
        "signs",
        "roots",
        "powers",
        "lines",
        "lines in a parenthesis",
        "arrays",
        "indices",
        "library",
        "stacks",
        "rows",
        "numbers",
        "augmented",
        "imports",
        "settings",
    ],
)
def test_there_is_no_limit_of_depth_or_length(program: str) -> None:
    assert len(parse(program)) <= 5 * LONG + 2 * DEEP


@pytest.mark.parametrize(
    "program",
    ["(" * LONG, "x" + ")" * LONG, "exp(" * LONG + ")", "x " * LONG, "-" * LONG,
     "[" * LONG + "1" + "]" * LONG, "[" * LONG + "x" + "]" * LONG, "sum(x, " + "(" * LONG, "np" + ".b" * LONG + "(x)",
     "a" + ".b" * LONG, "x[" + "-" * LONG],
)  # fmt: skip
def test_a_large_mistake_is_refused_as_a_small_one(program: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(program)
    assert len(str(caught.value)) < 300


# the documentation ---------------------------------------------------------------------------------------------------


def documented(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/language.md, a list of the code words of each cell."""
    text = (Path(__file__).parents[1] / "docs" / "language.md").read_text("utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[" ".join(re.findall(r"`([^`]+)`", cell)) or cell.strip() for cell in row] for row in rows[2:]]


def side(gate: Gate) -> str:
    return "prefix" if gate.arity == 1 else "none" if not gate.binds else "right" if gate.right else "left"


def test_the_documentation_lists_the_operators_of_the_table() -> None:
    rows = [
        [" ".join(gate.operators), str(gate.binds), side(gate), name] for name, gate in GATES.items() if gate.operators
    ]
    assert [row[:4] for row in documented("Operators")] == sorted(rows, key=lambda row: row[1])


def takes(gate: Gate) -> str:
    return "list" if gate.variadic else " ".join(gate.inputs) or str(gate.arity)


NAMED = [gate for gate in GATES.values() if gate.name != "index"]


def test_the_documentation_lists_the_functions_of_the_table() -> None:
    settings = [" ".join(setting.name for setting in gate.settings) for gate in NAMED]
    rows = [[" ".join([gate.name, *gate.aliases]), takes(gate)] for gate in NAMED]
    assert [row[:3] for row in documented("Functions")] == [[*row, s] for row, s in zip(rows, settings, strict=True)]


def test_the_documentation_lists_the_settings_of_the_table() -> None:
    aliases: dict[str, dict[str, None]] = {}
    for setting in (setting for gate in NAMED for setting in gate.settings):
        aliases.setdefault(setting.name, {}).update(dict.fromkeys(setting.aliases))
    assert documented("Settings") == [[name, " ".join(also)] for name, also in aliases.items()]


def test_the_documentation_lists_the_names_in_libraries_of_the_table() -> None:
    rows = [row for row in documented("Names in libraries") if row[0] in {*GATES, *LIBRARIES}]
    modules = [[first, " ".join(also[1:])] for first, also in LIBRARIES.items()]
    assert rows == modules + [[gate.name, gate.spelled] for gate in GATES.values() if gate.spelled]


@pytest.mark.parametrize(("text", "read"), [tuple(row[:2]) for row in documented("What is read how")])
def test_the_documentation_says_how_a_text_is_read(text: str, read: str) -> None:
    assert polish(parse(text)) == polish(parse(read))
