"""Tokens: what each mark, word and number of a program is read as, and where it stands."""

from __future__ import annotations

import keyword
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.errors import ProgramError
from gradviz.gates import INFIX, PREFIX
from gradviz.language.tokens import AUGMENTED, clean, normal, tokens


def kinds(program: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(clean(program))][:-1]


@pytest.mark.parametrize("mark", sorted({*INFIX, *PREFIX}))
def test_every_operator_of_the_table_is_one_token(mark: str) -> None:
    assert kinds(f"a{mark}b") == [("name", "a"), ("mark", mark), ("name", "b")]


@pytest.mark.parametrize("number", ["0", "12", "1.5", "2.", ".25", "1e5", "1E-5", "2.e+3", "1_000", "1_0.2_5", "007"])
def test_numbers(number: str) -> None:
    assert kinds(number) == [("number", number)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("1__0", ["1", "__0"]), ("1_", ["1", "_"]), ("1e", ["1", "e"]), ("2pi", ["2", "pi"]), ("1.5.2", ["1.5", ".2"]),
     ("1._5", ["1.", "_5"])],
)  # fmt: skip
def test_a_number_ends_where_python_would_not_read_it(text: str, pieces: list[str]) -> None:
    assert [word for _, word in kinds(text)] == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a.b.T", [("name", "a"), ("attribute", ".b"), ("attribute", ".T")]),
        (").T", [("mark", ")"), ("attribute", ".T")]),
        ("x.5", [("name", "x"), ("number", ".5")]),
        ("x.ｂ₁", [("name", "x"), ("attribute", ".b1")]),
        ("[..., 1]", [("mark", "["), ("mark", "..."), ("mark", ","), ("number", "1"), ("mark", "]")]),
        ("a:b", [("name", "a"), ("mark", ":"), ("name", "b")]),
    ],
)
def test_attributes_and_indices(text: str, pieces: list[tuple[str, str]]) -> None:
    assert kinds(text) == pieces


@pytest.mark.parametrize("mark", sorted(AUGMENTED))
def test_an_operator_with_an_equals_sign_is_one_token(mark: str) -> None:
    assert kinds(f"x {mark} 2") == [("name", "x"), ("mark", mark), ("number", "2")]


def test_a_line_goes_on_after_a_backslash() -> None:
    assert kinds("a \\\n + b") == kinds("a + b")
    assert kinds("a # no \\\n + b") == kinds("a\n + b")


@pytest.mark.parametrize("name", [*keyword.kwlist, "x", "_", "w0", "N", "E", "S", "I", "beta", "σ", "φ", "가중치", "x̂"])
def test_names_are_identifiers_keywords_included(name: str) -> None:
    assert kinds(name) == [("name", name)]


@pytest.mark.parametrize(("written", "name"), [("x₁", "x1"), ("ｘ", "x"), ("𝑤", "w"), ("µ", "μ"), ("ﬁ", "fi")])
def test_names_are_normalised_as_in_python(written: str, name: str) -> None:
    assert kinds(written) == [("name", name)]
    assert normal(clean(written)) == name


@pytest.mark.parametrize("word", ["½", "x½", "٣", "⒈", "\N{COMBINING CIRCUMFLEX ACCENT}"])
def test_a_word_that_is_no_identifier_is_refused(word: str) -> None:
    with pytest.raises(ProgramError, match=f"'{word}' is not a name"):
        kinds(word)


@pytest.mark.parametrize(("written", "read"), [("²", "2"), ("⁻¹", "-1"), ("¹⁰", "10"), ("⁺³", "+3")])
def test_superscripts(written: str, read: str) -> None:
    assert kinds(f"x{written}") == [("name", "x"), ("superscript", read)]


def test_full_width_forms_are_read_as_plain_ones() -> None:
    assert kinds("（ｘ＋１）＝＊，；＃ note") == kinds("(x+1)=*,;# note")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}", "\x85"])
def test_line_ends(end: str) -> None:
    assert kinds(f"a{end}b") == [("name", "a"), ("newline", "\n"), ("name", "b")]


def test_comments_reach_to_the_end_of_the_line() -> None:
    assert kinds("a # b; c\nd") == [("name", "a"), ("newline", "\n"), ("name", "d")]


@pytest.mark.parametrize("space", [" ", "\t", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\f"])
def test_spaces_separate(space: str) -> None:
    assert kinds(f"a{space}+{space}b") == kinds("a+b")


@pytest.mark.parametrize(("char", "shown"), [("$", "'$'"), ("\N{ZERO WIDTH SPACE}", "U+200B"), ("\x1b", "U+001B"),
                                             ("\udc80", "U+DC80"), ("\\", "'\\'")])  # fmt: skip
def test_an_unexpected_character_is_named_visibly(char: str, shown: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(f"unexpected character {shown}")) as caught:
        kinds(f"x + {char}")
    assert caught.value.place == (4, 5)


@given(st.text(alphabet=st.sampled_from("ab1.5e_[]:\\<²⁻₁ \t\n;#=,()+-*/^√·−σ가\u0302ｘ＋")))
def test_places_cut_the_text_into_its_tokens(program: str) -> None:
    text = clean(program)
    try:
        found = list(tokens(text))
    except ProgramError:
        return
    position = 0
    for token in found:
        start, end = token.place
        assert re.fullmatch(r"(?:[^\S\n]|#[^\n]*|\\\n)*", text[position:start]), "only spaces and comments lie between"
        assert token.text == text[start:end] or not text[start:end].isascii()
        position = end
    assert (found[-1].kind, position) == ("end", len(text))


def test_a_million_spaces_are_one_step() -> None:
    assert kinds(" " * 1_000_000 + "x" + " #" * 500_000) == [("name", "x")]
