"""How does a test or a benchmark get servers with data that is thrown away afterwards?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.launch import start
from deploy.local.progress import Say, silent
from deploy.local.stack import Stack


@contextmanager
def scratch_stack(say: Say = silent) -> Iterator[Stack]:
    """A fresh Kafka and PostgreSQL; their data folder is removed at the end.

    The folder is open to pass through, unlike a test's own temporary folder, so that root's PostgreSQL reaches it.
    """
    folder = Path(tempfile.mkdtemp(prefix="lamplight-"))
    folder.chmod(0o711)
    try:
        with start(folder, say=say) as stack:
            yield stack
    finally:
        shutil.rmtree(folder)
