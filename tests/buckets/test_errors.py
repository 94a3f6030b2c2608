"""What goes wrong with a store is told as a sentence, by what it is and without its secrets."""

from __future__ import annotations

import errno

import pytest

from whatsit.buckets.address import Address
from whatsit.buckets.errors import CONTINUE, as_photos, explain, is_no_bucket
from whatsit.errors import UserError

ADDRESS = Address("s3", "photos/pets")


class ClientError(Exception):
    """As botocore has it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: with secrets in its words")
        self.response = {"Error": {"Code": code}}


class NoCredentialsError(Exception):
    pass


class ReadTimeoutError(Exception):
    pass


class ClientPayloadError(Exception):
    pass


def behind(cause: BaseException, outer: BaseException) -> BaseException:
    """An error that another one led to."""
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("error", "sentence", "hint"),
    [
        (NoCredentialsError(), "There are no keys for 's3://photos/pets'.", "AWS_PROFILE"),
        (PermissionError(), "The store refuses 's3://photos/pets'.", "May these keys list and read it?"),
        (ClientError("NoSuchBucket"), "There is no bucket 'photos' for 's3://photos/pets'.", "name"),
        (behind(ClientError("NoSuchBucket"), FileNotFoundError()), "There is no bucket 'photos'", "name"),
        (FileNotFoundError(), "There is nothing at 's3://photos/pets'.", "name"),
        (ReadTimeoutError(), "The store did not answer in time", CONTINUE),
        (TimeoutError(), "The store did not answer in time", CONTINUE),
        (behind(ReadTimeoutError(), OSError()), "The store did not answer in time", CONTINUE),
        (ConnectionRefusedError(), "The store of 's3://photos/pets' cannot be reached.", "AWS_ENDPOINT_URL"),
        (
            behind(ConnectionResetError(), RuntimeError()),
            "The store of 's3://photos/pets' cannot be reached.",
            CONTINUE,
        ),
        (ClientError("SlowDown"), "'s3://photos/pets' failed in the store (SlowDown).", CONTINUE),
        (ClientError("ü" * 9), "'s3://photos/pets' failed in the store (ClientError).", CONTINUE),
        (ClientError("x" * 99), f"failed in the store ({'x' * 60}).", CONTINUE),
        (RuntimeError("secret"), "'s3://photos/pets' failed in the store (RuntimeError).", CONTINUE),
    ],
)
def test_an_error_of_a_store_has_its_sentence_and_what_to_do(error, sentence, hint):
    told = explain(ADDRESS, error)
    assert sentence in told.sentence
    assert hint in told.hint
    assert "secret" not in str(told)


def test_who_may_not_write_is_asked_about_writing():
    assert "May these keys write to it?" in explain(ADDRESS, PermissionError(), "write to").hint


@pytest.mark.parametrize(
    ("error", "number", "words"),
    [
        (PermissionError(), errno.EACCES, "the store refuses it"),
        (FileNotFoundError(), errno.ENOENT, "it is not in the store any more"),
        (ClientPayloadError(), errno.EIO, "the store gave other bytes than it promised"),
        (behind(ClientPayloadError(), RuntimeError()), errno.EIO, "other bytes"),
    ],
)
def test_what_is_wrong_with_one_object_leaves_it_out(error, number, words):
    found = as_photos(ADDRESS, error)
    assert found.errno == number
    assert words in str(found)


@pytest.mark.parametrize(
    "error",
    [
        behind(ClientError("NoSuchBucket"), FileNotFoundError()),
        NoCredentialsError(),
        TimeoutError(),
        RuntimeError(),
    ],
)
def test_what_is_wrong_with_the_whole_store_is_no_matter_of_one_object(error):
    with pytest.raises(UserError) as caught:
        as_photos(ADDRESS, error)
    assert caught.value.sentence == explain(ADDRESS, error).sentence


def test_a_bucket_that_is_not_there_is_told_from_an_object():
    assert is_no_bucket(behind(ClientError("NoSuchBucket"), FileNotFoundError()))
    assert not is_no_bucket(ClientError("NoSuchKey"))
    assert not is_no_bucket(FileNotFoundError())
