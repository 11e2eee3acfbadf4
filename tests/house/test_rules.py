"""Is every rule of the house kept, and does every rule find who breaks it?"""

from __future__ import annotations

import pytest

from tests.house.rules import EXCEPTIONS, MAY_CATCH_EVERYTHING, RULES, Rule
from tests.house.source import all_modules, parse

CHASSIS, EVENTS = "shared/chassis/lamplight_chassis/x.py", "shared/events/lamplight_events/x.py"
SERVICE, STREAM = "services/notify/notify/x.py", "services/notify/notify/stream.py"
LONG = '"""Why?"""\n' + "x = 1\n" * 250
# For each rule a file that breaks it, and how often.
OFFENDERS: dict[str, list[tuple[str, str, int]]] = {
    "init_files_are_empty": [("services/notify/notify/__init__.py", "import x", 1), (SERVICE, "import x", 0)],
    "only_the_database_opens_transactions": [
        (SERVICE, "async with database.engine.begin() as c:\n await c.commit()\nasyncpg.connect(dsn)", 3),
        (SERVICE, "create_async_engine(url)", 1),
        ("shared/chassis/lamplight_chassis/database.py", "engine.begin()", 0),
        (SERVICE, "database.transaction()", 0),
    ],
    "only_the_relay_publishes": [
        (SERVICE, "await broker.publish(x)\nself._producer.send(x)\nproducer.send_and_wait(x)", 3),
        (SERVICE, "def f() -> AIOKafkaProducer: ...", 1),
        (SERVICE, "self._channels[name].send(delivery)", 0),
    ],
    "only_the_clock_reads_the_clock": [
        (SERVICE, "datetime.now(UTC)\ndatetime.datetime.utcnow()\ntime.time()\nuuid.uuid4()\nuuid7()", 5),
        (SERVICE, "time.monotonic()\nnow()\ntime.perf_counter()\nuuid5(a, b)", 0),
    ],
    "log_events_have_dotted_constant_names": [
        (SERVICE, 'log.info("x")\nlog.error(f"x.{y}")\nlog.warning(name)\nlog.log(30, "Case closed")', 4),
        (SERVICE, 'log.info("case.closed", a=1)\nlog.log(30, "chore.failed")\nmath.log(2)', 0),
    ],
    "nothing_is_printed": [(SERVICE, "print(1)\nbreakpoint()", 2), (SERVICE, "sys.stdout.write('x')", 0)],
    "files_are_short": [(SERVICE, LONG, 1), (SERVICE, LONG[: -len("x = 1\n")], 0)],
    "functions_are_short": [
        (SERVICE, "def f():\n" + "    x = 1\n" * 40, 1),
        (SERVICE, "async def f():\n" + "    x = 1\n" * 39, 0),
    ],
    "everything_is_caught_only_at_a_boundary": [
        (SERVICE, "try:\n x\nexcept Exception:\n y\ntry:\n x\nexcept (KeyError, BaseException):\n y", 2),
        (SERVICE, "try:\n x\nexcept:\n y", 1),
        (SERVICE, "try:\n x\nexcept BaseException:\n y\n raise\ntry:\n x\nexcept KeyError:\n y", 0),
        (SERVICE, "try:\n x\nexcept Exception as e:\n if a:\n  raise\n y\n", 1),
        (SERVICE, "try:\n x\nexcept builtins.Exception:\n raise KeyError from None\n", 1),
        (SERVICE, "with suppress(Exception):\n x\nwith contextlib.suppress(KeyError, BaseException):\n x", 2),
        (SERVICE, "with suppress(KeyError, TimeoutError):\n x", 0),
        (STREAM, "class AlertStream:\n async def run(self):\n  try:\n   x\n  except Exception:\n   y", 0),
        (STREAM, "class AlertStream:\n async def follow(self):\n  try:\n   x\n  except Exception:\n   y", 1),
    ],
    "the_plumbing_knows_no_word_of_the_domain": [
        (CHASSIS, "class CaseBook: ...\nzone_code = 1\nf(alert=1)\nx = 'grid.cases'\ndef on_patrol(reporter): ...", 6),
        (CHASSIS, '"""In case of doubt."""\nx = "showcase"\nclass UnitOfWork: ...', 0),
        (SERVICE, "class CaseBook: ...", 0),
    ],
    "the_contract_stands_alone": [
        (EVENTS, "import orjson\nfrom lamplight_chassis.clock import Clock\nfrom dispatch import x", 3),
        (EVENTS, "import json\nfrom pydantic import Field\nfrom lamplight_events.event import Event", 0),
        (CHASSIS, "import orjson", 0),
    ],
    "every_file_says_what_it_is_for": [(SERVICE, "x = 1", 1), (SERVICE, '"""What?"""', 0), (SERVICE, "", 0)],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    violations = [violation for module in all_modules() for violation in rule(module)]

    assert violations == [], "\n".join([str(rule.__doc__), *violations])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_who_breaks_it_and_nobody_else(rule: Rule) -> None:
    for path, text, count in OFFENDERS[rule.__name__]:
        assert len(list(rule(parse(path, text)))) == count, text


def test_every_rule_names_the_harm_that_it_prevents() -> None:
    assert all((rule.__doc__ or "").strip() for rule in RULES)


def test_every_exception_is_granted_to_a_file_that_is_there() -> None:
    names = {module.name for module in all_modules()}

    assert {name.partition(":")[0] for granted in EXCEPTIONS for name in granted} <= names


def test_every_exception_of_a_function_is_still_used() -> None:
    functions = {f"{module.name}:{owner}" for module in all_modules() for owner, _ in module.owned_nodes()}

    assert set(MAY_CATCH_EVERYTHING) <= functions


def test_the_walk_sees_the_packages() -> None:
    names = {module.name for module in all_modules()}

    assert {"lamplight_chassis/relay.py", "lamplight_events/topics.py", "intake/app.py", "notify/app.py"} <= names
