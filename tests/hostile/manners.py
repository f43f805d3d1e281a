"""Terminal and system: full disks, folders and streams that are not there, environments full of garbage."""

# ruff: noqa: E501  rows of tables

from __future__ import annotations

from gradviz.limits import LIMITS
from tests.hostile.cases import Case

NEURON = ("w*x+b", "--w=-2", "--x=5", "--b=3")
LIST = b'{"expr": "x*y", "values": {"x": 1, "y": 2}, "name": "n"}\n'
TABLE = {"x.csv": b"x\n1\n2\n"}
SAYS_FULL = "^gradviz: error: .*(No space left on device)$"
PRINTS: dict[str, Case] = {  # all that writes to standard output
    "svg": Case(NEURON, 0),
    "png": Case((*NEURON, "-f", "png"), 0),
    "pdf": Case((*NEURON, "-f", "pdf"), 0),
    "dot": Case((*NEURON, "-f", "dot"), 0),
    "tex": Case((*NEURON, "-f", "tex"), 0),
    "json": Case((*NEURON, "-f", "json"), 0),
    "text": Case((*NEURON, "-f", "text"), 0),
    "steps": Case((*NEURON, "--steps"), 0),
    "explain": Case(("explain", *NEURON), 0),
    "explain in Markdown": Case(("explain", *NEURON, "-f", "markdown"), 0),
    "table": Case(("table", "x.csv", "x*x"), 0, files=TABLE),
    "quiz": Case(("quiz", *NEURON), 0),
    "gates": Case(("gates",), 0),
    "gates in libraries": Case(("gates", "--spelled"), 0),
    "themes": Case(("themes",), 0),
    "samples": Case(("samples",), 0),
    "help": Case(("--help",), 0),
    "help by a letter": Case(("-h",), 0),
    "help of a command": Case(("batch", "--help"), 0),
    "help without words": Case((), 0, shows="Usage"),
    "version": Case(("--version",), 0),
}
BATCH = Case(("batch", "l.jsonl", "--out", "d"), 0, files={"l.jsonl": LIST}, writes=("d/n.svg", "d/manifest.json"))
STEPS = Case((*NEURON, "--steps", "-o", "s.gif"), 0, writes=("s.gif",))
NOWHERE: dict[str, Case] = {
    name: Case((*NEURON, *words), status)
    for name, status, words in (
        ("a folder", 2, ("-o", ".")),
        ("a folder with a suffix", 1, ("-o", "d.svg")),
        ("a missing folder", 1, ("-o", "nope/f.svg")),
        ("a missing folder of a PNG", 1, ("-o", "nope/f.png")),
        ("/proc", 1, ("-o", "/proc/f.svg")),
        ("a file as a folder", 1, ("-o", "/dev/null/f.svg")),
        ("a full device", 1, ("-o", "/dev/full", "-f", "svg")),
        ("no name", 2, ("-o", "")),
        ("no name with a format", 1, ("-o", "", "-f", "svg")),
        ("a long name", 1, ("-o", "x" * 300 + ".svg")),
        ("a long path", 1, ("-o", "x/" * 3000 + "f.svg")),
        ("steps in a missing folder", 1, ("--steps", "-o", "nope/f.svg")),
        ("steps over a file", 1, ("--steps", "-o", "/dev/null/")),
        ("steps in /proc", 1, ("--steps", "-o", "/proc/steps/")),
    )
} | {
    "explanation in a missing folder": Case(("explain", *NEURON, "-o", "nope/f.md"), 1),
    "explanation in /proc": Case(("explain", *NEURON, "-o", "/proc/f.md"), 1),
    "table in a missing folder": Case(("table", "x.csv", "x*x", "-o", "nope/f.csv"), 1, files=TABLE),
    "table to a full device": Case(("table", "x.csv", "x*x", "-o", "/dev/full"), 1, files=TABLE),
    "table to a folder": Case(("table", "x.csv", "x*x", "-o", "."), 1, files=TABLE),
    "worksheet in /proc": Case(("worksheet", *NEURON, "--out", "/proc/d"), 1),
    "worksheet over a file": Case(("worksheet", *NEURON, "--out", "x.csv"), 1, files=TABLE),
    "batch in /proc": BATCH._replace(words=(*BATCH.words[:3], "/proc/d"), status=1, writes=()),
    "batch over a file": BATCH._replace(words=(*BATCH.words[:3], "l.jsonl"), status=1, writes=()),
    "batch without a name": BATCH._replace(words=(*BATCH.words[:3], ""), status=2, writes=()),
}  # fmt: skip
READ_ONLY: dict[str, Case] = {
    "figure": Case((*NEURON, "-o", "f.svg"), 1),
    "PNG": Case((*NEURON, "-o", "f.png"), 1),
    "steps": Case((*NEURON, "--steps", "-o", "steps/"), 1),
    "explanation": Case(("explain", *NEURON, "-o", "f.md"), 1),
    "table": Case(("table", "x.csv", "x*x", "-o", "f.csv"), 1, files=TABLE),
    "worksheet": Case(("worksheet", *NEURON, "--out", "d"), 1),
    "batch": BATCH._replace(status=1, writes=()),
    "to standard output": Case(NEURON, 0),
    "PNG to standard output": Case((*NEURON, "-f", "png"), 0),
}
SHELL = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "| touch pwned",
    "&& touch pwned",
    "%s%n",
    "-rf",
    "--help",
    "~",
    "*",
    "!x",
    "'\"\\",
)
FILES: dict[str, Case] = {f"a file called {name}": Case((*NEURON, "-o", f"./{name}.svg"), 0, writes=(f"{name}.svg",)) for name in SHELL} | {
    "a file whose name obeys": Case((*NEURON, "-o", "a\x1b[2J\nb.svg"), 0, writes=("a\x1b[2J\nb.svg",), says="^gradviz: wrote a"),
    "a file that begins with a dash": Case((*NEURON, "-o", "-.svg"), 0, writes=("-.svg",)),
    "a device": Case((*NEURON, "-o", "/dev/null", "-f", "svg"), 0, streams={1: "/dev/null"}),
    "a file that cannot be read": Case(("sum(x)", "--x=@x.csv"), files=TABLE, modes={"x.csv": 0}),
    "a theme that cannot be read": Case(("x", "--theme=t.toml"), files={"t.toml": b""}, modes={"t.toml": 0}),
    "a table that cannot be read": Case(("table", "x.csv", "x"), files=TABLE, modes={"x.csv": 0}),
    "a list that cannot be read": BATCH._replace(status=2, modes={"l.jsonl": 0}, writes=()),
}  # fmt: skip
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "no colour": {"NO_COLOR": "1"},
    "colour": {"FORCE_COLOR": "1"},
    "both": {"FORCE_COLOR": "1", "NO_COLOR": "1", "CLICOLOR_FORCE": "1"},
    "a dumb terminal": {"TERM": "dumb"},
    "no terminal": {"TERM": None},
    "an empty terminal": {"TERM": ""},
    "a strange terminal": {"TERM": "../../x\x1b", "COLORTERM": "x"},
    "no columns": {"COLUMNS": "0", "LINES": "0"},
    "a column": {"COLUMNS": "1", "LINES": "1"},
    "columns below none": {"COLUMNS": "-5"},
    "garbage for columns": {"COLUMNS": "x", "LINES": "\x1b"},
    "very many columns": {"COLUMNS": "9" * 50},
    "no home": {"HOME": None},
    "a home that is not there": {"HOME": "/nonexistent"},
    "a home that cannot be written": {"HOME": "/proc"},
    "an empty home": {"HOME": ""},
    "no folder for temporary files": {"TMPDIR": None},
    "a folder for temporary files that is not there": {"TMPDIR": "/nonexistent"},
    "a folder for temporary files that cannot be written": {"TMPDIR": "/proc"},
    "no path": {"PATH": None},
    "an empty path": {"PATH": ""},
    "no language": {"LANG": None},
    "C": {"LANG": None, "LC_ALL": "C"},
    "a language that is not there": {"LANG": "xx_XX.UTF-16", "LC_ALL": "nope", "LANGUAGE": "nope"},
    "Fontconfig from nowhere": {"FONTCONFIG_FILE": "/nonexistent", "FONTCONFIG_PATH": "/nonexistent"},
    "Fontconfig from garbage": {"FONTCONFIG_FILE": "/dev/null", "XDG_CACHE_HOME": "/nonexistent", "XDG_CONFIG_HOME": "x"},
    "Graphviz from nowhere": {"GVBINDIR": "/nonexistent", "GV_FILE_PATH": "/", "DOTFONTPATH": "/nonexistent"},
    "a helper in the debugger": {"GRADVIZ_DEBUG": ""},
    "completion of garbage": {"_GRADVIZ_COMPLETE": ""},
    "an unknown variable": {"GRADVIZ_NOPE": "x", "GRADVIZ_MAX_NOPE": "x"},
    "nothing at all": {"HOME": None, "TMPDIR": None, "PATH": None, "LANG": None, "TERM": None},
}  # fmt: skip
OF_TERMINALS = {
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "TERM",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_ALL",
    "LANGUAGE",
}
NUMBERS = "x", "", "0", "-1", "nan", "1e", "\x1b[1m", "$(touch CANARY)"


