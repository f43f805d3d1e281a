"""What LaTeX's macros and marks are: the tables from which formulas are read."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.gates import FUNCTIONS


class Infix(NamedTuple):
    """An operator between operands: as the program has it, and how tight it binds there."""

    mark: str
    binds: int


COMPARED, ADDED, MULTIPLIED, SIGNED, RAISED, WHOLE = range(6)  # a higher number binds tighter, as in docs/language.md

INFIX: Final = {
    **dict.fromkeys(("<", "\\lt"), Infix("<", COMPARED)),
    **dict.fromkeys((">", "\\gt"), Infix(">", COMPARED)),
    **dict.fromkeys(("≤", "\\le", "\\leq", "\\leqslant"), Infix("<=", COMPARED)),
    **dict.fromkeys(("≥", "\\ge", "\\geq", "\\geqslant"), Infix(">=", COMPARED)),
    **dict.fromkeys(("≠", "\\ne", "\\neq"), Infix("!=", COMPARED)),
    "+": Infix("+", ADDED),
    **dict.fromkeys(("-", "−", "–"), Infix("-", ADDED)),
    **dict.fromkeys(("·", "⋅", "\\cdot", "*", "∗", "\\ast", "×", "\\times", "⊙", "\\odot"), Infix("*", MULTIPLIED)),
    **dict.fromkeys(("/", "÷", "\\div"), Infix("/", MULTIPLIED)),
}
EQUALS: Final = frozenset(("=", "\\coloneqq", "\\leftarrow", "\\gets"))
DOTS: Final = frozenset(("·", "⋅", "\\cdot"))  # between vectors the dot product
ENTRYWISE: Final = frozenset(("⊙", "\\odot"))

OPENING: Final = {"(": ")", "[": "]", "\\{": "\\}", "\\lbrace": "\\rbrace", "\\lbrack": "\\rbrack"}
CLOSING: Final = frozenset(OPENING.values())
BARS: Final = {"|": "|", "\\vert": "\\vert", "\\lvert": "\\rvert"}  # the absolute value
NORMS: Final = {"\\|": "\\|", "‖": "‖", "\\Vert": "\\Vert", "\\lVert": "\\rVert", "||": "||"}
ENCLOSING: Final = {**OPENING, **BARS, **NORMS}
NORM_GATES: Final = {"": "norm", "2": "norm", "F": "norm", "1": "sum", "\\infty": "amax"}  # by the subscript of ‖x‖
NORMS_OF_ABS: Final = frozenset(("1", "\\infty"))

# What stands before a bracket: whether it must open, close, or may do both. \left and \right go together.
SIZES: Final = {
    "\\left": "left", "\\right": "right",
    **{f"\\{size}{end}": side for size in ("big", "Big", "bigg", "Bigg") for end, side in zip("lr", "lr", strict=True)},
    **dict.fromkeys(("\\big", "\\Big", "\\bigg", "\\Bigg"), ""),
}  # fmt: skip
CLOSES_SIZE: Final = {"left": ("right",), "l": ("r", ""), "": ("r", "")}

SPACES: Final = frozenset((
    "\\,", "\\;", "\\:", "\\!", "\\>", "\\ ", "\\\n", "\\\t", "\\quad", "\\qquad", "\\thinspace", "\\displaystyle",
    "\\textstyle", "\\nonumber", "\\notag", "\\label", "\\tag", "\\hspace", "\\limits",
))  # fmt: skip
NEW_LINE: Final = "\\\\"

# Macros with arguments: "{" is one in braces or the next character, "[" one in brackets that may be missing.
FRACTIONS: Final = frozenset(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"))
BOLD: Final = frozenset(("\\mathbf", "\\boldsymbol", "\\bm", "\\pmb", "\\symbf", "\\vec"))
UPRIGHT: Final = frozenset(("\\mathrm", "\\text", "\\textrm", "\\operatorname", "\\mathop", "\\mathit", "\\mathsf",
                            "\\mathtt", "\\texttt", "\\textsf", "\\textit"))  # fmt: skip
STYLES: Final = BOLD | UPRIGHT | {"\\mathcal", "\\mathbb", "\\mathscr", "\\mathfrak"}
ACCENTS: Final = {"\\hat": "_hat", "\\widehat": "_hat", "\\bar": "_bar", "\\overline": "_bar", "\\tilde": "_tilde",
                  "\\widetilde": "_tilde"}  # fmt: skip
ARGUMENTS: Final = {
    **dict.fromkeys(FRACTIONS, "{{"), "\\sqrt": "[{",
    **dict.fromkeys((*STYLES, *ACCENTS, "\\label", "\\tag", "\\hspace"), "{"), "\\operatorname": "*{",
}  # fmt: skip
MATRICES: Final = frozenset(("matrix", "bmatrix", "pmatrix", "smallmatrix", "bsmallmatrix", "psmallmatrix"))
LINES: Final = frozenset(f"{name}{star}" for name in ("equation", "align", "gather", "multline", "eqnarray", "flalign")
                         for star in ("", "*")) | {"aligned", "gathered", "split", "math", "displaymath"}  # fmt: skip
ALIGNED: Final = frozenset(("align", "align*", "aligned", "split", "eqnarray", "eqnarray*", "flalign", "flalign*"))

FUNCTION_MACROS: Final = {
    **{f"\\{name}": name for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "coth", "cot", "sec",
                                      "csc", "max", "min")},
    "\\ln": "log", "\\arcsin": "asin", "\\arccos": "acos", "\\arctan": "atan",
}  # fmt: skip
PAIRED: Final = frozenset(("max", "min", "maximum", "minimum"))  # of more than two inputs: one pair after the other
SIGMOIDS: Final = frozenset(("sigma", "σ"))
CALLED: Final = frozenset("fghp") | {"phi", "psi", "φ", "ψ", "Gamma", "Γ", "zeta", "ζ"}  # functions by custom
OF_ENTRIES: Final = "{} of a matrix; for that of its entries write {}"
TRANSPOSED: Final = frozenset(("T", "\\top", "\\intercal", "⊤"))

_GREEK: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)  # fmt: skip
_VARIANTS: Final = {f"\\var{name}": name for name in ("epsilon", "theta", "kappa", "pi", "rho", "sigma", "phi")}
NAMES: Final = {**{f"\\{name}": name for name in _GREEK}, **_VARIANTS, "\\ell": "ell"}

HINTS: Final = {
    "\\partial": "gradviz finds the derivatives itself; give it what is differentiated",
    "\\nabla": "gradviz finds the derivatives itself; give it what is differentiated",
    "\\sum": r"write the terms out, or \operatorname{sum}(x) for all entries of an array",
    "\\prod": r"write the factors out, or \operatorname{prod}(x) for all entries of an array",
    **dict.fromkeys(("\\ldots", "\\cdots", "\\dots"), "write everything out"),
    "\\infty": "values are numbers", "\\pm": "write two formulas", "\\mid": r"write | or \lvert",
    "\\lg": r"write \log_{10} or \log_{2}",
    "\\circ": r"write \odot for the product of the entries", "\\otimes": r"write \odot for the product of the entries",
    "\\begin{array}": r"write \begin{bmatrix}",
    "\\begin{cases}": r"write \max, \min or \operatorname{where}(c, a, b)",
    "'": "a derivative, a transpose, or a name of its own? give a name a subscript, and a matrix ^\\top",
    "!": r"write \operatorname{gamma}(n + 1)",
}  # fmt: skip

_MACROS: Final = (*NAMES, *FUNCTION_MACROS, *ARGUMENTS, *SIZES, *(text for text in INFIX if text[0] == "\\"))
KNOWN: Final = tuple(macro[1:] for macro in _MACROS)  # that can be offered


def squashed(word: str) -> str:
    """A word as it is compared with the names of functions: without case, `_`, `-` and spaces.

    >>> squashed("Log-Softmax"), squashed("leaky_relu")
    ('logsoftmax', 'leakyrelu')
    """
    return "".join(c for c in word.lower() if c not in "_- ")


FUNCTION_WORDS: Final = {squashed(name): name for name in reversed(FUNCTIONS)}  # the first spelling wins
SPELLED_OUT: Final = {
    **{name: f"\\{name}" for name in _GREEK if len(name) > 2},
    **{word: rf"\operatorname{{{name}}}" for word, name in FUNCTION_WORDS.items() if len(word) > 1},
    **{macro[1:]: macro for macro in (*FUNCTION_MACROS, "\\sqrt", "\\frac")},
    "pi": "\\pi",
}  # what one means who writes letters without a macro
