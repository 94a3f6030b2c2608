"""`push`: a run's model and its card, put on the Hugging Face Hub."""

from __future__ import annotations

import json
import re
from pathlib import Path

from whatsit import events, words
from whatsit.data.downloading.uploading import upload_model
from whatsit.errors import UserError
from whatsit.evaluating.report.model_card import CARD_FILE
from whatsit.model.classifier import MODEL_FILE, load
from whatsit.model.run import Run

REPORT_FILE = "report.html"
_LICENCE = re.compile(r"^license: .*$", re.MULTILINE)


def push(run: Run, name: str, licence: str, is_public: bool, update: bool, report: bool) -> str:
    """Put model.onnx and the model card of a finished run into the repository `name`; the address of its page.

    The report shows photos and the other files name them, so they stay here unless the report is asked for.
    """
    load(run.folder / MODEL_FILE)  # what does not answer here is handed to nobody
    files: dict[str, Path | bytes] = {CARD_FILE: _card(run, licence), MODEL_FILE: run.folder / MODEL_FILE}
    if report:
        files[REPORT_FILE] = run.report
    for file in files.values():
        if isinstance(file, Path) and not file.is_file():
            raise UserError(f"The run {run.name!r} has no {file.name}.", hint="whatsit evaluate writes it again.")
    page = upload_model(name, files, is_public, update, f"whatsit run {run.name}")
    events.note(f"{'Everybody' if is_public else 'Nobody but you'} can see it.")
    return page


def _card(run: Run, licence: str) -> bytes:
    """The model card, with the licence that was said."""
    try:
        text = (run.folder / CARD_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"The run {run.name!r} has no model card.",
            hint=f"Write it: {words.typed('whatsit', 'evaluate', run.folder)}",
        ) from None
    return (_LICENCE.sub(lambda _: f"license: {json.dumps(licence)}", text, count=1) if licence else text).encode()
