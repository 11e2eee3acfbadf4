"""What can be told to intake and asked of it over HTTP?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from intake.evidence.objects import SHOWN
from intake.evidence.photos import PhotoKind
from intake.evidence.reported import ReportedPhotos
from intake.evidence.store import Evidence
from intake.evidence.verdicts import Verdict
from intake.metrics import IntakeMetrics
from intake.reports import NewReport, Report, accept_report, tell_received
from intake.store import RefusedSubmission, Submission, report_with_status
from intake.zones import ZoneMap
from lamplight_chassis.answers import json_answer, keyed_answer, to_json
from lamplight_chassis.bodies import body_of, key_header, parse_body, path_id, query_of
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Query
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, IdempotencyKey, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES
from lamplight_chassis.rights.caller import caller_of
from lamplight_chassis.trail import correlation_id, traceparent
from lamplight_events.envelope import Cause
from lamplight_events.messages import write_message

SUBMIT = "POST /v1/reports"
PHOTO_VIEWERS = ("patrol", "squad", "unit", "collector", "community", "operator", "shift_leader", "admin")


class AcceptedReport(BaseModel):
    """The answer to a report that was taken."""

    report_id: UUID
    case_id: UUID
    zone: str
    status: str
    links: Mapping[str, str]


class EvidenceView(BaseModel):
    """What was found about a photo; `links` to its copies are for those who work on the case, and hold for minutes."""

    evidence_id: UUID
    kind: PhotoKind
    verdict: Verdict
    reason_zh: str
    reason_en: str
    links: Mapping[str, str]


class ReportStatus(BaseModel):
    """What became of a report; `status` is `received` until its case is open."""

    report_id: UUID
    case_id: UUID
    source: str
    category: str
    zone: str
    outcome: str | None
    observed_at: datetime
    received_at: datetime
    status: str
    unit_id: str | None
    status_changed_at: datetime
    evidence: Sequence[EvidenceView]


def submit_routes(
    *,
    submissions: GroupCommit[Submission | RefusedSubmission, Answer],
    zones: ZoneMap,
    photos: ReportedPhotos,
    metrics: IntakeMetrics,
    now: Clock,
    new_id: NewId,
) -> APIRouter:
    """The call that takes a report in."""
    router = APIRouter(tags=["reports"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    async def prepare(new: NewReport, key: IdempotencyKey | None) -> Submission | RefusedSubmission:
        try:
            report = accept_report(new, zones=zones, report_id=new_id(), case_id=new_id(), now=now())
            evidence = await photos.of(report, new.photos)
        except Rejected as refusal:
            if key is None:
                raise
            return RefusedSubmission(refusal, key)
        return _submission(report, key, evidence, event_id=new_id())

    @router.post(
        "/v1/reports",
        status_code=202,
        response_model=AcceptedReport,
        responses={code: PROBLEM_RESPONSES[code] for code in (409, 413)},
        openapi_extra=body_of(NewReport),
        summary="Tell the city something, once",
    )
    async def submit_report(request: Request) -> Response:
        body = await request.body()
        new = parse_body(NewReport, body)
        key = _key(key_header(request), new, body)
        answer = await submissions.submit(await prepare(new, key))
        count = metrics.count_repeated if answer.is_replayed else metrics.count_report
        count(new)
        return keyed_answer(answer)

    return router


def status_routes(database: Database, photos: ReportedPhotos) -> APIRouter:
    """The call that shows what became of a report."""
    router = APIRouter(tags=["reports"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.get(
        "/v1/reports/{report_id}",
        response_model=ReportStatus,
        responses={404: PROBLEM_RESPONSES[404]},
        openapi_extra=query_of(Query, "report_id"),
        summary="What became of a report?",
    )
    async def show_report(request: Request) -> Response:
        report_id = path_id(request, "report_id")
        found = await report_with_status(database, report_id)
        if found is None:
            raise Rejected("not_found", f"there is no report {report_id}")
        with_links = tuple(SHOWN) if caller_of(request).has(*PHOTO_VIEWERS) else ()
        return json_answer({**found, "evidence": await photos.shown(report_id, with_links=with_links)})

    return router


def _key(header: str | None, new: NewReport, body: bytes) -> IdempotencyKey | None:
    name = header if new.client_uuid is None else f"client:{new.client_uuid}"
    return key_of(name, operation=SUBMIT, body=body)


def _submission(
    report: Report, key: IdempotencyKey | None, evidence: Sequence[Evidence], *, event_id: UUID
) -> Submission:
    cause = Cause(correlation_id.get(), traceparent=traceparent.get())
    event = tell_received(report)
    record = write_message(event, event_id=event_id, producer="intake", time=report.received_at, cause=cause)
    return Submission(report, record, _accepted(report.id, report.case_id, report.zone), key, evidence)


def _accepted(report_id: UUID, case_id: UUID, zone: str) -> Answer:
    links = {"self": f"/v1/reports/{report_id}"}
    content = {"report_id": report_id, "case_id": case_id, "zone": zone, "status": "received", "links": links}
    return Answer(202, to_json(content))
