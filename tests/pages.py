"""The examples of a page of docs: what stands after `$`, and what the page says that it prints."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
LINE = r"    (?!\$ )"  # begins a line of what a command prints


class Page:
    """A page: its commands with what they print, its files, its Python."""

    def __init__(self, name: str) -> None:
        self.name, self.text = name, (DOCS / name).read_text(encoding="utf-8")
        self.examples = [
            (command, re.sub(r"^    ", "", shown, flags=re.MULTILINE))
            for command, shown in re.findall(
                r"    \$ (gradviz .*)\n((?:    (?!\$ ).*\n|\n(?=    (?!\$ )))*)", self.text
            )
        ]
        self.files = dict(re.findall(r"```csv (\S+)\n(.*?)```", self.text, re.DOTALL))

    def run_python(self) -> tuple[int, int]:
        """How many of the examples in Python failed, and how many there are."""
        blocks = "\n".join(re.findall(r"```python\n(>>>.*?)```", self.text, re.DOTALL))
        runner = doctest.DocTestRunner()
        runner.run(doctest.DocTestParser().get_doctest(blocks, {}, self.name, None, 0))
        failed, tried = runner.summarize(verbose=False)
        return failed, tried
