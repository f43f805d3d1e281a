"""LaTeX: what a formula becomes, what it computes, and that nothing is guessed."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import evaluate, parse
from gradviz.errors import GradvizError, OptionError, ProgramError
from gradviz.gates import FUNCTIONS
from gradviz.latex import program, translation
from gradviz.latex.items import MOST_LEVELS
from gradviz.latex.kinds import MATMUL, UNCLEAR
from gradviz.latex.tables import (
    ARGUMENTS,
    FRACTIONS,
    FUNCTION_MACROS,
    HINTS,
    INFIX,
    LINES,
    MATRICES,
    NAMES,
    PAIRED,
    SIZES,
    SPELLED_OUT,
)  # fmt: skip
from tests.shares import examples

README_NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON = r"\frac{1}{1+e^{-(w_0x_0+w_1x_1+w_2)}}"

PROGRAMS = {
    # products, sums, powers
    "wx+b": "w*x + b",
    r"w\cdot x + b": "w*x + b",
    r"2x \times 3 \div y": "2*x*3/y",
    "x + x - x": "x + x - x",
    "b + a": "b + a",
    "a - (b - c)": "a - (b - c)",
    "a - - b": "a - -b",
    "+a": "a",
    r"a \cdot -b": "a*-b",
    "(a)(b)": "a*b",
    "a(b+c)": "a*(b + c)",
    "{x}{y} {}": "x*y",
    "-x^2": "-x^2",
    "(-x)^2": "(-x)^2",
    "-ab": "-a*b",
    "2^{-x}": "2^(-x)",
    "x^{2}y": "x^2*y",
    "x^{y^{z}}": "x^(y^z)",
    "(x^y)^z": "(x^y)^z",
    "{(x+y)}z": "(x + y)*z",
    "a/b": "a/b",
    "ab/c": "a*b/c",
    r"a/b \cdot c": "a/b*c",
    "1.5x + .5": "1.5*x + .5",
    "2e - 3": "2*e - 3",
    r"a \le b + 1": "a <= b + 1",
    # fractions and roots
    r"\frac12": "1/2",
    r"\frac1{2}x": "1/2*x",
    r"2\frac{a}{b}": "2*(a/b)",
    r"\dfrac{a+b}{c}^2": "((a + b)/c)^2",
    r"\tfrac{\frac{a}{b}}{c}": "a/b/c",
    r"\sqrt{x+1}y": "sqrt(x + 1)*y",
    r"\sqrt[3]{x}": "x^(1/3)",
    r"\sqrt xy": "sqrt(x)*y",
    NEURON: "1/(1 + e^(-(w0*x0 + w1*x1 + w2)))",
    r"e^{-\frac{(x-\mu)^2}{2\sigma^2}}": "e^(-((x - mu)^2/(2*sigma^2)))",
    # names
    "w_0x_0": "w0*x0",
    "w_{10}": "w10",
    "x_{ij} + w_{out}": "x_ij + w_out",
    "x_{i,j}": "x_i_j",
    r"w_\text{out}^2": "w_out^2",
    "x_{i_1}": "x_i1",
    "h_{t-1} + h_{t+1}": "h_tm1 + h_tp1",
    r"\theta_0 + \varepsilon": "theta0 + epsilon",
    r"\alpha\lambda": "alpha*lambda",
    r"\hat{y}_1 - \hat{y_2}": "y_hat1 - y_hat2",
    r"\bar x + \tilde{x}": "x_bar + x_tilde",
    r"\text{loss} + 1": "loss + 1",
    r"{w}_{0}": "w0",
    "é + α": "é + α",
    # functions
    r"\exp(-x)": "exp(-x)",
    r"\exp -x": "exp(-x)",
    r"\ln(1+e^x)": "log(1 + e^x)",
    r"\tanh x": "tanh(x)",
    r"\sin 2\pi x": "sin(2*pi*x)",
    r"\sin x y": "sin(x*y)",
    r"\sin x \cos y": "sin(x)*cos(y)",
    r"\sin x \cdot y": "sin(x)*y",
    r"\sin\cos x": "sin(cos(x))",
    r"x\sin y": "x*sin(y)",
    r"\log x^2": "log(x^2)",
    r"\log\frac{a}{b}": "log(a/b)",
    r"\sin(x)y": "sin(x)*y",
    r"\sin^2 x": "sin(x)^2",
    r"\sin^2(x)\cos(x)": "sin(x)^2*cos(x)",
    r"\log_{2} x": "log(x)/log(2)",
    r"y/\log_2(x)": "y/(log(x)/log(2))",
    r"\exp\left[x\right]": "exp(x)",
    r"\max(0, x)": "max(0, x)",
    r"\max\{0, 1-s\}": "max(0, 1 - s)",
    r"\min(a,b,c)": "min(min(a, b), c)",
    r"\operatorname{ReLU}(x)": "relu(x)",
    r"\operatorname{Leaky\_ReLU}(x)": "leaky_relu(x)",
    r"\text{cross-entropy}(a, b)": "cross_entropy(a, b)",
    r"\mathrm{softmax}(z)": "softmax(z)",
    r"\operatorname{erf}(x) + \sinh x": "erf(x) + sinh(x)",
    r"\sigma(wx+b)": "sigmoid(w*x + b)",
    r"\sigma x + \sigma": "sigma*x + sigma",
    "σ(x)": "sigmoid(x)",
    r"-(y\log p + (1-y)\log(1-p))": "-(y*log(p) + (1 - y)*log(1 - p))",
    # bars
    "|x|": "abs(x)",
    "|x||y| + a|z|": "abs(x)*abs(y) + a*abs(z)",
    r"\left|x\right| + \lvert y\rvert + \bigl|z\bigr|": "abs(x) + abs(y) + abs(z)",
    r"\|x\| + \lVert x\rVert_2 + ||x||": "norm(x) + norm(x) + norm(x)",
    r"\|x\|^2 + \|x\|_2^2 + \|x\|^2_2": "L2(x) + L2(x) + L2(x)",
    r"\|x\|_1 + \|x\|_\infty^2": "sum(abs(x)) + amax(abs(x))^2",
    r"\|x\|^3": "norm(x)^3",
    # arrays
    r"W^T x": "transpose(W) @ x",
    r"\mathbf{w}^\top\mathbf{x} + b": "transpose(w) @ x + b",
    r"\mathbf{W}\mathbf{x} + \mathbf{b}": "W @ x + b",
    r"\mathbf{W}_2\max(0,\mathbf{W}_1\mathbf{x})": "W2 @ max(0, W1 @ x)",
    r"\mathbf{w}\cdot\mathbf{x}": "w @ x",
    r"\mathbf{x}\mathbf{x}^\top": "x @ transpose(x)",
    r"\frac{\lambda}{2}\mathbf{w}^\top\mathbf{w}": "lambda/2*transpose(w) @ w",
    r"2\mathbf{W}": "2*W",
    r"\vec{x}\odot\vec{y}": "x*y",
    "Wx": "W*x",
    r"e^T + 2^T + x^{\mathrm T}": "e^T + 2^T + transpose(x)",
    r"\begin{bmatrix} 1 & -2 \\ 3 & 4 \\ \end{bmatrix} \begin{pmatrix} x_1 \\ x_2 \end{pmatrix}":
        "[[1, -2], [3, 4]] @ [[x1], [x2]]",
    # lines
    r"g = wx \\ f = g + b": "g = w*x\nf = g + b",
    r"\begin{aligned} g &= wx \\[2pt] f &= g + b. \end{aligned}": "g = w*x\nf = g + b",
    r"$$\begin{align*} L &= (y-t)^2, \end{align*}$$": "L = (y - t)^2",
    "$wx$": "w*x",
    r"\(wx\)": "w*x",
    r"\[ wx. \]": "w*x",
    "% a comment\na %\n+ b\n  % and another": "a + b",
    r"\begin{align} f &= a \\ g & = f &&+ b \\ &2g& \end{align}": "f = a\ng = f + b\n2*g",
    r"a\,\quad b\! ~c": "a*b*c",
    r"\hat y(x) = wx": "y_hat = w*x",
    r"f = x \label{eq:1}\tag{2} \nonumber": "f = x",
    r"W := W - \eta g": "W = W - eta*g",
    r"f(x) = wx + b \\ L = (f(x) - t)^2": "f = w*x + b\nL = (f - t)^2",
    r"f(x) = x^2 \\ L = f(a) + f(x)": "def f(x): return x^2\nL = f(a) + f(x)",
    r"\sigma(z) = \frac{1}{1+e^{-z}} \\ a = \sigma(wx+b)": "def sigma(z): return 1/(1 + e^(-z))\na = sigma(w*x + b)",
    r"g = wx \\ f = g(a+b)": "g = w*x\nf = g*(a + b)",
    # what looks like a function or a derivative, and is none
    "p(1-p) + P[1-P] + p_1(1-p_1)": "p*(1 - p) + P*(1 - P) + p1*(1 - p1)",
    r"W = ab \\ W(x+y)": "W = a*b\nW*(x + y)",
    r"\mathbf{W}(\mathbf{x}+\mathbf{y})": "W @ (x + y)",
    r"W^T(x-y) + f^\top(x)": "transpose(W) @ (x - y) + transpose(f) @ x",
    r"J \cdot (w) + c(x) + \lambda(x+y)": "J*w + c*x + lambda*(x + y)",
    r"\frac{d}{d+1} + \frac{a}{dx} + \frac{d+1}{dx} + \frac{d_1}{d_2x}":
        "d/(d + 1) + a/(d*x) + (d + 1)/(d*x) + d1/(d2*x)",
    r"d = y - t \\ \frac{d}{dx}": "d = y - t\nd/(d*x)",
    r"\mathbf{W}\pi\mathbf{x} + \exp(\mathbf{W})": "W*pi @ x + exp(W)",
    r"c o s x + mgh + xyz": "c*o*s*x + m*g*h + x*y*z",
}  # fmt: skip

REFUSED = {  # what is named, and the place in the LaTeX
    "a/b c": ("divide", "c"),
    r"\sin x (y+1)": (r"does '\sin' take this", "("),
    r"\log a/b": (r"does '\log' take this", "/"),
    r"\log\frac{a}{b}c": (r"does '\log' take this", "c"),
    r"\sin^{-1} x": (r"\arcsin", "{-1}"),
    "f(x+1)": ("is 'f' a function", "f"),
    "J(w)": ("is 'J' a function", "J"),
    "p(x)q": ("is 'p' a function", "p"),
    r"\frac{d}{dx}x^2": ("a derivative?", r"\frac{d}{dx}"),
    r"\frac{df}{dx}": ("a derivative?", r"\frac{df}{dx}"),
    r"\frac{\mathrm d}{\mathrm dx}x": ("a derivative?", r"\frac{\mathrm d}{\mathrm dx}"),
    r"\frac{d^2 y}{dx^2}": ("a derivative?", r"\frac{d^2 y}{dx^2}"),
    r"\frac{-dL}{d\hat y}": ("a derivative?", r"\frac{-dL}{d\hat y}"),
    r"\dfrac{\mathrm{df}}{\mathrm{dx}}": ("a derivative?", r"\dfrac{\mathrm{df}}{\mathrm{dx}}"),
    r"\frac{x\,dy}{{d}\theta}": ("a derivative?", r"\frac{x\,dy}{{d}\theta}"),
    r"\frac{d(x^2)}{dx}": ("a derivative?", r"\frac{d(x^2)}{dx}"),
    r"\frac{d}{dx}\sin x": ("a derivative?", r"\frac{d}{dx}"),
    "L(y)": ("is 'L' a function", "L"),
    "F(x+1)": ("is 'F' a function", "F"),
    "2P(x)": ("is 'P' a function", "P"),
    "E[x]": ("is 'E' a function", "E"),
    "E[(x - E[x])^2]": ("is 'E' a function", "E"),
    r"\mathbb{E}_q\left[x\right]": ("a function", r"\mathbb{E}_q"),
    r"\mathcal{L}(x)": (r"\mathcal{L} \cdot", r"\mathcal{L}"),
    r"\mathcal N(0, 1)": ("a function", r"\mathcal N"),
    r"\Gamma(x)": (r"\operatorname{gamma}(x)", r"\Gamma"),
    r"\zeta(x)": (r"\operatorname{zeta}(x)", r"\zeta"),
    r"\Phi(x)": ("a function", r"\Phi"),
    r"W(x+y)": ("is 'W' a function", "W"),
    r"p_\theta(x)": ("a function", r"p_\theta"),
    r"\hat f_1(x)": ("a function", r"\hat f_1"),
    r"\text{loss}_1(x)": ("a function", r"\text{loss}_1"),
    "f^{-1}(x)": ("is 'f' a function", "f"),
    "cosx": (r"write \cos", "cosx"),
    "xcos y": (r"write \cos", "xcos"),
    "asin b": (r"write \sin", "asin"),
    "2lnx": (r"write \ln", "lnx"),
    "coshx": (r"write \cosh", "coshx"),
    "alphax": (r"write \alpha", "alphax"),
    "xrelu y": (r"write \operatorname{relu}", "xrelu"),
    "x & y": ("without lines", "&"),
    r"\begin{gather} a = b & c \end{gather}": ("without lines", "&"),
    r"\begin{align} a & b \end{align}": ("between two formulas", "&"),
    r"\begin{align} a &= b, & c &= d \end{align}": ("between two formulas", "&"),
    r"\begin{align} a &= b &&\text{so} \end{align}": ("between two formulas", "&"),
    "x%y": ("comment", "%y"),
    "a % b\n+ c": ("comment", "% b"),
    r"\frac{a}% b" + "\n{c}": ("comment", "% b"),
    r"\frac{x}{\mathbf{W}}": ("a quotient of a matrix", r"\mathbf{W}"),
    r"x/\mathbf{W}": ("a quotient of a matrix", r"\mathbf{W}"),
    r"e^{-\mathbf{W}}": ("a power of a matrix", r"{-\mathbf{W}}"),
    r"\sqrt{\mathbf{W}}": ("a root of a matrix", r"\sqrt{\mathbf{W}}"),
    r"|\mathbf{x}|^2": ("bars around an array", r"|\mathbf{x}|"),
    r"\lvert\mathbf{W}\rvert": ("bars around an array", r"\lvert\mathbf{W}\rvert"),
    r"\phi(x)": (r"a product is written \phi \cdot", r"\phi"),
    r"f(x) = x^2 \\ f(a) + f": ("'f' is a function here", "f"),
    "{a+b}c": ("do not show in print", "{a+b}"),
    r"\sin{a+b}": ("do not show in print", "{a+b}"),
    "{(a)+(b)}c": ("do not show in print", "{(a)+(b)}"),
    "{a+b}^2": ("do not show in print", "{a+b}"),
    "|a|b|c|": ("which bars", "|"),
    r"\mathbf{w}\mathbf{x}": ("two vectors", r"\mathbf{w}\mathbf{x}"),
    r"\mathbf{w}\times\mathbf{x}": ("two vectors", r"\mathbf{w}\times\mathbf{x}"),
    r"c w^\top w": ("a number or a vector", r"c w^\top"),
    r"\mathbf{W}^2": ("power of a matrix", "^"),
    r"\mathbf{e} - y": ("constant", r"\mathbf{e}"),
    r"x + \mathbf{x}": ("would both be 'x'", r"\mathbf{x}"),
    r"\hat y + y_{hat}": ("would both be 'y_hat'", "y_{hat}"),
    "x^{(i)}": ("a power or an index", "{(i)}"),
    "x'": ("a prime", "'"),
    "x2": ("a number after", "2"),
    "2^{-x}3^x": ("a number after", "3"),
    "x_10": ("a number after", "0"),
    "2 3": ("a space between", "3"),
    "1.2.3": ("'1.2.3' is not a number", "1.2.3"),
    "1e-3": ("10^{-3}", "1e-3"),
    r"1\frac12": ("number and a fraction", r"\frac12"),
    "x^2^3": ("two exponents", "^"),
    "x_1_2": ("two subscripts", "_"),
    "exp(x)": (r"write \exp", "exp"),
    "2xlog(y)": (r"write \log", "xlog"),
    "relu(x)": (r"\operatorname{relu}", "relu"),
    "alpha": (r"\alpha", "alpha"),
    r"\max x": ("parentheses", r"\max"),
    r"\max_i(x, y)": ("subscript", "_"),
    r"\mathrm{softmax} + 1": ("parentheses", r"\mathrm{softmax}"),
    r"\operatorname{frobnicate}(x)": ("unknown function 'frobnicate'", r"\operatorname{frobnicate}(x)"),
    r"\sigma(a,b)": ("takes 1 input", r"\sigma(a,b)"),
    r"\partial x": ("derivatives", r"\partial"),
    r"\sum_i x_i": ("terms", r"\sum"),
    r"\fraq{1}{2}": (r"did you mean '\frac'", r"\fraq"),
    r"a + \foo{b}": (r"'\foo' is not understood", r"\foo"),
    r"\begin{cases} x \end{cases}": ("cases", r"\begin{cases}"),
    r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}": ("different lengths", r"\begin{bmatrix}"),
    r"\frac\frac123": ("braces", r"\frac"),
    r"\frac{x}": ("missing or never closed", r"\frac"),
    r"\frac{x}{": ("missing or never closed", r"\frac"),
    r"\frac{}{2}": ("nothing in these braces", r"\frac{}{2}"),
    "{x": ("never closed", "{"),
    "x}": ("closing brace", "}"),
    "(a+b": ("not closed", "("),
    "(a+b]": ("not closed", "("),
    r"\left(a+b)": ("not closed", r"\left("),
    "|a": ("not closed", "|"),
    r"a - \right(b)": ("not open", r"\right("),
    r"\biggr(x)": ("not open", r"\biggr("),
    r"\exp\right(x\right)": ("not open", r"\right("),
    r"\bigr|x|": ("not open", r"\bigr|"),
    r"x\tag + y": ("needs braces", r"\tag"),
    "a)": ("cannot stand here", ")"),
    "()": ("cannot stand here", ")"),
    "a +": ("ends too early", "+"),
    "* a": ("cannot stand here", "*"),
    "x^": ("exponent is missing", "^"),
    "x_": ("subscript is missing", "_"),
    "a\\": ("nothing follows", "\\"),
    r"\left": ("bracket", r"\left"),
    r"\left. x \right|": ("bracket", r"\left."),
    "x²": ("'²' is not understood", "²"),
    r"f = a = b": ("second '='", "="),
    r"\begin{split} f &= a \\ &= b \end{split}": ("no name", "="),
    r"f = a \\ + b": ("only the last line", "+"),
    r"a \\ f = b": ("only the last line", "a"),
    "= a": ("no name", "="),
    "a =": ("nothing stands after", "="),
    "a + b = c": ("left side", "+"),
    r"\text{a b}": ("one name", r"\text{a b}"),
    r"\text{a $b$}": ("one name", r"\text{a $b$}"),
    "$a$ and $b$": ("not understood", "$a$"),
    r"\input{/etc/passwd}": (r"'\input' is not understood", r"\input"),
    r"\write18{ls}": (r"'\write' is not understood", r"\write"),
    r"\def\x{1}\x": (r"'\def' is not understood", r"\def"),
    r"\catcode`\%=12": (r"'\catcode' is not understood", r"\catcode"),
    "#1 + x": ("'#' is not understood", "#"),
    "x\x00": ("not understood", "\x00"),
    "x\x1b[31m": ("not understood", "\x1b"),
    "x \N{RIGHT-TO-LEFT OVERRIDE}": ("not understood", "\N{RIGHT-TO-LEFT OVERRIDE}"),
    "__import__": ("cannot stand here", "_"),
    "x.__class__": ("cannot stand here", "."),
    "": ("empty", ""),
    " % x": ("empty", " % x"),
    "$ $": ("empty", "$ $"),
}


@pytest.mark.parametrize(("latex", "expected"), PROGRAMS.items(), ids=PROGRAMS)
def test_a_formula_becomes_this_program(latex: str, expected: str) -> None:
    assert program(latex) == expected


@pytest.mark.parametrize(("latex", "told"), REFUSED.items(), ids=map(repr, REFUSED))
def test_what_is_not_understood_is_named_with_its_place(latex: str, told: tuple[str, str]) -> None:
    words, piece = told
    with pytest.raises(ProgramError) as error:
        program(latex)
    assert words in error.value.problem
    assert error.value.program == latex
    assert (error.value.place is None) is (latex == "")
    assert latex[slice(*(error.value.place or (0, 0)))] == piece
    assert "^" in str(error.value).splitlines()[-1] or not latex


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


MEANT: dict[str, Callable[..., float]] = {
    NEURON: lambda w0, x0, w1, x1, w2: sigmoid(w0 * x0 + w1 * x1 + w2),
    r"\frac12(y-t)^2": lambda y, t: (y - t) ** 2 / 2,
    r"\frac{1}{\sqrt{2\pi}\sigma}e^{-\frac{(x-\mu)^2}{2\sigma^2}}": lambda sigma, x, mu: (
        math.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma)
    ),
    r"-\left(y\log p+(1-y)\log(1-p)\right)": lambda y, p: -(y * math.log(p) + (1 - y) * math.log(1 - p)),
    r"\frac{e^x-e^{-x}}{e^x+e^{-x}}": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    r"-x^2y^{-1}": lambda x, y: -(x**2) / y,
    r"\max(0, 1 - yz) + \frac{\lambda}{2}w^2": lambda y, z, w, **k: max(0.0, 1 - y * z) + k["lambda"] / 2 * w**2,
    r"\sin 2\pi x\cos y": lambda x, y: math.sin(2 * math.pi * x) * math.cos(y),
    r"\sqrt[3]{x} + \log_2 x": lambda x: x ** (1 / 3) + math.log2(x),
    r"\sin^2 x + \tanh(y)^2": lambda x, y: math.sin(x) ** 2 + math.tanh(y) ** 2,
    r"|x - y||y|": lambda x, y: abs(x - y) * abs(y),
    r"a - (b - c) - 2ab/c": lambda a, b, c: a - (b - c) - 2 * a * b / c,
    r"g = wx \\ f = \sigma(g) + g": lambda w, x: sigmoid(w * x) + w * x,
    r"h(u) = u^2 + 1 \\ f = h(x) \cdot h(2x)": lambda x: (x**2 + 1) * (4 * x**2 + 1),
    r"2^{-x}\cdot 3^{x^{2}}": lambda x: 2**-x * 3 ** (x**2),
    r"\frac{a}{\frac{b}{c}}": lambda a, b, c: a / (b / c),
}


@pytest.mark.parametrize(("latex", "meant"), MEANT.items(), ids=MEANT)
def test_a_formula_computes_what_it_says(latex: str, meant: Callable[..., float]) -> None:
    text = program(latex)
    values = {name: 0.3 + 0.17 * n for n, name in enumerate(parse(text).input_names)}
    trace = evaluate(parse(text, values), values)
    assert trace.node_values[trace.graph.output] == pytest.approx(meant(**values), rel=1e-12)


def test_the_checker_of_values_can_fail() -> None:
    with pytest.raises(AssertionError):
        test_a_formula_computes_what_it_says("x+y", lambda x, y: x * y)


def test_a_layer_computes_what_numpy_says() -> None:
    w, x, b = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([0.3, 0.7]), np.array([0.1, -0.2])
    values = {"W": w, "x": x, "b": b}
    for latex, axes in ((r"\|\mathbf{W}\mathbf{x}+\mathbf{b}\|^2", {}), (r"\|Wx+b\|^2", {"W": 2, "x": 1, "b": 1})):
        trace = evaluate(parse(program(latex, axes), values), values)
        assert trace.node_values[trace.graph.output] == pytest.approx(np.sum((w @ x + b) ** 2))


def test_the_neuron_is_the_readme_s_graph() -> None:
    assert README_NEURON in Path("README.md").read_text()
    ours, theirs = parse(program(NEURON)), parse(README_NEURON)
    for column in ("operands", "names", "constants", "folded", "gates"):
        assert getattr(ours, column) == getattr(theirs, column), column


def test_values_say_what_is_a_matrix() -> None:
    assert program("Wx") == program("Wx", {"W": 0, "x": 0}) == "W*x"
    assert program("Wx + b", {"W": 2, "x": 1, "b": 1}) == "W @ x + b"
    assert program(r"c w^\top w", {"c": 0, "w": 1}) == "c*transpose(w) @ w"
    assert program(r"z = \mathbf{x} \\ z^\top z") == "z = x\ntranspose(z) @ z"
    with pytest.raises(ProgramError, match="two vectors"):
        program("wx", {"w": 1, "x": 1})


WITH_VALUES = {  # by the axes of the values
    "W(x+y)": "W @ (x + y)",
    "c(x) + F(c)": "c*x + F*c",
    "Wcx": "W*c @ x",
    r"W2cF\frac{c}{2}x": None,
    r"Wc\frac{F}{2}(c+1)^2x": "W*c*(F/2)*(c + 1)^2 @ x",
    "cWx": "c*W @ x",
    r"W\sigma(c)x": "W*sigmoid(c) @ x",
    r"k = 2c \\ Wkx": "k = 2*c\nW*k @ x",
    r"x^\top cx": "transpose(x)*c @ x",
    r"\frac{W}{V}": None,
    "e^{W}": None,
    "c^{WV}": None,
    "|x|^2": None,
    "|W|": None,
    r"\frac{W}{c} + \frac{x}{y} + |c|": "W/c + x/y + abs(c)",
}


@pytest.mark.parametrize(("latex", "expected"), WITH_VALUES.items(), ids=WITH_VALUES)
def test_what_the_values_say_decides_what_a_product_is(latex: str, expected: str | None) -> None:
    axes = {"W": 2, "V": 2, "x": 1, "y": 1, "c": 0, "F": 0}
    if expected is None:
        with pytest.raises(ProgramError) as error:
            program(latex, axes)
        assert error.value.place is not None
    else:
        assert program(latex, axes) == expected


def test_a_number_within_a_product_of_matrices_scales_it() -> None:
    values = {"W": np.array([[1.0, -2.0], [3.0, 0.5]]), "a": 3.0, "x": np.array([0.3, 0.7])}
    trace = evaluate(parse(program(r"\|Wax\|", {"W": 2, "a": 0, "x": 1}), values), values)
    assert trace.node_values[trace.graph.output] == pytest.approx(np.linalg.norm(3 * values["W"] @ values["x"]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_gate_table_is_known_by_its_name(name: str) -> None:
    gate = FUNCTIONS[name][0]
    inputs = ", ".join("abc"[: 2 if gate.variadic else gate.arity])
    try:
        expected = parse(f"{name}({inputs})").gates[-1]
    except ProgramError as error:  # those that need a setting
        with pytest.raises(ProgramError, match=re.escape(error.problem)):
            program(rf"\operatorname{{{name}}}({inputs})")
        return
    written = name.replace("_", "\\_")
    for style in ("operatorname", "mathrm", "text"):
        for word in (written, written.upper() if name.isascii() else written):
            graph = parse(program(rf"\{style}{{{word}}}({inputs})"))
            assert graph.gates[graph.output] is expected


@pytest.mark.parametrize("macro", [m for m in FUNCTION_MACROS if FUNCTION_MACROS[m] not in PAIRED])
def test_every_function_s_macro_goes_with_and_without_parentheses(macro: str) -> None:
    assert program(rf"{macro} x") == program(rf"{macro}(x)") == program(rf"{macro}\left(x\right)")


def test_every_table_is_understood() -> None:
    for text, infix in INFIX.items():
        assert program(f"a {text} b").replace(" ", "") == f"a{infix.mark}b"
    for macro in NAMES:
        assert program(f"{macro} + 1") == f"{NAMES[macro]} + 1"
    for macro in FRACTIONS:
        assert program(f"{macro}{{a}}{{b}}") == "a/b"
    for name in MATRICES:
        assert program(rf"\begin{{{name}}} 1 & 2 \end{{{name}}}") == "[[1, 2]]"
    for name in LINES:
        assert program(rf"\begin{{{name}}} a = b \\ a \end{{{name}}}") == "a = b\na"
    for macro in SIZES:
        twin = {"\\left": "\\right", "l": "r"}.get(macro, macro[:-1] + "r" if macro[-1] == "l" else macro)
        if macro not in ("\\right",) and macro[-1] != "r":
            assert program(f"{macro}(a + b{twin})c") == "(a + b)*c"


@pytest.mark.parametrize("text", HINTS)
def test_every_hint_is_given(text: str) -> None:
    latex = f"{text} x {text.replace('begin', 'end')}" if text.startswith("\\begin") else f"x + {text}"
    with pytest.raises(ProgramError, match=re.escape(HINTS[text])):
        program(f"x{text}" if len(text) == 1 else latex)


def test_no_word_that_is_spelled_out_becomes_a_product_of_letters() -> None:
    for word, macro in SPELLED_OUT.items():
        if word.isalpha():
            with pytest.raises(ProgramError, match=re.escape(f"write {macro}")):
                program(f"{word} + 1")
    assert program("e x p") == "e*x*p"


def test_the_products_of_arrays_are_told_apart() -> None:
    assert not MATMUL.keys() & UNCLEAR.keys()
    assert {kind for pair in (*MATMUL, *UNCLEAR) for kind in pair} <= set("npluvrm")


# places --------------------------------------------------------------------------------------------------------------


def test_an_error_in_the_program_is_told_in_the_latex() -> None:
    read = translation(r"\frac{Ax}{2} + \|\mathbf{W}\mathbf{x}_1\|^2")
    values = {"A": 1.0, "x": 1.0, "W": np.ones((2, 3)), "x1": np.ones(2)}
    with pytest.raises(GradvizError) as error:
        evaluate(parse(read.program, values), values)
    told = read.told(error.value)
    assert type(told) is type(error.value)
    assert told.place is not None
    assert r"\mathbf{x}_1" in read.latex[slice(*told.place)]
    assert read.told(OptionError("of something else")).place is None


def test_every_piece_of_the_program_has_a_place_in_the_latex() -> None:
    for latex in PROGRAMS:
        read = translation(latex)
        for at in range(len(read.program)):
            start, end = read.place((at, at + 1))
            assert 0 <= start < end <= len(latex)
    read = translation(r"a + \exp(bc)")
    assert read.latex[slice(*read.place((read.program.index("c"), read.program.index("c") + 1)))] == "c"


# hostile texts -------------------------------------------------------------------------------------------------------

DEEP = {
    "braces": ("{", "}"), "parentheses": ("(", ")"), "fractions": (r"\frac{1}{", "}"), "left": (r"\left(", r"\right)"),
    "powers": ("x^{", "}"), "roots": (r"\sqrt[2]{", "}"), "bars": (r"\lvert", r"\rvert"), "functions": (r"\sin", ""),
    "matrices": (r"\begin{matrix}", r"\end{matrix}"), "lines": (r"\begin{aligned}", r"\end{aligned}"),
    "indices": (r"\sqrt[", "]{x}"), "subscripts": ("x_{", "}"), "hats": (r"\hat{", "}"), "math": (r"\(", r"\)"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deep_is_told(before: str, after: str) -> None:
    for levels in (MOST_LEVELS + 5, 10_000 // len(before)):
        for latex in (before * levels + " x" + after * levels, before * levels):
            with pytest.raises(ProgramError) as error:
                program(latex)
            assert error.value.place is not None
    with pytest.raises(ProgramError, match=f"nested more than {MOST_LEVELS} deep"):
        program(before * (MOST_LEVELS + 5) + " x" + after * (MOST_LEVELS + 5))


def test_what_lectures_nest_is_not_too_deep() -> None:
    levels = MOST_LEVELS - 3
    assert program("(" * levels + "x" + ")" * levels) == "x"
    assert program(r"\frac{1}{1+" * (levels // 2) + "x" + "}" * (levels // 2)).count("/") == levels // 2


def test_long_formulas_are_read_and_too_long_ones_refused() -> None:
    assert program("+".join(["x_1"] * 5_000)).count("+") == 4_999
    assert program("-" * 5_000 + "x").count("-") == 5_000
    with pytest.raises(ProgramError, match="30 001 letters of a formula in LaTeX; 30 000 are the most"):
        program("x" * 30_001)


def test_without_pylatexenc_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylatexenc", None)
    monkeypatch.setitem(sys.modules, "pylatexenc.latexwalker", None)
    with pytest.raises(OptionError, match=r"^.*extra 'latex', or by pip install pylatexenc$") as error:
        program("x")
    assert "\n" not in str(error.value)


def test_reading_latex_loads_neither_numpy_nor_sympy() -> None:
    code = f"import sys; from gradviz.latex import program; program({NEURON!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "sympy", "rich"} & set(loaded)


TOKENS = [
    *"abwxyzfgeTW0123456789+-*/=^_{}[]()|&,.;:'!<>~$%#@\\ \n\t²é−·σ\x00", *ARGUMENTS, *FUNCTION_MACROS, *NAMES, *SIZES,
    *HINTS, *(text for text in INFIX if len(text) > 1), r"\\", r"\{", r"\}", r"\|", r"\(", r"\)", r"\[", r"\]", r"\top",
    r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{aligned}", r"\end{aligned}", r"\operatorname{relu}", r"\mathbf{W}",
    r"\text{softmax}", "x_1", "^2", "^{-x}", r"\frac{1}{x}", "(x)", "{x}", "f(x)=", r"\input", r"\verb|x|", r"\,",
]  # fmt: skip


@settings(max_examples=examples(600), deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14).map("".join) | st.text(max_size=12))
def test_any_text_is_a_program_or_one_error(latex: str) -> None:
    error = error_of(latex)
    if error is not None:
        assert error.program == latex
        start, end = error.place or (0, len(latex) or 1)
        assert 0 <= start < end <= (len(latex) or 1)
        assert all(c.isprintable() or c == "\n" for c in str(error))


def error_of(latex: str) -> ProgramError | None:
    try:
        parse(program(latex))
    except ProgramError as error:
        return error
    return None


NAMES_OF_VALUES = ("a", "b", "c", "x")
VALUES = dict(zip(NAMES_OF_VALUES, (0.7, 1.3, 0.4, 1.1), strict=True))


def formulas() -> st.SearchStrategy[tuple[str, float]]:
    """Formulas and their values, computed beside them."""
    leaves = st.sampled_from([(name, VALUES[name]) for name in NAMES_OF_VALUES])

    def larger(inner: st.SearchStrategy[tuple[str, float]]) -> st.SearchStrategy[tuple[str, float]]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda p: (rf"\left({p[0][0]}\right)+{{{leaf(p[1][0])}}}", p[0][1] + p[1][1])),
            pairs.map(lambda p: (f"{leaf(p[0][0])}-{leaf(p[1][0])}", p[0][1] - p[1][1])),
            pairs.map(lambda p: (f"{leaf(p[0][0])}{leaf(p[1][0])}", p[0][1] * p[1][1])),
            pairs.map(lambda p: (rf"\frac{{{p[0][0]}}}{{3+\left|{p[1][0]}\right|}}", p[0][1] / (3 + abs(p[1][1])))),
            inner.map(lambda p: (f"-{leaf(p[0])}^2", -(p[1] ** 2))),
            inner.map(lambda p: (rf"\tanh {leaf(p[0])}", math.tanh(p[1]))),
            inner.map(lambda p: (rf"e^{{-\sin({p[0]})}}", math.exp(-math.sin(p[1])))),
        )

    return st.recursive(leaves, larger, max_leaves=12)


def leaf(latex: str) -> str:
    return latex if len(latex) == 1 else f"({latex})"


@settings(max_examples=200, deadline=None)
@given(formulas())
def test_random_formulas_compute_what_they_say(formula: tuple[str, float]) -> None:
    latex, meant = formula
    values = {name: VALUES[name] for name in parse(program(latex)).input_names}
    trace = evaluate(parse(program(latex), values), values)
    assert trace.node_values[trace.graph.output] == pytest.approx(meant, rel=1e-9, abs=1e-9)
