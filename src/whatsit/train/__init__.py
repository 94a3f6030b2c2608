"""Data to model: recipes, nets, augmentation, the training loop. The only place that knows torch.

The package can be called: `whatsit.train("photos")` is `whatsit.road.train("photos")`. The verb and its code share
the word, and importing any module below sets `whatsit.train` to this package.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from whatsit.road import train

        return train(*arguments, **options)


sys.modules[__name__].__class__ = _Verb
