"""Which tables do dispatch's revisions build?"""

from __future__ import annotations

from lamplight_chassis.migrations import run_revisions

from dispatch.store import metadata_of_dispatch

run_revisions(metadata_of_dispatch)
