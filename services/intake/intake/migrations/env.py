"""Which tables do intake's revisions build?"""

from __future__ import annotations

from intake.store import metadata_of_intake
from lamplight_chassis.migrations import run_revisions

run_revisions(metadata_of_intake)
