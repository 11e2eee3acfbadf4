"""Is the table of purposes strict, and does it give out exactly what it says?"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intake.vault.entries import Kind, Party, Person
from intake.vault.keeping import seal_person
from intake.vault.purposes import (
    COLUMNS,
    PURPOSES_PATH,
    SUBJECT_REQUEST,
    Actor,
    ConsentScope,
    PurposeError,
    Role,
    load_purposes,
    why_not,
)
from intake.vault.sealing import Entry
from intake.vault.standing import REACHED, Milestone, Standing
from lamplight_chassis.clock import new_id
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW, ZONE
from tests.intake.vault.builders import (
    COMMUNITY,
    COURIER,
    EVERY_CONSENT,
    OPERATOR,
    a_person,
    a_reporter,
    some_keys,
)

HEADER = ",".join(COLUMNS)
A_LINE = "care,community,recipient,name,own_zone,reported,deleted,yes,,a source"
ACCEPTED = Standing(CaseState.HANDLING, COURIER.name, NOW)


def entry_of(person: Person, kind: Kind) -> Entry:
    entries = seal_person(some_keys(), person, consents=EVERY_CONSENT, at=NOW, new_id=new_id)
    return next(entry for entry in entries if entry.kind is kind)


def asked(
    entry: Entry,
    purpose: str,
    actor: Actor,
    *,
    standing: Standing = ACCEPTED,
    consents: Set[ConsentScope] = EVERY_CONSENT,
    **changes: Any,
) -> str | None:
    case_id = changes.get("case_id", entry.case_id)
    return why_not(
        load_purposes(), entry, purpose=purpose, actor=actor, case_id=case_id, standing=standing, consents=consents
    )


NAME, MEDICINES = (entry_of(a_person(), kind) for kind in (Kind.NAME, Kind.MEDICINES))
REPORTER = entry_of(a_reporter(), Kind.PHONE)
CONFIDENTIAL = entry_of(a_reporter(is_confidential=True), Kind.PHONE)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (CaseState.REPORTED, "too_early"),
        (CaseState.PENDING_DISPATCH, "too_early"),
        (CaseState.DISPATCHED, "too_early"),
        (CaseState.HANDLING, None),
        (CaseState.CHECKING, "too_late"),
        (CaseState.SELF_HANDLED, "too_late"),
        (CaseState.CLOSED, "too_late"),
        ("a_state_of_tomorrow", "too_early"),
    ],
)
@pytest.mark.parametrize("entry", [NAME, MEDICINES], ids=["name", "medicines"])
def test_the_courier_reads_from_accept_to_delivery(entry: Entry, state: str, answer: str | None) -> None:
    assert asked(entry, "deliver_errand", COURIER, standing=Standing(state, COURIER.name, NOW)) == answer


@pytest.mark.parametrize("assignee", ["courier_8", None, ""])
def test_another_courier_reads_nothing(assignee: str | None) -> None:
    standing = Standing(CaseState.HANDLING, assignee, NOW)

    assert asked(NAME, "deliver_errand", COURIER, standing=standing) == "not_the_accepted_courier"


def test_a_case_that_nothing_is_known_of_gives_a_courier_nothing() -> None:
    assert asked(NAME, "deliver_errand", COURIER, standing=Standing()) == "not_the_accepted_courier"


def test_the_courier_needs_the_consent_for_the_errand_and_apart_from_it_that_for_the_medicines() -> None:
    errand, medicines = frozenset({ConsentScope.ERRAND}), frozenset({ConsentScope.MEDICINES})

    assert asked(NAME, "deliver_errand", COURIER, consents=medicines) == "no_consent"
    assert asked(MEDICINES, "deliver_errand", COURIER, consents=errand) == "no_consent"
    assert asked(NAME, "deliver_errand", COURIER, consents=errand) is None
    assert asked(MEDICINES, "deliver_errand", COURIER, consents=medicines) is None


@pytest.mark.parametrize("state", CaseState)
def test_the_community_worker_reads_in_their_own_streets_whatever_the_state(state: CaseState) -> None:
    standing = Standing(state, None, NOW)

    assert asked(NAME, "care", COMMUNITY, standing=standing) is None
    elsewhere = replace(COMMUNITY, zones=frozenset({"320507000"}))
    assert asked(NAME, "care", elsewhere, standing=standing) == "outside_own_zones"


def test_a_reporter_is_seen_by_the_acceptor_until_the_case_is_closed_and_by_the_call_back_desk_afterwards_too() -> None:
    closed = Standing(CaseState.CLOSED, None, NOW)

    assert asked(REPORTER, "acceptance", OPERATOR) is None
    assert asked(REPORTER, "acceptance", OPERATOR, standing=closed) == "too_late"
    assert asked(REPORTER, "call_back", OPERATOR, standing=closed) is None


def test_a_confidential_reporter_is_seen_by_the_call_back_desk_alone() -> None:
    assert asked(CONFIDENTIAL, "acceptance", OPERATOR) == "confidential"
    assert asked(CONFIDENTIAL, "call_back", OPERATOR) is None


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COURIER, Role.COMMUNITY, Role.OPERATOR, Role.ADMIN}))
@pytest.mark.parametrize("entry", [NAME, MEDICINES, REPORTER], ids=["name", "medicines", "reporter"])
def test_every_other_role_reads_nothing_for_any_purpose(role: str, entry: Entry) -> None:
    actor = Actor(COURIER.name, role, frozenset({ZONE}))

    assert {asked(entry, purpose, actor) for purpose in load_purposes().names} == {"not_for_this_purpose"}


@pytest.mark.parametrize(
    ("entry", "purpose", "actor"),
    [
        (REPORTER, "deliver_errand", COURIER),
        (REPORTER, "care", COMMUNITY),
        (MEDICINES, "call_back", OPERATOR),
        (MEDICINES, "acceptance", OPERATOR),
        (NAME, "curiosity", COURIER),
        (NAME, "care", COURIER),
    ],
)
def test_a_purpose_gives_only_what_it_needs(entry: Entry, purpose: str, actor: Actor) -> None:
    assert asked(entry, purpose, actor) == "not_for_this_purpose"


def test_a_case_that_is_not_the_entrys_gives_nothing() -> None:
    assert asked(NAME, "care", COMMUNITY, case_id=new_id()) == "other_case"


def test_a_locked_entry_is_for_its_person_only() -> None:
    locked = replace(NAME, locked_at=NOW)

    assert asked(locked, "care", COMMUNITY) == "locked"
    assert asked(locked, SUBJECT_REQUEST, OPERATOR) is None


def test_what_is_deleted_is_not_given_out() -> None:
    assert asked(replace(REPORTER, sealed=None, emptied_at=NOW), "call_back", OPERATOR) == "deleted"


def test_every_state_of_a_case_is_a_milestone() -> None:
    assert set(REACHED) == set(CaseState)
    assert Milestone.DELETED not in REACHED.values()


def test_what_rests_on_a_consent_is_what_is_read_with_it() -> None:
    purposes = load_purposes()

    assert purposes.resting_on(ConsentScope.MEDICINES) == {(Party.RECIPIENT, Kind.MEDICINES)}
    assert purposes.resting_on(ConsentScope.ERRAND) == {
        (Party.RECIPIENT, kind) for kind in Kind if kind is not Kind.MEDICINES
    }


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("Care" + A_LINE[4:], "purpose", "not of the form"),
        (A_LINE.replace("community", "mayor"), "role", "'mayor' is none of"),
        (A_LINE.replace("recipient", "vendor"), "party", "'vendor' is none of"),
        (A_LINE.replace("name", "iris"), "kind", "'iris' is none of"),
        (A_LINE.replace("own_zone", "always"), "condition", "'always' is none of"),
        (A_LINE.replace("reported", "yesterday"), "valid_from", "'yesterday' is none of"),
        (A_LINE.replace("deleted", "reported"), "valid_until", "reported does not come after reported"),
        (A_LINE.replace("reported,deleted", "closed,accepted"), "valid_until", "accepted does not come after closed"),
        (A_LINE.replace("yes", "perhaps"), "confidential", "neither yes nor no"),
        (A_LINE.replace("yes,,", "yes,spam,"), "consent", "'spam' is none of"),
        (A_LINE.replace("a source", ""), "source", "is empty"),
        (A_LINE + "\n" + A_LINE, "kind", "care community recipient name is there twice"),
        (A_LINE + ",more", "row", "has 11 cells instead of 10"),
        (A_LINE.replace("care", SUBJECT_REQUEST), "kind", "ends without subject_request for community, reporter, name"),
    ],
)
def test_a_mistake_in_the_table_is_named_by_file_line_and_field(
    tmp_path: Path, line: str, field: str, reason: str
) -> None:
    path = tmp_path / "purposes.csv"
    path.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")

    with pytest.raises(PurposeError) as refused:
        load_purposes(path)

    assert (refused.value.path, refused.value.field) == (path, field)
    assert refused.value.line in (2, 3)
    assert reason in refused.value.reason


def test_the_table_names_the_source_of_each_line() -> None:
    assert len(load_purposes().permissions) == len(PURPOSES_PATH.read_text(encoding="utf-8").splitlines()) - 1
