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
    client = _client()
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


def fetch_files(found: Repository, files: Sequence[str]) -> Path:
    """The folder with these files of a repository; what is there already is not fetched again."""
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
        size = human_bytes(sum(found.files[file] for file in files))
        refuse_download(found.name, found.address(), size)
        events.note(f"Fetching {found.name} from the Hugging Face Hub ({size}, licence: {found.licence}).")
        return Path(snapshot_download(**wanted))


def _snapshot(found: Repository) -> Path:
    """Where the client keeps a version of a repository."""
    from huggingface_hub import constants, file_download

    place: str = os.environ.get("HF_HUB_CACHE") or constants.HF_HUB_CACHE
    folder: str = file_download.repo_folder_name(repo_id=found.name, repo_type=found.kind)
    return Path(place) / folder / "snapshots" / found.version


class Unreachable(UserError):
    """The Hub did not answer."""


def _client() -> Any:
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
        raise _explanation(name, error) from None


def _explanation(name: str, error: Exception) -> UserError:
    kinds = {kind.__name__ for kind in type(error).__mro__}
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
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
    return Unreachable(
        f"The Hugging Face Hub could not be reached for {name!r} ({reason}).",
        hint="Try again when there is a connection, or bring the files and name their folder.",
    )
