"""A run's model in 8-bit arithmetic, proven on the photos it was chosen by."""

from __future__ import annotations

from pathlib import Path

from whatsit import events
from whatsit.evaluating.remeasure import read_again
from whatsit.files import write_bytes
from whatsit.model.classifier import EIGHT_BIT_FILE, MODEL_FILE
from whatsit.model.quantise import LEAST_FASTER, MOST_LOST, quantise_model
from whatsit.model.run import open_run


def make_eight_bit(path: Path) -> Path:
    """The run's model in 8-bit arithmetic, as a file beside it; its own model.onnx where that is not worth it.

    Both checks are said: what it loses on the validation photos, and how much faster it is on this machine.
    Raises UserError where the run or its photos are not there any more.
    """
    run = open_run(path)
    model = run.model()
    ready = read_again(run, model)
    val = ready.rows("val")
    events.note(f"{run.name}: making an 8-bit model and comparing it on {len(val):,} validation photos …")
    made = quantise_model(
        (run.folder / MODEL_FILE).read_bytes(), ready.decoded.take, val, ready.dataset.labels[val]
    )
    found = f"it loses {100 * made.lost:.2f} points and is {made.faster:.2f} times as fast"
    if not made.is_worth_it:
        wanted = f"at most {100 * MOST_LOST:.1f} points and at least {LEAST_FASTER} times are asked for"
        events.note(f"{run.name}: {found}; {wanted}. The model stays as it is.")
        return run.folder / MODEL_FILE
    events.note(f"{run.name}: {found}. It answers from now on.")
    write_bytes(run.folder / EIGHT_BIT_FILE, made.content)
    return run.folder / EIGHT_BIT_FILE
