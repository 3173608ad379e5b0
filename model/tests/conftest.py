from __future__ import annotations

from hypothesis import settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("slipway", deadline=None, max_examples=30)
settings.load_profile("slipway")
