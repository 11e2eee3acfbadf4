"""Which rules of the house can a machine see, and where is each of them broken?

Each rule takes a module and answers its violations; its docstring names the harm that it prevents.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard

from tests.house.source import Module, dotted, words_of

MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
LOG_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")
LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})

MAY_OPEN_TRANSACTIONS: Mapping[str, str] = {
    "lamplight_chassis/database.py": "the one place that opens and commits",
    "lamplight_chassis/fetching.py": "commits how far it has read in Kafka, after a dead letter was",
    "lamplight_chassis/relay_session.py": "holds its lock on a session of its own, each statement by itself",
    "lamplight_chassis/migrations.py": "builds the tables before any service runs",
}
MAY_PUBLISH: Mapping[str, str] = {
    "lamplight_chassis/relay.py": "the one publisher",
    "lamplight_chassis/kafka.py": "makes the relay's producer",
    "lamplight_chassis/replay.py": "a person's tool, which sends records that were published before",
}
# Granted to one function each, so that a second handler in the same file has to give its own reason.
MAY_CATCH_EVERYTHING: Mapping[str, str] = {
    "lamplight_chassis/chores.py:repeat": "a chore outlives every failure",
    "lamplight_chassis/consumer.py:BatchConsumer._alone": "parks what it cannot handle, and returns what may pass",
    "lamplight_chassis/consumer.py:BatchConsumer._read": "parks what the reader breaks at",
    "lamplight_chassis/consumer.py:BatchConsumer._together_or_alone": "runs them one by one, or returns what may pass",
    "lamplight_chassis/database.py:UnitOfWork.commit_done": "the commit stands, callers must not hear otherwise",
    "lamplight_chassis/fetching.py:Fetching.__call__": "the fetching of a topic, which outlives whatever stands in it",
    "lamplight_chassis/fetching.py:Fetching._readable": "what cannot be read is parked, anything else is raised",
    "lamplight_chassis/group_commit.py:GroupCommit._alone": "hands each failure to the request that it belongs to",
    "lamplight_chassis/group_commit.py:GroupCommit._together_or_alone": "runs requests one by one, or answers them all",
    "lamplight_chassis/http.py:AroundRequests.__call__": "the boundary of HTTP",
    "lamplight_chassis/kafka.py:stop_quietly": "stops a producer whose broker is gone",
    "lamplight_chassis/lane.py:FastLane.__call__": "the boundary of HTTP for routes outside the framework",
    "lamplight_chassis/relay.py:Relay.run": "the loop of the relay, which outlives every outage",
    "lamplight_chassis/relay.py:_send_pipelined": "answers each row with its own error",
    "lamplight_chassis/service.py:Service._consume": "tries until Kafka answers, and says so at readiness",
    "lamplight_chassis/service.py:Service._database_trouble": "the reason is the answer",
    "lamplight_chassis/stopping.py:close_all": "everything else is closed all the same",
    "notify/delivery.py:Courier._try": "a bug in one channel must not harm the deliveries beside it",
    "notify/delivery.py:Courier._write_down": "tries again what may pass, and raises everything else",
    "notify/delivery.py:Courier.run": "a loop that outlives every outage",
    "notify/stream.py:AlertStream.run": "a loop that outlives every outage",
}
MAY_READ_THE_CLOCK: Mapping[str, str] = {"lamplight_chassis/clock.py": "the one clock"}
CLOCKS = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$")
IDS = re.compile(r"(^|\.)uuid[1467]$")
PRODUCERS = re.compile(r"(^|[._])producer\.(send|send_and_wait|send_batch)$|\.(publish|publish_batch|publisher)$")
TRANSACTIONS = re.compile(
    r"(?<!pace)\.(begin|begin_nested|commit|rollback)$|(^|\.)(create_async_engine|create_engine|create_pool)$|^asyncpg\.connect$"
)
# Words of this product. The plumbing serves it and must not know it; `unit` (of work), `dispatch` (of a call) and
# `notify` (of PostgreSQL) are words of plumbing too, and `grid.` is the beginning of every topic and event type.
DOMAIN_WORDS = frozenset(
    {"case", "cases", "alert", "alerts", "zone", "zones", "patrol", "patrols", "squadron", "squadrons", "sighting"}
    | {"sightings", "intake", "category", "categories", "street", "streets", "city", "resident", "residents", "grid"}
    | {"reporter", "reporters", "volunteer", "volunteers", "courier", "couriers", "community", "hotline", "evidence"}
    | {"vendor", "vendors", "citizen", "citizens", "lamp", "shift", "shifts"}
)
PLUMBING_PHRASES = re.compile("time ?zone", re.IGNORECASE)

Rule = Callable[[Module], Iterator[str]]


def init_files_are_empty(module: Module) -> Iterator[str]:
    """Code in `__init__` runs at every import of the package, hides where a name lives, and invites import circles."""
    if module.path.endswith("/__init__.py") and module.text:
        yield module.at(module.tree, "is not empty")


def only_the_database_opens_transactions(module: Module) -> Iterator[str]:
    """A second place that commits can commit a change without its event: the world is never told of it."""
    if module.name not in MAY_OPEN_TRANSACTIONS:
        yield from (module.at(call, f"calls {name}") for call, name in module.calls() if TRANSACTIONS.search(name))


def only_the_relay_publishes(module: Module) -> Iterator[str]:
    """What is published beside the outbox is told though its transaction failed, or lost though it did not."""
    if module.name not in MAY_PUBLISH:
        yield from (module.at(call, f"calls {name}") for call, name in module.calls() if PRODUCERS.search(name))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id == "AIOKafkaProducer":
                yield module.at(node, "uses AIOKafkaProducer")


def only_the_clock_reads_the_clock(module: Module) -> Iterator[str]:
    """Whoever reads the clock, or invents ids, cannot be tested at another time, or twice with the same result.

    `time.monotonic` and `time.perf_counter` measure and are free.
    """
    if module.name not in MAY_READ_THE_CLOCK:
        for call, name in module.calls():
            if CLOCKS.search(name) or IDS.search(name):
                yield module.at(call, f"calls {name}")


def log_events_have_dotted_constant_names(module: Module) -> Iterator[str]:
    """An event whose name is put together at run time cannot be searched for, counted or alerted on."""
    for call, name in module.calls():
        owner, _, method = name.rpartition(".")
        if owner not in ("log", "self._log", "logger") or method not in LOG_METHODS:
            continue
        place = 1 if method == "log" else 0
        event = call.args[place] if len(call.args) > place else None
        if not (isinstance(event, ast.Constant) and LOG_NAME.fullmatch(str(event.value))):
            yield module.at(call, "logs an event without a dotted constant name")


def nothing_is_printed(module: Module) -> Iterator[str]:
    """What is printed has no level, no correlation id and no redaction."""
    yield from (module.at(call, f"calls {name}") for call, name in module.calls() if name in ("print", "breakpoint"))


def files_are_short(module: Module) -> Iterator[str]:
    """A long file has two subjects, and the second one is not in its name."""
    lines = module.text.count("\n")
    if lines > MAX_FILE_LINES:
        yield module.at(module.tree, f"has {lines} lines, at most {MAX_FILE_LINES} are allowed")


def functions_are_short(module: Module) -> Iterator[str]:
    """A long function hides a second one, which nobody can name, test or use."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield module.at(node, f"{node.name} has {lines} lines, at most {MAX_FUNCTION_LINES} are allowed")


