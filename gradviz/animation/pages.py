r"""Frames as PDFs -> one PDF with a page a frame, as Beamer includes them: `\includegraphics<2>[page=2]{steps.pdf}`."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from gradviz.animation.extras import needed, same_size
from gradviz.errors import RenderError

_LEVELS: Final = ("file", "descriptor", "font", "resources")  # equal once what they refer to is the same


def pages(frames: Sequence[bytes]) -> bytes:
    """One PDF; what is the same in several pages, such as a font, stands there once.

    The same frames give the same bytes. Raises `RenderError` when a frame is not a PDF of one page, or has another
    size than the first.
    """
    with needed("pypdf", "a PDF with a page a step"):
        from pypdf import PdfReader, PdfWriter
        from pypdf.errors import PyPdfError
    writer, boxes = PdfWriter(), []
    for number, frame in enumerate(frames):
        try:
            (page,) = PdfReader(BytesIO(frame)).pages
        except (PyPdfError, ValueError) as error:
            raise RenderError(f"frame {number} is not a PDF of one page: {error}") from None
        boxes.append(" x ".join(f"{side:g}" for side in (page.mediabox.width, page.mediabox.height)))
        writer.add_page(page)
    same_size(boxes, "points")
    for _ in _LEVELS:
        writer.compress_identical_objects()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
