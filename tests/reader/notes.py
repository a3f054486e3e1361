# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifier keys, signed checkpoints and proof files (docs/format-ledger.md)."""

import base64
import binascii
import re

import ed25519
import merkle
from merkle import sha256
from problem import Problem

ALGORITHM = b"\x01"  # Ed25519


def decode_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise Problem(f"{what}: no base64")
    return data


def decode_number(text, what):
    if not re.fullmatch("0|[1-9][0-9]*", text) or int(text) >= 2**64:
        raise Problem(f"{what}: no number")
    return int(text)


class Vkey:
    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Problem("vkey: not three parts")
        self.name = parts[0]
        data = decode_base64(parts[2], "vkey")
        if data[:1] != ALGORITHM or len(data) != 33:
            raise Problem("vkey: no Ed25519 key")
        self.key = data[1:]
        self.id = key_id(self.name, self.key)
        if parts[1] != self.id.hex():
            raise Problem("vkey: the id is not that of name and key")


def key_id(name, key):
    return sha256(name.encode() + b"\n" + ALGORITHM + key)[:4]


def encode_vkey(name, key):
    return f"{name}+{key_id(name, key).hex()}+{base64.b64encode(ALGORITHM + key).decode()}"


class Checkpoint:
    """A signed note, verified under a vkey; None: nothing is verified."""

    def __init__(self, note, vkey):
        text, divided, signatures = note.rpartition("\n\n")
        if not divided or not signatures.endswith("\n"):
            raise Problem("checkpoint: no signed note")
        lines = text.split("\n")
        if len(lines) < 3:
            raise Problem("checkpoint: too short")
        self.origin = lines[0]
        self.size = decode_number(lines[1], "checkpoint's size")
        self.root = decode_base64(lines[2], "checkpoint's root")
        match = re.fullmatch("chainfs/([0-9a-f]{32})/([0-9a-f]{16})", self.origin)
        if not match:
            raise Problem("checkpoint: the origin is not chainfs's")
        if len(self.root) != 32 or self.size > 2**63:
            raise Problem("checkpoint: no tree")
        self.volume_id, self.branch = (bytes.fromhex(part) for part in match.groups())
        if vkey is not None:
            self._verify(text + "\n", signatures.split("\n")[:-1], vkey)

    def _verify(self, text, lines, vkey):
        if self.origin != vkey.name:
            raise Problem("checkpoint: of another log than the vkey")
        verified = 0
        for line in lines:
            match = re.fullmatch("— ([^ ]+) ([^ ]+)", line)
            if not match:
                raise Problem("checkpoint: malformed signature")
            data = decode_base64(match.group(2), "signature")
            if match.group(1) != vkey.name or data[:4] != vkey.id:
                continue
            if not ed25519.verify(vkey.key, text.encode(), data[4:]):
                raise Problem("checkpoint: the signature does not verify")
            verified += 1
        if not verified:
            raise Problem("checkpoint: not signed by the vkey")


class Proof:
    """A proof file taken apart. Nothing is verified but the form."""

    def __init__(self, text):
        head, divided, self.checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not divided or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 3:
            raise Problem("proof: not a tlog-proof file")
        if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
            raise Problem("proof: not one of chainfs")
        self.extra = decode_base64(lines[1][6:], "extra")
        self.index = decode_number(lines[2][6:], "index")
        self.inclusion = [decode_base64(line, "hash") for line in lines[3:]]

    def verify_record(self, record_bytes, vkey):
        checkpoint = Checkpoint(self.checkpoint, vkey)
        leaf = merkle.leaf_hash(record_bytes)
        found = merkle.root_of_proof(leaf, self.index, checkpoint.size, self.inclusion)
        if found != checkpoint.root:
            raise Problem("proof: it does not lead to the checkpoint")
        return checkpoint
