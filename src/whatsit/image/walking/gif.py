"""The blocks of a GIF (GIF89a specification). All in it is cut into pieces of at most 255 bytes.

Pillow skips them in Python, 0.4 µs each, and what is no block byte by byte; the pixels of a frame are decoded in
C. Only what stands before the first frame costs those who decode it; all of it costs those who ask for the number
of frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whatsit.image.limits import UnreadablePhoto

# Encoders fill the pieces: 10 MB are 40,000. XMP, which is not cut into pieces but read as if it were, has its
# letters as lengths: 30 to 120 bytes each. A frame that hardly moves is a piece or two.
MOST_PIECES, BYTES_A_PIECE = 20_000, 64
MAX_FRAMES = 10_000  # an hour of three a second
MAX_JUNK = 10_000  # bytes that are no block
MAX_EXTENSIONS = 1_000  # before a frame; mostly two or three

_BLOCK = re.compile(rb"[!,;]")
_COMMENT, _APPLICATION = 0xFE, 0xFF


def check_gif(content: bytes) -> None:
    """Walk to the first frame."""
    _Walk(content).next_frame()


def count_gif_frames(content: bytes) -> int:
    """The number of frames, as Pillow counts them. Raises UnreadablePhoto where there are too many."""
    walk, frames = _Walk(content), 0
    while walk.next_frame():
        frames += 1
        if frames > MAX_FRAMES:
            raise UnreadablePhoto(f"a GIF of more than {MAX_FRAMES:,} frames")
        walk.skip_pieces()
    return frames


@dataclass
class _Walk:
    """A place in a GIF, and what was passed on the way to it."""

    content: bytes
    at: int = 13
    pieces: int = 0
    junk: int = 0
    is_first: bool = True

    def __post_init__(self) -> None:
        flags = self.content[10] if len(self.content) > 10 else 0
        self.at += (6 << (flags & 7)) if flags & 128 else 0  # the palette of all frames

    def next_frame(self) -> bool:
        """Go to the pixels of the next frame; False where there is none."""
        extensions = 0
        while found := _BLOCK.search(self.content, self.at):
            self.junk += found.start() - self.at
            if self.junk > MAX_JUNK:
                raise UnreadablePhoto(f"a GIF with more than {MAX_JUNK:,} bytes between its blocks")
            self.at = found.end()
            if found[0] == b",":
                return self._enter_frame()
            if found[0] == b";":
                return False
            extensions += 1
            if extensions > MAX_EXTENSIONS:
                raise UnreadablePhoto(f"a GIF of more than {MAX_EXTENSIONS:,} extensions of one frame")
            self._skip_extension()
        self._count_junk_to_the_end()
        return False

    def skip_pieces(self) -> None:
        """Go behind the next piece of no length."""
        content, at, pieces = self.content, self.at, self.pieces
        most, size = MOST_PIECES + len(content) // BYTES_A_PIECE, len(content)
        while at < size:
            length = content[at]
            at += length + 1
            if not length:
                break
            pieces += 1
            if pieces > most:
                raise UnreadablePhoto(f"a GIF cut into more than {most:,} pieces")
        self.at, self.pieces = at, pieces

    def _count_junk_to_the_end(self) -> None:
        if self.junk + len(self.content) - self.at > MAX_JUNK:
            raise UnreadablePhoto(f"a GIF with more than {MAX_JUNK:,} bytes between its blocks")

    def _enter_frame(self) -> bool:
        flags_at = self.at + 8
        if flags_at >= len(self.content):
            return False
        flags = self.content[flags_at]
        self.at += 9 + ((6 << (flags & 7)) if flags & 128 else 0) + 1  # its palette, and the bits of a code
        self.is_first = False
        return self.at <= len(self.content)

    def _skip_extension(self) -> None:
        """As Pillow does it: behind a first piece of no length it still looks for the end, but in a comment."""
        label = self.content[self.at] if self.at < len(self.content) else _COMMENT
        self.at += 1
        if label != _COMMENT:
            piece = self._skip_piece()
            if label == _APPLICATION and self.is_first and piece.startswith(b"NETSCAPE2.0"):
                self._skip_piece()
        self.skip_pieces()

    def _skip_piece(self) -> bytes:
        length = self.content[self.at] if self.at < len(self.content) else 0
        piece = self.content[self.at + 1 : self.at + 1 + length]
        self.at += length + 1
        return piece
