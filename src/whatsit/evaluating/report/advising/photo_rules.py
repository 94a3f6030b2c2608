"""Rules of "what to do next" that are about single photos: labels that look wrong, and photos of other things."""

from __future__ import annotations

from whatsit.evaluating.report.advising.evidence import Act, Advice, Evidence
from whatsit.model.calibrate import enough_for
from whatsit.model.finish import REJECT_SHARE
from whatsit.words import percent, photos

SURE = 0.95
NAMED = 3  # photos of a step, by name
STRANGE = 0.05  # of the photos that are asked about may show something else: nobody knows, so one in twenty
TOLD_APART = 0.9  # AUROC from which on it is the limit that is wrong, and not what the model sees


def suspect_photos(evidence: Evidence) -> Advice | None:
    """Training photos whose label is likely wrong."""
    if not evidence.suspects:
        return None
    total = sum(evidence.counts)
    return Advice(
        "Look through the suspect labels",
        f"{photos(evidence.suspects)} of {total:,} may have a wrong label: by models that had not learnt from "
        "what they judged. Wrong labels cost accuracy. The worst are shown below, all are in suspects.csv.",
        Act("clean", {"deep": True}),
        evidence.suspects / total,
        see="suspect",
        photos=tuple(evidence.worst[:NAMED]),
    )


def sure_mistakes(evidence: Evidence) -> Advice | None:
    """Mistakes that the model was sure of: which, what may be behind them, and what to do about either."""
    if not evidence.sure:
        return None
    it, they = ("it shows", "it") if evidence.sure == 1 else ("they show", "them")
    return Advice(
        "Check the labels of the surest mistakes",
        f"{photos(evidence.sure)} may have a wrong label: the model claims another class with {percent(SURE, 0)} "
        f"or more. Where that is what {it}, put the label right; where both are to be seen, leave the photo out.",
        Act("review"),
        evidence.sure / evidence.figures.n,
        see="mistake",
        photos=tuple(evidence.surest[:NAMED]),
        otherwise=f"Where the label is right, it learnt from too few like {they}: bring such photos, train again.",
        otherwise_act=Act("train") if evidence.is_folder else Act(),
    )


def weak_refusal(evidence: Evidence) -> Advice | None:
    """Photos of other things that get a class, where some were given to measure it."""
    found = evidence.figures.outliers
    if found is None or found.rejected.accuracy is None or not found.is_weak:
        return None
    why = (
        f"Of {photos(found.n)} of other things only {percent(found.rejected.accuracy)} are called “not one of "
        "these”; the others get a class. "
    )
    distance = next(iter(found.scores.values()), None)
    weight = STRANGE * (1 - found.rejected.accuracy)
    enough = enough_for(REJECT_SHARE)
    if distance is not None and distance.auroc >= TOLD_APART and evidence.validated < enough:
        why += (
            f"They do look strange to it (AUROC {distance.auroc:.2f}): {evidence.validated:,} photos were too few "
            f"to say where strange begins, {enough} would do."
        )
        return Advice("Bring more photos, to tell other things from them", why, weight=weight)
    why += (
        "To it they look like its own. Give them a class of their own, a folder beside the others with a hundred "
        "or more of such photos, and train again."
    )
    return Advice(
        "Show it what else it may be asked about", why, Act("train") if evidence.is_folder else Act(), weight
    )
