# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and sealed objects, as docs/format-header.md describes them: HKDF, XAES-256-GCM, SipHash, the
recovery key. Slow, and in no way safe against who can measure it: for tests."""

import functools
import hashlib
import hmac
import struct

from problem import Problem

CHUNK_BYTES, TAG_BYTES = 4096, 16
NODE, DATA, XATTR = 1, 2, 3


def hkdf(key, salt, info, length=32):
    """RFC 5869, for at most one block of output."""
    extracted = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")[:length]


def _double(value):
    """Times x in GF(2^8)."""
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


def _make_tables():
    logs, powers, value = [0] * 256, [0] * 255, 1
    for power in range(255):
        powers[power], logs[value] = value, power
        value ^= _double(value)
    box = []
    for byte in range(256):
        inverse = powers[-logs[byte] % 255] if byte else 0
        turned = [(inverse << n | inverse >> (8 - n)) & 0xFF for n in range(5)]
        box.append(functools.reduce(lambda a, b: a ^ b, turned) ^ 0x63)
    columns = []
    for byte in box:
        two = _double(byte)
        columns.append(two << 24 | byte << 16 | byte << 8 | two ^ byte)
    return box, columns


BOX, COLUMNS = _make_tables()
TURNED = [[c >> 8 * n | (c << (32 - 8 * n)) & 0xFFFFFFFF for c in COLUMNS] for n in range(4)]


class Aes256:
    """FIPS 197, encryption only."""

    def __init__(self, key):
        words = list(struct.unpack(">8I", key))
        constant = 1
        for i in range(8, 60):
            word = words[i - 1]
            if i % 8 == 0:
                word = self._substitute(word << 8 & 0xFFFFFFFF | word >> 24) ^ constant << 24
                constant = _double(constant)
            elif i % 8 == 4:
                word = self._substitute(word)
            words.append(words[i - 8] ^ word)
        self._words = words

    @staticmethod
    def _substitute(word):
        return int.from_bytes(bytes(BOX[byte] for byte in word.to_bytes(4, "big")), "big")

    def encrypt(self, block):
        keys = self._words
        s = [word ^ key for word, key in zip(struct.unpack(">4I", block), keys)]
        for i in range(4, 56, 4):
            s = [
                TURNED[0][s[c] >> 24]
                ^ TURNED[1][s[(c + 1) % 4] >> 16 & 0xFF]
                ^ TURNED[2][s[(c + 2) % 4] >> 8 & 0xFF]
                ^ TURNED[3][s[(c + 3) % 4] & 0xFF]
                ^ keys[i + c]
                for c in range(4)
            ]
        last = b"".join(
            bytes(BOX[s[(c + n) % 4] >> (24 - 8 * n) & 0xFF] for n in range(4)) for c in range(4)
        )
        return bytes(a ^ b for a, b in zip(last, struct.pack(">4I", *keys[56:60])))


class Gcm:
    """NIST SP 800-38D, with nonces of 12 bytes."""

    def __init__(self, key):
        self._aes = Aes256(key)
        value = int.from_bytes(self._aes.encrypt(bytes(16)), "big")
        powers = []  # of the hash key, times x^0 to x^127
        for _ in range(128):
            powers.append(value)
            value = value >> 1 ^ (0xE1 << 120 if value & 1 else 0)
        self._tables = []
        for at in range(0, 128, 8):
            table = [0] * 256
            for bit in range(8):
                for low in range(1 << bit):
                    table[1 << bit | low] = table[low] ^ powers[at + 7 - bit]
            self._tables.append(table)

    def _hash(self, data):
        value = 0
        for at in range(0, len(data), 16):
            block = (value ^ int.from_bytes(data[at : at + 16], "big")).to_bytes(16, "big")
            value = 0
            for table, byte in zip(self._tables, block):
                value ^= table[byte]
        return value.to_bytes(16, "big")

    def _stream(self, nonce, data):
        blocks = range(2, 2 + -(-len(data) // 16))
        stream = b"".join(self._aes.encrypt(nonce + struct.pack(">I", n)) for n in blocks)
        mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream[: len(data)], "big")
        return mixed.to_bytes(len(data), "big")

    def _tag(self, nonce, aad, sealed):
        padded = b"".join(part + bytes(-len(part) % 16) for part in (aad, sealed))
        hashed = self._hash(padded + struct.pack(">QQ", 8 * len(aad), 8 * len(sealed)))
        mask = self._aes.encrypt(nonce + b"\0\0\0\1")
        return bytes(a ^ b for a, b in zip(hashed, mask))

    def seal(self, nonce, aad, plain):
        sealed = self._stream(nonce, plain)
        return sealed + self._tag(nonce, aad, sealed)

    def open(self, nonce, aad, sealed):
        """None: not authentic."""
        sealed, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        return self._stream(nonce, sealed) if self._tag(nonce, aad, sealed) == tag else None


class Xaes:
    """C2SP's XAES-256-GCM."""

    def __init__(self, key):
        self._aes = Aes256(key)
        zeros = int.from_bytes(self._aes.encrypt(bytes(16)), "big")
        mask = zeros << 1 ^ (0x87 if zeros >> 127 else 0)
        self._mask = (mask & (1 << 128) - 1).to_bytes(16, "big")

    @functools.lru_cache(maxsize=64)
    def _derive(self, prefix):
        blocks = (b"\0" + bytes([n]) + b"X\0" + prefix for n in (1, 2))
        masked = (bytes(a ^ b for a, b in zip(block, self._mask)) for block in blocks)
        return Gcm(b"".join(map(self._aes.encrypt, masked)))

    def seal(self, nonce, aad, plain):
        return self._derive(nonce[:12]).seal(nonce[12:], aad, plain)

    def open(self, nonce, aad, sealed):
        return self._derive(nonce[:12]).open(nonce[12:], aad, sealed)


