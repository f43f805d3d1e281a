"""The arguments of a call, as they are read: operands, the names of some of them, and settings."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gradviz.errors import in_words, nearest
from gradviz.gates import LIBRARIES, Gate, Setting
from gradviz.language.constants import SETTING, begins_setting, setting, signed
from gradviz.language.tokens import CLOSES, CLOSING, Source

Place = tuple[int, int]

# What turns a literal into an array of its library is not drawn, nor is what these keywords choose.
_WRAPPERS: Final = "np.array np.asarray torch.tensor torch.Tensor torch.FloatTensor torch.as_tensor tf.constant"
WRAPPERS: Final = frozenset(
    f"{module}.{name}"
    for first, _, name in (each.partition(".") for each in f"{_WRAPPERS} tf.convert_to_tensor tf.Variable".split())
    for module in LIBRARIES.get(first, (first,))
) | {"array", "asarray", "tensor"}
_KEPT: Final = 1_000  # names of gates; those that programs define would otherwise never be forgotten
_NOT_DRAWN: Final = frozenset({"dtype", "device", "requires_grad", "copy", "trainable"})


class Further(NamedTuple):
    """Functions that the gate table has not: their names, and the gate of one with a number of inputs, if any."""

    names: Callable[[], Collection[str]]
    gate: Callable[[str, int], Gate | None]


class Given(NamedTuple):
    """A setting of a call; without a name it is known by its position."""

    name: str
    value: Any
    place: Place


class Call:
    """A function that is called, as it is written, and what was given besides its operands."""

    __slots__ = ("gates", "listed", "names", "place", "plain", "settings", "word")

    def __init__(self, word: str, place: Place, gates: tuple[Gate, ...]) -> None:
        """`gates` are those of that name."""
        self.word, self.place, self.gates = word, place, gates
        self.plain = _plain(gates)  # the only one, if it takes neither settings nor a list
        self.listed = False  # whether its operands came as a list
        self.names: list[tuple[str, Place]] = []  # of its last operands, which are given as keywords
        self.settings: list[Given] = []

    @property
    def wraps(self) -> bool:
        """Whether the call is transparent."""
        return not self.gates and self.word in WRAPPERS

    @property
    def takes_list(self) -> bool:
        """Whether its operands may come as a list."""
        return bool(self.gates) and self.gates[0].variadic


@lru_cache(maxsize=_KEPT)
def _plain(gates: tuple[Gate, ...]) -> Gate | None:
    """The only gate of a name, if it has no settings."""
    return gates[0] if len(gates) == 1 and not gates[0].settings and not gates[0].variadic else None


def argument(source: Source, call: Call, count: int, at: int) -> tuple[int, bool]:
    """Reads from where an argument may begin, after `count` operands, up to an operand or past a setting.

    The result is the next token, and whether an operand begins there.
    """
    at = source.after_newlines(at)
    word = source.words[at]
    if word.text in CLOSES:
        return at, True
    if call.wraps and (end := _after_undrawn(source, count, at)):
        return end, False
    if word.kind == "name" and source.words[at + 1].text == "=":
        if _names_setting(source, call, at):
            return _setting(source, call, word.text, at + 2), False
        call.names.append((word.text, source.place(at)))
        return at + 2, True
    if call.names or (call.settings and call.settings[-1].name):
        source.refuse("an argument without a name after one with a name", at)
    if _setting_follows(source, call, count, at):
        if not begins_setting(word):
            names = in_words(each.name for gate in call.gates for each in gate.settings)
            source.refuse(f"after its input '{call.word}' takes settings ({names}); {SETTING}", at)
        return _setting(source, call, "", at), False
    return at, True


def _setting(source: Source, call: Call, name: str, at: int) -> int:
    """The token after the setting that is read from `at`."""
    value, end = setting(source, at)
    if not source.ends_argument(end):
        source.refuse(SETTING, source.after_newlines(end))
    call.settings.append(Given(name, value, source.span(at, end - 1)))
    return end


@lru_cache(maxsize=_KEPT)
def _settings_after(gates: tuple[Gate, ...]) -> tuple[int, bool]:
    """After how many operands the next argument is a setting, and whether it may be an operand of another gate."""
    arities = [gate.arity for gate in gates if gate.settings and not gate.variadic]
    return (arities[0], any(gate.arity > arities[0] for gate in gates)) if arities else (-1, False)


def _setting_follows(source: Source, call: Call, count: int, at: int) -> bool:
    """Whether the argument without a name that begins at a token, after `count` operands, is a setting.

    `torch.max(x, 1)` is the maximum along axis 1, while `max(x, 1)` is that of two numbers.
    """
    after, unsure = _settings_after(call.gates)
    if count != after:
        return call.listed
    return not (unsure and ("." not in call.word or not _whole_argument(source, at)))


def is_last(source: Source, at: int) -> bool:
    """Whether no further operand follows in a call, only its end or settings."""
    at = source.after_newlines(at)
    if source.words[at].text == ",":
        at = source.after_newlines(at + 1)
        keyword = source.words[at].kind == "name" and source.words[at + 1].text == "="
        return source.words[at].text == ")" or keyword or _whole_argument(source, at)
    return source.words[at].text == ")"


def _whole_argument(source: Source, at: int) -> bool:
    """Whether the argument that begins at a token is a whole number."""
    found = signed(source, at)
    return bool(found and found.whole and source.ends_argument(found.end))


def _names_setting(source: Source, call: Call, at: int) -> bool:
    """Whether the keyword at a token names a setting; if not, it names an input."""
    name = source.words[at].text
    if any(setting_of(gate, name) for gate in call.gates):
        return True
    if not any(name in slots_of(gate) for gate in call.gates):
        inputs = [word for gate in call.gates for word in slots_of(gate)]
        settings = [word for gate in call.gates for each in gate.settings for word in (each.name, *each.aliases)]
        offer = nearest(name, [*settings, *inputs])
        source.fail(f"'{call.word}' has no argument '{name}'{offer}", source.place(at))
    return False


def _after_undrawn(source: Source, count: int, at: int) -> int | None:
    """The token after an argument of a wrapper that is not drawn: `dtype=...`, or a type in second place."""
    name = source.words[at]
    if name.kind != "name":
        return None
    if name.text not in _NOT_DRAWN if source.words[at + 1].text == "=" else count != 1:
        return None
    depth = 0
    while source.words[at].kind not in ("semicolon", "end"):
        text = source.words[at].text
        depth += (text in CLOSING) - (text in CLOSES)
        if depth < 0 or (depth == 0 and text == ","):
            break
        at += 1
    return at


def setting_of(gate: Gate, word: str) -> Setting | None:
    """The setting of a gate that a keyword names."""
    return next((each for each in gate.settings if word == each.name or word in each.aliases), None)


@lru_cache(maxsize=_KEPT)
def slots_of(gate: Gate) -> dict[str, int]:
    """The slots of a gate by the keywords that name its inputs."""
    names = gate.inputs or (("x",) if gate.arity == 1 and not gate.variadic else ())
    return {name: slot for slot, name in enumerate(names)}
