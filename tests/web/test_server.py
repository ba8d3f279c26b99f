"""A server inside somebody else's event loop: the real port, a clean stop, signals left alone."""

import asyncio
import signal
import socket
import time

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from digest.errors import DigestError
from digest.web.server import Server


def _app():
    def who(request):
        return PlainTextResponse(f"{request.client.host} {request.url.scheme}")

    async def slow(_request):
        await asyncio.sleep(0.5)
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/", who), Route("/slow", slow)])


async def _with_server(work):
    server = Server(_app())
    serving = asyncio.create_task(server.serve())
    try:
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
            return await work(server, client)
    finally:
        await server.stop()
        await serving
        assert serving.done()


def test_port_zero_becomes_a_real_port():
    async def work(server, client):
        assert server.port > 0
        return (await client.get("/")).text

    assert asyncio.run(_with_server(work)) == "127.0.0.1 http"


def test_a_proxy_that_ends_tls_is_believed_about_its_client():
    async def work(_server, client):
        forwarded = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
        return (await client.get("/", headers=forwarded)).text

    assert asyncio.run(_with_server(work)) == "203.0.113.9 https"


def test_a_stop_lets_a_request_under_way_end():
    async def work(server, client):
        answer = asyncio.create_task(client.get("/slow"))
        await asyncio.sleep(0.2)
        await server.stop()
        return (await answer).text

    assert asyncio.run(_with_server(work)) == "done"


def test_answers_on_a_kept_connection_do_not_wait_for_acknowledgements():
    """Delayed ones come after 40 ms, and an answer is written in two pieces."""

    async def work(_server, client):
        await client.get("/")
        began = time.perf_counter()
        for _ in range(20):
            await client.get("/")
        return (time.perf_counter() - began) / 20

    assert min(asyncio.run(_with_server(work)) for _ in range(3)) < 0.035


def test_a_request_that_never_ends_is_not_waited_for_and_others_are_served():
    """A byte now and then holds no connection; one that is used again and again stays open."""

    async def work():
        server = Server(_app(), head_seconds=0.4)
        serving = asyncio.create_task(server.serve())
        slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(50)]
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
            for turn in range(15):
                for _, writer in slow:
                    writer.write(b"GET / HTTP/1.1"[turn : turn + 1])
                assert (await client.get("/")).status_code == 200
                await asyncio.sleep(0.1)
        ended = [await asyncio.wait_for(_end(reader), 5) for reader, _ in slow]
        await server.stop()
        await serving
        return ended

    assert all(asyncio.run(work()))


async def _end(reader):
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


def test_signals_stay_the_programs_own():
    async def work(_server, client):
        await client.get("/")
        return signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    during = asyncio.run(_with_server(work))
    assert during[0] == before[0]


def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DigestError, match="cannot listen"):
        Server(_app(), port=taken.getsockname()[1])


def test_a_server_that_never_served_can_be_stopped():
    async def work():
        await Server(_app()).stop()

    asyncio.run(work())
