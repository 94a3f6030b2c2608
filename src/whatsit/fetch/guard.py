"""Which addresses may be asked at all, so that nobody can turn us against the network we run in.

Two questions, two functions. `check_address` reads the text of an address with one strict parser and returns its
parts: no client library ever sees the text, because two parsers over one text is how guards are walked
around. `why_forbidden` says whether a numeric address may be connected to, by our own tables: Python's
`ipaddress.is_global` differs between versions and calls multicast, NAT64 of loopback and shared address
space global. Everything not known to be public is refused.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from whatsit.fetch.errors import FetchError

MAX_LENGTH = 2048
WEB_PORTS = (80, 443)
MAX_ANSWERS = 8  # addresses a name may have; more is a list made to make us connect around

# A query may follow the host at once, but not with an @ in it, over which parsers differ.
_FORM = re.compile(r"(https?)://([^/?#]+)(?:(/[^#]*)(?:#.*)?|(\?[^#@]*)(?:#[^@]*)?)?", re.IGNORECASE | re.DOTALL)
_UNWELCOME = re.compile(r"[\x00-\x20\x7f\\]")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?")
_NAMED = re.compile(r"([^:\[\]]+)(?::([0-9]{1,5}))?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")  # underscores: real hosts have them
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}  # str.lower folds the Kelvin sign
_SAFE = "%/?:@!$&'()*+,;=-._~[]"  # never quoted again: the address as its owner wrote and signed it

_DOTS = {"%2e": ".", ".%2e": "..", "%2e.": "..", "%2e%2e": ".."}  # quoted, they are dot segments all the same

PRIVATE_ENDINGS = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion"}
    | {"invalid", "localdomain", "svc"}
)
PRIVATE_NAMES = frozenset({"metadata.goog"})

# IANA's special-purpose registries and what clouds keep for themselves.
_CLOSED_4 = [
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        "224.0.0.0/3",
        "168.63.129.16/32",  # Azure's wire server: public by every registry
    )
]
_OPEN_6 = ipaddress.IPv6Network("2000::/3")  # the only block of global unicast addresses
_CLOSED_6 = [
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # how networks without IPv4 see every IPv4 site (RFC 6052)


@dataclass(frozen=True)
class Address:
    """An address of the web in parts that need no further reading.

    host:   a lower-case ASCII name without a dot at its end, or a numeric address without brackets
    target: path and query, ASCII, as they go on the request line; the fragment is gone
    """

    scheme: str
    host: str
    port: int
    target: str
    numeric: bool = False

    @property
    def origin(self) -> str:
        """`https://example.com` or `http://[2606:4700::1111]:8080`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.origin + self.target


def check_address(
    text: str,
    ports: Sequence[int] = WEB_PORTS,
    max_length: int = MAX_LENGTH,
    own_names: frozenset[str] = frozenset(),
) -> Address:
    """The parts of an address that may be looked up. Raises FetchError for any other text.

    own_names: names of this very server, which it must not ask.
    """
    if not isinstance(text, str) or len(text) > max_length:
        raise _refusal(f"it is longer than {max_length:,} characters")
    if _UNWELCOME.search(text):
        raise _refusal("it has a blank, a backslash or a control character in it")
    form = _FORM.fullmatch(text)
    if not form:
        raise _refusal("it is not of the form https://name/path")
    scheme, authority = form[1].lower(), form[2]
    host, port_text, numeric = _host(authority)
    port = int(port_text) if port_text else {"http": 80, "https": 443}[scheme]
    if port not in ports:
        raise _refusal(f"port {port} is not one of the web's ({', '.join(map(str, ports))})")
    if host in own_names:
        raise _refusal("it is this server's own name", "private")
    return Address(scheme, host, port, _target(form[3] or form[4] or "/"), numeric)


def join_redirect(base: Address, location: str) -> str:
    """The address a redirect from `base` leads to, as text that still has to be checked.

    Only what can be joined without interpreting it: a whole address, `//host/…`, `/…`, or a path or a query
    relative to `base`. Blanks within it are quoted, as browsers do.
    """
    location = location.strip(" ").partition("#")[0].replace(" ", "%20") or str(base)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
        return location
    if location.startswith("//"):
        return f"{base.scheme}:{location}"
    if location.startswith("/"):
        return base.origin + location
    path = base.target.partition("?")[0]
    if location.startswith("?"):
        return base.origin + path + location
    return base.origin + path[: path.rindex("/") + 1] + location