def everything_is_caught_only_at_a_boundary(module: Module) -> Iterator[str]:
    """Whoever catches or suppresses every exception swallows the bug that nobody thought of."""
    for owner, node in module.owned_nodes():
        if f"{module.name}:{owner}" in MAY_CATCH_EVERYTHING:
            continue
        if isinstance(node, ast.ExceptHandler) and _names_everything(node.type) and not _ends_with_raise(node):
            yield module.at(node, "catches everything")
        if _is_suppress(node) and any(map(_names_everything, node.args)):
            yield module.at(node, "suppresses everything")


def _is_suppress(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "suppress"


def _names_everything(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or dotted(one).rpartition(".")[2] in ("Exception", "BaseException") for one in kinds)


def _ends_with_raise(handler: ast.ExceptHandler) -> bool:
    """A `raise` under a condition lets everything else pass."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def the_plumbing_knows_no_word_of_the_domain(module: Module) -> Iterator[str]:
    """Plumbing that knows a case cannot be lifted into another product, and changes with every wish for cases."""
    if not module.path.startswith("shared/chassis/"):
        return
    for node, text in _names_and_texts(module.tree):
        if found := words_of(PLUMBING_PHRASES.sub("", text)) & DOMAIN_WORDS:
            yield module.at(node, f"says {', '.join(sorted(found))}")


def the_contract_stands_alone(module: Module) -> Iterator[str]:
    """Another team installs the contract and needs nothing else: neither our plumbing nor our framework."""
    if not module.path.startswith("shared/events/"):
        return
    free = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "lamplight_events"}
    for node in ast.walk(module.tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (module.at(node, f"imports {name}") for name in names if name.split(".")[0] not in free)


def every_file_says_what_it_is_for(module: Module) -> Iterator[str]:
    """A file without a sentence at its top is read from end to end by everyone who looks for something else."""
    if module.text and not (ast.get_docstring(module.tree) or "").strip():
        yield module.at(module.tree, "has no docstring")


RULES: tuple[Rule, ...] = (
    init_files_are_empty,
    only_the_database_opens_transactions,
    only_the_relay_publishes,
    only_the_clock_reads_the_clock,
    log_events_have_dotted_constant_names,
    nothing_is_printed,
    files_are_short,
    functions_are_short,
    everything_is_caught_only_at_a_boundary,
    the_plumbing_knows_no_word_of_the_domain,
    the_contract_stands_alone,
    every_file_says_what_it_is_for,
)
EXCEPTIONS = (MAY_OPEN_TRANSACTIONS, MAY_PUBLISH, MAY_CATCH_EVERYTHING, MAY_READ_THE_CLOCK)


def _names_and_texts(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Identifiers, and texts that are not docstrings, which are sentences about anything."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(text) | ast.Attribute(_, text) | ast.arg(text) | ast.keyword(str(text)):
                yield node, text
            case ast.ClassDef(name=text) | ast.FunctionDef(name=text) | ast.AsyncFunctionDef(name=text):
                yield node, text
            case ast.Constant(str(text)) if id(node) not in docstrings:
                yield node, text
