"""What a person sees in the terminal: answers on stdout, notes on stderr. Running work is in terminal.py.

Colour appears only where the stream is a terminal; `NO_COLOR` is honoured (by rich).
"""

from __future__ import annotations

import contextlib
import functools
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from whatsit.words import keep_together, part_lines, probability, show_controls

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod, RenderableType
    from rich.text import Text

    from whatsit.image import Pixels


@functools.cache
def _console(stderr: bool) -> Console:
    from rich.console import Console

    class Cut(Console):
        def on_broken_pipe(self) -> None:  # rich would end with 1; who cuts with `head` has what they wanted
            raise BrokenPipeError

    return Cut(stderr=stderr, highlight=False, soft_wrap=True)


def _print_lines(on: Console, text: str, style: str | None = None) -> None:
    """Print text as it is, never read as markup.

    A terminal gets lines broken between words; a word that is too long for a line, such as a path, stays whole, so
    that it can be copied, and so does what stands between quotes. A command that a line ends with, and that has no
    room on it, stands alone below. Anything else gets the lines as they are.
    """
    text = show_controls(text)
    if on.is_terminal:
        text = "\n".join(_break_between_words(line, on.width) for line in text.splitlines())
    on.print(text, style=style, markup=False)


# A name with blanks, as a shell wants it (no apostrophes); a command within a sentence.
_QUOTED = re.compile(r"(?<!\S)(?:'[^']+'|`[^`]+`)(?=[\s.,:;)]|$)")
_COMMAND = re.compile(r"(?<=: )whatsit (?:(?!\. ).)+$")  # as the last of a line, to be copied
_BLANK = "\0"  # in place of a blank that no line may end at; there is none of them in what is shown


