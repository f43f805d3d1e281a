r"""What a product of two things is, by what LaTeX shows of them: bold letters, capitals, transposes.

Kinds: `n` a number, `s` a name whose value is one, `p` plain (nothing is known), `l` a lower-case letter, `u` a
capital, `v` a vector (bold lower-case, \vec), `r` a row (a vector transposed), `m` a matrix (bold capital, a matrix of
numbers).
"""

from __future__ import annotations

from typing import Final, NamedTuple

ARRAYS: Final = "mvr"
SCALARS: Final = frozenset(("nn", "ns", "sn", "ss"))
MATMUL: Final = {
    "mm": "m", "mv": "v", "mr": "m", "mu": "m", "ml": "v", "mp": "p",
    "rm": "r", "rv": "p", "rl": "p", "ru": "r", "rp": "p",
    "vr": "m", "vm": "v", "vu": "v",
    "um": "m", "uv": "v", "ur": "m",
}  # fmt: skip
"""Left and right operand of a matrix product, and its kind; every other product is one of numbers or entries."""

UNCLEAR: Final = {
    "vv": r"two vectors side by side: write \odot, \cdot, or ^\top",
    "rr": r"two rows side by side: write \odot, or transpose one of them",
    "lr": r"a number or a vector? write \cdot for a number times a row, or \mathbf{} for a vector",
}
TRANSPOSE: Final = {"v": "r", "l": "r", "r": "v"}  # anything else is a matrix


class Product(NamedTuple):
    """The operator of a product and the kind of its output."""

    mark: str
    kind: str


def entrywise(left: str, right: str) -> str:
    """The kind of a sum, or of a product entry by entry.

    >>> entrywise("p", "v"), entrywise("n", "n"), entrywise("l", "u")
    ('v', 'n', 'p')
    """
    array = next((kind for kind in left + right if kind in ARRAYS), None)
    return array or (max(left, right) if left + right in SCALARS else "p")


def product(left: str, right: str) -> Product:
    r"""What two operands side by side are.

    >>> product("m", "v"), product("u", "l")
    (Product(mark='@', kind='v'), Product(mark='*', kind='p'))
    """
    kind = MATMUL.get(left + right)
    return Product("*", entrywise(left, right)) if kind is None else Product("@", kind)


def letter(word: str, *, bold: bool, axes: int | None) -> str:
    """The kind of a name: by the axes of its value where one is given, else by how it is written."""
    if axes is not None:
        return "sv"[axes] if axes < 2 else "m"
    if bold:
        return "m" if word[:1].isupper() else "v"
    if len(word) == 1 and word.isascii():
        return "u" if word.isupper() else "l"
    return "p"
