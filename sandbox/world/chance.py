"""Chance that repeats: the same words give the same draws, on every machine and in every process."""

import hashlib
import random


def number(*words: object, bits: int = 48) -> int:
    """A number below 2 ** bits that belongs to these words."""
    digest = hashlib.sha256("/".join(str(word) for word in words).encode()).digest()
    return int.from_bytes(digest[:16], "big") >> (128 - bits)


def draws(*words: object) -> random.Random:
    """A source of draws that belongs to these words."""
    return random.Random(number(*words))


def uuid(*words: object) -> str:
    """A version 4 UUID in its usual writing that belongs to these words."""
    digits = hashlib.sha256(("uuid/" + "/".join(str(word) for word in words)).encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"
