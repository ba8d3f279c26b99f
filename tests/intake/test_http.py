"""The client against servers on loopback: honest ones, and those that mean harm."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from digest.intake import wire
from digest.intake.http import Client, Failed, Fetched, Limits, NotModified, retry_after
from peers import reply, serving

SMALL = Limits(seconds=1.0, bytes=2 * 1024 * 1024)


def get(answer, path="/", *, limits=SMALL, **validators):
    """What the client makes of a server's answer, and the server."""

    async def run():
        async with serving(answer) as server, Client(limits=limits, allow=server.allow) as client:
            return await client.get(server.url(path), **validators), server

    return asyncio.run(run())


def saying(*pieces, close=True):
    async def answer(path, writer):
        for piece in pieces:
            writer.write(piece)
        if close:
            await writer.drain()
            writer.close()

    return answer


def repeating(head, piece, *, pause=0.0):
    async def answer(path, writer):
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def test_a_page_comes_with_what_its_next_request_needs():
    found, server = get(saying(reply(body=b"<rss/>", etag='"1"', last_modified="then", content_type="text/xml")))
    assert isinstance(found, Fetched)
    assert (found.body, found.etag, found.last_modified, found.content_type) == (b"<rss/>", '"1"', "then", "text/xml")
    assert (found.final_url, found.moved_to) == (found.url, "")
    assert f"host: 127.0.0.1:{server.port}" in server.requests[0].lower()


def test_what_is_known_already_is_not_sent_again():
    found, server = get(saying(reply(304)), etag='"1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    assert isinstance(found, NotModified)
    assert '\r\nif-none-match: "1"\r\nif-modified-since: mon, 01 jan' in server.requests[0].lower()


def test_a_validator_that_carries_a_line_is_left_out():
    _, server = get(saying(reply()), etag='"1"\r\nX-Evil: 1')
    assert "evil" not in server.requests[0].lower()


def test_a_304_that_nobody_asked_for_is_a_failure():
    assert get(saying(reply(304)))[0].status == 304


@pytest.mark.parametrize(("status", "for_good"), [(404, False), (410, True), (500, False), (204, False), (300, False)])
def test_other_answers_are_failures(status, for_good):
    found, _ = get(saying(reply(status)))
    assert isinstance(found, Failed)
    assert (found.status, found.for_good, found.reason) == (status, for_good, f"HTTP {status}")


def test_a_server_says_when_to_come_back():
    assert get(saying(reply(503, retry_after="120")))[0].retry_after == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("Mon, 01 Jan 2024 00:01:00 GMT", 60), ("Sun, 31 Dec 2023 00:00:00 GMT", 0), ("soon", None), ("", None)],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, now=datetime(2024, 1, 1, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"feed") + gzip.compress(b"feed") + b"\0"),
        ("deflate", zlib.compress(b"feedfeed")),
        ("deflate", zlib.compress(b"feedfeed", wbits=-15)),
        ("identity", b"feedfeed"),
    ],
    # gzip writes the time into its header: made of the bytes, a name would differ from process to process.
    ids=["gzip", "deflate", "raw deflate", "identity"],
)
def test_bodies_are_decoded(encoding, body):
    assert get(saying(reply(body=body, content_encoding=encoding)))[0].body == b"feedfeed"


def test_a_decoded_body_may_come_in_any_pieces():
    """Among them: all input taken, output left inside."""
    text = b"0123456789" * 120_000
    packed = gzip.compress(text)
    for size in (1, 7, 1_000, len(packed)):
        inflate = wire.Inflate("gzip", limit=len(text), ratio=10_000)
        for start in range(0, len(packed), size):
            inflate.feed(packed[start : start + size])
        assert inflate.end() == text


@pytest.mark.parametrize(("statuses", "moved"), [((301, 308), True), ((301, 302), False), ((307,), False)])
def test_redirects_are_followed_and_permanent_ones_told(statuses, moved):
    async def answer(path, writer):
        hop = int(path[1:] or 0)
        writer.write(reply(statuses[hop], location=f"/{hop + 1}") if hop < len(statuses) else reply(body=b"end"))

    found, server = get(answer)
    assert (found.body, found.final_url) == (b"end", server.url(f"/{len(statuses)}"))
    assert found.moved_to == (found.final_url if moved else "")


