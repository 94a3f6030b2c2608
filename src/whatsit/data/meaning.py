"""What people say of a folder's photos that no pixel shows, kept in its catalog.

What belongs together, and whether a mirror image means the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from whatsit.data.catalog import Catalog
from whatsit.data.dataset import Dataset
from whatsit.data.splitting.grouping import keep_together

NONE = "none"  # said in place of a rule, to forget the one there is
_GROUP, _MIRRORED, _MIRROR_IMAGES = "group", "mirrored", "mirror images"  # names of facts
_WORDS = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Meaning:
    """What is said now; None leaves a thing as it was.

    group:    by what photos belong together, see `grouping`; NONE forgets it
    mirrored: whether a photo's mirror image means the same
    """

    group: str | None = None
    mirrored: bool | None = None


def put_meaning(dataset: Dataset, catalog: Catalog, said: Meaning) -> None:
    """Keep what is said. Raises UserError where a group's rule makes no sense for these photos."""
    if said.group is not None:
        rule = said.group if said.group != NONE else ""
        if rule:
            keep_together(dataset, rule)
        catalog.set_fact(_GROUP, rule)
    if said.mirrored is not None:
        catalog.set_fact(_MIRRORED, _WORDS[said.mirrored])


def recall_meaning(dataset: Dataset, catalog: Catalog, group: str = "") -> Dataset:
    """The data set with what the catalog keeps; a `group` that is given goes before what was said earlier."""
    rule = group or catalog.fact(_GROUP)
    return _recall_mirrors(keep_together(dataset, rule) if rule else dataset, catalog)


def keep_mirror_images(catalog: Catalog, classes: str) -> None:
    """Remember which classes look like mirror images of others, in words; "" where none do."""
    if classes or catalog.fact(_MIRROR_IMAGES):
        catalog.set_fact(_MIRROR_IMAGES, classes)


def _recall_mirrors(dataset: Dataset, catalog: Catalog) -> Dataset:
    """Whether mirror images mean the same: as people said, else not where classes were seen to be such images."""
    said = catalog.fact(_MIRRORED)
    if said:
        return replace(dataset, mirrored=said == _WORDS[True])
    seen = catalog.fact(_MIRROR_IMAGES)
    return replace(dataset, mirrored=False, mirror_images=seen) if seen else dataset
