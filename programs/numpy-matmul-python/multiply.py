"""Products of matrices by NumPy: the operator, an einsum and a sum of outer products must agree."""

import sys
import time
from collections.abc import Callable

import numpy as np


def matrices(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices in sixteenths, so that every product of them is exact whatever the order."""
    at = np.arange(n * n).reshape(n, n)
    return at * 7 % 31 / 16, (at * 11 + at // n) % 29 / 16 - 0.5


def outer_products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    total = np.zeros((len(a), b.shape[1]))
    for k in range(len(b)):
        total += np.outer(a[:, k], b[k])
    return total


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal() or arguments[0] == "0":
        print("usage: multiply.py N", file=sys.stderr)
        return 2
    n = int(arguments[0])
    a, b = matrices(n)
    weights = np.add.outer(np.arange(n) ** 2, 3 * np.arange(n)) % 11
    ways: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
        "operator": np.matmul,
        "einsum": lambda left, right: np.einsum("ik,kj->ij", left, right),
        "outer": outer_products,
    }
    for name, way in ways.items():
        begun = time.perf_counter()
        c = way(a, b)
        seconds = time.perf_counter() - begun
        print(f"{name} trace {np.trace(c):.8f} weighted sum {np.sum(c * weights):.8f}")
        print(f"{name} seconds {seconds:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
