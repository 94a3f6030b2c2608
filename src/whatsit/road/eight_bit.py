"""A run's model in 8-bit arithmetic, proven on the photos it was chosen by."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit import events, words
from whatsit.evaluating.remeasure import read_again
from whatsit.files import write_bytes
from whatsit.model.classifier import EIGHT_BIT_FILE, MODEL_FILE
from whatsit.model.quantise import LEAST_FASTER, MOST_LOST, quantise_model
from whatsit.model.run import open_run

MOST_COMPARED = 2_500  # photos


def make_eight_bit(path: Path) -> Path:
    """The run's model in 8-bit arithmetic, as a file beside it; its own model.onnx where that is not worth it.

    Both checks are said: what it loses on the validation photos (or, where no such part was set apart, training
    photos), and how much faster it is on this machine.
    Raises UserError where the run or its photos are not there any more.
    """
    run = open_run(path)
    model = run.model()
    ready = read_again(run, model)
    rows, part = ready.rows("val"), "validation"
    if not len(rows):  # no part was set apart: training photos show what the arithmetic changes
        train = ready.rows("train")
        rows, part = np.sort(np.random.default_rng(run.info.seed).permutation(train)[:MOST_COMPARED]), "training"
    events.note(
        f"{run.name}: making an 8-bit model and comparing it on {words.count(len(rows), f'{part} photo')} …"
    )
    labels, content = ready.dataset.labels[rows], (run.folder / MODEL_FILE).read_bytes()
    made = quantise_model(content, ready.decoded.take, rows, labels, were_learnt_from=part == "training")
    found = f"it loses {100 * made.lost:.2f} points and is {made.faster:.2f} times as fast"
    if not made.is_worth_it:
        wanted = f"at most {100 * MOST_LOST:.1f} points and at least {LEAST_FASTER} times are asked for"
        events.note(f"{run.name}: {found}; {wanted}. The model stays as it is.")
        return run.folder / MODEL_FILE
    events.note(f"{run.name}: {found}. It answers from now on.")
    write_bytes(run.folder / EIGHT_BIT_FILE, made.content)
    return run.folder / EIGHT_BIT_FILE
