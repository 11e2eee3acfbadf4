"""What do the tests of evidence share: a clock, a store of objects, workers, and an app with the routes of evidence?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from intake.app import MIGRATIONS
from intake.evidence.album import Album
from intake.evidence.darkroom import Darkroom
from intake.evidence.links import LinkKeys
from intake.evidence.objects import Objects
from intake.evidence.photos import PhotoLimits
from intake.evidence.routes import photo_routes
from intake.evidence.uploads.receiving import UploadLimits, Uploads
from intake.evidence.uploads.routes import upload_routes
from intake.settings import Settings
from lamplight_chassis.clock import new_id, utc_now
from lamplight_chassis.database import Database
from lamplight_chassis.service import Service, add_routes, new_api
from lamplight_events.topics import DEAD_LETTERS
from tests.asgi import Api, running
from tests.builders import StillClock
from tests.services import NOWHERE

REGION, BUCKET, SECRET = "eu-north-1", "evidence", "not-a-secret"


@pytest.fixture
def clock() -> StillClock:
    """Begins now: the store writes the real time beside its objects."""
    return StillClock(utc_now())


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects.in_folder(tmp_path / "evidence")


@pytest.fixture
async def darkroom() -> AsyncIterator[Darkroom]:
    darkroom = Darkroom(limits=PhotoLimits(), workers=1)
    yield darkroom
    await darkroom.close()


@pytest.fixture
def album(database: Database, objects: Objects, darkroom: Darkroom, clock: StillClock) -> Album:
    return Album(database=database, objects=objects, darkroom=darkroom, now=clock)


@pytest.fixture
def uploads(database: Database, album: Album, clock: StillClock) -> Uploads:
    return Uploads(database=database, album=album, limits=UploadLimits(), now=clock, new_id=new_id)


@pytest.fixture
def link_keys() -> LinkKeys:
    return LinkKeys.made_up()


@pytest.fixture
async def evidence_api(
    url: str, database: Database, objects: Objects, uploads: Uploads, link_keys: LinkKeys, clock: StillClock
) -> AsyncIterator[Api]:
    """The routes of evidence with the plumbing around them, as in the service."""
    settings = Settings(database_url=url, kafka_bootstrap_servers=NOWHERE, instance_id="1")
    service = Service(
        name="intake", settings=settings, migrations=MIGRATIONS, dead_letter_topic=DEAD_LETTERS.name, new_id=new_id
    )
    app = new_api(title="evidence", description="evidence", version="1")
    add_routes(app, upload_routes(uploads, max_bytes=PhotoLimits().max_bytes))
    add_routes(app, photo_routes(database=database, objects=objects, keys=link_keys, now=clock))
    async with running(service.build_app(app)) as api:
        yield api


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 server on the loopback, with a bucket in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield endpoint
    server.stop()


@pytest.fixture
def s3_objects(s3_endpoint: str, request: pytest.FixtureRequest) -> Objects:
    return Objects.in_s3(
        bucket=BUCKET,
        region=REGION,
        access_key_id="test",
        secret_access_key=SECRET,
        endpoint=s3_endpoint,
        prefix=f"{abs(hash(request.node.nodeid))}",
    )
