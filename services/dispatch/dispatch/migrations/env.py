"""Which tables do dispatch's revisions build?"""

from __future__ import annotations

from dispatch.store import metadata_of_dispatch
from lamplight_chassis.migrations import run_revisions

run_revisions(metadata_of_dispatch)
