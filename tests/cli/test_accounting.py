"""Who got what, to the person: `deliveries explain`, `editions verify`; and a rehearsal that changes nothing."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import create_engine, text

TWICE = """
INSERT INTO outcomes (edition_id, subscriber_id, at, kind) SELECT edition_id, subscriber_id, at, kind FROM outcomes
"""

ALTERED = "UPDATE rendered SET skeleton = CAST(replace(skeleton, 'bank', 'bonk') AS BLOB)"
UNKNOWN = "UPDATE rendered SET skeleton_hash = NULL"
COMPOSED = "each copy composed again is its variant, with what is the reader's in it"


@pytest.fixture
def built(digest, news, readers):
    """The draft of today's edition, with two readers."""
    assert digest("import", str(news)).code in (0, 1)
    assert digest("subscribers", "import", str(readers), "--consent", "asked").code in (0, 1)
    return digest("build", "--json").json["edition"]


@pytest.fixture
def rows(tmp_path):
    """Everything in the database that a send could change."""

    def read():
        engine = create_engine(f"sqlite:///{tmp_path / 'digest.db'}")
        with engine.connect() as db:
            return {
                table: db.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
                for table in ("editions", "deliveries", "outcomes", "rendered", "subscribers", "subscriptions")
            }

    return read


@pytest.mark.parametrize("frozen", [False, True])
def test_a_rehearsal_sends_to_nobody_and_changes_nothing(digest, built, rows, mailbox, frozen):
    if frozen:
        assert digest("approve", built).code == 0
    before = rows()
    said = digest("send", built, "--to", "sink", "--json")
    assert said.code == 0
    assert said.json["deliveries"] == {"sent": 2}
    assert said.json["bytes"] > 2 * 5000
    assert (said.json["audience"], said.json["refused"]) == (2, 0)
    assert rows() == before
    assert mailbox.messages == []
    assert "nothing was sent" in digest("send", built, "--to", "sink").out


@pytest.mark.parametrize(
    ("fault", "states", "in_doubt"),
    [("rcpt:451:1", {"queued": 2}, 0), ("rcpt:550:1", {"queued": 2}, 0), ("dot:drop:1", {"queued": 2}, 2)],
)
def test_a_rehearsal_with_faults(digest, built, fault, states, in_doubt):
    said = digest("send", built, "--to", "sink", "--fault", fault, "--json").json
    assert (said["deliveries"], said["in_doubt"]) == (states, in_doubt)
    assert said["refused"] >= 2


@pytest.mark.parametrize("fault", ["rcpt", "ehlo:550:1", "rcpt:250:1", "rcpt:451:2"])
def test_a_fault_that_is_none_is_wrong_usage(digest, built, fault):
    assert digest("send", built, "--to", "sink", "--fault", fault).code == 2


def test_faults_need_a_rehearsal(digest, built):
    assert digest("send", built, "--fault", "rcpt:451:1").code == 2


def test_the_life_of_one_copy(digest, built, mailbox):
    mailbox.refuse["ada@example.net"] = "451 4.3.0 later"
    assert digest("send", built).code == 75
    mailbox.refuse.clear()
    digest("deliveries", "retry", built)
    assert digest("send", built).code == 0
    said = digest("deliveries", "explain", "ada@example.net", built, "--json").json
    assert [(one["kind"], one["stage"], one["code"]) for one in said["events"]] == [
        ("deferred", "rcpt", 451),
        ("sent", "dot", 250),
    ]
    assert said["state"] == "sent"
    assert said["message_id"] == next(m.parsed["Message-ID"] for m in mailbox.messages if m.recipient.startswith("ada"))
    told = digest("deliveries", "explain", "ADA@example.net", built).out
    assert "frozen as variant" in told
    assert "451 4.3.0 later" in told


def test_who_was_not_in_the_audience_has_no_life(digest, built):
    digest("approve", built)
    said = digest("deliveries", "explain", "nobody@example.net", built)
    assert said.code == 1
    assert "not in the audience" in said.err


def test_an_edition_that_was_sent_is_proven(digest, built):
    digest("send", built)
    said = digest("editions", "verify", built, "--json")
    assert said.code == 0
    assert said.json["deliveries"] == {"sent": 2}
    assert all(one["holds"] for one in said.json["proofs"])
    assert "2 = 2 sent" in digest("editions", "verify", built).out


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        ("DELETE FROM deliveries WHERE subscriber_id = 1", "as many deliveries as were frozen"),
        ("DELETE FROM outcomes WHERE subscriber_id = 1", "sent only where the mail server took it"),
        (
            "UPDATE deliveries SET state = 'queued' WHERE subscriber_id = 1",
            "what the mail server took is sent, or in doubt",
        ),
        ("UPDATE deliveries SET in_doubt = 1 WHERE subscriber_id = 1", "each doubt is in the record"),
        ("UPDATE deliveries SET uid = '00'", "each reader once, with a Message-ID of their own"),
        ("UPDATE deliveries SET variant = 'none'", "each has a variant to be composed from"),
        (TWICE, "no second copy that was not recorded as in doubt first"),
        ("UPDATE deliveries SET address = 'a@b.example'", "no two to one address"),
        (ALTERED, "each variant is what was approved"),
    ],
)
def test_what_does_not_hold_is_found(digest, built, tmp_path, tamper, claim):
    digest("send", built)
    with create_engine(f"sqlite:///{tmp_path / 'digest.db'}").begin() as db:
        db.execute(text(tamper))
    said = digest("editions", "verify", built, "--json")
    assert said.code == 1
    assert claim in [one["claim"] for one in said.json["proofs"] if not one["holds"]]
    assert "NOT SO" in digest("editions", "verify", built).out


