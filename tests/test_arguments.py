"""The words of a command line are sorted, and what is not understood gets an offer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import offers
from gradviz.api import parse
from gradviz.arguments import Given, Words, near_option, shown, sort
from gradviz.errors import GradvizError, OptionError
from gradviz.literals import values
from tests.shares import examples

OPTIONS = {
    "-o": True, "--output": True, "-f": True, "--format": True, "--theme": True, "--title": True, "--digits": True,
    "--of": True, "--set": True, "--expand": True, "--seed": True,
    "--strict": False, "--fold": False, "--no-fold": False, "-h": False, "--help": False,
}  # fmt: skip
COMMANDS = ("render", "batch", "gates", "themes", "samples")


def refused(*words: str, exists: bool = False, commands: tuple[str, ...] = COMMANDS) -> str:
    """The message for a command line whose expression is not one."""
    with pytest.raises(OptionError) as error:
        offers.check_expression(sort(words, OPTIONS), commands, OPTIONS, lambda _: exists)
    return str(error.value)


def accepted(*words: str, exists: bool = False, commands: tuple[str, ...] = COMMANDS) -> bool:
    offers.check_expression(sort(words, OPTIONS), commands, OPTIONS, lambda _: exists)
    return True


# sorting


@pytest.mark.parametrize("expression", ["-log(p)", "-x", "-", "-of", "-o=3", "-2*x", "w*x + b", "", "-f(x)", "−x"])
def test_a_word_with_at_most_one_dash_is_the_expression(expression: str) -> None:
    assert sort([expression, "--p=0.5"], OPTIONS).bare == (expression,)


@pytest.mark.parametrize("words", [["--w=-2"], ["--w", "-2"], ["--set", "w=-2"], ["--set=w=-2"]])
def test_a_value_is_written_with_or_without_an_equals_sign(words: list[str]) -> None:
    assert values(sort(words, OPTIONS).values, OPTIONS) == {"w": -2.0}


def test_an_unknown_option_takes_the_next_word_whatever_it_is() -> None:
    assert sort(["--w", "-log(2)", "x"], OPTIONS) == Words(("x",), (Given("--w", "w", "-log(2)"),), (), False)


def test_options_keep_their_values_in_the_form_that_click_reads_as_one() -> None:
    words = ["-o", "-", "--theme", "dark", "--title=-o x", "--strict", "x"]
    assert sort(words, OPTIONS).options == ("-o", "-", "--theme=dark", "--title=-o x", "--strict")


def test_after_two_dashes_everything_is_the_expression() -> None:
    assert sort(["--w=2", "--", "w", "-", "--x"], OPTIONS) == Words(("w - --x",), (Given("--w", "w", "2"),), (), True)


def test_two_dashes_at_the_end_mean_nothing() -> None:
    assert sort(["x", "--"], OPTIONS) == Words(("x",), (), (), False)


def test_an_option_wins_over_a_name_of_the_program() -> None:
    words = sort(["title*2", "--title=3"], OPTIONS)
    assert (words.values, words.has("--title")) == ((), True)


@pytest.mark.parametrize("name", ["σ", "x₁", "größe", "lambda", "__class__", "数"])
def test_names_are_those_of_programs(name: str) -> None:
    assert sort([f"--{name}=1"], OPTIONS).values == (Given(f"--{name}", name, "1"),)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--theme"], "--theme needs a value"),
        (["--theme", "--strict"], "--theme needs a value"),
        (["-o", "-f", "png"], "-o needs a value"),
        (["--w"], "--w has no value; write --w=NUMBER"),
        (["--w", "--x=2"], "--w has no value; write --w=NUMBER"),
        (["--stict", "--x=2"], "--stict has no value; did you mean '--strict'?"),
        (["--no-fld=1"], "unknown option '--no-fld'; did you mean '--no-fold'?"),
        (["---w=1"], "unknown option '---w'"),
        (["--=1"], "unknown option '--'"),
        (["--w[0]=1"], "unknown option '--w[0]'"),
        (["--2=1"], "unknown option '--2'"),
        (["--strict=3"], "--strict takes no value; for one of the program's names write --set NAME=VALUE"),
        (["--set", "w"], "--set needs NAME=VALUE, not 'w'"),
        (["--set", "2=3"], "--set needs NAME=VALUE, not '2=3'"),
        (["--set"], "--set needs a value"),
        (["--expand"], "--expand needs a value: the names of gates, or all; SymPy's expand is --multiply-out"),
        (
            ["--expand", "--strict"],
            "--expand needs a value: the names of gates, or all; SymPy's expand is --multiply-out",
        ),
    ],
)
def test_an_option_without_its_value_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(OptionError) as error:
        sort(words, OPTIONS)
    assert str(error.value) == message


WORDS = st.one_of(
    st.sampled_from([*OPTIONS, "--", "-", "--w", "--w=2", "x", "--theme=dark", "--set=w=2", "--strict=1", "="]),
    st.text(max_size=8),
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(WORDS, max_size=8))
def test_any_words_are_sorted_or_refused_and_none_is_lost(words: list[str]) -> None:
    try:
        found = sort(words, OPTIONS)
    except OptionError:
        return
    told = "".join([*found.bare, *(value.option + value.text for value in found.values), *found.options])
    assert all(letter in told for letter in "".join(words) if letter not in " =-")


# names of values and of options


def test_a_name_nearer_to_an_option_than_to_the_program_offers_the_option() -> None:
    with pytest.raises(OptionError, match=r"the program has no name 'thme'; did you mean '--theme'\?"):
        offers.check_names(["thme"], parse("w*x"), OPTIONS)


@pytest.mark.parametrize(("program", "name"), [("thme*x", "thme"), ("theta*x", "thet"), ("w*x", "q"), ("f*x", "e")])
def test_a_name_nearer_to_the_program_is_left_to_it(program: str, name: str) -> None:
    offers.check_names([name], parse(program), OPTIONS)


@pytest.mark.parametrize(
    ("name", "offer"),
    [("thme", "--theme"), ("stric", "--strict"), ("digit", "--digits"), ("o", "-o"), ("outpt", "--output")],
)
def test_the_nearest_option_is_offered(name: str, offer: str) -> None:
    assert near_option(name, OPTIONS) == f"; did you mean '{offer}'?"


@pytest.mark.parametrize("name", ["w", "x", "ox", "alpha", "w0", "learning_rate"])
def test_a_name_that_is_like_no_option_gets_no_offer(name: str) -> None:
    assert near_option(name, OPTIONS) == ""


# the expression


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], 'no expression to draw; write it in quotes, as in: gradviz "w*x + b"'),
        (["w*x", "+", "b"], 'the expression must be one word; quote it: gradviz "w*x + b"'),
        (["w*x", "+", "b", "--w=2"], 'the expression must be one word; quote it: gradviz "w*x + b" …'),
        (["w", "$x"], "the expression must be one word; quote it: gradviz 'w $x'"),
        (["gate", "*", "x"], 'the expression must be one word; quote it: gradviz "gate * x"'),
        (["bacth", "samples"], "there is no command 'bacth'; did you mean 'batch'?"),
        (["--theme=dark", "batch", "samples"], "the command batch comes first: gradviz batch samples …"),
        (["--theme=dark", "gates"], "the command gates comes first: gradviz gates …"),
        (["gatse"], "there is no command 'gatse'; did you mean 'gates'? (as an expression: gradviz -- gatse)"),
        (["help"], "there is no command 'help'; did you mean '--help'? (as an expression: gradviz -- help)"),
        (["w*x", "-w=2"], "'-w=2' is not an option; did you mean '--w=2'?"),
        (["w*x", "-theme", "dark"], "'-theme' is not an option; did you mean '--theme'?"),
        (["w*x", "-ofigure.svg"], "'-ofigure.svg' is not an option; did you mean '-o figure.svg'?"),
        (
            ["--expand", "x*(x+1)", "--x=2"],
            "--expand takes the names of gates, as in --expand sigmoid,tanh, or all, "
            "not 'x*(x+1)'; SymPy's expand is --multiply-out",
        ),
        (["--expand", "x"], 'no expression to draw; write it in quotes, as in: gradviz "w*x + b"'),
        (["W@x", "--x", "[1,", "2]"], "the list of --x ends at a space; quote it: --x='[1, 2]'"),
        (["W@x", "--set", "x=[1,", "2]"], "the list of --set x ends at a space; quote it: --set x='[1, 2]'"),
        (["W@x", "--seed=[[1,2],", "[3,4]]"], "the list of --seed ends at a space; quote it: --seed='[1, 2]'"),
        (["a.toml"], "'a.toml' is a file's name, not an expression; did you mean: gradviz batch a.toml --out DIR"),
    ],
)
def test_what_is_not_one_expression_is_told_what_it_may_be(words: list[str], message: str) -> None:
    assert refused(*words) == message


def test_a_file_that_exists_is_not_an_expression() -> None:
    assert "gradviz batch neuron --out DIR" in refused("neuron", exists=True)


@pytest.mark.parametrize(
    "words", [["x", "--x=2"], ["--", "x"], ["--", "x.toml"], ["-"]], ids=["with a value", "after --", "TOML", "stdin"]
)
def test_a_file_of_that_name_does_not_stop_an_expression(words: list[str]) -> None:
    assert accepted(*words, exists=True)


@pytest.mark.parametrize("words", [["gatse", "--gatse=2"], ["--", "gatse"], ["--", "gates"], ["x"], ["gatse+1"]])
def test_a_word_near_a_command_is_an_expression_when_it_must_be(words: list[str]) -> None:
    assert accepted(*words)


def test_under_render_a_word_is_no_misspelt_command() -> None:
    assert accepted("gatse", commands=())


# names that are also options


def test_a_name_whose_value_an_option_took_is_found() -> None:
    words = sort(["title*x", "--title=3", "--x=2"], OPTIONS)
    assert offers.shadowed(offers.inputs("title*x", words), words, OPTIONS) == ("title",)


def test_a_name_that_set_gives_a_value_is_not_missed() -> None:
    words = sort(["title*x", "--set", "title=3"], OPTIONS)
    assert offers.shadowed(offers.inputs("title*x", words), words, OPTIONS) == ()


def test_a_program_that_is_not_understood_has_no_inputs() -> None:
    assert offers.inputs("title*(", sort(["title*("], OPTIONS)) == ()


def test_the_hint_names_what_to_write() -> None:
    assert offers.set_hint(["of"]) == "\nof is also an option: write --set of=VALUE"
    told = "\nof and title are also options: write --set of=VALUE --set title=VALUE"
    assert offers.set_hint(["of", "title"]) == told
    assert offers.set_hint([]) == ""


# hostile text


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "\u202eb", "\r", "\x9b2J", "\udcff"])
def test_a_message_repeats_nothing_that_a_terminal_would_obey(text: str) -> None:
    assert shown(text).isprintable()
    for words in ([f"--{text}=1"], ["--w", text], ["--set", text], [text, "x", "y"]):
        with pytest.raises(GradvizError) as error:
            understand(words)
        assert str(error.value).isprintable()


def understand(words: list[str]) -> None:
    found = sort(words, OPTIONS)
    values(found.values, OPTIONS)
    offers.check_expression(found, COMMANDS, OPTIONS, lambda _: False)


def test_a_long_word_is_cut_in_a_message() -> None:
    assert len(shown("x" * 10_000)) < 100
