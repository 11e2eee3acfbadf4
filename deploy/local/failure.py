"""What can stop the local Kafka and PostgreSQL from running?"""

from __future__ import annotations


class CannotRun(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do about it."""


class AlreadyRunning(CannotRun):
    """Another process runs the servers of this data folder."""


class PortTaken(CannotRun):
    """Another program listens where a server should."""
