#!/usr/bin/env python3
"""Verifies an exported member certificate of Artel with a stock CWT library, without any code of Artel.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python verify_cert.py BUNDLE [--org-fp BASE32] [--now SECONDS] [--self-test]

BUNDLE is the deterministic CBOR array [[certificate, issuer's certificate, ...], root key, genesis], followed by the acts
that replaced the root where there are any. It is verified from the genesis down: the organisation's id is a hash of the
genesis, the root signs it, every later root is named by the one before, the last of them signs the last certificate, every
other certificate is signed by the key that the next one confirms. Prints the holder's claims as JSON and exits with 0, or says
why not and exits with 1. Whether somebody was removed since, no bundle can tell.
"""

import argparse
import datetime
import hashlib
import io
import json
import sys
import time

import cbor2
import cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE, COSEKey

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DOMAIN = -70100
EDDSA, CWT_CONTENT = -8, 61
SEAL, ROLE, PERSON, CAPS, DEVICE_NAME, RELIES_ON, MAIL_PROOF, FORMAT = range(-70001, -70009, -1)
CAP_ENROL = 1
LIFE_MAX = 400 * 24 * 60 * 60
ROLES = ["root", "owner", "admin", "registrar", "member", "guest"]


class Refused(Exception):
    """Why a bundle proves nothing."""


def demand(condition, why):
    if not condition:
        raise Refused(why)


def base32(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def loads(data):
    """Decodes CBOR and demands its one deterministic encoding: nothing behind it, shortest heads, sorted unique keys."""
    stream = io.BytesIO(data)
    value = cbor2.CBORDecoder(stream).decode()
    demand(stream.read() == b"", "bytes are left over")
    demand(dumps(value) == data, "not deterministic CBOR")
    return value


def dumps(value):
    """RFC 8949 §4.2.1: map keys in the order of their encoded bytes (cbor2's canonical order is length first)."""
    if isinstance(value, cbor2.CBORTag):
        return head(6, value.tag) + dumps(value.value)
    if isinstance(value, dict):
        pairs = sorted((dumps(key), dumps(item)) for key, item in value.items())
        return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(dumps(item) for item in value)
    return cbor2.dumps(value)


def head(major, value):
    encoded = bytearray(cbor2.dumps(value))
    encoded[0] |= major << 5
    return bytes(encoded)


def kid_of(public_key):
    return hashlib.sha256(public_key).digest()[:16]


def cose_key(public_key):
    return COSEKey.new({1: 1, 2: kid_of(public_key), 3: EDDSA, -1: 6, -2: public_key})


def parts_of(signed, domain):
    """The protected header and the payload of a COSE_Sign1 whose headers are exactly those of Artel."""
    message = loads(signed)
    demand(isinstance(message, cbor2.CBORTag) and message.tag == 18, "not a COSE_Sign1")
    demand(isinstance(message.value, (list, tuple)) and len(message.value) == 4, "not a COSE_Sign1")
    protected, unprotected, payload, _ = message.value
    demand(unprotected == {}, "an unprotected header is not empty")
    header = loads(protected)
    expected = {1: EDDSA, 4: header.get(4), DOMAIN: domain}
    if domain == "artel/cert/1":
        expected[3] = CWT_CONTENT
    demand(header == expected, "an unexpected protected header")
    return protected, payload


def check_genesis(genesis, root_key):
    """Verifies the genesis and returns the organisation's id, which is the beginning of its hash."""
    protected, payload = parts_of(genesis, "artel/entry/1")
    demand(loads(protected)[4] == kid_of(root_key), "the genesis is not the root's")
    COSE.new().decode(genesis, keys=[cose_key(root_key)])
    entry = loads(payload)
    demand(entry.get(7) == 4 and entry.get(3) == 0 and 4 not in entry, "not a genesis")
    act = loads(entry[9])
    demand(act[1] == 1 and act[2][2] == root_key, "not a genesis of this root")
    structure = dumps(["Signature1", protected, b"", payload])
    return hashlib.sha256(structure).digest()[:20]


def check_rotation(rotation, root_key, organisation):
    """Verifies that a root names the next one, and returns its key."""
    protected, payload = parts_of(rotation, "artel/entry/1")
    demand(loads(protected)[4] == kid_of(root_key), "not signed by the root before")
    _, _, _, signature = loads(rotation).value
    structure = dumps(["Signature1", protected, organisation, payload])
    Ed25519PublicKey.from_public_bytes(root_key).verify(signature, structure)
    entry = loads(payload)
    demand(entry.get(7) == 4, "not an act")
    act = loads(entry[9])
    demand(act[1] == 22, "not another root")
    return act[2][1]


def check_certificate(certificate, issuer_key, organisation):
    """Verifies one certificate's signature and form; its times are the caller's to judge."""
    protected, payload = parts_of(certificate, "artel/cert/1")
    demand(loads(protected)[4] == kid_of(issuer_key), "signed by an unexpected issuer")
    COSE.new().decode(certificate, keys=[cose_key(issuer_key)])
    claims = loads(payload)
    demand(claims[1] == "urn:artel:org:" + base32(organisation), "issued by another organisation")
    demand(claims[2].startswith("mailto:"), "no mail address")
    demand(claims[FORMAT] == 1, "an unknown format")
    demand(claims[5] <= claims[6] < claims[4] and claims[4] - claims[5] <= LIFE_MAX, "valid for too long")
    device = claims[8][1]
    demand(device[1] == 1 and device[-1] == 6 and len(device[-2]) == 32, "no Ed25519 key is confirmed")
    seal = claims[SEAL]
    demand(seal[2] == hashlib.sha256(seal[-2]).digest()[:8], "the sealing key is another's")
    return claims


def check_link(issuer, claims):
    if issuer[PERSON] != claims[PERSON] or issuer[2] != claims[2]:
        demand(issuer[8] != claims[8], "renewed for another person")
        demand(issuer[CAPS] & CAP_ENROL, "the issuer had no right to enrol")
    demand(claims[CAPS] & ~issuer[CAPS] == 0 and issuer[ROLE] <= claims[ROLE], "more rights than the issuer had")
    demand(issuer[5] <= claims[6] < issuer[4], "issued when the issuer's certificate was not valid")


def check_bundle(data, now, org_fp=None):
    """Returns the organisation's id and the holder's claims, or raises."""
    certificates, root_key, genesis, *later = loads(data)
    demand(0 < len(certificates) <= 16, "no certificates, or too many")
    organisation = check_genesis(genesis, root_key)
    demand(org_fp is None or base32(organisation[:10]) == org_fp, "belongs to another organisation")
    demand(len(later) <= 1 and all(0 < len(it) <= 16 for it in later), "not a bundle")
    for rotation in later[0] if later else ():
        root_key = check_rotation(rotation, root_key, organisation)
    issuer_key, issuer = root_key, None
    for certificate in reversed(certificates):
        claims = check_certificate(certificate, issuer_key, organisation)
        if issuer is not None:
            check_link(issuer, claims)
        last_key, issuer_key, issuer = issuer_key, claims[8][1][-2], claims
    # The holder's certificate once more as any reader of CWTs would, with expiry.
    with_clock(now, lambda: cwt.decode(certificates[0], keys=[cose_key(last_key)]))
    return organisation, issuer


def with_clock(now, action):
    """Lets the library, which knows only the present, judge at another moment."""

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now, tz)

    module = sys.modules["cwt.cwt"]
    before, module.datetime = module.datetime, Clock
    try:
        return action()
    finally:
        module.datetime = before


