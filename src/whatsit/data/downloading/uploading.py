"""Files put on the Hugging Face Hub, by its own client: `HF_ENDPOINT` and `HF_TOKEN` or `hf auth login` count."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from whatsit import events
from whatsit.data.downloading.hub import NAME, connect, explain, list_causes, silence
from whatsit.data.downloading.offline import is_offline
from whatsit.errors import UserError

WRITE = "Set HF_TOKEN to a token that may write there (its settings page makes one), or sign in: hf auth login"


def upload_model(
    name: str, files: Mapping[str, Path | bytes], is_public: bool, may_exist: bool, message: str
) -> str:
    """Put files into the model repository `owner/name` of the Hub, as one version; the address of its page.

    files: path there → a file, or its bytes
    may_exist: a repository of that name gets them as a new version; else it is refused
    Raises UserError, and then no version is written.
    """
    from_here = connect()
    from huggingface_hub import CommitOperationAdd

    if not NAME.fullmatch(name):
        raise UserError(f"{name!r:.100} is no name on the Hugging Face Hub.", hint="Names are owner/name.")
    if is_offline():
        raise UserError("Nothing is put on the Hugging Face Hub: WHATSIT_OFFLINE forbids it.", hint="Unset it.")
    added = [
        CommitOperationAdd(path, file if isinstance(file, bytes) else str(file)) for path, file in files.items()
    ]
    with _explain_refusals(name), silence(), events.working(f"Uploading {name}"):
        page = from_here.create_repo(name, repo_type="model", private=not is_public, exist_ok=may_exist)
        from_here.create_commit(name, added, commit_message=message, repo_type="model")
    return str(page)


@contextlib.contextmanager
def _explain_refusals(name: str) -> Iterator[None]:
    """Turn what the Hub and the network below it say against an upload into a sentence."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # as for what is fetched
        raise _explanation(name, error) from None


def _explanation(name: str, error: Exception) -> UserError:
    answers = (getattr(one, "response", None) for one in list_causes(error))
    status = next((answer.status_code for answer in answers if answer is not None), None)
    if status == 401:
        return UserError(f"The Hugging Face Hub does not know who wants to write {name!r}.", hint=WRITE)
    if status == 403:
        return UserError(f"The Hugging Face Hub does not let you write {name!r}.", hint=WRITE)
    if status == 409:
        return UserError(
            f"There is {name!r} on the Hugging Face Hub already.",
            hint="Choose another name, or put this run there as a new version: --update",
        )
    return explain(name, error)
