"""Protobuf messages walked and written without its library: what a model file is made of.

Reading a field costs nothing of its content: contents are views into the file.
"""

from __future__ import annotations

from collections.abc import Iterator

Content = memoryview | int  # of a field: bytes, or a number


def fields_in(message: memoryview | bytes) -> Iterator[tuple[int, Content]]:
    """The fields of a protobuf message, as (number, content), in their order.

    Raises ValueError where the bytes are no message or end early.
    """
    view = memoryview(message)
    position, size = 0, len(view)
    while position < size:
        tag, position = _varint(view, position)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("no field 0")
        if kind == 0:
            value, position = _varint(view, position)
            yield number, value
            continue
        if kind == 2:
            length, position = _varint(view, position)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError("no such wire type")
        if position + length > size:
            raise ValueError("cut short")
        yield number, view[position : position + length]
        position += length


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(view):
        byte = view[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("number too long")
    raise ValueError("cut short")


def numbers_in(content: Content) -> Iterator[int]:
    """The numbers of a repeated field, one entry of it: packed, or one alone."""
    if isinstance(content, int):
        yield content
        return
    position = 0
    while position < len(content):
        value, position = _varint(content, position)
        yield value


def bytes_of(content: Content) -> bytes:
    """The bytes of a field. Raises ValueError where it is a number."""
    if isinstance(content, int):
        raise ValueError("a number where bytes belong")
    return bytes(content)


def protobuf_field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes: its number, its length, its content."""
    return _varint_bytes(number << 3 | 2) + _varint_bytes(len(content)) + content


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
