"""Files signed by a certificate chain that the test itself makes: content credentials (C2PA)."""

import datetime
import functools
import io

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ganfake.c2pa_info import OFFLINE
from ganfake.provenance import VOCABULARY

SIGNER = "Test News"


def _name(common: str) -> x509.Name:
    pairs = (NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, SIGNER)
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


def _usage(**used: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _certificate(subject, issuer, key, signing_key, ca: bool) -> x509.Certificate:
    """A certificate as C2PA demands it (specification 2.2, 14.5.1)."""
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    usage = _usage(key_cert_sign=True, crl_sign=True) if ca else _usage(digital_signature=True)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 9 * day)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    if not ca:
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(issuer_key, False).add_extension(purpose, True)
    return builder.sign(signing_key, hashes.SHA256())


@functools.cache
def _chain() -> tuple[bytes, bytes]:
    """(certificates, private key) as PEM: ES256, a signer under a root of its own."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(_name("Root"), _name("Root"), root_key, root_key, ca=True)
    leaf = _certificate(_name("Signer"), _name("Root"), key, root_key, ca=False)
    pem = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, root))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return pem, key.private_bytes(serialization.Encoding.PEM, form, plain)


def sign(content: bytes, mime: str = "image/jpeg", maker: str = "Maker", remote: str = "") -> bytes:
    """The file with a record that it is made by AI; with `remote`, only with its address."""
    done = {"action": "c2pa.created", "digitalSourceType": VOCABULARY + "trainedAlgorithmicMedia"}
    manifest = {
        "claim_generator_info": [{"name": maker, "version": "1.5"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [done]}}],
    }
    certificates, key = _chain()
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo("es256", certificates, key, None))
    signed = io.BytesIO()
    with c2pa.Context.from_dict(OFFLINE) as context, c2pa.Builder(manifest, context) as builder:
        if remote:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        builder.sign(signer, mime, io.BytesIO(content), signed)
    return signed.getvalue()
