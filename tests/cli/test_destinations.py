"""What people are told of where the mail for readers' domains goes."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.store import destinations
from digest.store.database import Database
from digest.store.destinations import Known

PEOPLE = ["ada@one.example", "bo@two.example", "cy@two.example", "di@three.example"]


@pytest.fixture
def known(digest, tmp_path):
    """Readers at three domains, of which DNS told of two."""
    (tmp_path / "more.csv").write_text("\n".join(["email", *PEOPLE]))
    digest("subscribers", "import", str(tmp_path / "more.csv"), "--consent", "asked")
    now = datetime.now(UTC)
    later = now + timedelta(days=1)
    rows = [
        Known(domain="one.example", destination="hoster.example", looked_at=now, due_at=later),
        Known(domain="two.example", destination="hoster.example", looked_at=now, due_at=later),
        Known(domain="three.example", destination="three.example", due_at=later),
    ]
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    with database.begin() as db:
        destinations.save(db, rows)
    database.close()


@pytest.mark.usefixtures("known")
def test_they_are_listed_with_their_readers_and_no_address(digest):
    told = digest("destinations", "--json").json
    assert told["by"] == "mx"
    assert told["known"] == {"domains": 3, "looked_up": 2, "unanswered": 1, "destinations": 2}
    assert told["destinations"] == [
        {"destination": "hoster.example", "domains": 2, "readers": 3},
        {"destination": "three.example", "domains": 1, "readers": 1},
    ]
    assert len(digest("destinations", "--json", "--limit", "1").json["destinations"]) == 1
    shown = digest("destinations").out
    assert "hoster.example" in shown
    assert "DNS has told of 2 of 3 domains of readers: 2 destinations." in shown
    assert "@" not in shown


@pytest.mark.usefixtures("known")
def test_by_domain_each_is_listed_for_itself_and_nobody_is_asked(digest, monkeypatch):
    monkeypatch.setenv("DIGEST_SMTP__DESTINATIONS", "domain")
    listed = digest("destinations", "--json").json["destinations"]
    assert [one["destination"] for one in listed] == ["two.example", "one.example", "three.example"]
    refused = digest("destinations", "--look-up")
    assert refused.code == 1
    assert "DNS is not asked" in refused.err


@pytest.mark.usefixtures("known")
def test_a_rate_of_its_own_makes_a_domain_a_destination(digest, monkeypatch):
    monkeypatch.setenv("DIGEST_SMTP__DOMAIN_RATES", '{"two.example": "9/s"}')
    listed = digest("destinations", "--json").json["destinations"]
    assert [(one["destination"], one["readers"]) for one in listed] == [
        ("two.example", 2),
        ("hoster.example", 1),
        ("three.example", 1),
    ]


@pytest.mark.usefixtures("known")
def test_status_says_how_many_domains_are_known(digest):
    assert digest("status", "--json").json["limits"]["known"]["looked_up"] == 2
    assert "DNS has told of 2 of 3 domains of readers: 2 destinations." in digest("status").out
