"""How much is made up: `TRIGGERLANG_EXAMPLES=5000 pytest tests/test_differential.py` looks at that many worlds."""

from __future__ import annotations

import os
from typing import Final

EXAMPLES: Final = int(os.environ.get("TRIGGERLANG_EXAMPLES", "100"))
"""How many worlds a test makes up that looks at many; others look at a part of them."""
