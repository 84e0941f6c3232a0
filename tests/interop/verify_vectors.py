#!/usr/bin/env python3
"""Verifies the test vectors of Artel's protocol without any code of Artel, by what docs/src/protocol.md says.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python verify_vectors.py vectors.json [--self-test]

Signatures, identifiers, sealed bodies, wraps, stanzas and grants (Noise N), runs, registers, files and the bodies of every kind
of entry are computed anew from their parts.
Prints a line for each section and exits with 0, or says what differs and exits with 1. With --self-test it also changes the
last bit of every value and demands that each change is noticed.
"""

import argparse
import hashlib
import hmac
import json
import struct
import sys

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verify_cert import Refused, base32, demand, dumps, loads

EDDSA, DOMAIN = -8, -70100
RAW = (Encoding.Raw, PublicFormat.Raw)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(key, info, salt=b""):
    prk = hmac.new(salt or bytes(32), key, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


def same(found, expected, what):
    demand(found == expected, f"{what} differs")


def quarter(state, a, b, c, d):
    for one, other, third, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[one] = (state[one] + state[other]) & 0xFFFFFFFF
        mixed = state[third] ^ state[one]
        state[third] = (mixed << by | mixed >> (32 - by)) & 0xFFFFFFFF


def hchacha20(key, nonce):
    state = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", nonce))
    for _ in range(10):
        for places in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            quarter(state, *places)
        for places in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(state, *places)
    return struct.pack("<8I", *(state[:4] + state[12:]))


def xopen(key, nonce, sealed, aad):
    """XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha)."""
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(bytes(4) + nonce[16:], sealed, aad)


def unpad(padded):
    demand(len(padded) % 32 == 0 and padded, "padding of another form")
    text = padded.rstrip(b"\x00")
    demand(text.endswith(b"\x80") and len(padded) - len(text) < 32, "padding of another form")
    return text[:-1]


def noise_n_open(secret, prologue, message):
    """One message of Noise_N_25519_ChaChaPoly_SHA256, as its recipient."""
    own = X25519PrivateKey.from_private_bytes(secret)
    chain = b"Noise_N_25519_ChaChaPoly_SHA256".ljust(32, b"\x00")
    digest = sha256(chain, prologue)
    digest = sha256(digest, own.public_key().public_bytes(*RAW))
    ephemeral, sealed = message[:32], message[32:]
    digest = sha256(digest, ephemeral)
    shared = own.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    prk = hmac.new(chain, shared, hashlib.sha256).digest()
    first = hmac.new(prk, b"\x01", hashlib.sha256).digest()
    key = hmac.new(prk, first + b"\x02", hashlib.sha256).digest()
    return ChaCha20Poly1305(key).decrypt(bytes(12), sealed, digest)


def ed25519_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(*RAW)


def sig_structure(public_key, domain, aad, payload):
    protected = dumps({1: EDDSA, 4: sha256(public_key)[:16], DOMAIN: domain})
    return dumps(["Signature1", protected, aad, payload])


def verify(public_key, message, signature):
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)


def check_ids(it):
    org = it["org"]
    same(it["org_text"], base32(org), "the text of an identifier")
    same(it["device"], sha256(it["public_key"])[:16], "the device")
    same(it["organisation_space"], sha256(b"artel/org/1", org)[:16], "the organisation's space")
    one, other = it["person_one"], it["person_other"]
    same(it["direct_space"], sha256(b"artel/dm/1", org, min(one, other), max(one, other))[:16], "the direct space")
    same(it["self_space"], sha256(b"artel/dm/1", org, one, one)[:16], "the self space")
    same(
        it["private_space"],
        sha256(b"artel/private/1", org, it["log_device"], it["log_inc"])[:16],
        "the space that a log founds",
    )
    document = sha256(b"artel/doc/1", it["space"], it["epoch"])[:16]
    same(it["document"], document, "the document")
    same(it["actor"], sha256(b"artel/actor/1", it["log_device"], document, it["log_inc"])[:16], "the actor")
    same(it["email_tag"], sha256(b"artel/email/1", org, it["email"].encode())[:16], "the tag of an address")


