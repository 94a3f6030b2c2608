"""Protobuf walked and written by hand: as its library does."""

from __future__ import annotations

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.model.graph.wire import bytes_of, fields_in, numbers_in, protobuf_field


@given(st.binary(max_size=300), st.integers(-(2**63), 2**63 - 1))
def test_fields_are_those_of_the_library(raw: bytes, version: int) -> None:
    model = onnx.ModelProto(model_version=version, producer_name="é" * len(raw))
    model.metadata_props.add(key="k", value=raw.hex())
    fields = dict(fields_in(model.SerializeToString()))
    assert fields[5] == version % 2**64
    assert bytes_of(fields[2]).decode() == model.producer_name
    assert bytes_of(dict(fields_in(bytes_of(fields[14])))[2]).decode() == raw.hex()


@given(st.integers(1, 2**28), st.binary(max_size=300))
def test_what_is_written_is_read(number: int, content: bytes) -> None:
    assert [(at, bytes_of(field)) for at, field in fields_in(protobuf_field(number, content))] == [
        (number, content)
    ]


def test_numbers_stand_alone_or_in_a_row() -> None:
    tensor = onnx.TensorProto(dims=[3, 300, 70_000])
    assert [n for _, field in fields_in(tensor.SerializeToString()) for n in numbers_in(field)] == [3, 300, 70_000]
    assert list(numbers_in(memoryview(b"\x03\xac\x02"))) == [3, 300]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"\x0a\x05abc", "cut short"),
        (b"\x0d\x01", "cut short"),
        (b"\x08", "cut short"),
        (b"\x02\x00", "no field 0"),
        (b"\x0b", "no such wire type"),
        (b"\x08" + b"\xff" * 11, "number too long"),
    ],
)
def test_what_is_no_message_is_said(message: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        list(fields_in(message))


def test_a_number_is_no_bytes() -> None:
    with pytest.raises(ValueError, match="a number where bytes belong"):
        bytes_of(3)
