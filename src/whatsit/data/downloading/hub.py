"""Files of the Hugging Face Hub, by its own client and into its own cache.

`HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_CACHE` and `HF_HUB_OFFLINE` are honoured. Only what was asked for by name is
fetched, and each fetch is told beforehand.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from whatsit import events
from whatsit.data.downloading.consent import Download, check_consent
from whatsit.data.downloading.offline import is_offline, refuse_download
from whatsit.errors import UserError, missing_extra
from whatsit.files import cache_dir, read_json, write_json
from whatsit.words import human_bytes

Kind = Literal["model", "dataset"]
PATIENCE_S = 10.0
NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Repository:
    """What the Hub says of one: its files with their sizes in bytes, its licence, and its version."""

    name: str
    kind: Kind
    files: dict[str, int]
    licence: str
    version: str

    def address(self) -> str:
        """Its page."""
        return f"https://huggingface.co/{'datasets/' if self.kind == 'dataset' else ''}{self.name}"


def find_repository(name: str, kind: Kind, version: str | None = None) -> Repository:
    """What the Hub has under a name; without a connection, what it had when it was last asked.

    Raises UserError where it has nothing, or cannot be reached and never was.
    """
    client = connect()
    kept = cache_dir() / "hub" / f"{kind}-{name.replace('/', '--')}-{(version or 'main').replace('/', '-')}.json"
    try:
        with _explain_errors(name):
            if is_offline():
                raise Unreachable(
                    f"{name!r} is not looked for on the Hugging Face Hub: WHATSIT_OFFLINE forbids it.",
                    hint="Bring the files and name their folder, or unset WHATSIT_OFFLINE.",
                )
            info = client.repo_info(
                name, repo_type=kind, revision=version, files_metadata=True, timeout=PATIENCE_S
            )
    except Unreachable:
        if not kept.exists():
            raise
        events.note(f"The Hugging Face Hub cannot be reached; {name} is taken as it was last seen.")
        return Repository(**read_json(kept))
    card = info.card_data.to_dict() if info.card_data else {}
    files = {entry.rfilename: int(entry.size or 0) for entry in info.siblings or []}
    found = Repository(name, kind, files, str(card.get("license", "unknown")), str(info.sha))
    write_json(kept, asdict(found))
    return found


def fetch_files(found: Repository, files: Sequence[str], without: str | None = None) -> Path:
    """The folder with these files of a repository; what is there already is not fetched again.

    without: how to do without them. Where it is said, somebody who can be asked is asked first (see consent.py): a
             network may be on the machine or not, while who names a data set of the Hub has said where it lies
    """
    from huggingface_hub import snapshot_download

    wanted: dict[str, Any] = {
        "repo_id": found.name,
        "repo_type": found.kind,
        "revision": found.version,
        "allow_patterns": list(files),
        "etag_timeout": PATIENCE_S,
        # The client reads these two when it is imported; here they count as they are now.
        "endpoint": os.environ.get("HF_ENDPOINT"),
        "cache_dir": os.environ.get("HF_HUB_CACHE"),
    }
    with _explain_errors(found.name):
        snapshot = _snapshot(found)
        if all((snapshot / file).exists() for file in files):
            return snapshot
        length = sum(found.files[file] for file in files)
        size = human_bytes(length)
        refuse_download(found.name, found.address(), size)
        if without is not None:
            check_consent(Download(found.name, found.address(), length, found.licence, without))
        events.note(f"Fetching {found.name} from the Hugging Face Hub ({size}, licence: {found.licence}).")
        with silence(), events.working(f"Fetching {found.name}"):
            _knock(found, files[0])
            return Path(snapshot_download(**wanted))


def _knock(found: Repository, file: str) -> None:
    """Ask for the size of a file, once and not for long: of a Hub that says nothing the client would ask for
    minutes."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    endpoint, kind, version = os.environ.get("HF_ENDPOINT"), found.kind, found.version
    address = hf_hub_url(found.name, file, repo_type=kind, revision=version, endpoint=endpoint)
    get_hf_file_metadata(address, timeout=PATIENCE_S, endpoint=endpoint)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """The client's own bars and warnings left out: what happens is told as for all else."""
    from huggingface_hub import utils

    before = utils.logging.get_verbosity()
    are_shown = not utils.are_progress_bars_disabled()
    utils.logging.set_verbosity_error()
    utils.disable_progress_bars()
    try:
        yield
    finally:
        utils.logging.set_verbosity(before)
        if are_shown:
            utils.enable_progress_bars()


def _snapshot(found: Repository) -> Path:
    """Where the client keeps a version of a repository."""
    from huggingface_hub import constants, file_download

    place: str = os.environ.get("HF_HUB_CACHE") or constants.HF_HUB_CACHE
    folder: str = file_download.repo_folder_name(repo_id=found.name, repo_type=found.kind)
    return Path(place) / folder / "snapshots" / found.version


class Unreachable(UserError):
    """The Hub did not answer."""


def connect() -> Any:
    """The Hub's client. Raises UserError where it is not installed."""
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise missing_extra("huggingface_hub", "hub", "The Hugging Face Hub") from None
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT"))


@contextlib.contextmanager
def _explain_errors(name: str) -> Iterator[None]:
    """Turn what the client and the network below it raise into a sentence."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # the client's errors, those of the network library below it, and of the disk
        raise explain(name, error) from None


def explain(name: str, error: Exception) -> UserError:
    """What an error of the client, or of what is below it, means to a person."""
    chain = list(list_causes(error))
    kinds = {kind.__name__ for one in chain for kind in type(one).__mro__}
    if "GatedRepoError" in kinds:
        return UserError(
            f"{name!r} on the Hugging Face Hub is given only to those who agree to its terms.",
            hint="Agree on its page, then set HF_TOKEN to a token of yours.",
        )
    if kinds & {"RepositoryNotFoundError", "RevisionNotFoundError", "HFValidationError"}:
        return UserError(
            f"There is no {name!r} on the Hugging Face Hub, or it is not public.",
            hint="Names are owner/name, as in its address; for a private one set HF_TOKEN.",
        )
    if kinds & {"JSONDecodeError", "FileMetadataError"}:
        return Unreachable(
            f"Something else than the Hugging Face Hub answers for {name!r}: perhaps this network's sign-in page.",
            hint="Sign in with a browser and try again, or bring the files and name their folder.",
        )
    if "TimeoutException" in kinds:
        return Unreachable(
            f"The Hugging Face Hub did not answer in time for {name!r}.",
            hint="Try again later: what has come is kept. Or bring the files and name their folder.",
        )
    if kinds & {"RemoteProtocolError", "ReadError", "ConsistencyError"}:
        return Unreachable(
            f"The connection to the Hugging Face Hub broke off before {name!r} was whole.",
            hint="Try again: what has come is kept. Or bring the files and name their folder.",
        )
    status = next((one.response.status_code for one in chain if hasattr(one, "response") and one.response), None)
    reason = (
        f"it answered {status}" if status else (str(error).strip() or type(error).__name__).splitlines()[0][:160]
    )
    return Unreachable(
        f"The Hugging Face Hub could not be reached for {name!r} ({reason}).",
        hint="Try again when there is a connection, or bring the files and name their folder.",
    )


def list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
