"""Pictures of a draft, from a real server into a folder, and served from there."""

import io
import random
from dataclasses import replace

import pytest
from PIL import Image as Canvas
from PIL import ImageFilter
from starlette.testclient import TestClient

from build import edition, item
from digest.config import Fetch, Images
from digest.model import Image, Section
from digest.pipeline import pictures
from digest.web.app import create_app
from feeds import Answer, Feeds


def jpeg(width=1600, height=900):
    out = io.BytesIO()
    Canvas.new("RGB", (width, height), (20, 90, 160)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def feeds():
    with Feeds() as one:
        yield one


@pytest.fixture
def keeping(settings, tmp_path):
    images, fetch = Images(folder=tmp_path / "images"), Fetch(timeout=5, allow=("127.0.0.0/8:*",))
    return settings.model_copy(update={"images": images, "fetch": fetch})


def drafted(feeds, *paths):
    """The lead story and others, each with a picture."""
    items = [
        item(number, image=Image(url=feeds.url(path), alt=f"Picture {number}", credit="Ann"))
        for number, path in enumerate(paths, start=1)
    ]
    return replace(edition(), lead=items[0], sections=(Section(name="Economy", items=tuple(items[1:])),))


def test_pictures_are_fetched_once_and_served(feeds, keeping, sqlite_database):
    feeds.answers |= {"/lead.jpg": Answer(body=jpeg()), "/small.jpg": Answer(body=jpeg(800, 800))}
    draft = drafted(feeds, "/lead.jpg", "/small.jpg")
    kept, faults = pictures.keep(keeping, draft)
    assert faults == []
    assert [(one.image.width, one.image.height) for one in kept.items] == [(1104, 621), (332, 332)]
    assert [(one.image.alt, one.image.credit) for one in kept.items] == [("Picture 1", "Ann"), ("Picture 2", "Ann")]
    assert pictures.keep(keeping, draft) == (kept, [])
    assert sorted(feeds.paths()) == ["/lead.jpg", "/small.jpg"]

    client = TestClient(create_app(keeping, sqlite_database))
    for one in kept.items:
        path = one.image.url.removeprefix("https://news.example.org")
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert "immutable" in answer.headers["cache-control"]
        assert Canvas.open(io.BytesIO(answer.content)).size == (one.image.width, one.image.height)


def test_a_picture_that_cannot_be_had_stays_where_it_is_and_is_told_of(feeds, keeping):
    feeds.answers |= {
        "/lead.jpg": Answer(status=404), "/page": Answer(body=b"<html>"), "/good.jpg": Answer(body=jpeg()),
    }  # fmt: skip
    draft = drafted(feeds, "/lead.jpg", "/page", "/good.jpg")
    kept, faults = pictures.keep(keeping, draft)
    assert [one.image.url for one in kept.items[:2]] == [one.image.url for one in draft.items[:2]]
    assert kept.items[2].image.url.startswith("https://news.example.org/images/")
    assert {one.path: one.error for one in faults} == {
        feeds.url("/lead.jpg"): "HTTP 404",
        feeds.url("/page"): "not a picture that can be read (UnidentifiedImageError)",
    }


@pytest.mark.parametrize(("budget", "found"), [(800, 6), (100, 5)])
def test_the_budget_is_kept(feeds, keeping, budget, found):
    """Of 100 KB the lead story's picture would need more than its part."""
    noisy = Canvas.frombytes("L", (1600, 1600), random.Random(5).randbytes(1600 * 1600))
    out = io.BytesIO()
    noisy.filter(ImageFilter.GaussianBlur(2)).save(out, "JPEG", quality=95)
    paths = [f"/{number}.jpg" for number in range(6)]
    feeds.answers |= dict.fromkeys(paths, Answer(body=out.getvalue()))
    held = keeping.model_copy(update={"images": keeping.images.model_copy(update={"budget": budget})})
    _, faults = pictures.keep(held, drafted(feeds, *paths))
    sizes = [path.stat().st_size for path in held.images.folder.iterdir()]
    assert (len(sizes), len(faults)) == (found, 6 - found)
    assert sum(sizes) <= budget * 1000


def test_what_is_not_public_is_not_fetched(feeds, keeping):
    feeds.answers["/lead.jpg"] = Answer(body=jpeg())
    closed = keeping.model_copy(update={"fetch": Fetch(timeout=5)})
    draft = drafted(feeds, "/lead.jpg")
    kept, faults = pictures.keep(closed, draft)
    assert kept == draft
    assert len(faults) == 1
    assert feeds.asked == []


def test_without_a_folder_nothing_changes(feeds, settings):
    draft = drafted(feeds, "/lead.jpg")
    assert pictures.keep(settings, draft) == (draft, [])


@pytest.mark.parametrize("name", ["../digest.db", "%2e%2e/digest.db", "a.jpg", "0" * 32 + ".png", "0" * 32 + ".jpg"])
def test_nothing_else_is_served(keeping, sqlite_database, name):
    keeping.images.folder.mkdir()
    (keeping.images.folder / "a.jpg").write_bytes(jpeg())
    assert TestClient(create_app(keeping, sqlite_database)).get(f"/images/{name}").status_code == 404
