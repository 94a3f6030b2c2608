"""Keyed records on disk that outlive kills, power cuts and damage: under pixels, looks, features and faces.

A store is a folder below the cache directory, `stores/KIND/NAME`, NAME being a digest of what its records are of:

    facts        a record a key: the key, a check sum, where the row lies, and small fields of the kind's own
    rows         the rows, end to end: large or of any length (pixels, features, faces), or none
    settled      size and time of both files when they were last left in order
    about.json   what the records are of, in words

Both files are only ever appended to, by one process at a time, rows before facts; so a killed run goes on where it
stopped, and what is there can be read without a lock. A store that is as it was left is believed, which costs a
few calls of `stat`. Any other (after a kill, or where a file was cut or written to, or a power cut lost pages) is
checked once, record by record: the check sum is over fields and row, so exactly what was hit is lost. No space is
taken before there is something to write. Deleting a store loses only time; what was not used for longest goes by
itself before all of them together take more than `most_kept`.
"""

from whatsit.store.addition import Addition
from whatsit.store.records import KEY_BYTES, Keys, Records, keys_of, sum_of
from whatsit.store.store import Store
from whatsit.store.upkeep import OBJECTS, StoreSize, list_stores, lock_of, most_kept, parse_bytes, prune

__all__ = [
    "KEY_BYTES",
    "OBJECTS",
    "Addition",
    "Keys",
    "Records",
    "Store",
    "StoreSize",
    "keys_of",
    "list_stores",
    "lock_of",
    "most_kept",
    "parse_bytes",
    "prune",
    "sum_of",
]
