"""What Python users call: `parse`, `evaluate`, `draw` and the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from gradviz.choices import MODES
from gradviz.errors import OptionError, row_named
from gradviz.evaluator import evaluate
from gradviz.figure import SMALL, Figure
from gradviz.formats.engine import ENGINES
from gradviz.graph import Graph
from gradviz.parsing import FURTHER, OF_PARSE, graph_of, in_time, listed, parse
from gradviz.picture import picture
from gradviz.shelves import WITH_NUMBERS, words
from gradviz.themes import Theme, theme_of
from gradviz.viewing import View, check_shown

__all__ = [
    "OF_PARSE", "Figure", "check", "descend", "draw", "draw_many", "evaluate", "evaluate_many", "explain", "grad",
    "hessian", "parse",
]  # fmt: skip

if TYPE_CHECKING:
    from sympy import Basic

    from gradviz.explanations import Explanation
    from gradviz.gradcheck import Check
    from gradviz.gradient.programs import Language
    from gradviz.learned import Learned
    from gradviz.many import Table


def draw(
    program: str | Basic | Graph,
    values: Mapping[str, Any] | None = None,
    *,
    theme: str | PathLike[str] | Theme = "cs231n",
    title: str | None = None,
    digits: int = 2,
    engine: str = "auto",
    of: str | None = None,
    fold: bool = True,
    strict: bool = False,
    transform: str | None = None,
    seed: Any = None,
    jacobian: bool = False,
    local_jacobians: bool = False,
    show: str | Collection[str] | None = None,
    hide: str | Collection[str] | None = None,
    upstream: str | None = None,
    nudge: Mapping[str, Any] | str | None = None,
    mode: str = "reverse",
    wrt: str | None = None,
    language: str = "en",
    layout: str = "auto",
    focus: str | Collection[str] | None = None,
    radius: int | None = None,
    top_gradients: int | None = None,
    closed: bool = False,
    opened: str | Collection[str] = (),
    expand: Collection[str] = (),
    collapse: bool = False,
    frame: bool = False,
    latex: bool = False,
) -> Figure:
    """The figure of a program at `values`: the value above every wire, the gradient below.

    A value is a number, a nested list or an array. Without values the figure shows the names and empty shelves. An
    output that is an array needs `seed`, the upstream gradient of its shape, or `jacobian`, with which every gradient
    has the axes of the output in front; `local_jacobians` shows each gate's own Jacobian on its wires. `digits` are
    decimals; `engine` is "auto" (the Graphviz that comes with the installation) or "dot" (the one on PATH); `strict`
    makes a nan or an infinity an error; `layout` is "exact", in which every wire is drawn from end to end, "fast" for
    large figures, or "auto" by their size; for the others see `parse`. In the mode "forward" each wire has its tangent
    below, the derivative by the input `wrt` ("x1", or an entry of an array, "W[0,1]"), as Baydin et al. (2018) have it
    in table 2.

    Of a large circuit `focus` draws only the nodes of some names and what is within `radius` wires of them,
    `top_gradients` only those with the largest gradients and what is around; `closed` draws one gate for all that only
    a named node uses, which a drawing of more than some thousand nodes does by itself, but for the names `opened`
    ("all"). Numbers are always those of the whole circuit. Raises a `GradvizError`.
    """
    row_named("engine", engine, ENGINES)
    _check_layout(layout)
    _check_language(language)
    if jacobian and seed is not None:
        raise OptionError("'seed' and 'jacobian' exclude each other")
    if nudge and (seed is not None or upstream or hide):
        raise OptionError("a nudge tells what the output itself does; it excludes 'seed', 'upstream' and 'hide'")
    forward = _is_forward(mode, wrt)
    of_parse = {
        "of": of, "fold": fold, "transform": transform, "expand": expand, "collapse": collapse, "frame": frame,
        "latex": latex,
    }  # fmt: skip
    graph = graph_of(program, values or (), of_parse)
    trace = None
    if values or not graph.inputs:
        trace = evaluate(graph, values or {}, strict=strict, seed=seed, jacobian=jacobian or (forward and seed is None))
        if trace.jacobian and not jacobian and isinstance(trace.output, float):  # only an array needs one
            trace = evaluate(graph, values or {}, strict=strict)
    wants_local = local_jacobians or (hide and "local" in words(hide))  # a blank needs a place
    if wants_local and trace and not {"local", "formulas"} & set(words(show or ())):
        show = [*(WITH_NUMBERS if show is None else words(show)), "local"]
    viewed = View(focus, radius, top_gradients, closed, opened)
    if opened:
        from gradviz.views import names_opened

        names_opened(graph, opened)
    if forward and (nudge or viewed.is_asked):
        raise OptionError("forward mode shows the whole circuit as it is; it excludes 'nudge' and views")
    if viewed.is_asked:
        if nudge or jacobian:
            raise OptionError("a view of a circuit excludes 'nudge' and 'jacobian'")
        named = trace is None or theme_of(theme).equations or "formulas" in words(show or ()) or upstream is not None
        graph, trace, top = viewed.of(graph, trace, named=named, upstream=upstream)
        upstream = upstream or (top if named else None)
    asked: dict[str, Any] = {
        "theme": theme,
        "title": title,
        "digits": digits,
        "show": show,
        "hide": hide,
        "upstream": upstream,
    }
    check_shown(graph)

    if forward:
        from gradviz.captions import forward_mode

        make = partial(forward_mode, graph, trace, wrt, language, asked)
    elif nudge:
        from gradviz.captions import nudged

        make = partial(nudged, graph, trace, nudge, language, asked, strict=strict)
    else:
        make = partial(picture, graph, trace, **asked)
    has_formulas = "formulas" in words(show or ())
    shown = in_time("the formulas take too long", make) if has_formulas else make()
    shown = shown._replace(method=layout)
    whole = viewed.is_asked or nudge or forward or len(graph) <= SMALL
    return Figure(shown, engine, language, None if whole else viewed.closing(shown))


def _check_layout(method: str) -> None:
    if method != "auto":  # else what lays out is loaded when it is needed
        from gradviz.layout.methods import METHODS

        row_named("layout", method, METHODS)


def _check_language(language: str) -> None:
    if language != "en":  # else nothing is said, as a rule
        from gradviz.telling.languages import language_named

        language_named(language)


def _is_forward(mode: str, wrt: str | None) -> bool:
    if mode == "reverse" and wrt is None:
        return False
    row_named("mode", mode, dict.fromkeys(MODES))
    if mode == "reverse":
        raise OptionError("'wrt' names the input of forward mode (--mode forward); reverse mode is by all")
    return True


def draw_many(
    program: str | Basic | Graph,
    rows: Any,
    *,
    theme: str | PathLike[str] | Theme = "cs231n",
    title: str | None = None,
    digits: int = 2,
    show: str | Collection[str] | None = None,
    upstream: str | None = None,
    **options: Any,
) -> Iterator[str]:
    """The SVG of one program for each of many rows of values, all at one layout in which the widest numbers have room.

    `rows` are as in `evaluate_many`. Each text is what `draw` gives for that row, at these places, some thirty times
    faster where every value is a number and every gate element-wise. `options` are those of `parse`; the others are as
    in `draw`. Raises a `GradvizError`.
    """
    from gradviz.many import by_name
    from gradviz.stamps import stamped

    columns = by_name(rows)
    graph = graph_of(program, columns, {**OF_PARSE, **options})
    check_shown(graph)
    return stamped(graph, columns, theme=theme, title=title, digits=digits, show=show, upstream=upstream)


def explain(
    program: str | Basic | Graph,
    values: Mapping[str, Any] | None = None,
    *,
    language: str = "en",
    digits: int = 2,
    upstream: str | None = None,
    strict: bool = False,
    seed: Any = None,
    jacobian: bool = False,
    **options: Any,
) -> Explanation:
    """The chain rule told: values forward, gradients backward gate by gate, and their formulas, in "en" or "ko".

    Without values it is told in symbols. `options` are those of `parse`; the others are as in `draw`. Raises a
    `GradvizError`.
    """
    from gradviz.explanations import explanation

    graph = graph_of(program, values or (), {**OF_PARSE, **options})
    trace = None
    if values or not graph.inputs:
        trace = evaluate(graph, values or {}, strict=strict, seed=seed, jacobian=jacobian)
    return explanation(graph, trace, language=language, digits=digits, upstream=upstream)


def check(
    program: str | Basic | Graph,
    values: Mapping[str, Any] | None = None,
    *,
    step: float | None = None,
    tolerance: float = 1e-5,
    seed: Any = None,
    **options: Any,
) -> Check:
    """A gradient check: each gradient beside central differences, forward mode and SymPy's closed form.

    `check.rows` has a row for each number of the inputs, `check.ok` says whether all agree within `tolerance`. `step`
    is that of the differences, for an input of the size 1; the best one for float64 unless given. `options` are those
    of `parse`. Raises a `GradvizError`.
    """
    from gradviz.gradcheck import checked

    given = values or {}
    graph = graph_of(program, given, {**OF_PARSE, **options})
    return checked(graph, given, step=step, tolerance=tolerance, seed=seed)


def descend(
    program: str | Basic | Graph,
    values: Mapping[str, Any] | None = None,
    *,
    wrt: Collection[str] | str | None = None,
    lr: float = 0.1,
    iterations: int = 100,
    update: str = "gd",
    schedule: str = "constant",
    tolerance: float = 0.0,
    data: Any = None,
    batch_size: int | None = None,
    shuffle_seed: int | None = None,
    init: str | None = None,
    seed: int = 0,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    tell: Callable[[int, float, float], object] | None = None,
    theme: str | PathLike[str] | Theme = "cs231n",
    title: str | None = None,
    digits: int = 2,
    show: str | Collection[str] | None = None,
    language: str = "en",
    engine: str = "auto",
    **options: Any,
) -> Learned:
    """Gradient descent: forward, backward, update, `iterations` times, from `values` down to a smaller output.

    `wrt` names the parameters, whose values are where it starts: the inputs without a value unless given, which `init`
    draws at random ("normal", "uniform", "xavier", "he", "zeros"; the same `seed`, the same numbers), as arrays where
    `shapes` has theirs. Other values are the data. `data` are columns by name, or a mapping for each row, of the
    inputs that differ from row to row: then the output's mean over the rows is made small, or with `batch_size` over
    as many rows in turn, in a new order each epoch with a `shuffle_seed`.

    `update` is a row of `gradviz.descent.updates.UPDATES` ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
    with PyTorch's formulas, perhaps with its numbers ("momentum=0.8"); `schedule` one of
    `gradviz.descent.schedules.SCHEDULES`, by which `lr` changes. It ends early when the norm of the gradient is at most
    `tolerance`, when the loss is not finite or keeps growing, or with an interrupt; `Learned.note` says why. `tell` is
    called with each iteration, its loss and the norm of its gradient. `options` are those of `parse`; the others are
    the look of its pictures, as in `draw`. Raises a `GradvizError`.
    """
    from gradviz.descent.objectives import Batch
    from gradviz.descent.setting import Descent
    from gradviz.learned import Learned
    from gradviz.many import by_name

    given, columns = values or {}, by_name(data) if data is not None else {}
    graph = graph_of(program, [*given, *columns], {**OF_PARSE, **options})
    asked = Descent(
        graph, given, columns, wrt=wrt, lr=lr, iterations=iterations, update_by=update, schedule_by=schedule,
        tolerance=tolerance, batch=Batch(batch_size, shuffle_seed), init=init, seed=seed, shapes=shapes,
    )  # fmt: skip
    look = {"theme": theme, "title": title, "digits": digits, "show": show}
    return Learned(asked, asked.run(tell), look, language, engine)


def evaluate_many(
    program: str | Basic | Graph,
    values: Any,
    *,
    of: str | None = None,
    wrt: Collection[str] | None = None,
    keep: Collection[str] = (),
    seed: Any = None,
    shared: Collection[str] = (),
    chunk: int | None = None,
) -> Table:
    """The output and its gradients for many rows of values: `table.output`, `table.grads["w"]`, an array each.

    `values` has for each name a column, one number a row, or a number that holds for all rows; or it is a structured
    array, or a mapping for each row. `wrt` names the gradients that are wanted, all inputs unless given; `keep` names
    of which `table.values` has the values; `seed` is the upstream gradient, a number or a column. The rows go through
    in chunks, so that beside the results it takes tens of megabytes; `chunk` is how many at once.

    Values and conventions are those of `evaluate`. Where values are arrays, or gates not element-wise, the rows are
    evaluated one by one: the first axis of an array are then the rows, unless its name is among `shared`, and
    gradients have the shape of a row behind them. Raises a `GradvizError`.
    """
    from gradviz.many import by_name, evaluate_rows

    named = by_name(values)
    graph = graph_of(program, named, {**OF_PARSE, "of": of})
    return evaluate_rows(graph, named, seed=seed, wrt=wrt, keep=keep, shared=shared, chunk=chunk)


def grad(
    program: str | Basic | Graph,
    wrt: str | Collection[str] | None = None,
    *,
    values: Mapping[str, Any] | None = None,
    order: int = 1,
    **options: Any,
) -> Graph:
    """The derivative of the output by a name as a program: the backward pass written down, a line a step.

    `print(grad("sigmoid(w*x)", "w").program)` shows it; it is drawn, evaluated and differentiated like any other.
    `wrt` is a name, or several ("w,b" or a list): then the output is the list of the derivatives; unless given all
    inputs. Derivatives by several names that are not all numbers are no list: the output is the last one, `program`
    has them all. Arrays need `values`, whose shapes decide what is done. At kinks, ties and zeros the conventions are
    those of the backward pass. `order` is of the derivative by one name; `options` are those of `parse`. Raises
    `ProgramError` for a gate whose derivative is not a program.
    """
    from gradviz.gradient.programs import derived

    graph = graph_of(program, values or (), {**OF_PARSE, **options})
    names = list(graph.input_names if wrt is None else listed(wrt))
    make = partial(derived, graph, names, values, _again(options), order)
    return in_time("SymPy takes too long to differentiate this", make) if _is_slow(graph) else make()


def hessian(
    program: str | Basic | Graph,
    values: Mapping[str, Any],
    wrt: str | Collection[str] | None = None,
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """The second derivatives of the output at `values`: `hessian(...)["w"]["b"]` by w, then by b.

    Each is a float; of arrays it has the axes of the first, then those of the second. `wrt` are the names, all inputs
    unless given; `options` are those of `parse`. Raises a `GradvizError` as `grad` and `evaluate` do.
    """
    from gradviz.gradient.programs import second_derivatives

    graph = graph_of(program, values, {**OF_PARSE, **options})
    names = list(graph.input_names if wrt is None else listed(wrt))
    make = partial(second_derivatives, graph, names, values, _again(options))
    return in_time("SymPy takes too long to differentiate this", make) if _is_slow(graph) else make()


def _again(options: Mapping[str, Any]) -> Language:
    """What reads a gradient program; of the options of a program only `fold` is also its own."""
    from gradviz.gradient.programs import Language

    return Language(partial(parse, fold=options.get("fold", True)), FURTHER)


def _is_slow(graph: Graph) -> bool:
    return any(gate.slow for gate in graph.kinds)
