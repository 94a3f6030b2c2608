"""How long a client is waited for, and how many connections it may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """The clocks of a connection. The defaults let a phone on a bad line through, and nobody else."""

    head_s: float = 10.0
    "From the connection, or the first byte of a further request, to the end of its head."

    head_bytes: int = 32 * 1024
    "Of a head; uvicorn has no limit of its own here, nginx's is 8 to 32 KiB."

    body_s: float = 10.0
    "A body may take this long, and a second more for each `body_bytes_per_s` that came, up to `body_most_s`."

    body_bytes_per_s: int = 16 * 1024

    body_most_s: float = 60.0

    unread_s: float = 20.0
    "For an answer that nobody reads."

    linger_s: float = 2.0
    "For a body after its answer, so that who still sends gets to read it (nginx: up to 30 s)."

    last_s: float = 0.5
    "For the request of who connected just before the server was told to stop."

    tick_s: float = 1.0
    "Between two looks at the clocks of a connection."

    connections: int = 64
    "Of one client: a browser opens six, an office behind one address some dozens."

    limits_this_machine: bool = False
    "Whether clients on this machine are counted too; a proxy here has the connections of everybody."

    def body_within_s(self, received: int) -> float:
        """How long a body may take of which so many bytes came."""
        return min(self.body_s + received / self.body_bytes_per_s, self.body_most_s)
