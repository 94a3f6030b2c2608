"""The tests of features import what they share from columns.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
