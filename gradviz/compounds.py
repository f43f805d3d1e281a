"""A program's `def` -> a gate: it computes by the passes of its own circuit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from gradviz.errors import ProgramError
from gradviz.gates import Gate
from gradviz.gates.row import undefined
from gradviz.graph import Graph
from gradviz.limits import beyond, most
from gradviz.passes import backward, forward, local_gradients

DEEPEST: Final = 50  # definitions that use one another


def compound(name: str, parameters: tuple[str, ...], body: Graph) -> Gate:
    """The gate `name` of the inputs `parameters`, whose value is the output of `body`.

    Raises `ProgramError` when definitions are nested too deep, or stand for too many gates.
    """
    extent = size, work, depth = _extent(body)
    count = max(size, work // DEEPEST)
    if depth > DEEPEST or count > most("defined"):
        told = f"at most {DEEPEST} deep" if depth > DEEPEST else beyond("defined", count)
        problem = f"the definitions in '{name}' are nested too far; {told}"
        raise ProgramError(problem, body.program, body.place(body.output))
    order = [parameters.index(each) for each in body.input_names]
    scalar = all(gate is None or gate.partials for gate in body.gates) and all(
        isinstance(constant.value, float) for constant in body.constants.values()
    )
    has_form = all(gate is None or gate.sympy for gate in body.gates)
    return Gate(
        name,
        name,
        undefined if _is_abstract(body) else lambda xp, *xs: forward(body, [xs[k] for k in order], xp)[body.output],
        _partials(body, order, len(parameters)) if scalar else None,
        _form(body, order) if has_form else None,
        "a definition of the program",
        ordered=len(parameters) > 1,
        domain=((0.1, 0.9),) * len(parameters),
        inputs=parameters,
        pulls=_pulls(body, order),
        shape=_shape(body, order),
        body=body,
        slow=any(gate is not None and gate.slow for gate in body.gates),
        extent=extent,
    )


def abstract(name: str, parameters: tuple[str, ...]) -> Gate:
    """A gate that is only declared: it is drawn, and has no values."""
    return Gate(
        name,
        name,
        undefined,
        None,
        None,
        "declared by the program",
        ordered=len(parameters) > 1,
        domain=((0.1, 0.9),) * len(parameters),
        inputs=parameters,
    )


def _is_abstract(body: Graph) -> bool:
    return any(gate is not None and gate.is_abstract for gate in body.gates)


def _extent(body: Graph) -> tuple[int, int, int]:
    """For how many gates a definition stands, how many are computed in a pass over it, and how deep it nests.

    Going back through a definition computes its values once more, and those of the definitions in it again.
    """
    inner = [gate.extent for gate in body.gates if gate is not None]
    size = sum(each[0] for each in inner)
    return size, size + sum(each[1] for each in inner), 1 + max((each[2] for each in inner), default=0)


def _partials(body: Graph, order: Sequence[int], count: int) -> Callable[..., tuple[float, ...]]:
    def partials(xp: Any, y: Any, *xs: Any) -> tuple[Any, ...]:  # noqa: ARG001
        columns = forward(body, [xs[k] for k in order], xp)
        grads, _ = backward(body, local_gradients(body, columns, xp))
        found = [0.0] * count
        for node, k in enumerate(order):
            found[k] = grads[node]
        return tuple(found)

    return partials


def _pulls(body: Graph, order: Sequence[int]) -> Callable[..., tuple[Any, ...]]:
    def pulls(xp: Any, u: Any, y: Any, *xs: Any) -> tuple[Any, ...]:  # noqa: ARG001
        from gradviz.tensors import locals_at

        columns = [x if hasattr(x, "shape") else xp.asarray(x) for x in forward(body, [xs[k] for k in order], xp)]
        grads, _ = backward(body, locals_at(body, columns), u)
        found = {k: grads[node] for node, k in enumerate(order)}
        return tuple(xp.broadcast_to(found.get(k, 0.0), x.shape) for k, x in enumerate(xs))

    return pulls


def _shape(body: Graph, order: Sequence[int]) -> Callable[..., Any]:
    def shape(*given: tuple[int, ...]) -> tuple[int, ...]:
        from gradviz.tensors import shapes

        return shapes(body, [given[k] for k in order])[body.output]

    return shape


def _form(body: Graph, order: Sequence[int]) -> Callable[..., Any]:
    def form(S: Any, *xs: Any) -> Any:  # noqa: N803
        values: list[Any] = [xs[k] for k in order]
        for node in range(len(values), len(body)):
            gate, constant = body.gates[node], body.constants.get(node)
            if gate is not None and gate.sympy is not None:
                values.append(gate.sympy(S, *[values[k] for k in body.operands[node]]))
            elif constant is not None:
                named = {"e": S.E, "π": S.pi}.get(constant.text)
                values.append(named or _number(S, constant.value))
        return values[body.output]

    return form


def _number(S: Any, value: float) -> Any:  # noqa: N803
    return S.Integer(int(value)) if value.is_integer() else S.Float(value)
