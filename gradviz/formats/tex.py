"""Picture -> TikZ, at the places of its layout: its mathematics in math mode, alone or in a document."""

from __future__ import annotations

from typing import Final

from gradviz.errors import RenderError, printable
from gradviz.formats import texmath
from gradviz.formats.texparts import PARTS, box
from gradviz.formats.texrows import Box, n
from gradviz.layout import layout
from gradviz.picture import Picture


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The TeX file, UTF-8: one `tikzpicture`, which with pdfLaTeX, XeLaTeX or LuaLaTeX is a page of its own size."""
    return tikz(picture).encode()


def tikz(picture: Picture) -> str:
    """The TeX text of a picture: the same text for the same picture, byte for byte.

    Raises `RenderError` for a figure that is larger than TeX's largest length.
    """
    places = picture.places or layout(picture)
    body = "".join(f"  {line}\n" for part in PARTS for line in part(picture, places))
    macros = "".join(macro for name, macro in MACROS.items() if name in body)
    styles = STYLES.replace("PEN", n(picture.theme.pen))
    head = _head(picture.heading, box(picture, places), HANGUL if texmath.is_east_asian(body) else "")
    return f"{head}\\begin{{tikzpicture}}[{styles}]\n{macros}{body}\\end{{tikzpicture}}%\n\\gvend\n"


def _head(heading: str, page: Box, further: str) -> str:
    """What makes the file a document of one page, unless it is within another."""
    left, top, right, bottom = page
    if max(right - left, bottom - top) > LARGEST:
        wide = f"{right - left:.0f} points wide and {bottom - top:.0f} high"
        raise RenderError(f"the figure is {wide}; TeX takes at most {LARGEST}, other formats take more")
    size = f"{n(right - left)}bp,{n(bottom - top)}bp"
    return f"% {printable(heading[:LONGEST])}\n{HEAD.replace('SIZE', size).replace('FURTHER', further)}"


LONGEST: Final = 200  # letters of the title in a comment; TeX reads lines of a limited length
LARGEST: Final = 16_000  # points, a little less than TeX's largest length
HEAD: Final = r"""% On its own: pdflatex on this file. In a document that loads tikz and amsmath: \input this file.
\expandafter\ifx\csname @nodocument\endcsname\relax
  \let\gvend\relax
\else
  \documentclass{article}
  \usepackage{amsmath,tikz}
  \usepackage[papersize={SIZE},margin=0pt]{geometry}
FURTHER  \pagestyle{empty}\topskip=0pt \parindent=0pt
  \def\gvend{\end{document}}
  \begin{document}
\fi
"""
HANGUL: Final = "  \\IfFileExists{kotex.sty}{\\usepackage{kotex}}{}\n"
STYLES: Final = """x=1bp, y=-1bp, line width=PENbp, line join=round, gv page/.style={fill=gvbackground},
    gv frame/.style={draw=gvframe}, gv alarm/.style={fill=gvalarm}, gv wire/.style={}, gv head/.style={},
    gv fork/.style={}, gv stem/.style={}, gv shelf/.style={}, gv share/.style={}, gv bracket/.style={},
    gv gate/.style={draw=gvink, fill=gvgatefill}"""
FIT: Final = r"""  % \gvtext(place)[anchor]{size in 10 points}{width}{height}{text}: it shrinks to its room
  \def\gvtext(#1,#2)[#3]#4#5#6#7{\pgftext[at={\pgfpointxy{#1}{#2}},#3]{%
    \setbox2\hbox{\normalfont\fontsize{10}{12}\selectfont#7}\gvfit{#4}{#5bp}{#6bp}}}
  \def\gvfit#1#2#3{\dimen0=\ht2 \advance\dimen0\dp2 \dimen0=#1\dimen0 \dimen2=#1\wd2 \def\gvscale{#1}%
    \ifdim\dimen2>#2\relax\pgfmathsetmacro\gvscale{#2/\wd2}\fi
    \ifdim\dimen0>#3\relax\pgfmathsetmacro\gvscale{min(\gvscale,#3/(\ht2+\dp2))}\fi
    \dimen0=3bp \dimen0=-#1\dimen0 \advance\dimen0.5\dimexpr#3\relax
    \dimen2=\gvscale\dp2 \advance\dimen2-\dimen0 \ifdim\dimen2<0pt\relax\dimen2=0pt\fi
    \raisebox{\dimen2}{\scalebox{\gvscale}{\copy2}}}
"""
FRACTION: Final = r"""  \def\gvfrac#1{\raisebox{.07em}{\scalebox{.72}{$\nulldelimiterspace0pt \displaystyle#1$}}}
"""
BLANK: Final = r"""  \def\gvblank#1{\rule[-.2em]{#1}{.05em}}
"""
LETTER: Final = r"""  % A letter that not every TeX has: as it is, or a box.
  \def\gvchar#1#2{\text{\gvletter{#1}{#2}{\ifcsname u8:\detokenize{#1}\endcsname#1\else\gvmissing{#2}\fi}}}
  \def\gvletter#1#2#3{\ifdefined\Umathchar#1\else\ifnum"#2>"FFFF #3\else
    \ifcsname ver@kotex.sty\endcsname#1\else\ifcsname ver@CJK.sty\endcsname#1\else#3\fi\fi\fi\fi}
  \def\gvmissing#1{{\fboxsep0pt\fbox{\vphantom{X}\hspace{.6em}}}\PackageWarning{gradviz}{no letter U+#1 here}}
"""
MACROS: Final = {"\\gvtext": FIT, "\\gvfrac": FRACTION, "\\gvblank": BLANK, "\\gvchar": LETTER}  # where they are used
