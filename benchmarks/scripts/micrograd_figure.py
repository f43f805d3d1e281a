"""w*x+b as micrograd's notebook draws it: `draw_dot` and one `dot` process."""

import sys

from graphviz import Digraph
from micrograd.engine import Value


def trace(root):
    """All nodes, and the edges between them."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root):
    """The notebook's figure."""
    nodes, edges = trace(root)
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    for n in nodes:
        dot.node(name=str(id(n)), label=f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}", shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


w, x, b = Value(-2.0), Value(5.0), Value(3.0)
f = w * x + b
f.backward()
sys.stdout.buffer.write(draw_dot(f).pipe())