def siphash(key, data):
    """SipHash-2-4, 64 bits, as a number."""
    most = (1 << 64) - 1

    def turn(value, by):
        return (value << by | value >> (64 - by)) & most

    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rounds(count):
        for _ in range(count):
            v[0], v[2] = v[0] + v[1] & most, v[2] + v[3] & most
            v[1], v[3] = turn(v[1], 13) ^ v[0], turn(v[3], 16) ^ v[2]
            v[0] = turn(v[0], 32)
            v[2], v[0] = v[2] + v[1] & most, v[0] + v[3] & most
            v[1], v[3] = turn(v[1], 17) ^ v[2], turn(v[3], 21) ^ v[0]
            v[2] = turn(v[2], 32)

    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


class Pointer:
    BYTES = 36

    def __init__(self, data):
        self.id, self.nonce, self.length = struct.unpack(">Q24sI", data)


class Keys:
    """Of a volume key, in epoch 0."""

    def __init__(self, volume_id, volume_key):
        self.volume_id = volume_id
        epoch = bytes(8)
        data = Xaes(hkdf(volume_key, b"", b"chainfs/1 data key" + epoch))
        node = Xaes(hkdf(volume_key, b"", b"chainfs/1 node key" + epoch))
        self._ciphers = {NODE: node, DATA: data, XATTR: data}
        self._name_key = hkdf(volume_key, b"", b"chainfs/1 name hash key" + epoch, 16)

    def hash_of(self, name):
        return siphash(self._name_key, name)

    def _aad(self, kind, pointer):
        return struct.pack(">I16sQBQI", 1, self.volume_id, 0, kind, pointer.id, pointer.length)

    @staticmethod
    def _nonce(pointer, chunk):
        last = int.from_bytes(pointer.nonce[20:], "big") ^ chunk
        return pointer.nonce[:20] + last.to_bytes(4, "big")

    def seal(self, kind, pointer, plain):
        chunks = range(0, max(len(plain), 1), CHUNK_BYTES)
        return b"".join(
            self._ciphers[kind].seal(
                self._nonce(pointer, n), self._aad(kind, pointer), plain[at : at + CHUNK_BYTES])
            for n, at in enumerate(chunks))

    def open(self, kind, pointer, sealed):
        """The plaintext. Raises if it is not what the pointer names."""
        step = CHUNK_BYTES + TAG_BYTES
        plain = b""
        for n, at in enumerate(range(0, max(len(sealed), 1), step)):
            chunk = self._ciphers[kind].open(
                self._nonce(pointer, n), self._aad(kind, pointer), sealed[at : at + step])
            if chunk is None:
                raise Problem(f"object {pointer.id}: chunk {n} is not authentic")
            plain += chunk
        if len(plain) != pointer.length:
            raise Problem(f"object {pointer.id}: of another length than its pointer says")
        return plain


DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def parse_recovery_key(text):
    """25 bytes. The check digits are left alone."""
    groups = text.strip().split("-")
    if [len(group) for group in groups] != [6] * 8:
        raise Problem("recovery key: not eight groups of six")
    bits = 0
    for digit in "".join(group[:5] for group in groups):
        bits = bits << 5 | DIGITS.index(digit)
    return bits.to_bytes(25, "big")


def unlock(header, recovery_key):
    """The volume key, from the header's recovery slot."""
    volume_id = header[32:48]
    for n in range(struct.unpack_from(">H", header, 184)[0]):
        slot = header[186 + 152 * n : 338 + 152 * n]
        kind, salt, commitment, nonce, sealed = struct.unpack(">I12x32s32s24s48s", slot)
        if kind != 2:
            continue
        kek = hkdf(recovery_key, salt, b"chainfs/1 recovery kek")
        if hkdf(kek, b"", b"chainfs/1 slot commitment") != commitment:
            continue
        wrap = Xaes(hkdf(kek, b"", b"chainfs/1 slot wrap key"))
        volume_key = wrap.open(nonce, b"chainfs/1 slot" + volume_id + slot[:80], sealed)
        if volume_key is None:
            raise Problem("header: the recovery slot's volume key is not authentic")
        mac_key = hkdf(volume_key, b"", b"chainfs/1 header mac key" + bytes(8))
        if hmac.digest(mac_key, header[:-64], "sha256") != header[-64:-32]:
            raise Problem("header: the MAC is wrong")
        return volume_key
    raise Problem("header: the recovery key opens no slot")
