"""Texts that would run, read or write something if anything executed them, and the places for text that they go to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from tests.hostile.cases import CANARY, Case, refused

C = CANARY
WRITE = f"open('{C}','w').write('x')"

PAYLOADS: tuple[str, ...] = (
    # calls
    f"__import__('os').system('touch {C}')",
    f"open('{C}','w')",
    WRITE,
    f"eval(\"{WRITE}\")",
    f"exec(\"{WRITE}\")",
    f"compile(\"{WRITE}\",'x','exec')",
    f"exec(compile(\"{WRITE}\",'x','single'))",
    f"getattr(__builtins__,'open')('{C}','w')",
    f"__builtins__['open']('{C}','w')",
    f"globals()['__builtins__']['open']('{C}','w')",
    f"vars()['__builtins__'].open('{C}','w')",
    f"breakpoint() or {WRITE}",
    f"input({WRITE})",
    f"print(1,file={WRITE})",
    f"sympify(\"{WRITE}\")",
    f"S(\"{WRITE}\")",
    f"parse_expr(\"{WRITE}\")",
    f"lambdify(x,\"{WRITE}\")(1)",
    f"Function(\"{WRITE}\")(x)",
    f"Symbol('x').subs('x',\"{WRITE}\")",
    # dunder walks
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    f"().__class__.__base__.__subclasses__()[132].__init__.__globals__['system']('touch {C}')",
    f"''.__class__.__mro__[1].__subclasses__()[40]('{C}','w')",
    "(1).__class__.__mro__",
    f"x.__init__.__globals__['__builtins__']['open']('{C}','w')",
    f"[c for c in ().__class__.__base__.__subclasses__() if c.__name__=='Popen'][0]('touch {C}',shell=True)",
    "exp.__globals__",
    "sigmoid.__call__(x)",
    "__class__",
    "__builtins__.open",
    "x.__reduce_ex__(2)",
    "(lambda:0).__code__.co_consts",
    # look-alikes, which NFKC makes ASCII
    "().__𝐜𝐥𝐚𝐬𝐬__",
    "().__ᶜˡᵃˢˢ__.__𝒃𝒂𝒔𝒆__",
    f"ｏｐｅｎ('{C}','w')",
    f"＿＿ｉｍｐｏｒｔ＿＿（'os'）.system('touch {C}')",
    f"𝐞𝐯𝐚𝐥(\"{WRITE}\")",
    f"𝕖𝕩𝕖𝕔(\"{WRITE}\")",
    f"ℯval(\"{WRITE}\")",
    "x．＿＿class＿＿",
    # syntax that does something
    f"lambda: {WRITE}",
    f"(lambda: {WRITE})()",
    f"(x := {WRITE})",
    f"[{WRITE} for _ in range(1)]",
    f"{{{WRITE}: 1}}",
    f"f'{{{WRITE}}}'",
    f"f\"{{__import__('os').system('touch {C}')}}\"",
    "'{0.__class__.__init__.__globals__}'.format(x)",
    "'%s' % x",
    f"x if {WRITE} else y",
    f"x and {WRITE}",
    f"not {WRITE}",
    f"*{WRITE}",
    f"await {WRITE}",
    f"yield {WRITE}",
    f"assert {WRITE}",
    f"raise {WRITE}",
    f"del {WRITE}",
    f"import os; os.system('touch {C}')",
    f"import os\nos.system('touch {C}')\nx",
    f"from os import system\nsystem('touch {C}')",
    f"@{WRITE}\ndef f(x): return x\nf(x)",
    f"def f(x={WRITE}): return x\nf(x)",
    f"def f(x): return {WRITE}\nf(x)",
    f"def f(x) -> {WRITE}: return x\nf(x)",
    f"def exp(x): return {WRITE}\nexp(x)",
    f"class A: y = {WRITE}\nx",
    f"while {WRITE}: pass",
    f"with {WRITE} as x: pass",
    f"try: {WRITE}\nexcept: pass",
    f"x: {WRITE} = 1",
    f"x = 1; {WRITE}",
    f"x\n#\u2028{WRITE}",
    f"x\r{WRITE}",
    f"x\x00{WRITE}",
    f"# -*- coding: utf-7 -*-\n+AG8AcABlAG4-('{C}','w')",
    # attributes of modules whose names are understood
    f"np.os.system('touch {C}')",
    "np.load('x.npy', allow_pickle=True)",
    f"np.load('{C}', allow_pickle=True)",
    f"np.save('{C}', x)",
    f"np.savetxt('{C}', x)",
    f"x.tofile('{C}')",
    f"x.dump('{C}')",
    f"np.memmap('{C}', mode='w+', shape=(1,))",
    f"np.fromfile('{C}')",
    f"np.frompyfunc(open, 2, 1)('{C}', 'w')",
    f"np.vectorize(open)('{C}', 'w')",
    "np.__loader__.load_module('os')",
    "np.ctypeslib.load_library('libc', '/')",
    "np.f2py.compile('x')",
    "np.exp.__self__",
    "np.exp.reduce.__globals__",
    "np.lib.npyio.os",
    "np.random.seed.__self__",
    f"torch.hub.load('{C}', 'x', source='local')",
    f"torch.load('{C}', weights_only=False)",
    f"torch.save(x, '{C}')",
    "torch.ops.load_library('x')",
    f"torch.os.system('touch {C}')",
    f"tf.io.write_file('{C}', 'x')",
    f"tf.py_function(open, ['{C}', 'w'], [])",
    "jax.pure_callback(open, x)",
    f"math.__loader__.exec_module('{C}')",
    "scipy.special.expit.__class__",
    f"F.os.system('touch {C}')",
    f"os.system('touch {C}')",
    f"os.popen('touch {C}')",
    f"subprocess.run(['touch', '{C}'])",
    f"pathlib.Path('{C}').touch()",
    f"pickle.loads(b\"cos\\nsystem\\n(S'touch {C}'\\ntR.\")",
    f"sys.modules['os'].system('touch {C}')",
    f"codecs.open('{C}','w')",
    f"importlib.import_module('os').system('touch {C}')",
    "x.T.__class__",
    "x.sum.__func__",
    "x.sum().__array_interface__",
    "x.ctypes.data",
    "x.base",
    "x[().__class__]",
    f"x[{WRITE}]",
    f"sum(x, axis={WRITE})",
    f"softmax(x, dim=__import__('os').system('touch {C}'))",
    f"exp(*{WRITE})",
    f"exp(**{{'x': {WRITE}}})",
    f"clip(x, {WRITE}, 1)",
    # shells, templates, tags
    f"$(touch {C})",
    f"`touch {C}`",
    f"; touch {C}",
    f"| touch {C}",
    f"&& touch {C}",
    f"> {C}",
    f"x; touch {C} #",
    f"x\ntouch {C}\n",
    f"${{IFS}}touch${{IFS}}{C}",
    f"{{{{ ''.__class__.__mro__[1].__subclasses__() }}}} {C}",
    f"{{% import os %}}{{{{ os.system('touch {C}') }}}}",
    f"<%= system('touch {C}') %>",
    f"!!python/object/apply:os.system ['touch {C}']",
    f"%x(touch {C})",
    f"#{{`touch {C}`}}",
    f"@{C}",
    f"--output={C}",
    f"\\input{{{C}}}",
    f"\\write18{{touch {C}}}",
    f"\\immediate\\openout1={C} \\immediate\\write1{{x}}",
    "%n%n%n%s",
    "<script>alert(1)</script>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "\x1b]0;x\x07\x1b[2J",
    "[link=file:///etc/passwd]x[/link]",
)  # fmt: skip


class Carrier(NamedTuple):
    """A place for text: how a payload gets there and what must come out, and which do."""

    make: Callable[[str], Case]
    payloads: tuple[str, ...] = PAYLOADS


def toml(text: str) -> str:
    """A text as a basic string of TOML."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def _values(text: str) -> Case:
    return refused("w*x", "--x=1", f"--w={text}")


