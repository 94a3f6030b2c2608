"""What a model said of photos whose classes are known: all that figures and report are made from."""

from __future__ import annotations

from dataclasses import dataclass

from whatsit.data.ready import ReadyData
from whatsit.evaluating.outliers import Outliers
from whatsit.evaluating.predictions import Predictions, predict
from whatsit.model.classifier import Classifier

ALL = "all"  # the name of all photos as a part, each asked of a model that had not seen it
FOLDS = "folds"  # the name of training photos as a part, each asked of a model that learnt from the others


@dataclass(frozen=True)
class Measured:
    """A model, the photos it is measured on, and what it said of them.

    `test` and `val` are its predictions for photos of `ready`. Where there is no test part, `val` is what is
    reported, and said to have chosen the model.

    test_part: "test"; "all" where `test` are all photos, each asked of a model that had not seen it
    val_part: "val" where these are the validation part's; "folds" where no part was set apart: then they are the
              training photos, each as a model answered that learnt from the others

    elsewhere: the name of other photos than the run's own, of which `left_out` were trained on; `test` are these
    """

    model: Classifier
    ready: ReadyData
    test: Predictions
    val: Predictions
    outliers: Outliers | None = None
    elsewhere: str = ""
    left_out: int = 0
    test_part: str = "test"
    val_part: str = "val"

    @property
    def part(self) -> str:
        """The part that is reported."""
        return self.test_part if len(self.test) else self.val_part

    @property
    def reported(self) -> Predictions:
        """The predictions that are reported."""
        return self.test if len(self.test) else self.val


def measure(
    model: Classifier,
    ready: ReadyData,
    out_of_fold: Predictions | None = None,
    asked: Predictions | None = None,
) -> Measured:
    """Ask a model about the test and the validation part.

    out_of_fold: what stands for the validation part where there is none
    asked:       all photos, asked in folds: what stands for the test part where there is none
    """
    test, val = (predict(model, ready, ready.rows(part)) for part in ("test", "val"))
    test_part, val_part = "test", "val"
    if asked is not None and not len(test):
        test, test_part = asked, ALL
    if out_of_fold is not None and not len(val):
        val, val_part = out_of_fold, FOLDS
    return Measured(model, ready, test, val, test_part=test_part, val_part=val_part)
