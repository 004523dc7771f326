"""Opens an input whatever it is wrapped in: a file, a pipe or stdin; plain, gzip or Zstandard.

Everything streams. The first bytes of what is inside are kept as `head`, so that formats can be told apart
without reading twice or seeking.
"""

import codecs
import contextlib
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from kg.errors import InputError
from kg.text import one_line, storable
from kg.types import Reject

HEAD = 1 << 16  # bytes that a format may look at
LONGEST = 1 << 22  # characters of one line or one record; a longer one is no record of a paper
BOMB_RATIO, BOMB_BYTES = 400, 1 << 28  # abstracts shrink three to ten times

STDIN = "-"
_DECLARED = re.compile(
    rb"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']((?:iso-8859|windows-125)[-\w]*)["']""", re.IGNORECASE
)


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """What `surrogateescape` does, for bytes below 0x80 too, which UTF-16 has in its broken places."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


BROKEN = "kg-as-surrogates"
"""How bytes that are no text are decoded: as lone surrogates, which `not_text` finds."""
codecs.register_error(BROKEN, _as_surrogates)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as a format found it: the fields by their own names, and where it began (1-based)."""

    line: int
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """An open input: `name` as the user gave it, `head` and `stream` decompressed, from the beginning."""

    name: str
    head: bytes
    stream: BinaryIO
    compressed: bool = False

    @property
    def encoding(self) -> str:
        """UTF-16 where a byte-order mark says so, a Latin one where XML declares it, else UTF-8."""
        if self.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if declared := _DECLARED.match(self.head):
            with contextlib.suppress(LookupError):
                return codecs.lookup(declared[1].decode("ascii", "replace")).name
        return "utf-8-sig"

    @property
    def head_text(self) -> str:
        """The head as text; bytes that are no text are replaced, line ends are newlines."""
        text = codecs.getincrementaldecoder(self.encoding)("replace").decode(self.head)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def text(self, newline: str | None = None) -> TextIO:
        """The whole as text; a byte that is no text comes as a lone surrogate, for the row to be set aside."""
        return io.TextIOWrapper(self.stream, self.encoding, BROKEN, newline)

    def place(self, line: int) -> str:
        """What goes into `Paper.source`: the file's own name, so that it does not depend on the folder."""
        return storable(f"{Path(self.name).name if self.name != STDIN else 'stdin'}:{line}")

    def reject(self, line: int | None, reason: str, excerpt: object = "") -> Reject:
        """A record of this input, set aside."""
        return Reject(
            storable(self.name), line, storable(reason), one_line(storable(str(excerpt)[:2000]))[:160]
        )


def open_source(path: str) -> Source:
    """Opens a path, or stdin for `-`; an InputError names what is in the way."""
    try:
        raw = sys.stdin.buffer if path == STDIN else Path(path).open("rb")  # noqa: SIM115, closed with the stream
        magic, raw = peek(raw, 4)
        opener = next((o for m, o in COMPRESSIONS.items() if re.match(m, magic, re.DOTALL)), None)
        head, stream = peek(opener(raw, path) if opener else raw, HEAD)
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error
    return Source(path, head, stream, compressed=opener is not None)


