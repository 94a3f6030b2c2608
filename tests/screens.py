"""What must hold of every page of ours on every screen, asked of a page that is open in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_suffix(".js")
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
RTL = "קפה"  # a name that is written from right to left


def find_faults(tab: Any, *names: str) -> list[str]:
    """What is wrong with a page as it stands: controls out of reach, what is cut, and names that may turn
    the sentence around them."""
    ask = "(names) => [...findOutside(), ...findCut(), ...names.flatMap(findBare)]"
    found: list[str] = tab.evaluate(
        f"(names) => {{ {SCRIPT.read_text(encoding='utf-8')} return ({ask})(names); }}", names
    )
    return found


def is_in_sight(tab: Any, selector: str) -> bool:
    """Whether all of an element lies within the window as it is scrolled now."""
    return bool(
        tab.eval_on_selector(
            selector,
            """(one) => { const { top, bottom, left, right } = one.getBoundingClientRect();
            return top >= 0 && left >= 0 && bottom <= innerHeight + 1 && right <= innerWidth + 1; }""",
        )
    )