def check_phrase(it):
    words = it["words"].split()
    # 256 bits of nothing and eight of their hash: twenty-three times the first word of BIP-39 and its word 102.
    demand(words == ["abandon"] * 23 + ["art"] and sha256(it["entropy"])[0] == 102, "the phrase differs")
    same(it["root_public_key"], ed25519_public(hkdf(it["entropy"], b"artel/root/1")), "the root's key")


def check_invitation(it):
    same(it["psk"], hkdf(it["secret"], b"artel/inv/psk/1"), "the pre-shared key")
    same(it["public_key"], ed25519_public(hkdf(it["secret"], b"artel/inv/sig/1")), "the invitation's key")
    same(it["id"], sha256(it["public_key"])[:16], "the invitation's number")


def check_signed(it, public_key):
    structure = sig_structure(public_key, "artel/entry/1", it["external_aad"], it["payload"])
    same(it["sig_structure"], structure, "what is signed")
    same(it["id"], sha256(structure), "the entry's id")
    verify(public_key, structure, it["signature"])
    return loads(it["payload"])


def check_genesis(it):
    act = loads(loads(it["payload"])[9])
    entry = check_signed(it, act[2][2])
    demand(it["external_aad"] == b"" and entry[1] == bytes(16) and entry[3] == 0 and 4 not in entry, "no genesis")
    same(it["org"], it["id"][:20], "the organisation")


def check_entry(it, public_key):
    same(it["external_aad"], it["org"], "what the signature is bound to")
    entry = check_signed(it, public_key)
    demand(entry[7] == 5 and loads(entry[9])[3] is True, "no strict cut")


def check_sealed(it):
    key, space, epoch = it["key"], it["space"], it["epoch"]
    same(it["commitment"], hkdf(key, b"artel/epoch/commit/1"), "the commitment")
    device, of, *_ = aad = loads(it["step_aad"])
    demand(of == space and aad[8] == epoch and len(aad) == 9, "what a body is bound to")
    nonce, body = it["step_body"][:24], it["step_body"][24:]
    step_key = hkdf(key, b"artel/step/1" + space + device, nonce)
    same(unpad(xopen(step_key, nonce, body, it["step_aad"])), it["step_plaintext"], "a sealed body")
    loads(it["step_plaintext"])
    nonce, blob = it["text_blob"][:24], it["text_blob"][24:]
    text = unpad(xopen(hkdf(key, b"artel/blob/1", nonce), nonce, blob, space + epoch))
    same(text.decode(), it["text"], "a sealed text")
    nonce = it["wrap_nonce"]
    wrap_key = hkdf(it["audience_key"], b"artel/wrap/1")
    same(xopen(wrap_key, nonce, it["audience_wrap"], space + it["commitment"]), key, "a wrap for a channel")
    older = xopen(hkdf(key, b"artel/older/1"), nonce, it["older_wrap"], epoch + it["commitment"])
    same(older, it["older_key"], "a wrap of an older key")
    nonce, blob = it["members_blob"][:24], it["members_blob"][24:]
    roster = unpad(xopen(hkdf(key, b"artel/members/1", nonce), nonce, blob, space + it["commitment"]))
    same(roster, it["members_plaintext"], "a sealed roster")


def check_epoch(it):
    body, stanzas = loads(it["body"]), loads(it["stanzas"])
    heads, commitment = body[2], body[3]
    demand(heads == sorted(heads) and body[4] == 1 and body[6] == 0, "the body of the epoch")
    demand([line[0] for line in stanzas] == sorted(line[0] for line in stanzas), "stanzas out of order")
    device, key_id, sealed = next(line for line in stanzas if line[0] == it["recipient"])
    own = X25519PrivateKey.from_private_bytes(it["recipient_secret"]).public_key().public_bytes(*RAW)
    same(key_id, sha256(own)[:8], "the sealing key")
    bound = ["artel/seal/1", it["org"], it["space"], it["author"], device, key_id, commitment, sha256(*heads)]
    key = noise_n_open(it["recipient_secret"], dumps(bound), sealed)
    same(key, it["key"], "the key in a stanza")
    same(commitment, hkdf(key, b"artel/epoch/commit/1"), "the commitment")
    wrap = body[8][0]
    demand(wrap[1] == it["older"] == body[1][0], "the older epoch")
    older = xopen(hkdf(key, b"artel/older/1"), wrap[2], wrap[3], wrap[1] + commitment)
    same(older, it["older_key"], "the older key")


