"""Which tables do intake's revisions build?"""

from __future__ import annotations

import intake.evidence.uploads.store
import intake.store
import intake.vault.store  # noqa: F401
from intake.tables import metadata_of_intake
from lamplight_chassis.migrations import run_revisions

run_revisions(metadata_of_intake)
