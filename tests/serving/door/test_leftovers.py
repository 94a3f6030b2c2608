"""Bodies that nobody wants: read by turns, and to their end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from whatsit.serving.door.leftovers import AT_ONCE, Leftovers


@dataclass(eq=False)
class Flow:
    """A connection that counts whether it is read from."""

    is_read: bool = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


def read(flows: list[Flow]) -> list[int]:
    return [place for place, flow in enumerate(flows) if flow.is_read]


def test_a_few_are_read_and_each_read_passes_the_turn_on() -> None:
    async def story() -> None:
        line, flows = Leftovers(asyncio.get_running_loop()), [Flow() for _ in range(AT_ONCE + 2)]
        for flow in flows:
            line.wait(flow)
        assert read(flows) == list(range(AT_ONCE))
        line.have_read(flows[0])
        line.have_read(flows[1])
        await asyncio.sleep(0)
        assert read(flows) == list(range(2, AT_ONCE + 2))

    asyncio.run(story())


def test_all_come_to_their_turn_again_and_again() -> None:
    async def story() -> set[int]:
        line, flows, seen = Leftovers(asyncio.get_running_loop()), [Flow() for _ in range(20)], set()
        for flow in flows:
            line.wait(flow)
        for _ in range(20):
            for place in read(flows):
                seen.add(place)
                line.have_read(flows[place])
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(story()) == set(range(20))


def test_who_sends_nothing_loses_its_turn_and_who_left_is_forgotten() -> None:
    async def story() -> None:
        line, flows = Leftovers(asyncio.get_running_loop()), [Flow() for _ in range(AT_ONCE + 2)]
        for flow in flows:
            line.wait(flow)
        line.leave(flows[-1])  # in line
        line.leave(flows[0])  # in its turn
        assert flows[AT_ONCE].is_read
        for flow in flows[1:-1]:
            line.leave(flow)
        line.wait(flows[0])
        silent = [Flow() for _ in range(AT_ONCE)]
        for flow in silent:
            line.wait(flow)
        while not silent[-1].is_read:  # the first one's turn ends by the clock
            await asyncio.sleep(0.01)
        line.leave(Flow())  # who never waited

    asyncio.run(asyncio.wait_for(story(), 20))
