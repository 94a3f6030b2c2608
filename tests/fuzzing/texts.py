"""What strangers send around photos, and what the web answers: forms, JSON, heads, addresses, robots.txt."""

from __future__ import annotations

import base64
import json

from draw import MOST, Draw, spoilt

_WORDS = ("inputs", "parameters", "url", "photo", "top_k", "x", "", "\u00e9", "a" * 300)


def value(draw: Draw, depth: int = 0) -> str:
    """JSON of any kind, as text: mostly sound, sometimes deep, sometimes long."""
    kind = draw.below(11)
    if kind == 0:
        return json.dumps(base64.b64encode(draw.repeated(draw.raw(8) or b"x")).decode())
    if kind == 1:
        return draw.pick(("1", "null", "true", "1e999", "-0", "NaN", "1" * 5_000, "0.1"))
    if kind == 2:
        piece = draw.pick(("[],", "{},", '"",', "0,", '{"a":[]},', "[[]],", '"\\u0000",'))
        return "[" + piece * min(draw.count(), MOST // len(piece)) + "0]"
    if kind == 3:
        depth_ = min(draw.count(), MOST // 4)
        return "[" * depth_ + "]" * depth_
    if kind == 4:
        return '"' + draw.pick(("\\", "\\\\", '\\"', "\\u0041", "x", "\\/")) * min(draw.count(), MOST // 8) + '"'
    if kind == 5 and depth < 3:
        return _object(draw, depth + 1)
    if kind == 6:
        return '"data:image/jpeg;base64,' + "QUJD" * min(draw.count(), MOST // 4) + '"'
    return json.dumps(draw.raw(30).decode("latin-1"))


def _object(draw: Draw, depth: int = 0) -> str:
    blank = draw.pick(("", " ", "\n" * min(draw.count(), MOST // 8)))
    entries = (f"{json.dumps(draw.pick(_WORDS))}:{blank}{value(draw, depth)}" for _ in range(draw.below(5)))
    return "{" + ",".join(entries) + "}"


def json_body(draw: Draw) -> bytes:
    """A body of JSON as Hugging Face's clients send it, or nearly."""
    body = (_object(draw) if draw.often() else value(draw)).encode("utf-8", "replace")[:MOST]
    return spoilt(draw, body) if draw.seldom() else body


def tensors(draw: Draw) -> bytes:
    """A body of the Open Inference Protocol, or nearly."""
    photo = base64.b64encode(draw.repeated(draw.raw(8) or b"x")).decode()
    data = ",".join([json.dumps(photo) if draw.often() else value(draw)] * draw.below(6))
    shape = draw.pick(
        ("[1]", "[2]", "[-1]", "[1,1]", "[true]", "[]", "[1e400]", "[" + "9" * 5_000 + "]", value(draw))
    )
    kind = draw.pick(('"BYTES"', '"BYTES"', '"FP32"', value(draw)))
    one = f'{{"name":"photo","datatype":{kind},"shape":{shape},"data":[{data}]}}'
    beside = f',"outputs":{value(draw)},"id":{value(draw)}' if draw.seldom() else ""
    body = ('{"inputs":[' + ",".join([one] * draw.pick((1, 1, 0, 2))) + "]" + beside + "}").encode()[:MOST]
    return spoilt(draw, body) if draw.seldom() else body


def form(draw: Draw) -> tuple[bytes, str]:
    """A multipart body, and its content type."""
    mark = draw.pick((b"x", b"----WebKitFormBoundaryABC", b"-", b"a" * 70, b"a" * 71, b""))
    parts = []
    for _ in range(draw.below(5)):
        fields = draw.pick(
            (
                b'form-data; name="photo"; filename="a.jpg"',
                b"form-data; name=url",
                b"form-data; name*=utf-8''a; filename*=latin-9''%ff",
                b'form-data; name="' + b'\\"' * min(draw.count(), 2_000) + b'"',
                b"form-data" + b"; a=b" * min(draw.count(), 900),
                draw.raw(40),
            )
        )
        head = (
            b"Content-Disposition: "
            + fields
            + b"\r\nContent-Type: "
            + draw.pick((b"image/jpeg", b"", b"text/plain"))
        )
        piece = draw.pick(
            (
                b"\r\n--" + mark + b"y",
                b"\r\n--" + mark[:-1],
                b"--" + mark + b"\r\n",
                b"\r\n",
                b"data:,",
                b"\xff\xd8",
            )
        )
        parts.append(head + b"\r\n\r\n" + draw.repeated(piece))
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    if draw.often():
        body += b"--" + mark + b"--\r\n"
    body = draw.repeated(b"--" + mark + draw.pick((b"y", b" ", b"\r\n", b""))) + body if draw.seldom() else body
    kind = f"multipart/form-data; boundary={draw.pick(('', chr(34)))}{mark.decode()}"
    return body[:MOST], kind


def head(draw: Draw) -> tuple[bytes, str, list[tuple[bytes, bytes]]]:
    """The target, version and fields of a request."""
    names = (
        *(b"host", b"content-length", b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-prefix", b"cookie"),
        *(b"authorization", b"origin", b"expect", b"content-type"),
    )
    values = (
        *(b"a.example", b"0", b"12", b"9" * 5_001, b"chunked", b"gzip, chunked", b"\xb2", b"+1", b"1_0", b" 5"),
        *(b"a.example:80", b"[::1]", b"a\0b", b"a, b", b"", b"x" * 9_000),
    )
    target = draw.pick(
        (
            b"/",
            b"/api/predict",
            b"http://a.example/",
            b"http://b.example/x",
            b"*",
            b"//x",
            b"/%00",
            b"/?" + b"a" * 9_000,
        )
    )
    fields = [(draw.pick(names), draw.pick(values)) for _ in range(draw.below(8))]
    fields += [(b"x-many", b"1")] * (min(draw.count(), 300) if draw.seldom() else 0)
    if draw.often():
        fields.insert(0, (b"host", b"a.example"))
    return target + draw.raw(12), draw.pick(("1.1", "1.0", "2.0", "")), fields


def robots(draw: Draw) -> tuple[str, str]:
    """A robots.txt, and a path that is asked about."""
    keys = ("User-agent", "Allow", "Disallow", "Crawl-delay", "Content-Usage", "Sitemap", "\ufeff", "")
    values = (
        *("*", "whatsit", "/", "/a*b$", "/%7e", "1e999", "-1", "nan", "/x train-ai=n"),
        "/" + "*a" * min(draw.count(), 20_000) + draw.pick(("$", "")),
        "/" + "a" * min(draw.count(), 200_000),
        draw.raw(20).decode("latin-1"),
    )
    lines = [f"{draw.pick(keys)}: {draw.pick(values)}" for _ in range(draw.below(12))]
    text = "\n".join(lines) + "\n" * draw.below(3)
    return text * max(1, min(draw.count() // 10, 512_000 // max(1, len(text)))), "/" + "a" * draw.below(
        2_000
    ) + draw.raw(20).decode("latin-1")


def address(draw: Draw) -> str:
    """An address as somebody types it to get around a guard."""
    hosts = (
        *("example.org", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]"),
        *(
            "localhost",
            "metadata.goog",
            "xn--a",
            "ex\u00e4mple.org",
            "a@b",
            "\u212aelvin.org",
            "1.1.1.1",
            "[2606:4700::1]",
        ),
        *("a" * 300 + ".org", "\uff11\uff12\uff17.0.0.1", "example.org.", "168.63.129.16", "[fe80::1%25eth0]"),
        draw.raw(20).decode("latin-1"),
    )
    ports = ("", ":80", ":443", ":22", ":0", ":99999", ":\u0661")
    tails = (
        "",
        "/",
        "/a/../b",
        "?q@x",
        "#f",
        "\\x",
        "/%2e%2e/",
        "/" + "../" * min(draw.count(), 600),
        draw.raw(12).decode("latin-1"),
    )
    schemes = ("https://", "http://", "HTTPS://", "file://", "//", "", "gopher://")
    return draw.pick(schemes) + draw.pick(hosts) + draw.pick(ports) + draw.pick(tails)