def test_copies_are_composed_again_and_read(digest, built, tmp_path):
    """Of an edition from before hashes were kept the copies are read all the same."""
    digest("send", built)
    change(tmp_path, UNKNOWN)
    said = digest("editions", "verify", built, "--all", "--json")
    assert said.code == 0
    proofs = {one["claim"]: one for one in said.json["proofs"]}
    assert proofs["each variant is what was approved"]["unknown"] == 1
    assert proofs[COMPOSED]["looked_at"] == 2
    assert "not known of 1" in digest("editions", "verify", built).out
    change(
        tmp_path, "UPDATE rendered SET skeleton = CAST(replace(skeleton, 'Message-ID: <', 'Message-ID: <x') AS BLOB)"
    )
    broken = digest("editions", "verify", built, "--json")
    assert broken.code == 1
    assert [(one["claim"], one["against"]) for one in broken.json["proofs"] if not one["holds"]] == [(COMPOSED, 2)]


def test_who_was_erased_has_no_copy_to_compose(digest, built):
    digest("send", built)
    digest("subscribers", "erase", "ada@example.net", "--yes")
    proofs = {one["claim"]: one for one in digest("editions", "verify", built, "--json").json["proofs"]}
    assert all(one["holds"] for one in proofs.values())
    assert proofs[COMPOSED]["looked_at"] == 1


def test_what_was_changed_since_it_was_approved_is_not_sent(digest, built, tmp_path, mailbox):
    digest("approve", built)
    change(tmp_path, ALTERED)
    said = digest("send", built)
    assert said.code == 1
    assert "was changed in the database after it was approved" in said.err
    assert mailbox.messages == []
    assert digest("deliveries", "list", built, "--state", "queued").out.count("example.net") == 2
    assert "was changed in the database" in digest("status").out


def change(folder, statement):
    engine = create_engine(f"sqlite:///{folder / 'digest.db'}")
    with engine.begin() as db:
        assert db.execute(text(statement)).rowcount > 0
    engine.dispose()


@pytest.mark.parametrize("selectors", [["rsa"], ["rsa", "ed"]])
def test_the_signatures_of_a_copy_are_verified(digest, built, tmp_path, monkeypatch, selectors):
    made = {"rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048), "ed": Ed25519PrivateKey.generate()}
    for name, key in made.items():
        (tmp_path / name).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    keys = [{"selector": name, "private_key_file": str(tmp_path / name)} for name in selectors]
    monkeypatch.setenv("DIGEST_DKIM", json.dumps({"domain": "example.org", "keys": keys}))
    digest("approve", built)
    proofs = {one["claim"]: one for one in digest("editions", "verify", built, "--json").json["proofs"]}
    assert proofs["a copy composed twice is the same bytes, and its signatures hold"]["looked_at"] == 1
    assert all(one["holds"] for one in proofs.values())


def test_status_says_which_domain_waits_since_when_and_why(digest, built, mailbox, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGEST_SMTP__RATE", "900/s")
    monkeypatch.setenv("DIGEST_SMTP__DOMAIN_RATES", '{"slow.example": "60/min"}')
    (tmp_path / "more.csv").write_text("email\n" + "".join(f"reader{n}@example.com\n" for n in range(40)))
    digest("subscribers", "import", str(tmp_path / "more.csv"), "--consent", "asked")
    mailbox.refuse["example.com"] = "421 4.7.0 too many for reader1@example.com"
    assert digest("send", built).code == 75
    limits = digest("status", "--json").json["limits"]
    assert (limits["rate"], limits["domain_rates"]) == ("900/s", {"slow.example": "60/min"})
    (domain,) = limits["domains"]
    assert (domain["domain"], domain["reason"]) == ("example.com", "421 4.7.0 too many for ***@example.com")
    assert 0 < domain["waiting"] < 40
    assert domain["since"] < domain["shut_until"]
    told = digest("status").out
    assert "Limits: 900/s in all, 60/min to slow.example." in told
    assert f"example.com: {domain['waiting']} deliveries wait for its pace, since {domain['since'][:10]}" in told
    assert "reader" not in told
    assert digest("deliveries", "retry", built).code == 0
    assert digest("status", "--json").json["limits"]["domains"][0]["shut_until"] is None
