"""How is intake put together?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from intake.evidence.app import add_evidence_part
from intake.handlers import handle_cases
from intake.metrics import IntakeMetrics
from intake.reports import NewReport
from intake.routes import status_routes, submit_routes
from intake.settings import Settings
from intake.store import RefusedSubmission, Submission, save_submissions
from intake.zones import ZoneMap
from lamplight_chassis.clock import Clock, NewId, new_id, utc_now
from lamplight_chassis.decoding import contract_decoder
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer
from lamplight_chassis.service import Service, add_routes, new_api
from lamplight_events.messages import read_message
from lamplight_events.topics import CASES, DEAD_LETTERS

NAME = "intake"
MIGRATIONS = Path(__file__).parent / "migrations"
RIGHTS = Path(__file__).parent / "data" / "rights.csv"
GROUP_LIMIT = 200


def create_app(settings: Settings, *, now: Clock = utc_now, make_id: NewId = new_id) -> FastAPI:
    """Wire one instance of intake; nothing is connected before the app starts."""
    service = Service(
        name=NAME, settings=settings, migrations=MIGRATIONS, dead_letter_topic=DEAD_LETTERS.name, new_id=make_id
    )
    submissions: GroupCommit[Submission | RefusedSubmission, Answer] = GroupCommit(
        partial(save_submissions, service.database), limit=GROUP_LIMIT
    )
    service.add_group(submissions)
    service.consume(CASES.name, decode=contract_decoder(read_message, now=now), apply=handle_cases)
    app = new_api(
        title="Lamplight intake", description="Tell the city something, once, and see what became of it.", version="1"
    )
    evidence = add_evidence_part(service, settings.evidence, now=now, new_id=make_id)
    submitting = submit_routes(
        submissions=submissions,
        zones=ZoneMap.load(),
        photos=evidence.photos,
        metrics=IntakeMetrics(service.metrics.registry),
        now=now,
        new_id=make_id,
    )
    for router in (submitting, status_routes(service.database, evidence.photos), *evidence.routers):
        add_routes(app, router)
    return service.build_app(app, forms=(NewReport,), rights=service.read_rights(RIGHTS, now=now))