def unreadable(path: str, error: Exception) -> InputError:
    """The one clear error for a file that breaks off or cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path} does not exist. Check the path; `-` reads stdin.")
    if isinstance(error, PermissionError):
        return InputError(f"{path} may not be read: permission denied. Check its mode (ls -l).")
    if isinstance(error, EOFError):
        return InputError(f"{path} is cut short: its compressed data breaks off. Copy or download it again.")
    cause = getattr(error, "strerror", None) or str(error)
    return InputError(f"{path} cannot be read: {one_line(cause)}. Copy or download it again.")


def peek(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """The first bytes of a stream, and a stream that still begins with them."""
    head = b""
    while len(head) < size and (more := stream.read(size - len(head))):
        head += more
    return head, io.BufferedReader(_Joined(head, stream), HEAD)


def lines(source: Source) -> Iterator[tuple[int, str | Reject]]:
    """Numbered lines without their ends; one that is too long or no text is set aside."""
    text, number = source.text(), 0
    while line := text.readline(LONGEST):
        number += 1
        if len(line) == LONGEST and not line.endswith("\n"):
            yield number, source.reject(number, f"a line of more than {LONGEST:,} characters", line)
            while len(line := text.readline(LONGEST)) == LONGEST and not line.endswith("\n"):
                pass
        elif problem := not_text(line, source.encoding):
            yield number, source.reject(number, problem, line)
        else:
            yield number, line.rstrip("\n")


def not_text(text: str, encoding: str) -> str | None:
    """Why a text as read by `Source.text` cannot be used, if it cannot."""
    try:
        if not text.isascii():
            text.encode("utf8")
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) & 0xFF
        return f"not {encoding[:6].upper().rstrip('-')} (byte 0x{byte:02x}); save the file as UTF-8"
    return None


class _Joined(io.RawIOBase):
    """Bytes already read, then the rest of their stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        data = self._head or self._rest.read(len(buffer))
        chunk, self._head = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed and self._rest is not sys.stdin.buffer:
            self._rest.close()
        super().close()


class _Member(Protocol):
    """What zlib's and zstandard's decompression objects share."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Decompressed(io.RawIOBase):
    """What compressed members hold, one after the other; EOFError where the last one breaks off.

    `step` bytes are unpacked at a time, so that a bomb never fills the memory.
    """

    def __init__(
        self, raw: BinaryIO, name: str, member: Callable[[], _Member], error: type[Exception], step: int
    ) -> None:
        self._raw, self._name, self._step, self._error = raw, name, step, error
        self._new, self._member, self._begun = member, member(), False
        self._left, self._pending = b"", memoryview(b"")
        self._in = self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        while not self._pending:
            if not self._advance():
                return 0
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def _advance(self) -> bool:
        """Unpacks a step; False at the end. A step may bring nothing."""
        data, self._left = self._left or self._raw.read(self._step), b""
        if not data:
            if self._begun and not self._member.eof:
                raise EOFError
            return False
        if self._member.eof:
            self._member, self._begun = self._new(), False
        if not self._begun:
            data = data.lstrip(b"\0")  # padding after a member
        if data:
            self._pending = memoryview(self._unpack(data))
        return True

    def _unpack(self, data: bytes) -> bytes:
        try:
            produced = self._member.decompress(data)
        except self._error as error:
            raise OSError(f"its compressed data is damaged ({error})") from error
        self._begun, self._left = True, self._member.unused_data if self._member.eof else b""
        self._in, self._out = self._in + len(data) - len(self._left), self._out + len(produced)
        if self._out > BOMB_BYTES and self._out > BOMB_RATIO * self._in:
            raise InputError(
                f"{self._name} unpacks to more than {BOMB_RATIO} times its size: a decompression bomb, "
                "not papers. If it is meant, unpack it first."
            )
        return produced

    def close(self) -> None:
        self._raw.close()
        super().close()


def _gzip(raw: BinaryIO, name: str) -> BinaryIO:
    def member() -> _Member:
        return zlib.decompressobj(zlib.MAX_WBITS | 16)

    # 16 KiB unpack to 16 MiB at most
    return io.BufferedReader(_Decompressed(raw, name, member, zlib.error, 1 << 14), HEAD)


def _zstandard(raw: BinaryIO, name: str) -> BinaryIO:
    import zstandard

    def member() -> _Member:
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    # a block of 4 bytes can unpack to 128 KiB: 1 KiB to 32 MiB at most
    return io.BufferedReader(_Decompressed(raw, name, member, zstandard.ZstdError, 1 << 10), HEAD)


COMPRESSIONS: dict[bytes, Callable[[BinaryIO, str], BinaryIO]] = {
    rb"\x1f\x8b": _gzip,
    rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18": _zstandard,
}
"""How a compressed input begins, as a pattern, and what unpacks it."""