def _list(place: Callable[[str], dict[str, object]]) -> Case:
    """A list of figures with a payload each in the same place."""
    plain = {"expr": "x*y", "values": {"x": 1, "y": 2}}
    lines = [json.dumps({**plain, "name": f"n{number}", **place(text)}) for number, text in enumerate(PAYLOADS)]
    return Case(("batch", "f.jsonl", "--out", "d"), 1, files={"f.jsonl": "\n".join(lines).encode()},
                writes=("d/manifest.json",), failures=len(lines))  # fmt: skip


# one of each kind, for the places that are many
FEW: tuple[str, ...] = (
    f"__import__('os').system('touch {C}')",
    f"().__class__.__base__.__subclasses__()[132].__init__.__globals__['system']('touch {C}')",
    f'𝐞𝐯𝐚𝐥("{WRITE}")',
    "{0.__class__.__init__.__globals__}",
    f"np.load('{C}', allow_pickle=True)",
    f"\\immediate\\write18{{touch {C}}}",
)
CARRIERS: dict[str, Carrier] = {
    "expression": Carrier(lambda text: refused("--x=1", "--", text)),
    "latex": Carrier(lambda text: refused("--latex", "--x=1", "--", text), PAYLOADS[::2]),
    "program on standard input": Carrier(lambda text: Case(("-", "--x=1"), stdin=text.encode()), FEW),
    "value": Carrier(_values, PAYLOADS[1::3]),
    "list": Carrier(lambda text: refused("sum(x)", f"--x=[1, {text}]"), FEW),
    "set": Carrier(lambda text: refused("w*x", "--x=1", "--set", f"w={text}"), FEW),
    "name of a value": Carrier(lambda text: refused("w*x", "--x=1", f"--{text}=1"), FEW),
    "name after set": Carrier(lambda text: refused("w*x", "--x=1", "--set", f"{text}=1"), FEW),
    "seed": Carrier(lambda text: refused("x*x", "--x=1", f"--seed={text}"), FEW),
    "of": Carrier(lambda text: refused("x*x", "--x=1", f"--of={text}"), FEW),
    "theme": Carrier(lambda text: refused("x*x", "--x=1", f"--theme={text}"), FEW),
    "theme file's name": Carrier(lambda text: refused("x*x", "--x=1", f"--theme={text}.toml"), FEW),
    "show": Carrier(lambda text: refused("x*x", "--x=1", f"--show={text}"), FEW),
    "hide": Carrier(lambda text: refused("x*x", "--x=1", f"--hide={text}"), FEW),
    "expand": Carrier(lambda text: refused("x*x", "--x=1", f"--expand={text}"), FEW),
    "focus": Carrier(lambda text: refused("x*x", "--x=1", f"--focus={text}"), FEW),
    "open": Carrier(lambda text: refused("x*x", "--x=1", f"--open={text}"), FEW),
    "nudge": Carrier(lambda text: refused("x*x", "--x=1", f"--nudge={text}"), FEW),
    "change of a nudge": Carrier(lambda text: refused("x*x", "--x=1", f"--nudge=x={text}"), FEW),
    "digits": Carrier(lambda text: refused("x*x", "--x=1", f"--digits={text}"), FEW),
    "radius": Carrier(lambda text: refused("x*x", "--x=1", "--focus=x", f"--radius={text}"), FEW),
    "engine": Carrier(lambda text: refused("x*x", "--x=1", f"--engine={text}"), FEW),
    "layout": Carrier(lambda text: refused("x*x", "--x=1", f"--layout={text}"), FEW),
    "language": Carrier(lambda text: refused("x*x", "--x=1", f"--lang={text}"), FEW),
    "format": Carrier(lambda text: refused("x*x", "--x=1", f"--format={text}"), FEW),
    "seconds": Carrier(lambda text: refused("x*x", "--x=1", "--steps", f"--seconds={text}"), FEW),
    "suffix": Carrier(lambda text: refused("x*x", "--x=1", "-o", f"f.{text}"), FEW),
    "array file's name": Carrier(lambda text: refused("sum(x)", f"--x=@{text}.npy"), FEW),
    "array file": Carrier(lambda text: Case(("sum(x)", "--x=@x.npy"), files={"x.npy": text.encode()}), FEW),
    "array in CSV": Carrier(lambda text: Case(("sum(x)", "--x=@x.csv"), files={"x.csv": text.encode()}), FEW),
    "array in JSON": Carrier(lambda text: Case(("sum(x)", "--x=@x.json"), files={"x.json": text.encode()}), FEW),
    "upstream": Carrier(lambda text: refused("x*x", "--x=1", f"--upstream={text}"), FEW),
    "explain": Carrier(lambda text: refused("explain", "--x=1", "--", text), FEW),
    "level": Carrier(lambda text: refused("quiz", "--random=1", f"--level={text}"), FEW),
    "simplify": Carrier(lambda text: refused("--simplify", "--x=1", "--", text), FEW),
    "command": Carrier(lambda text: refused(text, "x", "y"), FEW),
    "path of a batch": Carrier(lambda text: refused("batch", f"./{text}.toml", "--out", "d"), FEW),
    "expression of a table": Carrier(
        lambda text: Case(("table", "x.csv", "--", text), files={"x.csv": b"x\n1\n"}), FEW),
    "cell of a table": Carrier(
        lambda text: Case(("table", "x.csv", "x*x"), files={"x.csv": b'x\n"' + text.encode() + b'"\n'}), FEW),
    "gradients of a table": Carrier(
        lambda text: Case(("table", "x.csv", "x*x", f"--wrt={text}"), files={"x.csv": b"x\n1\n"}), FEW),
    "font": Carrier(
        lambda text: Case(("x*x", "--x=1", "--theme=t.toml"), files={"t.toml": f"font = {toml(text)}".encode()}), FEW),
    "base of a theme": Carrier(
        lambda text: Case(("x*x", "--x=1", "--theme=t.toml"), files={"t.toml": f"base = {toml(text)}".encode()}), FEW),
    "colour": Carrier(
        lambda text: Case(("x*x", "--x=1", "--theme=t.toml"), files={"t.toml": f"ink = {toml(text)}".encode()}), FEW),
}  # fmt: skip
LISTS: dict[str, Callable[[str], dict[str, object]]] = {
    "expr": lambda text: {"expr": text, "values": {"x": 1}},
    "value": lambda text: {"values": {"x": text, "y": 1}},
    "name of a value": lambda text: {"values": {"x": 1, "y": 1, f"{text}'": 1}},
    "options": lambda text: {"options": {text: 1}},
    "option": lambda text: {"options": {"theme": text}},
    "expand": lambda text: {"options": {"expand": text}},
    "key": lambda text: {text: 1},
    "LaTeX": lambda text: {"expr": text, "values": {"x": 1}, "options": {"latex": True}},
}
# places where any text may stand, which is shown
SHOWN: dict[str, Callable[[str], Case]] = {
    "title": lambda text: Case(("x*x", "--x=1", f"--title={text}"), 0, shows=text),
    "title of an explanation": lambda text: Case(("explain", "x*x", "--x=1", f"--title={text}"), 0),
    "title in TikZ": lambda text: Case(("x*x", "--x=1", f"--title={text}", "-f", "tex"), 0),
    "title in DOT": lambda text: Case(("x*x", "--x=1", f"--title={text}", "-f", "dot"), 0),
    "title in JSON": lambda text: Case(("x*x", "--x=1", f"--title={text}", "-f", "json"), 0),
    "title of steps": lambda text: Case(("x*x", "--x=1", f"--title={text}", "--steps"), 0),
}


def cases() -> dict[str, Case]:
    """Every payload in every place for it."""
    found = {
        f"{place}-{number}": carrier.make(text)
        for place, carrier in CARRIERS.items()
        for number, text in enumerate(carrier.payloads)
    }
    shown = {f"{place}-{number}": make(text) for place, make in SHOWN.items() for number, text in enumerate(FEW)}
    lists = {f"{place} of a figure": _list(make) for place, make in LISTS.items()}
    return found | shown | lists
