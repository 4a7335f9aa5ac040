"""A sparse system solved twice by SciPy: a factorisation and conjugate gradients must agree."""

import sys
import time

import numpy as np
from scipy.sparse import diags, eye, kron
from scipy.sparse.linalg import cg, spsolve


def laplacian(n: int):
    """Minus the second derivatives on a square of n x n points whose edge is 0."""
    line = diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n))
    return (kron(line, eye(n)) + kron(eye(n), line)).tocsc()


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal() or arguments[0] == "0":
        print("usage: poisson.py N", file=sys.stderr)
        return 2
    n = int(arguments[0])
    matrix = laplacian(n)
    source = (np.arange(n * n) * 7 % 13 - 6).astype(float)
    weights = 1 + np.arange(n * n) % 5
    print(f"unknowns {matrix.shape[0]} entries {matrix.nnz}")

    begun = time.perf_counter()
    direct = spsolve(matrix, source)
    factored = time.perf_counter()
    iterated, unfinished = cg(matrix, source, rtol=1e-10, maxiter=20 * n)
    ended = time.perf_counter()
    for name, x in (("direct", direct), ("iterated", iterated)):
        residual = np.linalg.norm(matrix @ x - source) / np.linalg.norm(source)
        print(f"{name} weighted sum {weights @ x:.6f} largest {x.max():.6f}")
        print(f"{name} residual {'passed' if residual < 1e-9 else 'FAILED'}")
    print(f"converged {'NO' if unfinished else 'yes'}")
    print(f"direct seconds {factored - begun:.6f}\niterated seconds {ended - factored:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
