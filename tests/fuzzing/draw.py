"""Choices made from bytes: the same bytes make the same choices, so a fuzzer that alters bytes alters choices.

Where the bytes end, every choice is the first: an empty input is the plainest file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

MOST = 4_000_000  # bytes of an input: 10 MB are allowed to strangers, and a fault of so many shows in 4
_COUNTS = (1, 0, 2, 3, 7, 30, 300, 1_500, 12_000, 120_000, 1_000_000)
_LIES = (0, 1, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


class Draw:
    """The choices that some bytes make, one after another."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def raw(self, most: int) -> bytes:
        """At most so many of the bytes themselves."""
        taken = self._data[self._at : self._at + self.below(most + 1)]
        self._at += len(taken)
        return taken

    def below(self, end: int) -> int:
        """A whole number in 0 … end - 1."""
        length = max(1, (max(end - 1, 1).bit_length() + 7) // 8)
        taken = self._data[self._at : self._at + length]
        self._at += length
        return int.from_bytes(taken, "little") % end

    def pick(self, among: Sequence[T]) -> T:
        """One of several."""
        return among[self.below(len(among))]

    def often(self) -> bool:
        """True three times of four."""
        return self.below(4) != 0

    def seldom(self) -> bool:
        """True once in eight times."""
        return self.below(8) == 7

    def count(self) -> int:
        """How often something is said: mostly once or a few times, now and then a million."""
        return self.pick(_COUNTS)

    def length(self, true: int, bits: int = 32) -> int:
        """A length as it is written down: mostly the true one."""
        if not self.seldom():
            return true % 2**bits
        return (self.pick(_LIES) if self.often() else true + self.below(5) - 2) % 2**bits

    def repeated(self, piece: bytes) -> bytes:
        """A piece as often as is drawn, and not beyond MOST."""
        return piece * min(self.count(), MOST // max(1, len(piece)))


def with_runs(draw: Draw, parts: list[bytes], make_piece: Callable[[Draw], bytes], runs: int = 3) -> bytes:
    """The parts of a file with runs of pieces drawn between them: a place, a piece, how often."""
    parts = list(parts)
    for _ in range(draw.below(runs + 1)):
        place = draw.below(len(parts) + 1)
        parts.insert(place, draw.repeated(make_piece(draw)))
    whole = b"".join(parts)[:MOST]
    return spoilt(draw, whole) if draw.seldom() else whole


def spoilt(draw: Draw, content: bytes) -> bytes:
    """Bytes altered at drawn places, most of them near the beginning, and perhaps the end gone."""
    altered = bytearray(content)
    for _ in range(draw.below(8)):
        if altered:
            altered[draw.below(draw.pick((64, 600, len(altered)))) % len(altered)] = draw.below(256)
    return bytes(altered[: draw.below(len(altered) + 1)]) if draw.seldom() else bytes(altered)
