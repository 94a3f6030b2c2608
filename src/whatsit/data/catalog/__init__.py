"""DATA/.whatsit/catalog.sqlite: what is known of the photos of a folder, and what was decided about them.

One SQLite file, shared by the verbs: collecting writes where photos come from, cleaning what it found and
what people decided. Photos themselves are never touched by a row here. Written as it happens (WAL), so a
process that is killed loses at most what it was just doing. Where DATA is read-only the catalog lies in the
cache folder instead; where several people share it (sharing.py), in a schema of a PostgreSQL database.

Photos are named by their path relative to DATA, with forward slashes, as in `cat/0f3a….jpg`.

This package is the only place with SQL: a file a subject has its tables, its records, and its questions and
deeds as methods; `Catalog` (opening.py) is all of them on one connection. What is a database's own stands in
dialects.
"""

from whatsit.data.catalog.candidates import AddressFate, Candidate, Outcome, Proven, Why, class_of, host_of
from whatsit.data.catalog.database import now
from whatsit.data.catalog.decisions import (
    DECISIONS,
    HAS,
    HAS_NOT,
    KEEP,
    LABEL_DECISIONS,
    LEAVE_OUT,
    NOT_LOOKED,
    RELABEL,
    SAYS,
    Decision,
    is_here,
)
from whatsit.data.catalog.faces import Face
from whatsit.data.catalog.findings import BROKEN, Finding
from whatsit.data.catalog.groups import DUPLICATES, GROUP_KINDS, PARTS_OF_OTHERS
from whatsit.data.catalog.opening import Catalog, catalog_path, has_catalog, open_catalog
from whatsit.data.catalog.photos import Fingerprint, KnownPhoto
from whatsit.data.catalog.sharing import find_shared, sharing
from whatsit.data.catalog.sightings import Authorship, Credit, Rights, Sighting

__all__ = [
    "BROKEN",
    "DECISIONS",
    "DUPLICATES",
    "GROUP_KINDS",
    "HAS",
    "HAS_NOT",
    "KEEP",
    "LABEL_DECISIONS",
    "LEAVE_OUT",
    "NOT_LOOKED",
    "PARTS_OF_OTHERS",
    "RELABEL",
    "SAYS",
    "AddressFate",
    "Authorship",
    "Candidate",
    "Catalog",
    "Credit",
    "Decision",
    "Face",
    "Finding",
    "Fingerprint",
    "KnownPhoto",
    "Outcome",
    "Proven",
    "Rights",
    "Sighting",
    "Why",
    "catalog_path",
    "class_of",
    "find_shared",
    "has_catalog",
    "host_of",
    "is_here",
    "now",
    "open_catalog",
    "sharing",
]
