"""Broken programs, values, names and options: what is mistyped, cut off, mixed up, or not text at all."""

# ruff: noqa: E501  rows of tables

from __future__ import annotations

from tests.hostile.cases import Case, drawn, refused

PROGRAMS = (
    "", " ", "\n", ";", ";;", "#", "# x", "\t", "\ufeff", "(", ")", "()", "(()", "[", "]", "[]", "{x}", "x)", "(x", "((x)",
    "x]", "[x", "[x)", "(x]", "x,", ",x", "x,y", "x y", "2x", "x 2", "x..y", "x.", ".x", "x.y", "x.1", "1.2.3", "1..2", "1e",
    "1e+", "0x", "0x1g", "1__0", "1_", "_", "__", "+", "-", "*", "/", "**", "@", "=", "==", "x=", "=x", "x=y=", "x:=1",
    "x!", "!x", "~x", "x|y", "x&y", "x&&y", "x^", "^x", "x**", "**x", "x+", "x*", "x/", "x@", "x//y",
    "x%y", "x%", "x?y:z", "x->y", "x=>y", "x=;", "f()", "f(x", "exp", "exp()", "exp(x,)x", "exp(,x)",
    "exp(x y)", "exp(x)(y)", "exp[x]", "exp x", "exp(x,y,z)", "max()", "sum()", "sum(x", "log(x,", "relu(x=1)",
    "softmax(x,axis=)", "softmax(x,axis=x)", "softmax(x,axis=1e99)", "softmax(x,axis=1,axis=1)", "sum(x,axis=None,)y",
    "x[", "x[]", "x[]]", "x[1", "x[1:", "x[1:2:3:4]", "x[::0]", "x[1.5]", "x[x]", "x['a']", "x[None]y", "x[...", "x[1,,2]",
    "x.T.", "x.T(1)", "x.nope", "x.sum(", "x.reshape()", "x.reshape(x)", "def", "def f", "def f(", "def f(x", "def f(x)",
    "def f(x):", "def f(x): return", "def f(x): return x", "def f(x,x): return x\nf(x)", "def f(x): return f(x)\nf(x)",
    "def f(x): return g(x)\ndef g(x): return f(x)\nf(x)", "def f(): return 1\nf(1)", "def f(x): return y\nf(x)",
    "def 1(x): return x\nx", "def f(1): return x\nx", "def f(*x): return x\nf(x)", "return x", "if x: y", "for x in y: z",
    "'x'", '"x"', "`x`", "x'", "'", '"', '"""', "'''x'''", "b'x'", "f'x'", "\\", "\\n", "x\\", "\\x", "$x$", "€", "x€y", "☃",
    "🙂", "🙂+1", "x+🙂", "∞", "√", "√√", "²", "x²²", "⁻¹", "∂x", "Σx", "∫x", "∑", "x′", "x₁₂₃+", "π(", "½", "Ⅷ", "٣", "x·", "·x",
    "x×", "−", "x−", "‐x", "x—y", "(＋)", "１＋", "\x00", "x\x00", "\x01", "\x07", "\x1b", "\x1b[31mx", "\x7f", "\x80", "\x85",
    "\x9b31m", "\u200b", "x\u200by", "\u200e", "x\u202ey", "\u2066x", "\u2028", "\u2029x y", "x\ufeffy", "\ufffe", "\uffff", "\ufffd",
    "\U000e0041", "\U0010ffff", "\ue000", "\u3164", "\u115f", "\u0300", "x\u0300\u0300+", "\u0e33", "a\u0328\u0301)", "ﬁ(", "\ud800",
    "x\ud800", "\udcff", "x\udcffy", "<x>", "<b>x</b>", "&lt;", "&x;", "x</text>", "]]>", "<!--", "<?xml?>", "//x", "/*x*/", "%x",
    "-- x", "x --", "SELECT 1", "rm -rf /", "../x", "C:\\x", "http://x", "x@y.z", "@x", "@", "#!/bin/sh", "NaN(", "inf(", "None(",
    "True+", "1e400+", "9" * 5000 + "(", "x" * 500 + "(", "((((((((((x", "x))))))))))", "-" * 100, "+" * 1000, "x" + "'" * 1000,
)  # fmt: skip
RIGHT = (  # what looks wrong and is not
    "x==y", "x<y", "x>y", "x!=y", "x<-y", "x;y;", "x–y", "#include <math.h>\nx", "def f(x):\n\treturn x\n  y\nf(x)", "x <- 1",
    "lambda", "class", "import", "None_", "e", "pi", "x # y", "x\n\n\n", "x\r\n", "x\ry", "x\u2028y", "ｘ＋ｙ", "１＋ｘ",
    "𝐱", "ℯ*x", "x²⁰", "((((((((((x))))))))))", "x" * 150, "비용 = x\n비용*2", "θ = x; θ*θ", "eval = x; eval*2", "__class__ = x; __class__*2",
    "os = x; os*2", "open + close", "constructor*__proto__", "-" * 99 + "x", "x" + "+x" * 500, "x;" * 300 + "x", "x=x+x;" * 60 + "x",
)  # fmt: skip
VALUES = (
    "", " ", "x", "abc", "1,2", "1 2", "1;2", "--", "-", "+", "1e", "e1", "0x", "0xg", "1__0", "1_", "_1", "one", "nan nan", "1e400",
    "-1e400", "1e-", "inf+", "infx", "1/0", "0/0", "1/", "(1", "1)", "()", "2**", "**2", "2 3", "1e5e5", "1.2.3", "..", ".", "1,",
    ",1", "1'000", "1.000,5", "1j", "1+2j", "True", "None", "null", "NaN(1)", "x=1", "=1", "==1", "pi pi", "exp(x)", "exp(1",
    "$1", "£1", "1€", "1%", "½", "²", "١٢x", "１２x", "∞x", "\x00", "\x1b[1m1", "1\u202e2", "\u200b1", "\ud800", "1\udcff", "[", "]", "[1",
    "1]", "[]", "[[]]", "[[],[]]", "[1,[2]]", "[[1,2],[3]]", "[[1],2]", "[1 2]", "[1,,2]", "[,1]", "[,]", "[1],[2]", "[1][2]", "[x]",
    "['1']", '["1"]', "[1;2]", "[[1,2],[3,4]", "[1,2]]", "[(1,2)]", "(1,2)", "{1,2}", "[None]", "[true]", "[1e400]", "[-1e999]",
    "[1,1/0]", "[1:2]", "[...]", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "[" * 40 + "1" + "]" * 40, "[" * 70 + "1" + "]" * 70,
    "@", "@nope.npy", "@nope.csv", "@nope", "@.", "@..", "@/", "@/dev/null", "@/dev/null.csv", "@/dev/zero.npy", "@/proc/self/mem.npy", "@x.pkl",
    "@x.exe", "@~/x.csv", "@http://x/y.csv", "@\x00.csv", "@x\n.csv", "@-", "@" + "a" * 300 + ".csv", "@" + "a/" * 3000 + ".csv",
    "9" * 5000, "-" * 5000, "(" * 5000 + "1", "1" + "+1" * 5000 + "+", "1e" + "9" * 5000, "." * 5000, "[" * 5000, "[1," * 5000,
)  # fmt: skip
NAMES = (
    "1", "1x", "-", "--", "x-y", "x.y", "x y", "x+y", "", " ", "x/y", "x\\y", "x:y", "x;y", "x,y", "x'", 'x"', "x$", "$x", "@x", "#",
    "x\n", "\nx", "\x00x", "x\x1b[1m", "\u202ex", "x\u200b", "🙂", "\ud800", "\udcff", "<x>", "&amp;", "../x", "/etc/passwd", "()", "[]",
    "x()", "x[0]", "½", "²", "∞", "x" * 5000 + "-", "nope", "xx", "x1", "ｘx", "__class__", "__proto__", "constructor", "self", "os",
)  # fmt: skip
OPTIONS = (
    ("--nope",), ("--nope", "x"), ("x", "--nope"), ("--", ), ("--=",), ("--=1",), ("---",), ("-",), ("-o",), ("-f",), ("x", "-o"),
    ("x", "-f"), ("x", "-f", "nope"), ("x", "-f", ""), ("x", "-f", "PNG "), ("x", "--format="), ("x", "--format"),
    ("x", "-f", "../svg"), ("x", "-f", "svg\n"), ("x", "-fsvg"), ("x", "-ofigure.svg"), ("x", "-o", "nope"), ("x", "-o", "f.exe"),
    ("x", "-o", "f."), ("x", "-o", ".svg "), ("x", "--digits", "-1"), ("x", "--digits", "x"), ("x", "--digits", "1e3"),
    ("x", "--digits", "9" * 5000), ("x", "--digits="), ("x", "--digits", "٣٣٣"), ("x", "--digits", "²"), ("x", "--digits", "1.5"),
    ("x", "--theme="), ("x", "--theme", "nope"), ("x", "--theme", "/"), ("x", "--theme", "/dev/null"), ("x", "--theme", "nope.toml"),
    ("x", "--theme", ".toml"), ("x", "--theme", "/proc/self/mem.toml"), ("x", "--engine", "nope"), ("x", "--engine="),
    ("x", "--layout", "nope"), ("x", "--lang", "xx"), ("x", "--lang", "../en"), ("x", "--of", "nope"), ("x", "--of="),
    ("x", "--seed", "x"), ("x", "--seed", "[1,2]", "--x=1"), ("x", "--seed", "1", "--jacobian", "--x=1"), ("x", "--show", "nope"),
    ("x", "--show", "values,,grads;"), ("x", "--hide", "nope"), ("x", "--upstream", "1"), ("x", "--upstream", "a b"),
    ("x", "--upstream="), ("x", "--focus", "nope"), ("x", "--focus="), ("x", "--radius", "-1", "--focus=x"),
    ("x", "--radius", "x", "--focus=x"), ("x", "--radius", "9" * 5000, "--focus=x"), ("x", "--top-gradients", "0"),
    ("x", "--top-gradients", "x"), ("x", "--nudge", "x"), ("x", "--nudge", "x="), ("x", "--nudge", "=1"), ("x", "--nudge", "y=1", "--x=1"),
    ("x", "--nudge", "x=1"), ("x", "--nudge", "x=1e999", "--x=1"), ("x", "--expand", ""), ("x", "--expand", "nope"),
    ("x", "--expand", ","), ("x", "--open", "nope"), ("x", "--set"), ("x", "--set", "x"), ("x", "--set", "=1"), ("x", "--set", "x="),
    ("x", "--set="), ("x", "--set", "x=1", "--set", "x=2"), ("x", "--x=1", "--x=2"), ("x", "--x=1", "--set=x=2"), ("x", "--x"),
    ("x", "--strict=1"), ("x", "--jacobian=yes"), ("x", "--seconds", "2"), ("x", "--steps", "--seconds", "x"),
    ("x", "--steps", "--seconds", "-1"), ("x", "--steps", "--seconds", "nan"), ("x", "--steps", "--seconds", "1e308"),
    ("x", "--fragments", "--seconds", "1"), ("x", "--simplify", "--factor"), ("x", "y"), ("x", "*", "y"), ("x", "-x"), ("x", "-", "y"),
    ("nope", "x"), ("rendre", "x"), ("bacth", "x"), ("render",), ("render", "x", "y"), ("explain",), ("explain", "x", "y"),
    ("explain", "x", "-f", "svg"), ("explain", "x", "-o", "f.svg"), ("explain", "nope.toml"), ("batch",), ("batch", "x"),
    ("batch", "x", "--out"), ("batch", "--out", "d"), ("batch", "nope", "--out", "d"), ("batch", "nope.toml", "--out", "d"),
    ("batch", ".", "--out", "d"), ("batch", "-", "--out", "d", "--jobs", "0"), ("batch", "-", "--out", "d", "--jobs", "-1"),
    ("batch", "-", "--out", "d", "--jobs", "x"), ("batch", "-", "--out", "d", "-f", "nope"), ("batch", "-", "--out", "d", "--nope"),
    ("batch", "-", "--out", "d", "--x=1"), ("table",), ("table", "x.csv"), ("table", "nope.csv", "x"), ("table", "x", "nope.csv"),
    ("table", "/", "x"), ("table", "-", "x", "y"), ("table", "-", "x", "--nope=1"), ("quiz",), ("quiz", "x"), ("quiz", "-"),
    ("quiz", "--random", "0"), ("quiz", "--random", "x"), ("quiz", "--random", "1", "x"), ("quiz", "--random", "1", "--level", "nope"),
    ("quiz", "--seed", "1"), ("worksheet",), ("worksheet", "x"), ("worksheet", "x", "--out"), ("worksheet", "--random=1"),
    ("worksheet", "--random=-1", "--out=d"), ("gates", "x"), ("gates", "--nope"), ("themes", "x"), ("samples", "x"), ("gates", "-o", "f"),
    ("x", "-f", "png", "-f"), ("x", "--title"), ("x", "--nope=\x1b[31m"), ("\x1b[31mx", "y"), ("--\x1b[31m",), ("--\udcff=1", "x"),
    ("\udcff",), ("x", "-f", "\udcff"), ("x", "--theme", "\udcff"), ("x", "--theme=\udcff.toml"), ("x", "--of=\ud800"), ("x", "\udcff.svg", "-o"),
    ("batch", "\udcff.toml", "--out", "d"), ("batch", "\n.toml", "--out", "d"), ("table", "\udcff.csv", "x"), ("x" * 100_000 + "(",),
    ("--" + "x" * 100_000,), ("--" + "x" * 100_000 + "=", "x"), ("x", "--theme=" + "t" * 100_000), ("x", "--of=" + "t" * 100_000),
    tuple("x" * 1000), tuple(f"--x{k}=1" for k in range(1000)), ("x", *("--x=1",) * 1000), ("x", *("--strict",) * 1000, "--nope=1"),
)  # fmt: skip
PASTED = (  # what a cell of a notebook or a page holds around an expression
    ">>> x = 1\n>>> x", "In [1]: x*x", "Out[1]: 3", "!ls", "!touch CANARY", "%timeit x", "%%bash\ntouch CANARY", "?x", "x?",
    "import torch\nx = torch.tensor(1.0, requires_grad=True)\ny = x * x\ny.backward()", "import numpy as np\nnp.exp(x",
    "from math import exp\nexp(x) +", "x = np.array([1,2,3])\nx.sum() +", "class Net(nn.Module): pass",
    "model = nn.Linear(3, 1)\nmodel(x)", "with torch.no_grad():\n    y = x", "print(x)", "print(f'{x}')", "x.backward()", "loss.item()",
    "x = y = z = 1", "x, y = 1, 2\nx*y", "x = (1,\ny", "for i in range(3):\n    x = x*x", "if x > 0:\n    y = x\nelse:\n    y = -x",
    "y = x if x > 0 else 0", "y = [i for i in x]", "y = lambda x: x", "x = 'a'", "x = \"\"\"a\"\"\"", "x = {'a': 1}", "x = {1, 2}",
    "assert x\nx", "del x", "global x\nx", "try:\n    x\nexcept:\n    y", "@torch.jit.script\ndef f(x): return x\nf(x)",
    "async def f(x): return x\nf(x)", "# coding: rot13\nk", "```python\nx*x\n```", "$$x^2$$", "\\begin{equation}x\\end{equation}",
    "<code>x*x</code>", "<pre>x</pre>", "diff --git a/x b/x", "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b", "{\"cells\": []}", "x*x // comment",
    "const x = 1;", "let y = x => x*x", "y ~ x", "function f(x) x end", "y = @(x) x.^2;",
)  # fmt: skip
LATEX = (
    "\\", "\\frac", "\\frac{1}", "\\frac{1}{", "\\frac12", "{", "}", "{x", "x}", "x^", "x_", "x^{", "x^^2", "x__1", "\\sqrt", "\\sqrt[",
    "\\sqrt[3]{", "\\left(", "\\left( x", "\\right)", "\\left( x \\right]", "\\left x", "\\sum", "\\sum_{i=1}", "\\sum_{i=1}^{n}",
    "\\sum_{i=1}^{9999999999} x_i", "\\prod", "\\int x dx", "\\lim_{x}", "\\begin", "\\begin{", "\\begin{x}", "\\begin{matrix}",
    "\\begin{pmatrix} 1 & 2 \\\\ 3", "\\end{pmatrix}", "\\begin{document}x\\end{document}", "\\newcommand{\\x}{\\x\\x}\\x",
    "\\def\\x{\\x\\x}\\x", "\\let\\x=\\y x", "\\loop x\\repeat", "\\expandafter\\x", "\\csname x\\endcsname", "\\catcode`x=0 x",
    "\\input{/etc/passwd}", "\\include{/etc/passwd}", "\\openin1=/etc/passwd", "\\read1 to\\x", "\\write18{touch CANARY}",
    "\\immediate\\write18{touch CANARY}", "\\directlua{os.execute('touch CANARY')}", "\\special{x}", "\\href{x}{y}", "\\url{x}",
    "\\usepackage{x}", "\\documentclass{x}", "\\text{", "\\mathrm{", "\\operatorname{", "\\operatorname{nope}(x)", "\\nope", "\\nope{x}",
    "\\alpha\\", "%", "% x", "#1", "&", "x & y", "x \\\\ y", "~", "\\,", "$", "$x", "$$x$$$", "\\(x", "\\[x", "\\]", "^^5c", "^^M",
    "\\^", "\\verb|x|", "\\ensuremath", "\\frac{x}{y}{", "x'", "x''", "|x", "\\|x", "\\lvert x", "\\exp", "\\exp{", "\\log_", "\\log_{2}",
    "\\sin^2", "\\mathbb{", "\\hat", "\\vec{", "\\overline{x", "\\underbrace{x}_", "\\stackrel", "\\color{red}x", "\\phantom{x}", "\x00", "\ud800",
    "x\x1b[1m", "\\x" * 1000, "{" * 1000, "{" * 1000 + "x", "x^" * 1000, "\\frac{" * 1000, "\\left(" * 1000, "\\sqrt{" * 1000,
)  # fmt: skip


def cases() -> dict[str, Case]:
    """Each of them where it belongs."""
    found = {f"program-{number}": refused("--x=1", "--y=2", "--", text) for number, text in enumerate(PROGRAMS)}
    found |= {f"value-{number}": refused("w*x", "--x=1", f"--w={text}") for number, text in enumerate(VALUES)}
    found |= {f"name-{number}": refused("x*x", "--x=1", f"--{text}=1") for number, text in enumerate(NAMES)}
    found |= {f"options-{number}": refused(*words) for number, words in enumerate(OPTIONS)}
    found |= {f"pasted-{number}": refused("--x=1", "--", text) for number, text in enumerate(PASTED)}
    found |= {f"latex-{number}": refused("--latex", "--x=1", "--", text) for number, text in enumerate(LATEX)}
    found |= {f"right-{number}": Case(("--", text), 0) for number, text in enumerate(RIGHT)}
    return found | {"right": drawn("x*x", "--x=1")}
