"""What two processes say to one another through a pipe: a few fields of bytes, each after its length."""

from __future__ import annotations

from typing import IO, Final

_WIDTH: Final = 8  # bytes of a length
MOST: Final = 1 << 32  # bytes of a field; a greater length is no length


def write(pipe: IO[bytes], *fields: bytes) -> None:
    """Write the fields to an unbuffered pipe; raises `OSError` when nobody reads."""
    for field in fields:
        for part in (len(field).to_bytes(_WIDTH, "big"), field):
            write_whole(pipe, part)


def read(pipe: IO[bytes], count: int) -> list[bytes]:
    """So many fields; raises `EOFError` when the other side is gone, or says what is no message."""
    fields = []
    for _ in range(count):
        length = int.from_bytes(_exactly(pipe, _WIDTH), "big")
        if length > MOST:
            raise EOFError
        fields.append(_exactly(pipe, length))
    return fields


def write_whole(pipe: IO[bytes], data: bytes) -> None:
    """Write to an unbuffered pipe, which takes as much at once as it has room for."""
    rest = memoryview(data)
    while rest:
        rest = rest[pipe.write(rest) :]


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    pieces = []
    while length:
        piece = pipe.read(min(length, 1 << 16))
        if not piece:
            raise EOFError
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