def entries_of(packet):
    """The payloads of a run, rebuilt byte for byte, each with the id of the entry."""
    (device, space, inc, seq, prev, ms, epochs, items, signatures), blobs = packet
    named = set()
    for delta, counter, kind, epoch, seen, body, refs in items:
        ms += delta
        fields = {1: space, 2: inc, 3: seq, 4: prev, 5: seen, 6: [ms, counter], 7: kind}
        fields |= {8: epochs[epoch - 1] if epoch else None, 9: body, 10: refs}
        payload = dumps({name: value for name, value in fields.items() if value or name in (3, 7)})
        named |= {(hash_, size) for hash_, size in refs}
        prev = yield payload
        seq += 1
    for blob in blobs:
        demand((sha256(blob), len(blob)) in named, "a blob that no entry names")


def check_run(it):
    packet = loads(it["packet"])
    signatures = dict(packet[0][8])
    demand(packet[0][0] == sha256(it["public_key"])[:16], "another device")
    rebuilt, ids = entries_of(packet), []
    payload = next(rebuilt)
    while payload is not None:
        structure = sig_structure(it["public_key"], "artel/entry/1", it["org"], payload)
        same(sha256(structure), it[f"id_{len(ids)}"], f"entry {len(ids)} of the run")
        if len(ids) in signatures:
            verify(it["public_key"], structure, signatures[len(ids)])
        ids.append(sha256(structure))
        try:
            payload = rebuilt.send(ids[-1])
        except StopIteration:
            payload = None
    demand(set(signatures) == {len(ids) - 1}, "signatures in other places")


def check_register(it):
    message = loads(it["signed"])
    demand(message.tag == 18 and message.value[1] == {}, "not a COSE_Sign1")
    _, _, payload, signature = message.value
    verify(it["public_key"], sig_structure(it["public_key"], "artel/register/1", it["org"], payload), signature)
    demand(loads(payload)[2] == "read_to", "another register")


def check_acts(it):
    for name, body in it.items():
        act = loads(body)
        demand(set(act) == {1, 2}, f"{name} is no act")
    return sorted({loads(body)[1] for body in it.values()})


def check_grant(it):
    body = loads(it["body"])
    [[epoch, sealed]], heads, device, key_id = body[1], body[2], body[3], body[4]
    demand(set(body) == {1, 2, 3, 4} and heads == sorted(heads), "the body of the grant")
    same(epoch, it["epoch"], "the epoch whose key is granted")
    same(device, it["recipient"], "to whom it is granted")
    own = X25519PrivateKey.from_private_bytes(it["recipient_secret"]).public_key().public_bytes(*RAW)
    same(key_id, sha256(own)[:8], "the sealing key")
    # Author and heads are the grant's, the commitment is that of the epoch.
    commitment = hkdf(it["key"], b"artel/epoch/commit/1")
    bound = ["artel/seal/1", it["org"], it["space"], it["author"], device, key_id, commitment, sha256(*heads)]
    same(noise_n_open(it["recipient_secret"], dumps(bound), sealed), it["key"], "the granted key")


def check_cut(it):
    ends = [
        [it[f"{which}_device"], it["inc"], int(it[f"{which}_seq"]), it[f"{which}_id"]] for which in ("first", "second")
    ]
    demand(ends == sorted(ends), "the logs are out of order")
    same(it["lenient"], dumps({1: it["removal"], 2: ends}), "a cut")
    same(it["strict"], dumps({1: it["removal"], 2: ends, 3: True}), "a strict cut")


def check_forget(it):
    same(it["entries"], dumps({1: [it["one"], it["other"]]}), "what names entries")
    same(it["before"], dumps({2: int(it["floor"])}), "what has a floor")


