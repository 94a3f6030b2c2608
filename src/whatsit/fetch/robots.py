"""robots.txt as RFC 9309 has it: the longest matching rule wins, `Allow` wins a tie, errors mean what they mean.

Python's `urllib.robotparser` takes the first match and reads 401 and 403 as "everything is closed"; both
differ from the standard, so this is our own reading of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

MOST_BYTES = 512_000  # the standard asks for at least 500 KiB
MOST_DELAY_S = 30.0  # Crawl-delay is no part of the standard; up to here it is honoured anyway


@dataclass(frozen=True)
class Rule:
    """One line: what it says of the targets that match its pattern, which is in comparable octets."""

    says_yes: bool
    pattern: str


@dataclass(frozen=True)
class Robots:
    """What a host's robots.txt says to one agent: about fetching, about training, and how slowly."""

    rules: tuple[Rule, ...] = ()
    usage: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def allows(self, target: str) -> bool:
        """Whether a path with its query may be fetched."""
        return target == "/robots.txt" or _says(self.rules, target)

    def allows_training(self, target: str) -> bool:
        """Whether `Content-Usage` leaves a path free to learn from (draft-ietf-aipref-attach)."""
        return _says(self.usage, target)


OPEN = Robots()  # also where the answer is 4xx; with 5xx nothing may be fetched until there is an answer


def parse_rules(text: str, agent: str) -> Robots:
    """The rules for `agent` (a product token, any case); those of `*` where it has none of its own."""
    agent = agent.lower()
    groups: dict[str, list[tuple[str, str]]] = {}  # of the two names that count: a file may have thousands
    names: set[str] = set()
    is_heading = False
    for line in re.split(r"[\r\n]+", text.removeprefix("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if not is_heading:
                names = set()
            if (name := value.partition("/")[0].lower()) in (agent, "*"):
                names.add(name)
                groups.setdefault(name, [])
        is_heading = key == "user-agent"
        if not is_heading:
            for name in names:
                groups[name].append((key, value))
    lines = groups.get(agent, groups.get("*", []))
    return Robots(
        tuple(
            Rule(key == "allow", _comparable(value))
            for key, value in lines
            if key in ("allow", "disallow") and value
        ),
        tuple(_usage(value) for key, value in lines if key == "content-usage"),
        next((_delay(value) for key, value in lines if key == "crawl-delay"), 0.0),
    )


def _usage(value: str) -> Rule:
    """`/path train-ai=n` or `train-ai=n`."""
    path, _, wish = value.rpartition(" ") if value.startswith("/") else ("/", "", value)
    return Rule("train-ai=n" not in wish.replace(" ", "").lower(), _comparable(path or "/"))


def _delay(value: str) -> float:
    try:
        stated = float(value)
    except ValueError:
        return 0.0
    return min(stated, MOST_DELAY_S) if stated > 0 else 0.0  # `nan` is no number that is more than 0


def _says(rules: tuple[Rule, ...], target: str) -> bool:
    """What the longest matching rule says; yes where none matches."""
    target = _comparable(target)
    matching = [rule for rule in rules if _matches(rule.pattern, target)]
    if not matching:
        return True
    return max(matching, key=lambda rule: (len(rule.pattern), rule.says_yes)).says_yes


def _comparable(text: str) -> str:
    """Octets as the standard compares them: what is not ASCII percent-encoded, hex digits in upper case."""
    quoted = quote(text, safe="%/?:@!$&'()*+,;=-._~[]", errors="surrogateescape")
    return re.sub(r"%[0-9a-fA-F]{2}", lambda found: found[0].upper(), quoted)


def _matches(pattern: str, target: str) -> bool:
    """`*` is anything, `$` at the end is the end. Piece by piece, so no pattern can take long."""
    is_anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    if not pieces:
        return not is_anchored or target == first
    position = len(first)
    for piece in pieces[:-1]:
        position = target.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    if is_anchored:
        return target.endswith(pieces[-1]) and len(target) - len(pieces[-1]) >= position
    return target.find(pieces[-1], position) >= 0
