"""What an address of an object store is, and which ones are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from whatsit.errors import UserError

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)  # of one letter it is a disk
_COLLAPSED = re.compile(r"^([a-z][a-z0-9+.-]+):/(?!/)", re.IGNORECASE)
_WEB = ("http", "https")  # fetched by `fetch`, which guards
_HERE = ("file", "local", "data", "hf")
KEYS_FROM_ENVIRONMENT = "Keys come from the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID, …) or ~/.aws."


@dataclass(frozen=True)
class Address:
    """The protocol of a store, and a path in it: bucket and what the names of objects begin with."""

    protocol: str
    path: str

    def __str__(self) -> str:
        return f"{self.protocol}://{self.path}"

    @property
    def name(self) -> str:
        """The last piece of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> Address:
        """The address of what it lies in."""
        return Address(self.protocol, self.path.rpartition("/")[0])

    def below(self, name: str) -> Address:
        """The address of an object below it."""
        return Address(self.protocol, f"{self.path}/{name}")


def address_of(name: object) -> str:
    """The address of an object store that a name is; "" of any other name, as of the web or of this machine.

    A path is one, too, where a command line made it from an address: `Path("s3://b")` is `s3:/b`.
    """
    if isinstance(name, PurePath):
        name = _COLLAPSED.sub(r"\1://", name.as_posix())
    found = _ADDRESS.match(name) if isinstance(name, str) else None
    is_one = found is not None and found[1].casefold() not in (*_WEB, *_HERE)
    return str(name) if is_one else ""


def is_address(name: object) -> bool:
    """Whether a name is an address of an object store."""
    return bool(address_of(name))


def parse_address(text: str) -> Address:
    """The address that a text is. Raises UserError where it holds a password, or no bucket."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise UserError(f"{text!r} is no address of a store.", hint="As in: s3://bucket/photos")
    protocol, path = found[1].casefold(), found[2].rstrip("/")
    host = path.partition("/")[0]
    if "@" in host and ":" in host.rpartition("@")[0]:
        raise UserError(
            f"This address of {protocol}:// has a password in it, and would be written down where it is shown.",
            hint=f"Leave it out. {KEYS_FROM_ENVIRONMENT}",
        )
    if "?" in path or "::" in text or "#" in path:
        raise UserError(
            f"This address of {protocol}:// has more in it than a bucket and a path.",
            hint=f"As in: s3://bucket/photos. {KEYS_FROM_ENVIRONMENT}",
        )
    if not path or path.startswith("/"):
        raise UserError(f"{text!r} names no bucket.", hint="As in: s3://bucket/photos")
    return Address(protocol, path)