def check_roster(it):
    person, creator, name = it["person"], it["creator"], it["name"]
    fields = {
        "create": (1, {1: 0, 2: name, 3: 1, 4: False, 5: [person]}),
        "add": (2, {1: person}),
        "remove": (3, {1: person}),
        "moderator": (4, {1: person, 2: True}),
        "leave": (5, {}),
        "set": (6, {1: name}),
        "archived": (7, {1: 0, 2: True}),
        "retention": (7, {1: 1, 2: 86_400_000}),
        "receipts": (7, {1: 2, 2: False}),
    }
    for act, (number, body) in fields.items():
        same(it[act], dumps({1: number, 2: body, 3: [it["head"]], 4: [it["known"]]}), f"the act {act}")
    roster = {1: 0, 2: name, 3: 1, 4: False, 5: [creator], 6: [creator], 7: [person], 8: [it["known"]]}
    roster |= {9: [1_800_000_000_000, 3], 10: 86_400_000, 11: False}
    same(it["roster"], dumps(roster), "the roster of an epoch")


def check_record(it):
    one, other = it["one"], it["other"]
    mentions = [0, 1, it["person"], [2, it["team"]]]
    records = {
        "message": {1: 0, 2: one, 3: other, 4: 0, 5: mentions, 7: [1, 2]},
        "edit": {1: 1, 2: one, 4: 0},
        "retract": {1: 2, 2: one},
        "reaction": {1: 3, 2: one, 6: [it["emoji"], True]},
        "pin": {1: 4, 2: one, 6: False},
        "topic": {1: 5, 4: 0},
        "system": {1: 6, 6: 9},
    }
    for name, record in records.items():
        same(it[name], dumps(record), f"the record {name}")


def check_file(it):
    key, pieces = hkdf(it["key"], b"artel/piece/1"), [it["first_byte"] * 65_520, it["last_piece"]]
    nonce = bytes(16) + struct.pack(">Q", 1)
    same(xopen(key, nonce, it["last_sealed"], b""), pieces[1], "the last piece")
    subkey, tail = hchacha20(key, bytes(16)), bytes(12)
    sealed = [ChaCha20Poly1305(subkey).encrypt(tail, pieces[0], b""), it["last_sealed"]]
    same(it["list"], b"".join(map(sha256, sealed)), "the list of pieces")
    size = sum(map(len, pieces))
    demand(int(it["size"]) == size, "the size of the file")
    described = {1: it["name"], 2: it["media"], 3: size, 4: it["key"], 5: [sha256(it["list"])], 6: [640, 480]}
    same(it["description"], dumps(described | {7: b"\xff\xd8"}), "the description of the file")
    same(it["body"], sha256(b"artel/file/1", sha256(it["list"])), "the name of the body")


TEXTS = {"org_text", "email", "words", "text", "name", "media", "size", "emoji", "floor", "first_seq", "second_seq"}


def check(sections):
    read = {}
    for name, values in sections.items():
        read[name] = {key: value if key in TEXTS else bytes.fromhex(value) for key, value in values.items()}
    check_ids(read["ids"])
    check_phrase(read["phrase"])
    check_invitation(read["invitation"])
    check_genesis(read["genesis"])
    check_entry(read["entry"], read["ids"]["public_key"])
    check_sealed(read["sealed"])
    check_epoch(read["epoch"])
    check_run(read["run"])
    check_register(read["register"])
    check_grant(read["grant"])
    check_cut(read["cut"])
    check_forget(read["forget"])
    check_roster(read["roster"])
    check_record(read["record"])
    check_file(read["file"])
    return check_acts(read["acts"])


def self_test(sections):
    """Changes every value in turn; returns how many changes were noticed."""
    noticed = 0
    for name, values in sections.items():
        # The bodies of acts are shown for their form; nothing is computed from them.
        for key, value in values.items() if name != "acts" else ():
            changed = value[:-1] + ("1" if value[-1:] != "1" else "0")
            try:
                check(sections | {name: values | {key: changed}})
            except (Refused, InvalidTag, InvalidSignature, ValueError, KeyError, IndexError, TypeError, StopIteration):
                noticed += 1
            else:
                raise Refused(f"{name}.{key} was changed and nothing differs")
    return noticed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    with open(arguments.vectors, encoding="utf-8") as file:
        sections = json.load(file)
    try:
        acts = check(sections)
        count = sum(map(len, sections.values()))
        print(f"{len(sections)} sections, {count} values, acts of types {acts}")
        if arguments.self_test:
            print(f"{self_test(sections)} changes of one value each are noticed")
    except (Refused, InvalidTag, InvalidSignature, ValueError, KeyError, IndexError, TypeError) as error:
        print(f"refused: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
