"""The Python front: parse, evaluate, draw, Figure."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

import gradviz
from gradviz.api import OF_PARSE


def test_the_example_of_the_contract() -> None:
    graph = gradviz.parse("g = w*x\nf = g + b")
    trace = gradviz.evaluate(graph, {"w": -2, "x": 5, "b": 3})
    assert (trace.values["g"], trace.grads["w"], trace.output) == (-10.0, 5.0, -7.0)


def test_public_names_are_what_they_say() -> None:
    for name in gradviz.__all__:
        assert getattr(gradviz, name) is not None
    assert callable(gradviz.draw)
    with pytest.raises(AttributeError, match="no attribute 'drow'"):
        gradviz.drow  # noqa: B018


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "gv", "json", "txt"])
def test_a_figure_saves_itself_by_the_suffix(tmp_path: Path, suffix: str) -> None:
    figure = gradviz.draw("w*x + b", {"w": -2, "x": 5, "b": 3}, theme="cs231n")
    path = tmp_path / f"f.{suffix}"
    figure.save(path)
    assert path.stat().st_size > 0
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_format_may_be_given_beside_any_suffix(tmp_path: Path) -> None:
    gradviz.draw("x", {"x": 1}).save(tmp_path / "figure.xml", format="svg")
    assert (tmp_path / "figure.xml").read_text().startswith("<svg ")


def test_a_path_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    figure = gradviz.draw("x", {"x": 1})
    (tmp_path / "file").write_text("kept")
    for path in (tmp_path / "no" / "such" / "f.svg", tmp_path / "file" / "f.svg", tmp_path / ("n" * 300 + ".svg")):
        with pytest.raises(gradviz.GradvizError, match="cannot write"):
            figure.save(path)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_figure_shows_itself_in_a_notebook() -> None:
    bundle = gradviz.draw("w*x", {"w": 1, "x": 2})._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg ")
    assert bundle["text/plain"].startswith("node")


def test_draw_takes_a_graph() -> None:
    graph = gradviz.parse("w*x")
    assert gradviz.draw(graph, {"w": 1, "x": 2}).svg == gradviz.draw("w*x", {"w": 1, "x": 2}).svg


def test_constants_stay_nodes_when_they_are_not_folded() -> None:
    assert len(gradviz.parse("1/x")) == 2
    assert len(gradviz.parse("1/x", fold=False)) == 3


def test_another_node_can_be_the_output() -> None:
    figure = gradviz.draw("g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3}, of="g")
    assert figure.trace is not None
    assert figure.trace.output == -10
    assert figure.notes == ()


def test_notes_tell_what_was_left_out_and_where_a_nan_arises() -> None:
    figure = gradviz.draw("a = 2*x\nlog(x)", {"x": 0})
    assert figure.notes == ("left out, the output does not use it: a", "gate 'log' gives -inf at 0")


def test_strict_makes_an_infinity_an_error() -> None:
    with pytest.raises(gradviz.GradvizError, match="gate 'log' gives -inf at 0"):
        gradviz.draw("log(x)", {"x": 0}, strict=True)


def test_e_is_a_constant_unless_it_has_a_value() -> None:
    assert gradviz.draw("e*x", {"x": 1}).graph.input_names == ("x",)
    assert gradviz.draw("e*x", {"x": 1, "e": 2}).graph.input_names == ("e", "x")


def test_a_scalar_figure_imports_neither_sympy_numpy_nor_rich() -> None:
    code = "import sys, gradviz; gradviz.draw('w*x', {'w': 1, 'x': 2}).svg;"
    code += "print(sorted({'sympy', 'numpy', 'rich'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_link_is_followed_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    figure = gradviz.draw("x", {"x": 1})
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    figure.save(tmp_path / "link.svg")
    assert (tmp_path / "link.svg").is_symlink()
    assert (tmp_path / "real.svg").read_text().startswith("<svg ")
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE) as reader:
        figure.save(tmp_path / "pipe", "svg")
        assert reader.stdout is not None
        assert reader.stdout.read() == figure.render("svg")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("digits", [-1, 18])
def test_digits_out_of_range_are_an_error(digits: int) -> None:
    with pytest.raises(gradviz.GradvizError, match=f"from 0 to 17, not {digits}"):
        gradviz.draw("x", {"x": 1}, digits=digits)


def test_options_of_a_program_are_refused_for_a_graph() -> None:
    graph = gradviz.parse("g = w*x\nf = g + b")
    with pytest.raises(gradviz.GradvizError, match="this one is a graph already"):
        gradviz.draw(graph, {"w": 1, "x": 2, "b": 3}, of="g")


@pytest.mark.parametrize(
    "options",
    [{"of": "f"}, {"fold": False}, {"transform": "factor"}, {"expand": "all"}, {"collapse": True}, {"frame": True}],
)
def test_every_option_of_a_program_is_one_that_a_graph_refuses(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(gradviz.GradvizError, match=f"^'{name}' is for a program; this one is a graph already$"):
        gradviz.draw(gradviz.parse("f = w*x"), {"w": 1, "x": 2}, **options)
    assert name in OF_PARSE


def test_draw_has_every_option_of_parse_with_its_default() -> None:
    known = inspect.signature(gradviz.draw).parameters
    assert {name: known[name].default for name in OF_PARSE} == dict(OF_PARSE)


@pytest.mark.parametrize("values", [{"W": [[1, 2], [3, 4]], "x": [1, -1]}, {"W": ((1, 2), (3, 4)), "x": (1, -1)},
                                    {"W": numpy.array([[1, 2], [3, 4]]), "x": numpy.array([1.0, -1.0])}])  # fmt: skip
def test_values_are_nested_lists_or_arrays(values: dict[str, Any]) -> None:
    trace = gradviz.draw("sum(W @ x)", values).trace
    assert trace is not None
    assert (trace.output, trace.grads["x"].tolist()) == (-2.0, [4.0, 6.0])


def test_an_array_as_the_output_needs_a_seed_or_the_jacobian() -> None:
    values = {"x": [1, 2]}
    with pytest.raises(gradviz.GradvizError, match="the output is an array"):
        gradviz.draw("3*x", values)
    seeded, full = gradviz.draw("3*x", values, seed=[1, 0]).trace, gradviz.draw("3*x", values, jacobian=True).trace
    assert seeded is not None
    assert full is not None
    assert seeded.grads["x"].tolist() == [3.0, 0.0]
    assert full.grads["x"].tolist() == [[3.0, 0.0], [0.0, 3.0]]


def test_a_seed_and_the_jacobian_exclude_each_other_whatever_the_output() -> None:
    for value in (2, [1, 2]):
        with pytest.raises(gradviz.GradvizError, match="'seed' and 'jacobian' exclude each other"):
            gradviz.draw("3*x", {"x": value}, seed=value, jacobian=True)


def labels(program: str, **options: Any) -> list[str]:
    graph = gradviz.parse(program, **options)
    return [graph.label(node) for node in range(len(graph))]


SIGMA = "1/(1 + exp(-x))"
STEPS = ["x", "*-1", "exp", "+1", "1/x"]


@pytest.mark.parametrize(
    ("program", "options", "drawn", "framed"),
    [
        ("sigmoid(x)", {"expand": ["sigmoid"]}, STEPS, 0),
        ("sigmoid(x)", {"expand": "tanh, sigmoid"}, STEPS, 0),
        ("sigmoid(x)", {"expand": "all", "frame": True}, STEPS, 1),
        ("sigmoid(x)", {"expand": "tanh"}, ["x", "σ"], 0),
        ("sigmoid(x)", {"expand": ""}, ["x", "σ"], 0),
        (SIGMA, {"collapse": True}, ["x", "σ"], 0),
        (SIGMA, {"frame": True}, STEPS, 1),
        (SIGMA, {"frame": True, "collapse": True}, STEPS, 1),
        (SIGMA, {"frame": True, "collapse": True, "expand": "all"}, STEPS, 1),
        (SIGMA, {"collapse": True, "fold": False}, ["x", "σ"], 0),
    ],
)
def test_gates_are_closed_then_opened_then_folded(
    program: str, options: dict[str, Any], drawn: list[str], framed: int
) -> None:
    assert labels(program, **options) == drawn
    assert len(gradviz.parse(program, **options).groups) == framed
    found = gradviz.draw(program, {"x": 0.5}, **options).trace
    assert found is not None
    assert found.grads["x"] == pytest.approx(0.2350037122015945, rel=1e-15)


def test_a_gate_that_does_not_open_is_an_error() -> None:
    with pytest.raises(gradviz.GradvizError, match="'exp' is no compound gate"):
        gradviz.draw("exp(x)", {"x": 1}, expand=["exp"])


def test_opening_comes_after_sympy() -> None:
    assert labels("tanh(x) + 0*x", transform="simplify", expand="tanh") == labels("tanh(x)", expand="tanh")


def test_local_jacobians_are_shown_on_the_wires() -> None:
    plain, more = (gradviz.draw("sum(exp(x))", {"x": [0, 1]}, local_jacobians=on).svg for on in (False, True))
    assert plain != more


def test_many_threads_leave_standard_error_alone() -> None:
    code = """if True:
        import sys, gradviz
        from concurrent.futures import ThreadPoolExecutor
        figure = gradviz.draw("w*x", {"w": 1, "x": 2})
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(lambda _: figure.svg, range(100)))) == 1
        print("still here", file=sys.stderr)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "still here\n"
