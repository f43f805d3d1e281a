"""Graph -> program text, so that parsing it again gives the same graph."""

from __future__ import annotations

from collections import Counter

from gradviz.gates import CONSTANTS, Gate
from gradviz.graph import Constant, Graph

_ATOM = 99  # binds tighter than any operator


def to_program(graph: Graph) -> str:
    """The program of a graph, a line for each node with a name, the output last.

    A name that several nodes had is numbered (`x`, `x_2`). A node that is used twice gets a name.
    """
    names = _names(graph)
    texts = _texts(graph, names)
    lines = [f"{names[i]} = {texts[i]}" for i in range(len(graph)) if i in names and i not in graph.inputs]
    return "\n".join(lines if lines and graph.output in names and graph.output not in graph.inputs
                     else [*lines, names.get(graph.output, texts[graph.output])])


def expressions(graph: Graph) -> list[str]:
    """For each node its expression in terms of the names in the program.

    >>> from gradviz.parser import parse
    >>> expressions(parse("g = w*x; (g + b)**2"))
    ['w', 'x', 'b', 'w * x', 'g + b', '2', '(g + b)**2']
    """
    return _texts(graph, {i: name for i, name in enumerate(graph.names) if name})


def _names(graph: Graph) -> dict[int, str]:
    uses = Counter(wire.source for wire in graph.wires)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for node, name in enumerate(graph.names):
        if name is None and uses[node] < 2:
            continue
        base, number = name or "t", 2
        name = base
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        names[node] = name
        taken.add(name)
    return names


def _texts(graph: Graph, names: dict[int, str]) -> list[str]:
    """Each node's own expression, with names for the operands that have one."""
    texts: list[str] = []
    binds: list[int] = []
    for node, gate in enumerate(graph.gates):
        if gate is None:
            constant = graph.constants.get(node)
            text, bind = _constant(constant) if constant else (str(graph.names[node]), _ATOM)
        else:
            parts = [
                _constant(graph.folded[-1 - k]) if k < 0 else (names[k], _ATOM) if k in names else (texts[k], binds[k])
                for k in graph.operands[node]
            ]
            text, bind = _applied(gate, parts)
        texts.append(text)
        binds.append(bind)
    return texts


def _constant(constant: Constant) -> tuple[str, int]:
    """A number so that it reads back exactly; e and pi by name."""
    named = {value: name for name, value in CONSTANTS.items() if name.isascii()}
    by_name = named.get(abs(constant.value)) if constant.text.lstrip("-").isalpha() else None
    text = by_name if by_name and constant.value > 0 else f"-{by_name}" if by_name else _number(constant.value)
    return text, _ATOM if constant.value >= 0 else _NEGATIVE


_NEGATIVE = 3  # a number with its sign binds as unary minus does


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _applied(gate: Gate, parts: list[tuple[str, int]]) -> tuple[str, int]:
    mark = next((m for m in gate.operators if m.isascii()), None)
    if mark is None:
        return f"{gate.name}({', '.join(text for text, _ in parts)})", _ATOM
    if gate.arity == 1:
        return f"{mark}{_inside(parts[0], gate.binds, bare_number=False)}", gate.binds
    left = _inside(parts[0], gate.binds + gate.right)
    right = _inside(parts[1], gate.binds + (not gate.right))
    space = "" if gate.right else " "
    return f"{left}{space}{mark}{space}{right}", gate.binds


def _inside(part: tuple[str, int], at_least: int, *, bare_number: bool = True) -> str:
    """An operand, in parentheses when it binds looser, or when a bare number would swallow the sign before it."""
    text, binds = part
    bare = binds >= at_least and (bare_number or not text[0].isdigit())
    return text if bare else f"({text})"
