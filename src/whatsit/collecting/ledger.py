"""The rules of a collection's candidates: which are asked for next, and whose a photo is.

A candidate is one address wanted for one class. Its `state` is one of STATES; `kind` says why, in the words
of `fetch.errors.KINDS` and of KINDS below. Ranks are given in the order in which sources named the
addresses, and candidates are tried in that order, so that the same answers of the same web always lead to
the same photos, however the downloads overtake each other and however often the run is killed.
"""

from __future__ import annotations

from collections.abc import Mapping

from whatsit.collecting.search.found import Page
from whatsit.data.catalog import Candidate, Catalog, Finding, Proven, Why, class_of

STATES = {
    "found": "not asked for yet",
    "kept": "a photo in its class folder",
    "duplicate": "the same bytes as another photo of the class",
    "conflict": "the same bytes as a photo of another class",
    "bad": "asked for, and no photo came",
    "later": "failed for a reason that may pass; asked for again by the next run",
    "skipped": "not asked for, by a rule",
    "removed": "kept once, and taken away by somebody since",
}
KINDS = {  # reasons of our own, beside those of fetching
    "too-small": "too small to learn from",
    "blank": "one flat colour: a placeholder",
    "licence": "under a licence that was not wanted",
    "forgotten": "taken down once, never to be fetched again",
    "file": "the file cannot be read",
}
TWO_CLASSES = "found-for-two-classes"  # the finding that a conflict leaves on the photo


class Ledger:
    """The candidates of one catalog, each settled by the rules above."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def add(self, class_name: str, source: str, words: str, page: Page, skip: Mapping[str, Why]) -> int:
        """Write down what one page of a source named, and where the search goes on; gives back how many are new.

        skip: address → why, of those that must not be asked for
        """
        new = seen = 0
        with self.catalog.together() as catalog:
            rank = catalog.last_rank(class_name)
            for one in page.found:
                new += catalog.add_candidate(
                    class_name, one.address, rank + new + 1, source, skip.get(one.address)
                )
                seen += catalog.add_sighting(class_name, source, words, one)
            # a page that says nothing new is the last: some services repeat themselves for ever
            is_done = not page.following or (bool(page.found) and not seen)
            catalog.advance_search(class_name, source, words, page.following, is_done)
        return new

    def settle_as_twin(self, candidate: Candidate) -> str:
        """Settle a candidate whose address was asked for already, for another class; its state, else empty."""
        twin = self.catalog.outcome_elsewhere(candidate)
        if twin is None:
            return ""
        if twin.state == "bad":
            self.catalog.fail(candidate, "bad", twin.why)
            return "bad"
        with self.catalog.together():
            self._note_conflict(candidate, twin.photo)
            self.catalog.put_conflict(candidate, twin.photo, twin.sha256)
        return "conflict"

    def settle(self, candidate: Candidate, proven: Proven, final_address: str) -> tuple[str, int]:
        """Settle a candidate that gave a photo: its state, and by how many photos the class has grown (0 or 1).

        The photo belongs to the candidate of the lowest rank that gave these bytes, whichever came first; all
        others of the class are its duplicates. Bytes of another class's photo are a conflict, and stay there.
        """
        with self.catalog.together() as catalog:
            catalog.put_proof(candidate, proven, final_address)
            state, photo = self._state_of(candidate, proven)
            catalog.put_state(candidate.id, state, photo)
            return state, int(state == "kept" and catalog.add_photo(proven.photo))

    def _state_of(self, candidate: Candidate, proven: Proven) -> tuple[str, str]:
        """(state, path of the photo) of a candidate whose bytes are known."""
        if self.catalog.is_forgotten("sha256", proven.sha256):
            return "skipped", ""
        for other in self.catalog.outcomes_with(proven.sha256, candidate):
            is_same_class = other.class_name == candidate.class_name
            if other.state == "removed":
                if is_same_class:
                    return "removed", other.photo
            elif not is_same_class:
                return self._note_conflict(candidate, other.photo)
            elif other.rank < candidate.rank:
                return "duplicate", other.photo
            else:
                self.catalog.put_state(other.id, "duplicate", other.photo)
                return "kept", other.photo
        for path in self.catalog.photos_with(proven.sha256):  # put there by hand
            if path == proven.photo.path:
                continue
            if class_of(path) == candidate.class_name:
                return "duplicate", path
            return self._note_conflict(candidate, path)
        return "kept", proven.photo.path

    def _note_conflict(self, candidate: Candidate, photo: str) -> tuple[str, str]:
        reason = f"also found for {candidate.class_name!r}"
        detail = {"class": candidate.class_name}
        self.catalog.add_finding(Finding(photo, TWO_CLASSES, "likely", None, None, reason, detail))
        return "conflict", photo
