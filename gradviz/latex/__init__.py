r"""LaTeX -> program text, as TeX prints it: pylatexenc finds macros, arguments and braces, tables say what they are.

    \frac{1}{1+e^{-(w_0x_0+w_1x_1+w_2)}}        1/(1 + e^(-(w0*x0 + w1*x1 + w2)))

Nothing is reordered, folded or evaluated. What readers of a formula do not agree on is no guess but an error:

| LaTeX | program | because |
|---|---|---|
| `w_0x_0`, `2x`, `(a)(b)` | `w0*x0`, `2*x`, `a*b` | what stands side by side is multiplied, from left to right |
| `wx` | `w*x` | letters are names of their own, in LaTeX as here; a word is `\text{loss}` |
| `exp(x)`, `alpha` | error | a product of letters; `\exp`, `\alpha` are meant |
| `w_{10}`, `x_{ij}`, `w_{out}`, `h_{t-1}` | `w10`, `x_ij`, `w_out`, `h_tm1` | a subscript is the end of a name |
| `\hat{y}_1`, `\theta_0`, `\mathbf{x}` | `y_hat1`, `theta0`, `x` | `x` and `\mathbf{x}` together are an error |
| `-x^2`, `2^{-x}`, `x^{2}y`, `\frac12` | `-x^2`, `2^(-x)`, `x^2*y`, `1/2` | as printed |
| `a/bc` | error | (a/b)c or a/(bc)? |
| `\sin 2\pi x`, `\log x^2` | `sin(2*pi*x)`, `log(x^2)` | a function takes a number and the names after it |
| `\sin x \cos y`, `\log x \cdot y` | `sin(x)*cos(y)`, `log(x)*y` | up to the next function or sign |
| `\log a/b`, `\sin x (y+1)` | error | does the function take it? |
| `\sin(x)y`, `\sin^2 x` | `sin(x)*y`, `sin(x)^2` | parentheses after a function hold its inputs |
| `\sigma(x)`, `\sigma x` | `sigmoid(x)`, `sigma*x` | the sigmoid before parentheses, else a name |
| `\operatorname{ReLU}(x)`, `\text{softmax}(z)` | `relu(x)`, `softmax(z)` | gates by all their names, in any case |
| `a(b+c)`, `f(x+1)`, `J(w)` | `a*(b + c)`, errors | f, g, h, p, φ, ψ, ζ and capitals without a value are functions |
| `p(1-p)`, `\mathbf{W}(x+y)` | `p*(1 - p)`, `W@(x + y)` | no function is its own input, or a matrix |
| `\frac{dy}{dx}`, `cosx`, `asin b` | error | a derivative, functions without their `\` |
| `x & y`, `x % y` | error | `&` goes with lines and their signs, a comment with a line of its own |
| `f(x) = x^2 \\ y = f(3)` | `def f(x): return x^2`, `y = f(3)` | f is called with something else than its x |
| `{a+b}c` | error | the braces do not show in print |
| `\mathbf{W}\mathbf{x}`, `w^\top x` | `W@x`, `transpose(w)@x` | bold capitals and transposes are matrices |
| `Wx` | `W*x` | but `W@x` where W has a matrix as its value |
| `Wax` | `W*a@x` | where W is a matrix and a a number |
| `|x|`, `\|x\|`, `\|x\|^2`, `\|x\|_1` | `abs(x)`, `norm(x)`, `L2(x)`, `sum(abs(x))` | |
| `\frac{x}{\mathbf{W}}`, `e^{\mathbf{W}}`, `|\mathbf{x}|` | error | entries have `\operatorname{div}`, `\exp`, … |
| `x'`, `\partial`, `\sum`, `x^{(i)}` | error | |
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from gradviz.errors import GradvizError
from gradviz.language.calls import Further
from gradviz.latex.items import Place
from gradviz.latex.reading import Piece

__all__ = ["Translation", "program", "translation"]


class Translation(NamedTuple):
    """A program, and where each piece of it stands in the LaTeX."""

    latex: str
    program: str
    starts: tuple[int, ...]  # offsets of pieces in the program
    places: tuple[Place, ...]

    def place(self, place: Place) -> Place:
        """What a place of the program is in the LaTeX."""
        first = max(0, bisect_right(self.starts, place[0]) - 1)
        last = max(first + 1, bisect_right(self.starts, place[1] - 1))
        found = self.places[first:last]
        return min(start for start, _ in found), max(end for _, end in found)

    def told(self, error: GradvizError) -> GradvizError:
        """An error in the program as one in the LaTeX, of the same class; other errors as they are."""
        if error.place is None or error.program != self.program:
            return error
        return type(error)(error.problem, self.latex, self.place(error.place))


def program(latex: str, axes: Mapping[str, int] | None = None) -> str:
    r"""The program of a formula in LaTeX; `translation` says also what stands where.

    >>> program(r"\frac{1}{1+e^{-(w_0x_0+w_1)}}")
    '1/(1 + e^(-(w0*x0 + w1)))'
    """
    return translation(latex, axes).program


def translation(latex: str, axes: Mapping[str, int] | None = None) -> Translation:
    r"""The program of a formula in LaTeX, one statement a line, with the places of its pieces.

    `axes` says how many axes the values of names have, where that is known: `Wx` is a product of matrices if W has
    two. Raises `ProgramError` with the place in the LaTeX for all that is not understood, `OptionError` where
    pylatexenc is missing.
    """
    from gradviz.language.parser import parse
    from gradviz.latex.items import items
    from gradviz.latex.statements import program_lines

    found = _joined(latex, program_lines(latex, items(latex), axes or {}))
    try:
        parse(found.program, further=Further(*map(_of_sympy, ("further_names", "further_gate"))))
    except GradvizError as error:
        raise found.told(error) from None
    return found


def _joined(latex: str, lines: list[list[Piece]]) -> Translation:
    pieces = [piece for line in lines for piece in (*line, ("\n", line[-1][1]))][:-1]
    starts = [0, *accumulate(len(text) for text, _ in pieces)][:-1]
    return Translation(latex, "".join(text for text, _ in pieces), tuple(starts), tuple(place for _, place in pieces))


def _of_sympy(name: str) -> Callable[..., Any]:
    """A function of `symbolic.further`, which is loaded once the gate table has not what is called."""

    def found(*inputs: Any) -> Any:
        from gradviz.symbolic import further

        return getattr(further, name)(*inputs)

    return found