def is_refused(data, now, org_fp=None):
    try:
        check_bundle(data, now, org_fp)
    except Exception:  # a tampered file may break any layer; refused is refused
        return True
    return False


def self_test(data, now):
    """Every tampered copy must be refused; of each byte one bit is flipped."""
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        demand(is_refused(bytes(changed), now), f"the copy with byte {at} changed is accepted")
    _, claims = check_bundle(data, now)
    demand(is_refused(data, claims[4] + 61), "an expired certificate is accepted")
    demand(is_refused(data, claims[5] - 61), "a certificate is accepted before its time")
    demand(is_refused(data, now, "0" * 16), "another organisation's bundle is accepted")
    demand(is_refused(data + b"\x00", now), "a bundle with a byte behind it is accepted")
    certificates, *proofs = loads(data)
    if len(certificates) > 1:
        demand(is_refused(dumps([certificates[1:] + certificates[:1], *proofs]), now), "order is ignored")
        demand(is_refused(dumps([certificates[:1], *proofs]), now), "a missing issuer is accepted")
    if len(proofs) > 2:
        demand(is_refused(dumps([certificates, *proofs[:2]]), now), "a later root is believed without the way to it")


def main():
    parser = argparse.ArgumentParser(description="Verifies an exported member certificate of Artel.")
    parser.add_argument("bundle", help="file that was exported")
    parser.add_argument("--org-fp", help="first ten bytes of the organisation's id that is expected, in base32")
    parser.add_argument("--now", type=int, default=int(time.time()), help="moment of judgement, Unix seconds")
    parser.add_argument("--self-test", action="store_true", help="also demand that every tampered copy is refused")
    arguments = parser.parse_args()
    with open(arguments.bundle, "rb") as file:
        data = file.read()
    try:
        organisation, claims = check_bundle(data, arguments.now, arguments.org_fp)
        if arguments.self_test:
            self_test(data, arguments.now)
    except Exception as why:
        print(f"refused: {type(why).__name__}: {why}", file=sys.stderr)
        return 1
    role = claims[ROLE]
    json.dump(
        {
            "organisation": base32(organisation),
            "email": claims[2].removeprefix("mailto:"),
            "person": base32(claims[PERSON]),
            "device": base32(kid_of(claims[8][1][-2])),
            "device_name": claims[DEVICE_NAME],
            "role": ROLES[role] if role < len(ROLES) else role,
            "mail_proof": claims[MAIL_PROOF],
            "expires": claims[4],
        },
        sys.stdout,
        ensure_ascii=False,
        indent=2,
    )
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
