"""Reading the scripts of our pages: their tokens, the sentences that they say, and texts that none can translate.

Babel's own reader of JavaScript knows no template within a template, which our pages are made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SAYING = {"_": 1, "ngettext": 2, "gettext_noop": 1}  # function → how many sentences it begins with
SEEN = {
    "aria-label",
    "alt",
    "title",
    "placeholder",
    "label",
    "text",
    "what",
    "unit",
}  # attributes that people read
# What stands on a page as it is, in every language.
AS_IS = {"whatsit studio", "· whatsit studio", "model.onnx", "MB"}
# Capitalized words that are no text: keys, and names of the browser.
NAMES = re.compile(
    r"Enter|Escape|Delete|Backspace|Home|End|Page(Up|Down)|Arrow\w+|Tab|\w+Error|Files|Retry-After|Content-Type"
    r"|Blob|Enter 0|(input|select), [a-z, ]+"
)
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<name>[\w$]+)|(?P<tick>`)|(?P<regex>/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*)|(?P<mark>.)""",
    re.DOTALL,
)
_BEFORE_REGEX = set("(,=:[!&|?{};>+") | {"", "return", "typeof", "case"}
_ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\n|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@dataclass
class Token:
    """A piece of a script.

    kind:  "string", "name", "template", "regex" or "mark"
    text:  what it says, of a template without what is put in
    parts: of a template the texts between what is put in; inside: the tokens of each of these
    """

    kind: str
    text: str
    line: int
    parts: list[str] = field(default_factory=list)
    inside: list[list[Token]] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """A sentence that is said, and its forms; `is_whole`: what says it was given texts and nothing computed."""

    line: int
    function: str
    messages: tuple[str, ...]
    is_whole: bool


def read_script(source: str) -> list[Token]:
    """The tokens of a script. Raises ValueError where it ends within one."""
    tokens, end, _ = _read(source, 0, 1, "")
    if end != len(source):
        raise ValueError("a } too many")
    return tokens


def _read(source: str, at: int, line: int, until: str) -> tuple[list[Token], int, int]:
    """The tokens from a place to the `}` that ends what is put into a template, or to the end."""
    tokens: list[Token] = []
    depth = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        assert found is not None
        assert found.lastgroup is not None
        kind, text = found.lastgroup, found[0]
        before = tokens[-1] if tokens else None
        if kind == "regex" and not (before is None or (before.text in _BEFORE_REGEX and before.kind != "string")):
            kind, text = "mark", "/"
        if kind == "tick":
            made, at, line = _read_template(source, at + 1, line)
            tokens.append(made)
            continue
        if kind == "mark" and text == until and depth == 0:
            return tokens, at + 1, line
        if kind == "mark" and text in "{}":
            depth += 1 if text == "{" else -1
        if kind != "space":
            tokens.append(Token(kind, _unescape(text[1:-1]) if kind == "string" else text, line))
        at += len(text)
        line += text.count("\n")
    if until:
        raise ValueError(f"line {line}: what is put into a template does not end")
    return tokens, at, line


def _read_template(source: str, at: int, line: int) -> tuple[Token, int, int]:
    made = Token("template", "", line, [""])
    while at < len(source):
        if source.startswith("${", at):
            inside, at, line = _read(source, at + 2, line, "}")
            made.inside.append(inside)
            made.parts.append("")
        elif source[at] == "`":
            made.text = "\0".join(made.parts)
            return made, at + 1, line
        else:
            size = 2 if source[at] == "\\" else 1
            made.parts[-1] += _unescape(source[at : at + size])
            line += source.count("\n", at, at + size)
            at += size
    raise ValueError(f"line {made.line}: a template does not end")


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[2] or found[3] or found[4]
        return chr(int(code, 16)) if code else _ESCAPED.get(found[1], "" if found[1] == "\n" else found[1])

    return _ESCAPE.sub(plain, text)


def find_calls(tokens: list[Token]) -> Iterator[Call]:
    """The sentences that a script says."""
    for place, token in enumerate(tokens):
        for inside in token.inside:
            yield from find_calls(inside)
        after = tokens[place + 1].text if place + 1 < len(tokens) else ""
        before = tokens[place - 1] if place else None
        is_call = token.kind == "name" and token.text in SAYING and after == "("
        if is_call and not (before and before.text in ("function", ".")):
            count = SAYING[token.text]
            given = [tokens[place + 2 + 2 * number : place + 4 + 2 * number] for number in range(count)]
            is_whole = all(
                len(pair) == 2 and pair[0].kind == "string" and pair[1].text in (",", ")") for pair in given
            )
            texts = tuple(pair[0].text for pair in given) if is_whole else ()
            is_computed = not is_whole and any(pair[:1] and pair[0].kind == "template" for pair in given)
            yield Call(token.line, token.text, texts, not is_computed)


def find_bare_markup(source: str) -> list[str]:
    """What people read in a Jinja template and no function is given."""
    return list(_read_markup(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\0", source)))


def find_bare(source: str, styles: set[str]) -> list[tuple[int, str]]:
    """(line, text) of what people read and no function of SAYING is given; `styles`: classes of our styles."""
    return sorted(set(_find_bare(read_script(source), styles)))


def _find_bare(tokens: list[Token], styles: set[str]) -> Iterator[tuple[int, str]]:
    for place, token in enumerate(tokens):
        before = [one.text for one in tokens[max(0, place - 4) : place]]
        if token.kind == "template" and before[-1:] == ["html"]:
            yield from ((token.line, text) for text in _read_markup(token.text))
        elif token.kind in ("string", "template") and _is_read(token.text.replace("\0", " "), styles):
            is_said = (before[-2:-1] and before[-2] in SAYING) or before[:1] == ["ngettext"]
            is_module = before[-1:] == ["from"] or before[-1:] == ["import"]
            if not is_said and not is_module:
                yield token.line, token.text.replace("\0", "…")
        for inside in token.inside:
            yield from _find_bare(inside, styles)


_TAG = re.compile(r"<(?P<close>/?)(?P<name>[\w-]*\0?)(?P<rest>(?:\"[^\"]*\"|[^>\"])*)>")
_ATTRIBUTE = re.compile(r"([\w-]+)=\"([^\"]*)\"")


def _read_markup(text: str) -> Iterator[str]:
    """What people read in the markup of a template: its texts, and the attributes that are said or seen."""
    for tag in _TAG.finditer(text):
        for name, value in _ATTRIBUTE.findall(tag["rest"]):
            if name in SEEN and _has_words(value):
                yield value.replace("\0", "…")
    text = re.sub(r"<(code|kbd|style)\b[^>]*>[^<]*</\1>", "\0", text)
    for piece in re.split(r"\0", _TAG.sub("\0", text)):
        if _has_words(piece):
            yield " ".join(piece.split())


def _has_words(text: str) -> bool:
    return " ".join(text.replace("\0", " ").split()) not in AS_IS and bool(re.search(r"[^\W\d_]{2}", text))


def _is_read(text: str, styles: set[str]) -> bool:
    """Whether a text in a script looks like one for people: it begins as sentences do, or has several words."""
    if text.strip() in AS_IS or NAMES.fullmatch(text.strip()) or text.startswith("whatsit "):
        return False
    if re.match(r"[A-Z][a-z]+", text) and not re.search(r"[<>#=/]", text):
        return True
    words = re.findall(r"[^\s]+", text)
    plain = [one for one in words if re.fullmatch(r"[A-Za-z][a-z']*[.,:;…]?", one) and one not in styles]
    return len(plain) >= 2 and not re.search(r"[<>=#/()\[\]]", text)