def test_a_circle_and_a_long_way_end():
    circle, server = get(saying(reply(302, location="/"), close=False))
    assert "circle" in circle.reason

    async def onward(path, writer):
        writer.write(reply(302, location=path + "x"))

    long, server = get(onward)
    assert "more than 5 redirects" in long.reason
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://u:p@example.com/", "http://127.0.0.1/", "http://["])
def test_a_redirect_to_where_nothing_is_fetched_is_refused_but_not_for_good(location):
    found, _ = get(saying(reply(301, location=location)))
    assert found.reason.startswith("refused")
    assert not found.for_good
    assert "u:p" not in found.reason


def test_connections_are_used_again_and_a_closed_one_is_replaced():
    async def run():
        async with serving(saying(reply(body=b"x"), close=False)) as server, Client(allow=server.allow) as client:
            for _ in range(3):
                assert isinstance(await client.get(server.url()), Fetched)
            assert server.connections == 1
            for streams in client._idle.values():
                streams[0].drop()
            assert isinstance(await client.get(server.url()), Fetched)
            assert server.connections == 2

    asyncio.run(run())


HEAD = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "endless headers": repeating(HEAD, b"X-More: " + b"x" * 1_000 + b"\r\n"),
    "endless slow body": repeating(HEAD + b"\r\n", b"x", pause=0.1),
    "endless fast body": repeating(HEAD + b"\r\n", b"x" * 100_000),
    "endless informational heads": repeating(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "chunks of a byte": repeating(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
    "endless chunk header": repeating(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1" * 1_000),
    "chunked garbage": saying(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n", b"nothing\r\n"),
    "gzip bomb": saying(reply(body=gzip.compress(bytes(100_000_000)), content_encoding="gzip")),
    "small gzip bomb": saying(reply(body=gzip.compress(bytes(2_000_000)), content_encoding="gzip")),
    "gzip inside of gzip": saying(reply(body=b"", content_encoding="gzip, gzip")),
    "not gzip": saying(reply(body=b"<rss/>", content_encoding="gzip")),
    "gzip cut off": saying(reply(body=gzip.compress(b"x" * 1_000)[:-9], content_encoding="gzip")),
    "length too long": saying(reply(body=b"x", content_length="100")),
    "length of petabytes": saying(reply(body=b"x", content_length="9" * 16)),
    "two lengths": saying(HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
    "header line of 10 MB": saying(HEAD + b"X: " + b"x" * 10_000_000),
    "body line of 10 MB": saying(reply(body=b"x" * 10_000_000)),
    "never answers": saying(close=False),
    "closes at once": saying(),
    "not HTTP": saying(b"SSH-2.0-OpenSSH_9.9\r\n" * 10),
    "other encoding": saying(reply(body=b"x", content_encoding="br")),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_server_is_a_failure_in_bounded_time_and_memory(kind):
    tracemalloc.start()
    begun = monotonic()
    found, _ = get(HOSTILE[kind])
    took, (_, peak) = monotonic() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Failed)
    assert "\n" not in found.reason
    assert took < SMALL.seconds + 1.0
    assert peak < 10 * SMALL.bytes


def test_a_machine_that_is_not_there_is_a_failure():
    async def run(url, allow):
        async with Client(limits=SMALL, allow=allow) as client:
            return await client.get(url)

    assert asyncio.run(run("http://127.0.0.1:1/", ["127.0.0.1:1"])).reason == "connection refused"
    assert asyncio.run(run("http://nowhere.invalid/", [])).reason == "no such host"


def test_a_name_that_takes_too_long_is_a_failure():
    async def stuck(host, port):
        await asyncio.sleep(60)
        return []

    async def run():
        async with Client(limits=Limits(seconds=0.1), resolve=stuck) as client:
            return await client.get("http://example.com/?token=secret")

    found = asyncio.run(run())
    assert found.reason == "not done within 0.1 s"


def certificate(folder, name):
    """A certificate of its own for `name`, with its key, as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "both.pem"
    path.write_bytes(built.public_bytes(form[0]) + key.private_bytes(*form))
    return path


def test_a_certificate_has_to_verify_for_the_name_though_an_address_is_connected_to(tmp_path):
    path = certificate(tmp_path, "a.example")
    there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    there.load_cert_chain(path)

    async def ask(host, context):
        async with serving(saying(reply(body=b"x")), context=there) as server:
            here = {"context": context, "resolve": lambda host, port: asyncio.sleep(0, ["127.0.0.1"])}
            async with Client(allow=[f"{host}:{server.port}"], **here) as client:
                return await client.get(f"https://{host}:{server.port}/")

    trusting = ssl.create_default_context(cafile=path)
    assert isinstance(asyncio.run(ask("a.example", trusting)), Fetched)
    for host, context in (("b.example", trusting), ("a.example", None)):
        assert "certificate does not verify" in asyncio.run(ask(host, context)).reason
