"""Do the workers decode every photo beside the service, whatever a photo does to them?"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import suppress
from time import perf_counter

import psutil
import pytest

from intake.evidence.darkroom import Darkroom
from intake.evidence.photos import PhotoFormat, PhotoLimits, name_of
from lamplight_chassis.errors import Rejected, Transient
from tests.intake.evidence.pictures import a_photo, a_png_bomb, a_scene, encoded
from tests.polling import until

PHOTO = a_photo()


def workers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "intake.evidence.worker" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def nobody_works() -> bool:
    return workers() == []


async def test_a_photo_is_read_and_copied(darkroom: Darkroom) -> None:
    found = await darkroom.develop(PHOTO, sha256=name_of(PHOTO))

    assert found.photo.sha256 == name_of(PHOTO)
    assert (found.photo.format, found.photo.size_bytes) == (PhotoFormat.JPEG, len(PHOTO))
    assert (found.photo.width_px, found.photo.height_px) == (640, 480)
    assert found.photo.shot.at is not None
    assert found.copy.startswith(b"\xff\xd8\xff")
    assert len(found.thumbnail) < len(found.copy)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "photo_empty"),
        (b"text", "photo_format"),
        (PHOTO[:2000], "photo_unreadable"),
        (a_png_bomb(), "photo_too_many_pixels"),
    ],
)
async def test_a_refusal_comes_back_with_its_reason(darkroom: Darkroom, data: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        await darkroom.develop(data, sha256=name_of(data))

    assert caught.value.reason == reason


async def test_no_worker_runs_before_the_first_photo_and_one_serves_many(darkroom: Darkroom) -> None:
    before = workers()

    for _ in range(3):
        await darkroom.develop(PHOTO, sha256="x")

    assert (len(before), len(workers())) == (0, 1)


async def test_the_event_loop_runs_on_while_a_photo_is_decoded(darkroom: Darkroom) -> None:
    large = encoded(a_scene(1, (4000, 3000)), "JPEG")
    await darkroom.develop(PHOTO, sha256="x")
    developing = asyncio.create_task(darkroom.develop(large, sha256="x"))
    longest_s, before_s = 0.0, perf_counter()

    while not developing.done():
        await asyncio.sleep(0.005)
        longest_s, before_s = max(longest_s, perf_counter() - before_s), perf_counter()

    assert (await developing).photo.width_px == 4000
    assert longest_s < 0.15


async def test_a_worker_that_dies_is_replaced(darkroom: Darkroom) -> None:
    await darkroom.develop(PHOTO, sha256="x")
    [worker] = workers()
    worker.kill()

    found = await darkroom.develop(PHOTO, sha256="x")

    assert found.photo.width_px == 640
    assert [child.pid for child in workers()] != [worker.pid]


async def test_a_photo_that_kills_every_worker_is_refused(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "intake.evidence.darkroom.COMMAND", (sys.executable, "-c", "import sys; sys.stdin.buffer.read(9)")
    )

    with pytest.raises(Rejected, match="breaks the decoder"):
        await darkroom.develop(PHOTO, sha256="x")


async def test_a_worker_that_hangs_is_ended_and_the_photo_may_be_sent_again() -> None:
    darkroom = Darkroom(limits=PhotoLimits(), workers=1)
    await darkroom.develop(PHOTO, sha256="x")
    [worker] = workers()
    worker.send_signal(signal.SIGSTOP)
    hasty = Darkroom(limits=PhotoLimits(), workers=1, timeout_s=0.3)
    hasty._idle, darkroom._idle = darkroom._idle, []

    with pytest.raises(Transient, match="in time"):
        await hasty.develop(PHOTO, sha256="x")

    assert workers() == []


async def test_a_request_that_is_given_up_leaves_no_worker_in_the_middle_of_an_answer(darkroom: Darkroom) -> None:
    developing = asyncio.create_task(darkroom.develop(PHOTO, sha256="x"))
    await asyncio.sleep(0.02)
    developing.cancel()
    await asyncio.gather(developing, return_exceptions=True)

    found = await darkroom.develop(a_photo(2, size=(100, 50)), sha256="x")

    assert found.photo.width_px == 100


async def test_too_many_photos_at_once_are_sent_away(monkeypatch: pytest.MonkeyPatch, darkroom: Darkroom) -> None:
    monkeypatch.setattr("intake.evidence.darkroom.MAX_WAITING", 3)

    answers = await asyncio.gather(*(darkroom.develop(PHOTO, sha256="x") for _ in range(5)), return_exceptions=True)

    assert [type(answer) is Transient for answer in answers] == [False, False, False, True, True]


async def test_idle_workers_go_home_and_all_of_them_at_the_end() -> None:
    darkroom = Darkroom(limits=PhotoLimits(), workers=1, idle_s=0.2)
    running = asyncio.create_task(darkroom.run())
    await darkroom.develop(PHOTO, sha256="x")

    await until(nobody_works, "the idle worker to go home")

    await darkroom.develop(PHOTO, sha256="x")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert workers() == []


async def test_a_worker_knows_none_of_the_secrets_of_the_service(
    darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_DATABASE_URL", "postgresql://secret")

    await darkroom.develop(PHOTO, sha256="x")

    [worker] = workers()
    assert "INTAKE_DATABASE_URL" not in worker.environ()


async def test_a_worker_ends_with_the_service_that_started_it() -> None:
    program = (
        "import asyncio, os, signal, sys\n"
        "from intake.evidence.darkroom import Darkroom\n"
        "from intake.evidence.photos import PhotoLimits\n"
        "async def main():\n"
        "    darkroom = Darkroom(limits=PhotoLimits())\n"
        "    await darkroom.develop(sys.stdin.buffer.read(), sha256='x')\n"
        "    sys.stdout.write(str(darkroom._idle[0].process.pid)); sys.stdout.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    pipe = asyncio.subprocess.PIPE
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=pipe, stdout=pipe)
    said, _ = await service.communicate(PHOTO)

    async def is_gone() -> bool:
        pid = int(said)
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await until(is_gone, "the worker to end")


def test_an_intake_without_photos_never_loads_the_decoders() -> None:
    program = (
        "import sys, intake.app, intake.evidence.darkroom, intake.evidence.album, intake.evidence.routes, "
        "intake.evidence.uploads.routes, intake.evidence.sweep\n"
        "assert not {'PIL', 'pillow_heif'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
