"""Which tables do notify's revisions build?"""

from __future__ import annotations

from lamplight_chassis.migrations import run_revisions
from notify.store import metadata_of_notify

run_revisions(metadata_of_notify)
