"""What goes wrong with a store, as a sentence and a hint; of its own words only what can hold no secret."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from whatsit.buckets.address import KEYS_FROM_ENVIRONMENT, Address
from whatsit.errors import UserError

# What clients raise: botocore and aiohttp for S3, and those of other stores call it alike.
_SLOW = {"TimeoutError", "FSTimeoutError", "ReadTimeoutError", "ConnectTimeoutError", "ServerTimeoutError"}
_AWAY = {"ConnectionError", "HTTPClientError", "ClientConnectorError", "gaierror", "ClientConnectionError"}
_NO_KEYS = {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "CredentialRetrievalError"}
_BROKEN = {"FlexibleChecksumError", "IncompleteRead", "IncompleteReadError", "ClientPayloadError"}
CONTINUE = "What has come is kept: the same command goes on where it was."


def is_no_bucket(error: BaseException) -> bool:
    """Whether the bucket itself is not there."""
    return "NoSuchBucket" in _codes(error)


def explain(address: Address, error: BaseException, what: str = "list and read") -> UserError:
    """What an error about all of a store, or all below an address, means to a person.

    what: was to be done there, as in "write to"
    """
    kinds = {kind.__name__ for one in _list_causes(error) for kind in type(one).__mro__}
    if kinds & _NO_KEYS:
        return UserError(f"There are no keys for {str(address)!r}.", hint=f"{KEYS_FROM_ENVIRONMENT} {_ANONYMOUS}")
    if isinstance(error, PermissionError):
        return UserError(
            f"The store refuses {str(address)!r}.",
            hint=f"May these keys {what} it? {KEYS_FROM_ENVIRONMENT} {_ANONYMOUS}",
        )
    if is_no_bucket(error):
        bucket = address.path.partition("/")[0]
        return UserError(f"There is no bucket {bucket!r} for {str(address)!r}.", hint="Is its name right?")
    if isinstance(error, FileNotFoundError):
        return UserError(f"There is nothing at {str(address)!r}.", hint="Is the name right?")
    if kinds & _SLOW:
        return UserError(f"The store did not answer in time for {str(address)!r}.", hint=CONTINUE)
    if kinds & _AWAY:
        return UserError(
            f"The store of {str(address)!r} cannot be reached.",
            hint=f"Is there a connection, and is AWS_ENDPOINT_URL right? {CONTINUE}",
        )
    return UserError(f"{str(address)!r} failed in the store ({_name(error)}).", hint=CONTINUE)


def as_photos(address: Address, error: BaseException) -> OSError:
    """The same for a single object, which is then left out by name. Raises what `explain` says where it may be
    about the whole store."""
    if isinstance(error, PermissionError):
        return OSError(errno.EACCES, "the store refuses it")
    if isinstance(error, FileNotFoundError) and not is_no_bucket(error):
        return OSError(errno.ENOENT, "it is not in the store any more")
    if {kind.__name__ for one in _list_causes(error) for kind in type(one).__mro__} & _BROKEN:
        return OSError(errno.EIO, "the store gave other bytes than it promised")
    raise explain(address, error) from None


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _codes(error: BaseException) -> set[str]:
    """What the store itself calls it."""
    replies = [getattr(one, "response", None) for one in _list_causes(error)]
    return {str(reply.get("Error", {}).get("Code")) for reply in replies if isinstance(reply, dict)}


def _name(error: BaseException) -> str:
    said = sorted(code for code in _codes(error) if code.isascii())
    return said[0][:60] if said else type(error).__name__


_ANONYMOUS = "For a bucket that everybody may read: FSSPEC_S3_ANON=true."
