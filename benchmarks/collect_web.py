"""The web that `benchmarks/collect.py` fetches from: photos, and in faulty mode three bad answers in ten.

    python benchmarks/collect_web.py FOLDER [faulty]      listens on port 80 of every address

The photo of /17.jpg is FOLDER/17.jpg. Which numbers are bad, and how, is in `fault_of`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

# of a hundred addresses, the numbers behind each fault; 70 and more are good at once
FAULTS = {
    "404": range(0, 8),
    "403": range(8, 12),
    "a web page with 200": range(12, 16),
    "empty": range(16, 18),
    "cut short": range(18, 21),
    "reset": range(21, 23),
    "busy the first time": range(23, 26),  # 503, then the photo
    "asks for a second": range(26, 28),  # 429 with Retry-After, then the photo
    "silent": range(28, 29),
    "a byte a second": range(29, 30),
}
GIVE_PHOTOS = ("busy the first time", "asks for a second")
SILENCE_S = 60


def fault_of(number: int) -> str:
    """How an address fails; empty where it does not. As if by chance, so that hosts have faults of all kinds."""
    place = number * 2_654_435_761 % 2**32 * 100 >> 32
    return next((name for name, places in FAULTS.items() if place in places), "")


def main() -> None:
    """Serve until killed."""
    asyncio.run(serve(Path(sys.argv[1]), "faulty" in sys.argv))


async def serve(folder: Path, is_faulty: bool) -> None:
    """Answer on port 80 of all addresses."""
    seen: Counter[int] = Counter()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path = line.split(b" ")[1].decode()
                while (await reader.readline()) not in (b"\r\n", b""):
                    pass
                if not path.endswith(".jpg"):
                    writer.write(_answer("404 Not Found", b""))
                    continue
                number = int(path[1:-4])
                seen[number] += 1
                fault = fault_of(number) if is_faulty else ""
                if not await _speak(writer, fault, folder / path[1:], seen[number]):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "0.0.0.0", 80, backlog=4096)
    async with server:
        await server.serve_forever()


async def _speak(writer: asyncio.StreamWriter, fault: str, file: Path, times: int) -> bool:
    """Answer one request; whether the connection stays open."""
    if fault == "404":
        writer.write(_answer("404 Not Found", b"no"))
    elif fault == "403":
        writer.write(_answer("403 Forbidden", b"no"))
    elif fault == "a web page with 200":
        writer.write(_answer("200 OK", b"<!doctype html><title>Just a moment...</title>" * 50))
    elif fault == "empty":
        writer.write(_answer("200 OK", b""))
    elif fault == "busy the first time" and times == 1:
        writer.write(_answer("503 Service Unavailable", b""))
    elif fault == "asks for a second" and times == 1:
        writer.write(_answer("429 Too Many Requests", b"", "Retry-After: 1\r\n"))
    elif fault == "cut short":
        writer.write(_answer("200 OK", file.read_bytes())[:9000])
        await writer.drain()
        return False
    elif fault == "reset":
        writer.transport.abort()
        return False
    elif fault == "silent":
        await asyncio.sleep(SILENCE_S)
        return False
    elif fault == "a byte a second":
        head = _answer("200 OK", file.read_bytes())
        for second in range(SILENCE_S):
            writer.write(head[second * 8 : second * 8 + 8] if second < 20 else head[140 + second : 141 + second])
            await writer.drain()
            await asyncio.sleep(1)
        return False
    else:
        writer.write(_answer("200 OK", file.read_bytes()))
    await writer.drain()
    return True


def _answer(status: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


if __name__ == "__main__":
    main()
