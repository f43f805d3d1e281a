"""A call and its operands -> the gate with its settings, and the operands by slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from gradviz.errors import in_words
from gradviz.gates import Gate
from gradviz.language.calls import Call, Further, Given, setting_of, slots_of
from gradviz.language.tokens import Source


def applied(
    source: Source, call: Call, operands: tuple[int, ...], further: Further | None
) -> tuple[Gate, tuple[int, ...]]:
    """The gate of a call, and its operands by slot."""
    count = len(operands)
    if call.plain and not call.names and call.plain.arity == count:
        return call.plain, operands
    gate = _gate(call, count) or (
        further.gate(call.word, count) if further and not (call.gates or call.wraps) else None
    )
    if gate is None:
        _refuse(source, call, count)
    if gate.settings or gate.variadic:
        gate = gate.of(count).choose(_chosen(source, call, gate))
    return gate, (_by_slot(source, call, gate, operands) if call.names else operands)


def _gate(call: Call, count: int) -> Gate | None:
    """Of the gates of that name one that takes these arguments, best the one with as many settings as are given."""
    fitting = [gate for gate in call.gates if _counts(gate, call, count)]
    if call.settings or call.names:
        fitting = [gate for gate in fitting if _knows(gate, call)]
        positional = sum(not given.name for given in call.settings)
        fitting.sort(key=lambda gate: len(gate.settings) != positional)
    return fitting[0] if fitting else None


def _counts(gate: Gate, call: Call, count: int) -> bool:
    return count >= 2 - call.listed if gate.variadic else count == gate.arity


def _knows(gate: Gate, call: Call) -> bool:
    named = all(setting_of(gate, given.name) for given in call.settings if given.name)
    return named and all(name in slots_of(gate) for name, _ in call.names) and bool(gate.settings or not call.settings)


def _refuse(source: Source, call: Call, count: int) -> NoReturn:
    arities = [gate.arity for gate in call.gates]
    if call.takes_list:
        problem = f"'{call.word}' takes a list: {call.word}([a, b])"
    elif count in arities:
        problem = f"'{call.word}' of {_counted(count)} has no argument '{[*call.settings, *call.names][0][0]}'"
    else:
        takes = f"takes {_counted(arities[0])}, not {count}" if arities else f"does not take {_counted(count)}"
        problem = f"'{call.word}' {takes}"
    source.fail(problem, call.place)


def _chosen(source: Source, call: Call, gate: Gate) -> dict[str, Any]:
    """The settings of a call by their names in the gate's row."""
    chosen: dict[str, Any] = {}
    for position, (name, value, place) in enumerate(_packed(source, call, gate)):
        setting = setting_of(gate, name) if name else gate.settings[position]
        assert setting, "the gate was taken because it has them"
        if setting.name in chosen:
            source.fail(f"'{setting.name}' is given twice", place)
        chosen[setting.name] = value
        try:
            gate.choose({setting.name: value})
        except ValueError as error:
            source.fail(str(error), place)
    for setting in gate.settings:
        if setting.required and setting.name not in chosen:
            source.fail(f"'{call.word}' needs its {setting.name}: {setting.takes}", call.place)
    return chosen


def _packed(source: Source, call: Call, gate: Gate) -> Sequence[Given]:
    """The settings with those by position, when they are too many, as one tuple: `x.reshape(2, 3)`."""
    positional = [given for given in call.settings if not given.name]
    for given, setting in zip(positional, gate.settings, strict=False):
        if setting.by_keyword:
            source.fail(f"{setting.by_keyword}; write {setting.name}=... if that is meant", given.place)
    if len(positional) <= len(gate.settings):
        return call.settings
    place = (positional[0].place[0], positional[-1].place[1])
    if len(gate.settings) > 1:
        source.fail(f"'{call.word}' has only the settings {in_words(each.name for each in gate.settings)}", place)
    return [Given("", tuple(given.value for given in positional), place), *call.settings[len(positional) :]]


def _by_slot(source: Source, call: Call, gate: Gate, operands: tuple[int, ...]) -> tuple[int, ...]:
    """The operands in the order of the gate's inputs."""
    first = len(operands) - len(call.names)
    slots = dict(enumerate(operands[:first]))
    for (name, place), operand in zip(call.names, operands[first:], strict=True):
        slot = slots_of(gate)[name]
        if slot in slots:
            source.fail(f"'{name}' is given twice", place)
        slots[slot] = operand
    return tuple(slots[slot] for slot in range(len(operands)))


def _counted(count: int) -> str:
    return "1 input" if count == 1 else f"{count} inputs"
