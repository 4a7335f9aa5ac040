"""JSON read and written by the standard library: records with text, numbers, lists and nothing."""

import hashlib
import json
import sys
import time

WORDS = ("plain", 'quo"te', "back\\slash", "tab\there", "ümlaut", "日本", "new\nline", "\U0001f600")


def record(number: int) -> dict[str, object]:
    """A record in which every kind of value has its turn."""
    return {
        "id": number,
        "name": WORDS[number % len(WORDS)] + str(number),
        "share": number / 8 - 100,
        "tiny": float(f"1.5e-{number % 300}"),
        "valid": number % 3 == 0,
        "parent": None if number % 5 == 0 else number - 1,
        "tags": [WORDS[(number * k) % len(WORDS)] for k in range(number % 7)],
        "place": {"row": number // 10, "column": number % 10},
    }


def summary(records: list[dict]) -> tuple[int, float, int]:
    """What only the right values add up to: valid ones, their shares, letters of all tags."""
    valid = [one for one in records if one["valid"] and one["parent"] is not None]
    letters = sum(len(tag) * one["place"]["column"] for one in records for tag in one["tags"])
    return len(valid), sum(one["share"] for one in valid), letters


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal():
        print("usage: records.py COUNT", file=sys.stderr)
        return 2
    made = [record(number) for number in range(int(arguments[0]))]
    begun = time.perf_counter()
    text = json.dumps(made, ensure_ascii=False)
    written = time.perf_counter()
    read = json.loads(text)
    ended = time.perf_counter()

    valid, shares, letters = summary(read)
    print(f"bytes {len(text.encode())} sha256 {hashlib.sha256(text.encode()).hexdigest()}")
    print(f"same after reading: {'yes' if read == made else 'NO'}")
    print(f"valid {valid} shares {shares:.3f} letters {letters}")
    print(f"write seconds {written - begun:.6f}\nread seconds {ended - written:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
