"""No text is ever executed: what could run one does not stand in the package, but for what is listed here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import gradviz

PACKAGE = Path(gradviz.__file__).parent
NEVER = (  # functions that run, open or import what a text says, wherever they come from
    "eval", "exec", "execfile", "__import__", "__build_class__", "breakpoint", "parse_expr", "lambdify",
    "nsimplify", "parse_latex", "system", "popen", "execv", "execve", "execvp", "execvpe", "execl", "execlp",
    "spawnl", "spawnv", "spawnve", "posix_spawn", "startfile", "getoutput", "getstatusoutput", "run_path",
    "run_module", "exec_module", "load_module", "load_source", "interact", "FunctionType", "CodeType", "loadtxt",
    "genfromtxt", "fromfile", "memmap", "attrgetter", "methodcaller", "format_map", "vformat",
    "create_subprocess_shell", "unsafe_load", "full_load", "delattr", "__getattribute__", "urlopen", "urlretrieve",
    "getattr_static", "__globals__", "__builtins__", "__subclasses__", "__code__", "__closure__",
)  # fmt: skip
CALLS = ("compile", "input", "globals", "locals", "vars", "dir", "S")  # names that mean something else as an attribute
# at which place they take a name
NAMED = {"getattr": 1, "setattr": 1, "hasattr": 1, "import_module": 0, "find_spec": 0}
MODULES = (
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dbm", "yaml", "ruamel", "dill", "cloudpickle", "joblib",
    "code", "codeop", "runpy", "imp", "pdb", "pty", "xmlrpc", "ftplib", "smtplib", "socket", "http", "urllib",
    "requests", "httpx", "asyncio", "webbrowser", "builtins", "jinja2", "mako", "antlr4", "cffi", "ctypes",
    "multiprocessing", "subprocess", "sympy.parsing", "sympy.utilities.lambdify",
)  # fmt: skip
READERS = ("json", "tomllib")  # whose `load` and `loads` make nothing but data
TEMPLATE = "a template of ours, into which texts go; a template of the user's would reach attributes"

# by its module, what it is, and a part of its line: why it runs no text
ALLOWED: dict[tuple[str, str, str], str] = {
    ("__init__", "getattr", "_HOMES[name]"): "a name of the table of public names",
    ("__init__", "import_module", "_HOMES[name]"): "a module of the table of public names",
    ("__init__", "globals", "_HOMES[name]"): "where a public name is kept once it is loaded",
    ("commands", "import_module", "LATER[name]"): "a module of the table of commands",
    ("explanations/__init__", "import_module", "RENDERERS"): "a module of the table of renderers",
    ("formats/__init__", "import_module", "row.module"): "a module of the table of formats",
    ("files", "format", "os.urandom"): TEMPLATE,
    ("formats/fontconfig", "format", "_CONFIGURATION"): TEMPLATE,
    ("gates/row", "format", "self.made_of"): TEMPLATE,
    ("gates/row", "format", "return program and program"): TEMPLATE,
    ("gates/row", "format", "sign_misleads"): TEMPLATE,
    ("latex/expressions", "format", "OF_ENTRIES"): TEMPLATE,
    ("latex/operands", "format", "OF_ENTRIES"): TEMPLATE,
    ("practice/circuits", "format", "kind.text"): TEMPLATE,
    ("spelling", "format", "template.format"): TEMPLATE,
    ("telling/algebra", "format", "template"): TEMPLATE,
    ("telling/languages/__init__", "format_map", "self.template"): TEMPLATE,
    ("deadlines", "ctypes", "import"): "Python's own function that raises an error in another thread",
    ("formats/drawer", "getattr", "signal, action"): "SIG_IGN or SIG_DFL",
    ("formats/glyphs", "ctypes", "import"): "Fontconfig's own functions are asked which letters a font has",
    ("formats/glyphs", "getattr", "library"): "functions of Fontconfig, by names that stand there",
    ("formats/graphviz", "getattr", "self.process"): "stdin, stdout or stderr",
    ("formats/graphviz", "subprocess", "import"): "starts the interpreter that runs this package, without a shell",
    ("formats/programs", "subprocess", "import"): "starts `dot`, without a shell",
    ("formats/ink", "getattr", "COLORS[role]"): "a field of Theme, by the table of roles",
    ("formats/svg", "getattr", "for field in COLORS"): "a field of Theme",
    ("formats/texparts", "getattr", "picture.theme, field"): "a field of Theme",
    ("themefiles", "getattr", "theme, field"): "a field of Theme",
    ("themes", "getattr", "light, field"): "a field of Theme",
    ("gates/row", "getattr", "gate, name"): "a field of Gate, by names that stand there",
    ("latex/__init__", "getattr", "further, name"): "one of two functions, by names that stand there",
    ("latex/items", "getattr", "_READERS"): "a method for each kind of node, from a table",
    ("signals", "getattr", "signal, name"): "names of signals that stand there",
    ("signals", "hasattr", "signal, name"): "names of signals that stand there",
    ("symbolic/forms", "getattr", "sympy, name"): "names that rows of the gate table write",
    ("symbolic/further", "vars", "vars(sympy)"): "lists SymPy's functions for the table in which names are looked up",
    ("tape", "setattr", "Symbol"): "operators, from a table",
    ("tape", "getattr", "nd, name"): "names that rows of the gate table write",
    ("telling/algebra", "getattr", "part, kind"): "a field of Formula",
    ("terminal", "input", 'input("> ")'): "Python 3's, which gives a text back",
    ("journal", "multiprocessing", "import"): "hands a file to a process that draws",
    ("workers", "multiprocessing", "import"): "processes that draw",
    ("workers", "loads", "connection.recv_bytes()"): "what their parent sends them through a pipe of its own",
}  # fmt: skip


class Found(NamedTuple):
    """Something that could run a text, and where it stands."""

    module: str
    what: str
    line: str


def dotted(node: ast.expr) -> str:
    """`np.load` as it is written; what is neither a name nor an attribute is `?`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def dangers(source: str) -> Iterator[tuple[str, int]]:
    """What could run a text, and its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((what, node.lineno) for what in imported(node))
        elif isinstance(node, ast.Call):
            yield from ((what, node.lineno) for what in called(node))
        elif isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node).rpartition(".")[2]) in NEVER:
            yield name, node.lineno


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Modules, and functions by their own names."""
    if isinstance(node, ast.Import):
        names = [name.name for name in node.names]
    else:
        names = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        yield from (name.name for name in node.names if name.name in {*NEVER, "sympify", "load"})
    yield from dict.fromkeys(banned for name in names for banned in MODULES if f"{name}.".startswith(f"{banned}."))


