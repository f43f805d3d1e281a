"""Programs of large circuits, gate by gate: anything from anything, deep chains, dense layers."""

from __future__ import annotations

from random import Random

FORMS = ("{} * {}", "{} + {}", "tanh({})", "{} - {}")


def tangled(gates: int, window: int, seed: int) -> str:
    """Gates whose operands are among the last `window` nodes."""
    random, names, lines = Random(seed), [f"x{i}" for i in range(6)], []
    for number in range(gates):
        first, second = (random.choice(names[-window:]) for _ in range(2))
        lines.append(f"v{number} = {random.choice(FORMS).format(first, second)}")
        names.append(f"v{number}")
    return "\n".join([*lines, "+".join(names[-min(window, gates) :])])


def chained(gates: int) -> str:
    """tanh(w*v + b) again and again."""
    steps = ("{} * w", "{} + b", "tanh({})")
    names = ["x", *(f"v{number}" for number in range(gates))]
    return "\n".join(f"{names[k + 1]} = {steps[k % 3].format(names[k])}" for k in range(gates))


def layered(layers: int, width: int) -> str:
    """A multi-layer perceptron, its weights all different, its units without names."""
    units, lines = [f"x{i}" for i in range(width)], []
    for layer in range(layers):
        sums = ["+".join(f"w{layer}_{i}_{k}*{units[k]}" for k in range(width)) for i in range(width)]
        units = [f"h{layer}_{i}" for i in range(width)]
        lines += [f"{unit} = tanh({total} + b_{unit})" for unit, total in zip(units, sums, strict=True)]
    return "\n".join([*lines, "+".join(units)])
