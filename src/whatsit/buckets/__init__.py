"""Data in object stores, by addresses as fsspec has them: s3://bucket/photos, gs://…, az://…, sftp://….

    address.py   what an address is, and which are refused
    client.py    the only place that imports fsspec and its clients: listed, read, written
    errors.py    what goes wrong there, as a sentence and a hint
    kept.py      what was read, kept in the cache: checked, of bounded size
    bucket.py    the objects below an address, read whole or in pieces, and only as they were listed
    fetched.py   one object as a file in the cache
    sending.py   a folder written to an address
    mirror.py    the names of those objects as a folder in the cache, for whoever reads folders

Credentials are found by the clients alone: in the environment, or in files as ~/.aws.
"""

from whatsit.buckets.address import address_of, is_address
from whatsit.buckets.bucket import Bucket
from whatsit.buckets.fetched import fetch_file
from whatsit.buckets.mirror import Mirror, find_mirror, open_mirror
from whatsit.buckets.sending import begin_sending, check_place, look_at_files, send_changes, send_file, send_folder

__all__ = [
    "Bucket",
    "Mirror",
    "address_of",
    "begin_sending",
    "check_place",
    "fetch_file",
    "find_mirror",
    "is_address",
    "look_at_files",
    "open_mirror",
    "send_changes",
    "send_file",
    "send_folder",
]