def cases() -> dict[str, Case]:
    """Each of them, in each surrounding that it may meet."""
    found = {
        f"full: {name}": case._replace(status=1, says=SAYS_FULL, streams={1: "/dev/full"})
        for name, case in PRINTS.items()
    }
    found |= {f"printed: {name}": case for name, case in PRINTS.items()}
    found |= {
        f"no place for errors: {name}": case._replace(streams={2: "/dev/full"})
        for name, case in PRINTS.items()
        if name in ("svg", "png", "gates")
    }
    found["no place for an error"] = Case(("(",), 2, streams={2: "/dev/full"})
    found["no place for anything"] = Case((*NEURON,), 1, streams={1: "/dev/full", 2: "/dev/full"})
    found["batch without a place for errors"] = BATCH._replace(streams={2: "/dev/full"})
    found["input from a full device"] = Case(("-",), 2, streams={0: "/dev/null"})
    found |= {f"nowhere: {name}": case for name, case in NOWHERE.items()}
    found["nowhere: a folder with a suffix"] = found["nowhere: a folder with a suffix"]._replace(files={"d.svg/x": b""})
    found |= {f"read-only: {name}": case._replace(modes={".": 0o555}) for name, case in READ_ONLY.items()}
    found |= FILES
    for name, env in ENVIRONMENTS.items():
        found[f"SVG, {name}"] = Case(NEURON, 0, env=env)
        if env.keys() & OF_TERMINALS:
            found[f"gates, {name}"] = Case(("gates",), 0, env=env)
        if env.keys() - OF_TERMINALS:
            found[f"PNG, {name}"] = Case((*NEURON, "-f", "png"), 0, env=env)
    for limit in LIMITS.values():
        found[f"{limit.variable} of garbage"] = Case(("x*x", "--x=1"), -1, env={limit.variable: "x"})
    for text in NUMBERS:
        found[f"a limit of {text!r}"] = Case(
            ("x*x", "--x=1"), 2, env={"GRADVIZ_MAX_NODES": text}, says="GRADVIZ_MAX_NODES"
        )
    return found