def _break_between_words(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    if command := _COMMAND.search(line):
        return f"{_break_between_words(line[: command.start()].rstrip(), width)}\n{indent}  {command[0]}"
    broken = textwrap.fill(
        _QUOTED.sub(lambda name: name[0].replace(" ", _BLANK), keep_together(line)),
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return part_lines(broken.replace(_BLANK, " "))  # what is copied from a terminal has plain spaces


def ask(explained: str, question: str) -> bool:
    """Explain, and ask for a yes; nobody can be asked where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    note(explained)
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def stdout() -> Console:
    """The console for answers."""
    return _console(False)


def stderr() -> Console:
    """The console for notes and bars."""
    return _console(True)


def note(text: str) -> None:
    """One line of news on stderr; kept back within `notes_last`."""
    if _kept_back is None:
        _print_lines(stderr(), text)
    else:
        _kept_back.append(text)


_kept_back: list[str] | None = None


@contextlib.contextmanager
def notes_last() -> Iterator[None]:
    """Keep notes back until the block's answers are printed: one between them would be taken for an answer."""
    global _kept_back
    _kept_back = []
    try:
        yield
    finally:
        texts, _kept_back = _kept_back, None
        sys.stdout.flush()
        for text in texts:
            note(text)


def warn(text: str) -> None:
    """One line on stderr that a person should not miss."""
    _print_lines(stderr(), f"! {text}", "yellow")


def fail(sentence: str, hint: str | None) -> None:
    """What went wrong and what to do about it, on stderr."""
    _print_lines(stderr(), sentence, "bold red")
    if hint:
        _print_lines(stderr(), hint)


def show(what: RenderableType) -> None:
    """Print an answer (text, table, picture) on stdout."""
    if isinstance(what, str):
        _print_lines(stdout(), what)
    else:
        stdout().print(what)


BETWEEN = 3  # characters from a column of a table to the next, and of both its edges together but one


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """Print a table on stdout; columns whose cells are all numbers are set flush right.

    A word is broken only where the longest words of all columns have no room beside one another.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = [[_cell(value) for value in row] for row in rows]
    each = [[column, *(row[index] for row in cells)] for index, column in enumerate(columns)]
    are_numbers = [bool(cells) and all(map(_is_number, column[1:])) for column in each]
    whole = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in each]
    words = [max(map(cell_len, " ".join(column).split()), default=0) for column in each]
    least = [most if numeric else word for most, word, numeric in zip(whole, words, are_numbers, strict=True)]
    grid = Table(box=box.SIMPLE_HEAD, title=show_controls(title) or None, title_justify="left", pad_edge=False)
    widths = _fit(stdout().width - BETWEEN * len(columns) + 1, least, whole)
    for column, numeric, width in zip(columns, are_numbers, widths, strict=True):
        justify: JustifyMethod = "right" if numeric else "left"
        grid.add_column(column, justify=justify, overflow="fold", no_wrap=numeric, width=width)
    for row in cells:
        grid.add_row(*(Text(cell) for cell in row))
    stdout().print(grid, soft_wrap=False)


def _fit(room: int, least: Sequence[int], most: Sequence[int]) -> list[int]:
    """The widths of columns: `most` where they have room, else the widest are made narrower, none below `least`
    unless that has no room either."""
    if sum(least) > room:
        least = _share_out(room, least)

    def narrowed(level: int) -> list[int]:
        return [min(max(level, low), high) for low, high in zip(least, most, strict=True)]

    level = max((one for one in range(1, max(most, default=0) + 1) if sum(narrowed(one)) <= room), default=0)
    return narrowed(level)


def _share_out(room: int, wanted: Sequence[int]) -> list[int]:
    """What each gets of some room: all that it wants, where that is no more than an even share of what is left."""
    found, left = [0] * len(wanted), max(0, room)
    for done, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        found[place] = max(1, min(wanted[place], left // (len(wanted) - done)))
        left -= found[place]
    return found


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else show_controls(str(value))


def _is_number(cell: str) -> bool:
    return not cell.strip("0123456789.,%±+-– ")  # a dash stands for a number that there is none of


def half_blocks(pixels: Pixels, columns: int = 32) -> Text:
    """A picture (height, width, 3) uint8 as text, two pixels a cell, at most `columns` cells wide.

    Where stdout has no colours, cells are shaded by their brightness.
    """
    from rich.color import Color
    from rich.style import Style
    from rich.text import Text

    from whatsit.image import resize_pixels

    height, width = pixels.shape[:2]
    wide = min(columns, width)
    high = max(2, round(height * wide / width / 2) * 2)
    small = resize_pixels(pixels, (high, wide))
    if stdout().color_system is None:
        shade = small.reshape(high // 2, 2, wide, 3).mean(axis=(1, 3)) * len(_SHADES) / 256
        return Text("\n".join("".join(_SHADES[int(cell)] for cell in row) for row in shade))
    text = Text()
    for row, (upper, lower) in enumerate(zip(small[0::2].tolist(), small[1::2].tolist(), strict=True)):
        text.append("\n" if row else "")
        for over, under in zip(upper, lower, strict=True):
            text.append("▀", Style(color=Color.from_rgb(*over), bgcolor=Color.from_rgb(*under)))
    return text


_SHADES = " ░▒▓█"


def gallery(pictures: Iterable[tuple[str, Pixels | None]], wide: int = 18, columns: int | None = None) -> None:
    """Print captioned pictures on stdout, each within `wide` cells and `wide` / 2 lines; as many side by side as
    fit, or `columns`, which stand closer, and whose captions may take several lines.

    A picture of None is only its caption.
    """
    from rich.table import Table
    from rich.text import Text

    across = columns or max(1, (stdout().width + 2) // (wide + 2))
    grid = Table.grid(padding=(0, 1 if columns else 2, 1, 0))
    for _ in range(across):
        grid.add_column(width=wide, overflow="fold" if columns else "ellipsis", no_wrap=not columns)
    row: list[Text] = []
    for caption, pixels in pictures:
        drawn = Text()
        if pixels is not None:
            fitting = round(wide * min(1.0, pixels.shape[1] / pixels.shape[0]))
            drawn = half_blocks(pixels, max(1, fitting)).append("\n")
        row.append(drawn.append_text(Text(show_controls(caption))))
        if len(row) == across:
            grid.add_row(*row)
            row = []
    if row:
        grid.add_row(*row)
    stdout().print(grid, soft_wrap=False)


def bars(shares: Iterable[tuple[str, float]], width: int = 24) -> Text:
    """A line a share: its name, a bar, and the share in percent, rounded as answers say it."""
    from rich.text import Text

    rows = [(show_controls(name), share) for name, share in shares]
    longest = max((len(name) for name, _ in rows), default=0)
    widest = max((len(probability(share)) for _, share in rows), default=0)
    text = Text()
    for name, share in rows:
        eighths = round(share * width * 8)
        bar = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
        text.append(f"{name:<{longest}}  ").append(f"{bar:<{width}}", "green")
        text.append(f"  {probability(share):>{widest}}\n")
    text.rstrip()
    return text
