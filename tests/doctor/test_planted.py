"""Faults that are planted: each is found, its mend is done word for word, and then it is gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.doctor import Level, examine
from digest.outbox.dkim import dns_record
from digest.store import backup

from .conftest import HOST, OUTSIDE, SENDS_FROM, Site

Plant = Callable[[Site], None]


def spf(*records: str) -> Plant:
    def plant(site: Site) -> None:
        site.names.drop("paper.example", "TXT")
        site.names.add(*(f'paper.example. IN TXT "{record}"' for record in records))

    return plant


def many_lookups(site: Site) -> None:
    """Three providers, each with four includes of its own: fifteen."""
    for provider in ("one", "two", "three"):
        inner = [f"n{n}.{provider}.example" for n in range(4)]
        site.names.add(f'{provider}.example. IN TXT "v=spf1 {" ".join(f"include:{one}" for one in inner)} ~all"')
        site.names.add(*(f'{one}. IN TXT "v=spf1 ip4:198.51.{n}.0/24 ~all"' for n, one in enumerate(inner)))
    spf(f"v=spf1 ip4:{OUTSIDE} include:one.example include:two.example include:three.example -all")(site)


def dkim(change: Callable[[str], str]) -> Plant:
    def plant(site: Site) -> None:
        record = dns_record((site.folder / "key.pem").read_bytes())
        site.names.put(f's1._domainkey.paper.example. IN TXT "{change(record)}"')

    return plant


def short_key(_record: str) -> str:
    key = rsa.generate_private_key(65537, 2048)
    return dns_record(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))[:250]


def record(line: str) -> Plant:
    return lambda site: site.names.put(line)


def no_record(name: str, kind: str) -> Plant:
    return lambda site: site.names.drop(name, kind)


def proxy(status: int, **header: str) -> Plant:
    return lambda site: site.answers.update({"/unsubscribe/": (status, header)})


def elsewhere_signed(site: Site) -> None:
    """A neighbour signs; both have a policy of their own, and their parent has none."""
    site.set("dkim", domain="other.example")
    site.names.add(f's1._domainkey.other.example. IN TXT "{dns_record((site.folder / "key.pem").read_bytes())}"')


def old_backup(site: Site) -> None:
    backup.backup(site.database, site.folder / "old.backup", now=datetime.now(UTC) - timedelta(days=3))


def a_copy(site: Site) -> None:
    now = datetime.now(UTC)
    backup.restore(site.database, site.folder / "first.backup", now=now)
    backup.backup(site.database, site.folder / "after.backup", now=now)


DMARC = "_dmarc.paper.example. IN TXT"
FAULTS: dict[str, tuple[str, Level, Plant]] = {
    "no SPF": ("SPF", Level.BAD, no_record("paper.example", "TXT")),
    "two SPF records": ("SPF", Level.BAD, spf("v=spf1 mx -all", f"v=spf1 ip4:{OUTSIDE} ~all")),
    "SPF with fifteen look-ups": ("SPF", Level.BAD, many_lookups),
    "SPF that leads nowhere": ("SPF", Level.BAD, spf(f"v=spf1 include:gone.example ip4:{OUTSIDE} -all")),
    "SPF with three void look-ups": ("SPF", Level.BAD, spf("v=spf1 a:x.example a:y.example mx:z.example -all")),
    "SPF with a slip of the pen": ("SPF", Level.BAD, spf(f"v=spf1 ipv4:{OUTSIDE} ip4:{OUTSIDE} -all")),
    "SPF without our address": ("SPF", Level.BAD, spf("v=spf1 ip4:198.51.100.7 -all")),
    "SPF for everybody": ("SPF", Level.BAD, spf("v=spf1 +all")),
    "no DKIM record": ("DKIM", Level.BAD, no_record("s1._domainkey.paper.example", "TXT")),
    "DKIM of another key": ("DKIM", Level.BAD, dkim(short_key)),
    "DKIM revoked": ("DKIM", Level.BAD, dkim(lambda record: record.partition("p=")[0] + "p=")),
    "DKIM being tested": ("DKIM", Level.WARNING, dkim(lambda record: record.replace("p=", "t=y:s; p="))),
    "DKIM for something else": ("DKIM", Level.BAD, dkim(lambda record: record.replace("p=", "s=other; p="))),
    "no DMARC": ("DMARC", Level.BAD, no_record("_dmarc.paper.example", "TXT")),
    "DMARC without a policy": ("DMARC", Level.BAD, record(f'{DMARC} "v=DMARC1; rua=mailto:a@paper.example"')),
    "DMARC without reports": ("DMARC", Level.WARNING, record(f'{DMARC} "v=DMARC1; p=reject"')),
    "signed by a stranger": ("DMARC", Level.WARNING, elsewhere_signed),
    "PTR missing": ("PTR", Level.BAD, no_record("25.114.0.203.in-addr.arpa", "PTR")),
    "PTR that does not lead back": ("PTR", Level.BAD, record(f"25.114.0.203.in-addr.arpa. IN PTR other.{HOST}.")),
    "bounces without a mail server": ("bounces", Level.BAD, no_record("paper.example", "MX")),
    "bounces to a null MX": ("bounces", Level.BAD, record("paper.example. IN MX 0 .")),
    "BIMI without a policy": ("BIMI", Level.WARNING, lambda site: [
        record('default._bimi.paper.example. IN TXT "v=BIMI1; l=https://paper.example/logo.svg"')(site),
        record(f'{DMARC} "v=DMARC1; p=none; rua=mailto:a@paper.example"')(site),
    ]),
    "configuration that others may read": ("permissions", Level.WARNING, lambda site: site.file.chmod(0o644)),
    "key that others may read": ("permissions", Level.WARNING, lambda site: (site.folder / "key.pem").chmod(0o640)),
    "one-click redirected": ("one-click", Level.BAD, proxy(302, location="https://paper.example/login")),
    "one-click behind a log-in": ("one-click", Level.BAD, proxy(403)),
    "backup of three days ago": ("backup", Level.WARNING, old_backup),
    "a copy that nobody released": ("database", Level.BAD, a_copy),
}  # fmt: skip


@pytest.mark.parametrize(("about", "level", "plant"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_found_and_its_mend_mends_it(site, about, level, plant):
    plant(site)
    (found,) = site.wrong(about)
    assert found.level is level
    assert found.mend
    site.mend(found)
    assert site.wrong(about) == []


def test_of_a_site_that_is_well_nothing_is_said_but_that_it_is_no_public_one(site):
    """Its pages are at http on loopback, and its mail server is one for tests, without DSN."""
    found = examine(site.settings, site.database, path=site.file, sends_from=SENDS_FROM, resolver=site.names.resolver())
    wrong = [one for one in found if one.level is not Level.GOOD]
    assert {one.about for one in wrong} == {"site.base_url", "smtp"}, wrong
    assert {"SPF", "DKIM", "DMARC", "PTR", "bounces", "one-click", "backup", "disk", "mail"} <= {
        one.about for one in found
    }


def test_where_no_record_can_be_told_none_is_made_up(site):
    """What these terms allow depends on who asks, so no addresses can take their places."""
    spf("v=spf1 " + " ".join(f"exists:%{{i}}.n{n}.e" for n in range(11)) + " -all")(site)
    (found,) = site.wrong("SPF")
    assert "11 look-ups" in found.text
    assert found.mend == ""


def test_a_name_server_that_does_not_answer_is_no_verdict(site):
    site.names.broken.add("paper.example.")
    (found,) = site.wrong("DNS")
    assert found.level is Level.WARNING
    assert not site.wrong("SPF")


def test_pages_with_other_secrets_are_noticed(site):
    """The link is good, and the pages do not know it: so would be the links in every mail."""
    site.set("site", secrets=(type(site.settings.site.secrets[0])("another secret, of more than 32 characters"),))
    (found,) = site.wrong("one-click")
    assert "secrets" in found.text
