"""Inputs that would take the time or the memory of the machine: each costs a second or so, and one line."""

# ruff: noqa: E501  rows of tables

from __future__ import annotations

import struct

from tests.hostile.cases import FULL, Case, refused


def npy(shape: str, data: bytes = b"", kind: str = "<f8") -> bytes:
    """A file whose header says what it likes."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


SHARE = 1 if FULL else 200


def size(full: int) -> int:
    """How many in this run."""
    return full // SHARE


MANY = 100_000
# told of a limit, with the variable that raises it, or drawn
EITHER: dict[str, tuple[str, ...]] = {
    "power tower": ("9**9**9**9",),
    "power tower with names": ("x**x**x**x**x", "--x=9"),
    "exp tower": ("exp(exp(exp(exp(9))))",),
    "exp tower of 999": ("exp(" * 999 + "x" + ")" * 999, "--x=9", "-f", "json"),
    "ten to ten to ten": ("10**10**10",),
    "negative tower": ("(-9)**(9**9)",),
    "tower of a value": ("x", "--x=9**9**9**9"),
    "fraction of towers": ("x", "--x=9**9**9/9**9**9"),
    "huge integer": ("9" * MANY,),
    "huge exponent": ("1e" + "9" * MANY,),
    "tiny exponent": ("1e-" + "9" * MANY,),
    "huge fraction": ("x*." + "9" * MANY, "--x=1"),
    "1e400": ("1e400*x", "--x=1"),
    "1e-400": ("1e-400*x", "--x=1"),
    "huge power": ("x**(9**9)", "--x=2"),
    "huge superscript": ("x" + "⁹" * 5000, "--x=2"),
    "factorial": ("--", "gamma(1e300)"),
    "doubling": ("x = x + x\n" * 60 + "x", "--x=1"),
    "squaring": ("x = x*x\n" * 60 + "x", "--x=2"),
    "doubling 3 000 times": ("x = x + x\n" * size(3000) + "x", "--x=1", "-f", "json"),
    "definitions that double": (
        "def f0(x): return x+x\n" + "".join(f"def f{k}(x): return f{k - 1}(f{k - 1}(x))\n" for k in range(1, 40)) + "f39(x)", "--x=1"),
    "definitions that double, opened": (
        "def f0(x): return x+x\n" + "".join(f"def f{k}(x): return f{k - 1}(f{k - 1}(x))\n" for k in range(1, 40)) + "f39(x)",
        "--x=1", "--expand=all"),
    "definitions in a chain": (
        "def f0(x): return x+x\n" + "".join(f"def f{k}(x): return f{k - 1}(x)\n" for k in range(1, 2000)) + "f1999(x)", "--x=1", "-f", "json"),
    "wide definition": ("def f(" + ",".join(f"a{k}" for k in range(size(5000))) + "): return a0\nf(" + ",".join("x" * size(5000)) + ")", "--x=1"),
    "many names": ("+".join(f"x{k}" for k in range(size(12_000))), "-f", "json"),
    "long name": ("x" * MANY + "+1",),
    "long name of a value": ("x", "--" + "x" * MANY + "=1", "--x=1"),
    "long title": ("x", "--title=" + "t" * MANY),
    "long title of wide letters": ("x", "--title=" + "한" * 30_000),
    "long title of marks": ("x", "--title=x" + "\u0301" * 60_000),
    "many lines of a title": ("x", "--title=" + "\n" * MANY),
    "long upstream": ("x*x", "--x=1", "--upstream=" + "L" * MANY),
    "many names to show": ("x", "--show=" + "values," * 15_000),
    "many to expand": ("x", "--expand=" + "tanh," * 15_000 + "tanh"),
    "many to focus": ("x*x", "--x=1", "--focus=" + "x," * 50_000 + "x"),
    "many nudges": ("x*x", "--x=1", "--nudge=" + "x=1," * 25_000 + "x=1"),
    "many lists": ("sum(x)", "--x=[" + "[1]," * 25_000 + "[1]]", "-f", "json"),
    "broadcasting": ("sum(x+y)", "--x=@x.npy", "--y=@y.npy"),
    "outer": ("sum(x@y)", "--x=@x.npy", "--y=@y.npy"),
    "Jacobian": ("softmax(x)", "--x=@v.npy", "--jacobian"),
    "local Jacobians": ("sum(softmax(x))", "--x=@v.npy", "--local-jacobians"),
    "array shown whole": ("sum(x*x)", "--x=@v.npy"),
    "digits of an array": ("sum(x*x)", "--x=@v.npy", "--digits=15"),
    "simplify": ("*".join(f"(x+{k})" for k in range(size(400))), "--multiply-out"),
    "simplify a tower": ("(x+y+z)**999", "--multiply-out"),
    "factor": ("x**999-1", "--factor"),
    "factor an integer": ("x**2-" + "9" * 300, "--factor"),
    "simplify a power": ("9**9**9*x", "--simplify"),
    "further function of much": ("--x=1", "--", "zeta(1e-300)+besselj(1e9,1e9)+x"),
    "LaTeX tower": ("--latex", "9^{9^{9^{9}}}"),
    "LaTeX sum": ("--latex", "\\sum_{i=1}^{999999999} i x", "--x=1"),
    "LaTeX product": ("--latex", "\\prod_{i=1}^{999999999} x", "--x=1"),
    "LaTeX nesting": ("--latex", "{" * 20_000 + "x" + "}" * 20_000),
    "LaTeX fractions": ("--latex", "\\frac{1}{" * 3000 + "x" + "}" * 3000, "--x=1", "-f", "json"),
    "top of many": ("+".join(["x*y"] * size(3000)), "--x=1", "--y=2", "--top-gradients=999999999"),
    "radius of many": ("+".join(["x*y"] * size(3000)), "--x=1", "--y=2", "--focus=x", "--radius=999999999"),
    "closed": ("+".join(["x*y"] * size(3000)), "--x=1", "--y=2", "--closed"),
    "fast layout": ("+".join(["x*y"] * size(3000)), "--x=1", "--y=2", "--layout=fast"),
    "steps of many": ("+".join(["x*y"] * size(300)), "--x=1", "--y=2", "--steps"),
    "frames of many": ("+".join(["sigmoid(x)"] * 300), "--x=1", "--expand=all", "--frame", "-f", "json"),
    "explanation of many": ("explain", "+".join(["x*y"] * size(300)), "--x=1", "--y=2"),
}  # fmt: skip
ARRAYS = {
    "x.npy": npy("(1000000, 1)", bytes(8_000_000)),
    "y.npy": npy("(1, 1000000)", bytes(8_000_000)),
    "v.npy": npy("(20000,)", bytes(160_000)),
}
# text that is longer than an argument may be
ON_INPUT: dict[str, bytes] = {
    "nested parentheses": b"(" * size(100_000) + b"x" + b")" * size(100_000),
    "open parentheses": b"(" * size(100_000),
    "nested brackets": b"x[" * size(100_000),
    "nested calls": b"exp(" * size(100_000) + b"x" + b")" * size(100_000),
    "sum of a million": b"x" + b"+x" * size(1_000_000),
    "product of a million": b"x" + b"*x" * size(1_000_000),
    "minus signs": b"-" * size(1_000_000) + b"x",
    "powers": b"x" + b"**x" * size(300_000),
    "newlines": b"\n" * size(3_000_000),
    "blanks": b" " * size(6_000_000),
    "commas": b"," * size(1_000_000),
    "names": b"+".join(b"x%d" % k for k in range(size(200_000))),
    "assignments": b"\n".join(b"x%d = x%d + 1" % (k + 1, k) for k in range(size(150_000))),
    "long name": b"x" * size(4_000_000),
    "long number": b"1" * size(4_000_000),
    "long comment": b"#" + b"x" * size(6_000_000),
    "quotes": b"'" * size(2_000_000),
    "NUL bytes": bytes(size(1_000_000)),
    "not UTF-8": b"\xff" * size(1_000_000),
    "marks": ("x" + "\u0301" * size(500_000)).encode(),
    "attributes": b"x" + b".T" * size(500_000),
    "unknown functions": b"+".join(b"nope%d(x)" % k for k in range(size(50_000))),
    "superscripts": ("x" + "²" * size(500_000)).encode(),
    "definitions": b"".join(b"def f%d(x): return x\n" % k for k in range(size(50_000))) + b"x",
    "no end": b"x+" * size(2_000_000),
}
FILES: dict[str, dict[str, bytes]] = {
    "a header of terabytes": {"x.npy": npy("(1000000, 1000000)")},
    "a header of more than there is": {"x.npy": npy("(100000, 1000)", bytes(80))},
    "a negative shape": {"x.npy": npy("(-1, 8)", bytes(64))},
    "a shape without end": {"x.npy": npy("(" + "1," * 30_000 + ")")},
    "a deep header": {"x.npy": npy("(" * 20_000 + ")" * 20_000)},
    "objects": {"x.npy": npy("(1,)", b"\x80\x04cos\nsystem\n(S'touch CANARY'\ntR.", "|O")},
    "a structure": {"x.npy": npy("(1,)", bytes(16)).replace(b"'<f8'", b"[('a','<f8')]")},
    "texts": {"x.npy": npy("(1,)", bytes(40), "<U10")},
    "complex numbers": {"x.npy": npy("(1,)", bytes(16), "<c16")},
    "times": {"x.npy": npy("(1,)", bytes(8), "<M8[s]")},
    "a header that calls": {"x.npy": npy("__import__('os').system('touch CANARY')")},
    "a torn header": {"x.npy": npy("(1,)")[:40]},
    "a wrong version": {"x.npy": b"\x93NUMPY\x09\x00" + bytes(100)},
    "an archive": {"x.npy": b"PK\x03\x04" + bytes(100)},
    "a pickle": {"x.npy": b"\x80\x04\x95cos\nsystem\n(S'touch CANARY'\ntR."},
    "an empty .npy": {"x.npy": b""},
    "deep JSON": {"x.json": b"[" * 500_000},
    "deep JSON that ends": {"x.json": b"[" * 100_000 + b"1" + b"]" * 100_000},
    "a huge integer in JSON": {"x.json": b"[" + b"9" * 1_000_000 + b"]"},
    "a huge exponent in JSON": {"x.json": b"[1e999999999]"},
    "NaN with a sign in JSON": {"x.json": b"[-NaN]"},
    "an object in JSON": {"x.json": b'{"__class__": "x"}'},
    "text in JSON": {"x.json": b'["1"]'},
    "two documents in JSON": {"x.json": b"[1]\n[2]"},
    "ragged JSON": {"x.json": b"[[1,2],[3]]"},
    "JSON in UTF-16": {"x.json": "[1]".encode("utf-16")},
    "empty JSON": {"x.json": b""},
    "NUL in JSON": {"x.json": b"[1\x00]"},
    "ragged CSV": {"x.csv": b"1,2\n3\n"},
    "words in CSV": {"x.csv": b"a,b\n"},
    "a formula in CSV": {"x.csv": b"=cmd|'/c calc'!A1\n"},
    "an empty CSV": {"x.csv": b""},
    "only comments in CSV": {"x.csv": b"# x\n" * 1000},
    "NUL in CSV": {"x.csv": b"1,\x002\n"},
    "not UTF-8 in CSV": {"x.csv": b"1,\xff\n"},
    "a huge number in CSV": {"x.csv": b"1e999\n"},
    "a long line of CSV": {"x.csv": b"1," * 500_000},
    "an escape in CSV": {"x.csv": b"\x1b[2J\n"},
}
THEMES: dict[str, bytes] = {
    "deep": b"a = " + b"[" * 20_000,
    "deep that ends": b"a = " + b"[" * 20_000 + b"]" * 20_000,
    "deep keys": b"a" + b".a" * 20_000 + b" = 1",
    "deep tables": b"[a" + b".a" * 20_000 + b"]",
    "large": b"#" * 10_000_000,
    "not UTF-8": b"font = '\xff'",
    "NUL": b"font = 'x\x00'",
    "UTF-16": "font = 'x'".encode("utf-16"),
    "no TOML": b"{}",
    "unknown key": b"nope = 1",
    "key of Python": b"__class__ = 1",
    "markup in a font": b"font = '<b>'",
    "quotes in a font": b"font = '\"; } </style><script>alert(1)</script>'",
    "URL in a font": b"font = 'url(http://x)'",
    "colour with a URL": b"ink = 'url(#x)'",
    "colour by name": b"ink = 'red'",
    "colour of TeX": b"ink = '\\input{x}'",
    "a number for a colour": b"ink = 1",
    "nan for a size": b"size = nan",
    "a huge integer": b"size = " + b"9" * 20_000,
    "twice": b"ink = '#000'\nink = '#111'",
    "base in a circle": b"base = 't.toml'",
    "base of a file": b"base = '../t.toml'",
    "dark in a circle": b"dark = 't.toml'",
    "a date": b"font = 1979-05-27",
    "an escape": b"font = '\\u001b[2J'",
    "pickle": b"!!python/object/apply:os.system ['touch CANARY']",
}
FIGURES: tuple[str, ...] = (  # lines of a list, each wrong in its own way
    "", "x", "{", "}", "[]", "[{}]", "1", "null", '"x"', "{}", '{"expr": 1}', '{"expr": null}', '{"expr": ""}', '{"expr": "("}',
    '{"expr": ["x"]}', '{"expr": "x", "expr": "y"}', '{"expr": "x", "values": []}', '{"expr": "x", "values": {"x": "1"}}',
    '{"expr": "x", "values": {"x": {}}}', '{"expr": "x", "values": {"x": true}}', '{"expr": "x", "values": {"x": [1, [2]]}}',
    '{"expr": "x", "values": {"x": []}}', '{"expr": "x", "values": {"x": 1' + "0" * 5000 + "}}", '{"expr": "x", "values": {"y": 1}}',
    '{"expr": "x", "values": {"x": 1, "x": 2}}', '{"expr": "x", "name": 1}', '{"expr": "x", "name": ""}', '{"expr": "x", "name": "."}',
    '{"expr": "x", "name": ".."}', '{"expr": "x", "name": "../x"}', '{"expr": "x", "name": "/x"}', '{"expr": "x", "name": "a/b"}',
    '{"expr": "x", "name": "a\\\\b"}', '{"expr": "x", "name": "C:x"}', '{"expr": "x", "name": "x\\u0000"}', '{"expr": "x", "name": "x\\n"}',
    '{"expr": "x", "name": "x\\u001b[1m"}', '{"expr": "x", "name": "x\\u202e"}', '{"expr": "x", "name": "\\ud800"}', '{"expr": "x", "name": "CON"}',
    '{"expr": "x", "name": "aux.svg"}', '{"expr": "x", "name": "com1"}', '{"expr": "x", "name": "LPT9.txt"}', '{"expr": "x", "name": "nul "}',
    '{"expr": "x", "name": "' + "x" * 300 + '"}', '{"expr": "x", "name": "' + "한" * 100 + '"}', '{"expr": "x", "name": "x*y"}',
    '{"expr": "x", "name": "a|b"}', '{"expr": "x", "name": "<x>"}', '{"expr": "x", "title": 1}', '{"expr": "x", "source": []}',
    '{"expr": "x", "options": []}', '{"expr": "x", "options": {"nope": 1}}', '{"expr": "x", "options": {"output": "CANARY"}}',
    '{"expr": "x", "options": {"digits": "2"}}', '{"expr": "x", "options": {"digits": 1e999}}', '{"expr": "x", "options": {"digits": -1}}',
    '{"expr": "x", "options": {"digits": 99999999999999999999}}', '{"expr": "x", "options": {"theme": "nope"}}',
    '{"expr": "x", "options": {"theme": "nope.toml"}}', '{"expr": "x", "options": {"format": "nope"}}', '{"expr": "x", "options": {"engine": "sh"}}',
    '{"expr": "x", "options": {"strict": 1}}', '{"expr": "x", "options": {"lang": "xx"}}', '{"expr": "x", "options": {"of": "nope"}}',
    '{"expr": "x", "options": {"seed": {}}}', '{"expr": "x", "options": {"radius": -1, "focus": "x"}}', '{"expr": "x", "nope": 1}',
    '{"expr": "x", "__class__": 1}', '{"expr": "x", "origin": "x"}', '{"expr": "x"} {}', '{"expr": "x",}', "{'expr': 'x'}", '{"expr": "x"',
    '{"expr": "\\ud800"}', '{"expr": "\\x"}', "[" * 100_000, '{"expr": ' * 50_000, '{"a":' * 3000 + "1" + "}" * 3000, "\x00", "\x1b[2J", "NaN",
    "{\"expr\": \"x\", \"values\": {\"x\": 1e999999}, \"options\": {\"strict\": true}}", "!!python/object/apply:os.system ['touch CANARY']",
    '{"py/object": "os.system"}', '{"expr": "9**9**9**9", "options": {"strict": true}}', '{"expr": "' + "(" * 100_000 + '"}',
)  # fmt: skip


def cases() -> dict[str, Case]:
    """All of them; those that are either refused or drawn have the status that they have had."""
    found = {name: Case(words, -1, files=ARRAYS if ".npy" in str(words) else {}) for name, words in EITHER.items()}
    found |= {f"{name} on standard input": Case(("-", "-f", "json"), -1, stdin=text) for name, text in ON_INPUT.items()}
    for name, files in FILES.items():
        found[name] = refused("sum(x)", *(f"--x=@{file}" for file in files))._replace(files=files)
    for name, text in THEMES.items():
        found[f"theme: {name}"] = refused("x", "--theme=t.toml")._replace(files={"t.toml": text})
    lines = [line for line in FIGURES if line]
    found["figures"] = Case(("batch", "f.jsonl", "--out", "d"), 1, failures=len(lines), writes=("d/manifest.json",),
                            files={"f.jsonl": "\n".join(lines).encode()})  # fmt: skip
    documents = {f"f{number}.toml": b"expr = 'x'\n" + text for number, text in enumerate(THEMES.values())}
    found["figure files"] = Case(("batch", *documents, "--out", "d"), 1, failures=len(documents), files=documents,
                                 writes=("d/manifest.json",))  # fmt: skip
    return found
