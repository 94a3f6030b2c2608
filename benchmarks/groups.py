"""What keeping groups together changes in a figure, and whether names give the groups away.

    python benchmarks/groups.py TABLE [RULE]

TABLE has a row a photo; RULE is what `--group` takes, by default its column `group`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from whatsit.data.inspecting.group_effect import measure_group_effect
from whatsit.data.inspecting.group_hints import find_group_hint
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.splitting.grouping import keep_together
from whatsit.records import as_json


def main(table: str, rule: str = "group") -> None:
    """Print both as JSON."""
    dataset, decoded = decode_photos(read(table), (32, 32))
    grouped = keep_together(dataset, rule)
    columns = {name: values for name, values in dataset.columns.items() if name != rule}
    unsaid = replace(dataset, groups=None, grouped_by="", columns=columns)
    assert grouped.groups is not None
    effect, hint = measure_group_effect(grouped, decoded, grouped.groups), find_group_hint(unsaid, decoded)
    print(json.dumps({"effect": effect and as_json(effect), "hint": hint and as_json(hint)}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
