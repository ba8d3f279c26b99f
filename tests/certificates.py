"""Certificates of an authority of our own, right and wrong ones, as contexts of a mail server."""

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from wiretap import Fault

DAY = dt.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Its certificate is the file `trusted`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.trusted = folder / "authority.pem"
        basic = x509.BasicConstraints(ca=True, path_length=0)
        made = self._begun("authority", self._key.public_key()).add_extension(basic, critical=True)
        self.trusted.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def contexts(self) -> dict[Fault, ssl.SSLContext]:
        """Of a server at `localhost`, by what is wrong with it."""
        good = self._server("localhost")
        old = self._server("localhost")
        old.set_ciphers("ALL:@SECLEVEL=0")  # or OpenSSL would refuse to speak it at all
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        return {
            Fault.NONE: good,
            Fault.EXPIRED: self._server("localhost", ended=DAY),
            Fault.OTHER_NAME: self._server("elsewhere.example"),
            Fault.STRANGER: self._server("localhost", stranger=True),
            Fault.OLD: old,
        }

    def _begun(
        self, name: str, key: ec.EllipticCurvePublicKey, *, ended: dt.timedelta = -DAY
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY)
            .not_valid_after(now - ended)
        )

    def _server(self, name: str, *, ended: dt.timedelta = -DAY, stranger: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        begun = self._begun(name, key.public_key(), ended=ended)
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        made = begun.add_extension(names, critical=False).sign(key if stranger else self._key, hashes.SHA256())
        path = self._folder / f"{made.serial_number}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + made.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context