def called(node: ast.Call) -> Iterator[str]:
    """Functions that look names up, read data or start programs, and how."""
    owner, _, name = dotted(node.func).rpartition(".")
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if (name in CALLS and not owner) or (name == "S" and owner == "sympy"):
        yield name
    if name in NAMED and not (len(node.args) > NAMED[name] and isinstance(node.args[NAMED[name]], ast.Constant)):
        yield name
    if name == "format" and owner and not isinstance(getattr(node.func, "value", None), ast.Constant):
        yield name
    if name in ("load", "loads") and owner and owner not in READERS:
        yield name
    if name in ("sympify", "_sympify") and not is_true(given.get("strict")):
        yield name
    yield from (keyword for keyword in ("shell", "allow_pickle") if not is_false(given.get(keyword)))


def is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is False)


@cache
def found() -> list[Found]:
    """All of them in the package."""
    every = []
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text("utf-8")
        lines, module = source.splitlines(), path.relative_to(PACKAGE).with_suffix("").as_posix()
        every += [Found(module, what, lines[line - 1].strip()) for what, line in dangers(source)]
    return every


def is_allowed(each: Found) -> bool:
    return any((each.module, each.what) == row[:2] and row[2] in each.line for row in ALLOWED)


def test_no_text_is_executed() -> None:
    assert [each for each in found() if not is_allowed(each)] == []


def test_every_exception_is_still_one() -> None:
    every = found()
    needed = {row for row in ALLOWED for each in every if (each.module, each.what) == row[:2] and row[2] in each.line}
    assert ALLOWED.keys() - needed == set()


@pytest.mark.parametrize(
    "source",
    [
        *(
            f"{name}(text)"
            for name in ("eval", "exec", "compile", "input", "vars", "S", "sympy.S", "sympify", "breakpoint")
        ),
        *(f"sympy.{name}(text)" for name in ("sympify", "parse_expr", "lambdify", "nsimplify")),
        "run = eval",
        "run = builtins.exec",
        "sympy.sympify(text, strict=flag)",
        "from sympy import lambdify",
        "from sympy import sympify as read",
        "from sympy.parsing.sympy_parser import standard_transformations",
        "from sympy.parsing import sympy_parser",
        "from sympy import parsing",
        "import pickle",
        "import os, marshal",
        "def f():\n    import yaml",
        "from yaml import safe_load",
        "from numpy import load",
        "import subprocess",
        "import ctypes.util",
        "getattr(numpy, name)",
        "getattr(numpy, *names)",
        "setattr(self, name, 1)",
        "import_module(name)",
        "importlib.import_module(f'gradviz.{name}')",
        "attrgetter(name)(x)",
        "operator.methodcaller(name)",
        "numpy.load(path)",
        "numpy.load(path, allow_pickle=False)",
        "read_array(file, allow_pickle=True)",
        "read_array(file, allow_pickle=flag)",
        "pandas.loads(text)",
        "os.system(command)",
        "os.popen(command)",
        "run(command, shell=True)",
        "run(command, shell=flag)",
        "title.format(1)",
        "(title + '!').format(1)",
        "title.format_map({})",
        "f'{x}'.format(y)",
        "x.__globals__",
        "x.__class__.__subclasses__",
    ],
)
def test_what_runs_a_text_is_found(source: str) -> None:
    assert list(dangers(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        "re.compile(text)",
        "getattr(value, 'shape', ())",
        "'{}!'.format(title)",
        "f'{title}'",
        "json.loads(text)",
        "tomllib.loads(text)",
        "read_array(file, allow_pickle=False)",
        "run(command, shell=False)",
        "ast.literal_eval(text)",
        "sympy.sympify(expression, strict=True)",
        "sympy.S.One",
        "trace.locals[0]",
        "builder.input(name)",
        "def eval(cls): ...",
    ],
)
def test_what_runs_none_is_left_alone(source: str) -> None:
    assert list(dangers(source)) == []