def why_forbidden(numeric: str) -> str:
    """Why a numeric address must not be connected to; empty where it may be.

    An IPv4 address inside the NAT64 prefix is judged by what it stands for.
    """
    try:
        address = ipaddress.ip_address(numeric)
    except ValueError:
        return "no address at all"
    if isinstance(address, ipaddress.IPv4Address):
        return "a private or reserved address" if any(address in network for network in _CLOSED_4) else ""
    if address.scope_id:
        return "an address of one network card"
    if address in _NAT64:
        return why_forbidden(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    if address not in _OPEN_6 or any(address in network for network in _CLOSED_6):
        return "a private or reserved address"
    return ""


def check_public(host: str, answers: Sequence[str], own_addresses: frozenset[str] = frozenset()) -> list[str]:
    """The answers of a look-up, IPv4 first, if every one may be connected to. Raises FetchError."""
    if not answers:
        raise FetchError("dns", f"the name {host!r} has no address")
    if len(answers) > MAX_ANSWERS:
        raise FetchError("private", f"the name {host!r} has {len(answers)} addresses, which no honest name has")
    for answer in answers:
        reason = "this server's own address" if answer in own_addresses else why_forbidden(answer)
        if reason:
            raise FetchError("private", f"the name {host!r} leads to {reason}")
    return sorted(answers, key=lambda answer: ":" in answer)


def _refusal(reason: str, kind: str = "address") -> FetchError:
    return FetchError(kind, reason)


def _host(authority: str) -> tuple[str, str, bool]:
    """(host, text of the port, whether the host is numeric)"""
    if "@" in authority or "%" in authority:
        raise _refusal("it has a user name or a percent sign before the first slash")
    if bracketed := _BRACKETED.fullmatch(authority):
        return _ipv6(bracketed[1]), bracketed[2] or "", True
    named = _NAMED.fullmatch(authority)
    if not named:
        raise _refusal("its host or port cannot be read")
    host = named[1].translate(_LOWER)
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return _ipv4(host), named[2] or "", True
    return _name(host), named[2] or "", False


def _ipv4(host: str) -> str:
    if not _DOTTED.fullmatch(host):
        raise _refusal("its host is a number not written as four parts, as in 93.184.215.14")
    if reason := why_forbidden(host):
        raise _refusal(f"it is {reason}", "private")
    return host


def _ipv6(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        raise _refusal("its host is no IPv6 address") from None
    # NAT64 is for answers of the resolver; nobody writes it by hand except to get around a guard
    if address in _NAT64 or why_forbidden(str(address)):
        raise _refusal("it is a private or reserved address", "private")
    return str(address)


def _name(host: str) -> str:
    host = host.removesuffix(".")
    if not host.isascii():
        host = _ascii(host)
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refusal("its host is not a well-formed name")
    for label in labels:
        if label.startswith("xn--"):
            _check_punycode(label)
    if len(labels) < 2 or labels[-1] in PRIVATE_ENDINGS or host in PRIVATE_NAMES:
        raise _refusal(f"{host!r} is a name of a private network", "private")
    return host


def _ascii(host: str) -> str:
    """IDNA 2008 without any mapping: what would have to be folded into another name is refused instead."""
    import idna

    try:
        return str(idna.encode(host, uts46=False, std3_rules=True), "ascii")
    except (idna.IDNAError, UnicodeError):
        raise _refusal("its host is not a well-formed international name") from None


def _check_punycode(label: str) -> None:
    import idna

    try:
        idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        raise _refusal("its host is not a well-formed international name") from None


def _target(path: str) -> str:
    try:
        target = quote(path, safe=_SAFE, encoding="utf-8")
    except UnicodeEncodeError:
        raise _refusal("it has half a character in it") from None
    place, question, query = target.partition("?")
    return _without_dots(place) + question + query


def _without_dots(path: str) -> str:
    """A path without its dot segments (RFC 3986, 5.2.4), as browsers send it: `/a/../b` is `/b`."""
    kept: list[str] = []
    segments = [_DOTS.get(segment.lower(), segment) for segment in path.split("/")[1:]]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
