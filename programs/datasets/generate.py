"""Writes the sample data sets again, byte for byte: `python generate.py`, beside itself or in DIR.

They are made for this project and small; every one is a directory with a single file. Only
`sample-text-small` was written by hand and is not touched.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

TEXT = """
the of a and to in is it that was for on are with as at be by this from or had not but what all
were when we there can an your which their said if do will each about how up out them then she
many some so these would other into has more her two like him see time could no make than first
been its who now people my made over did down only way find use may water long little very after
words called just where most know compiler matrix measure run result machine river stone winter
number letter garden morning window engine harbour mountain paper signal answer question copper
silver market evening valley carpenter sailor teacher doctor bridge lantern thunder orchard
careful quiet bright narrow heavy honest ancient rapid gentle patient curious distant familiar
walks builds carries finds follows measures remembers repeats returns opens closes compares
"""
WORDS = TEXT.split()
MOTIFS = ("GATTACA", "TATAAA", "CCGCGG", "AAGCTT", "GGATCC")


def chance(name: str) -> random.Random:
    """Numbers that a data set is made from; only `random()` is used, which is the same for ever."""
    return random.Random(name)  # noqa: S311 - not for secrets


def below(source: random.Random, limit: int) -> int:
    """A whole number from 0 to *limit* - 1."""
    return int(source.random() * limit)


def gauss(source: random.Random) -> float:
    """About a normal deviate: the sum of twelve uniform ones."""
    return sum(source.random() for _ in range(12)) - 6.0


def wrapped(text: str, width: int) -> str:
    """*text* in lines of at most *width* characters, cut at blanks."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)


def sentence(source: random.Random) -> str:
    """Words that read as a sentence from afar: frequent words are frequent."""
    words = [WORDS[int(len(WORDS) * source.random() ** 2)] for _ in range(4 + below(source, 14))]
    if len(words) > 9:
        words[len(words) // 2] += ","
    return " ".join(words).capitalize() + ("?" if source.random() < 0.1 else ".")


def prose() -> bytes:
    """Paragraphs of sentences without a meaning."""
    source = chance("prose")
    paragraphs = [
        wrapped(" ".join(sentence(source) for _ in range(3 + below(source, 6))), 78)
        for _ in range(80)
    ]
    return ("\n\n".join(paragraphs) + "\n").encode()


def fasta(records: list[str]) -> bytes:
    """Sequences in lines of 60 below their headers."""
    lines = []
    for number, record in enumerate(records, 1):
        lines.append(f">record-{number} made up, {len(record)} bases")
        lines += [record[at : at + 60] for at in range(0, len(record), 60)]
    return ("\n".join(lines) + "\n").encode()


def dna() -> bytes:
    """Bases at random, with a motif now and then."""
    source = chance("dna")
    records = []
    for _ in range(8):
        pieces: list[str] = []
        while len("".join(pieces)) < 280:
            pieces.append("".join("ACGT"[below(source, 4)] for _ in range(10 + below(source, 40))))
            pieces.append(MOTIFS[below(source, len(MOTIFS))])
        records.append("".join(pieces))
    return fasta(records)


def dna_repeats() -> bytes:
    """Repeats of a few short units with a base changed, lost or doubled here and there."""
    source = chance("dna repeats")
    records = []
    for _ in range(8):
        unit = MOTIFS[below(source, len(MOTIFS))] + "ACGT"[below(source, 4)] * 2
        bases = []
        for base in unit * 30:
            dice = source.random()
            changed = "ACGT"[below(source, 4)] if dice < 0.05 else base
            bases.append("" if dice > 0.97 else changed * (2 if dice > 0.95 else 1))
        records.append("".join(bases))
    return fasta(records)


def pgm(width: int, height: int, pixel: Callable[[int, int], int]) -> bytes:
    """A grey image in the binary form of PGM."""
    header = f"P5\n# made by generate.py\n{width} {height}\n255\n".encode()
    return header + bytes(pixel(x, y) for y in range(height) for x in range(width))


def gradient() -> bytes:
    """Brightness that grows to the right and downwards, and comes round again."""
    return pgm(96, 64, lambda x, y: (2 * x + 3 * y + x * y // 16) % 256)


def shapes() -> bytes:
    """A disc, a bar, a ring and a chessboard on a grey ground, with grains."""
    source = chance("shapes")

    def pixel(x: int, y: int) -> int:
        if source.random() < 0.02:
            return below(source, 256)
        if (x - 36) ** 2 + (y - 34) ** 2 < 22**2:
            return 230
        if 14**2 < (x - 92) ** 2 + (y - 30) ** 2 < 20**2:
            return 20
        if 70 < y < 84 and 10 < x < 74:
            return 160
        if y > 60 and x > 84:
            return 255 if (x // 6 + y // 6) % 2 else 0
        return 96

    return pgm(128, 96, pixel)


def matrix(kind: str, size: int, entries: list[tuple[int, int, str]]) -> bytes:
    """A sparse matrix in the coordinate form of Matrix Market; rows and columns from 1."""
    lines = [f"%%MatrixMarket matrix coordinate real {kind}", "% made by generate.py"]
    lines.append(f"{size} {size} {len(entries)}")
    lines += [f"{row + 1} {column + 1} {value}" for row, column, value in entries]
    return ("\n".join(lines) + "\n").encode()


def poisson(side: int = 24) -> bytes:
    """The five-point Laplacian of a square grid; only the lower half, as it is symmetric."""
    entries = []
    for node in range(side * side):
        if node >= side:
            entries.append((node, node - side, "-1"))
        if node % side:
            entries.append((node, node - 1, "-1"))
        entries.append((node, node, "4"))
    return matrix("symmetric", side * side, entries)


def random_matrix(size: int = 300) -> bytes:
    """Symmetric with a heavy diagonal, so positive definite, but written out in full."""
    source = chance("matrix")
    values: dict[tuple[int, int], int] = {}
    for _ in range(3 * size):
        row, column = below(source, size), below(source, size)
        if row != column:
            values[row, column] = values[column, row] = below(source, 2000) - 1000
    weight = [0] * size
    for (row, _), value in values.items():
        weight[row] += abs(value)
    for row in range(size):
        values[row, row] = weight[row] + 100 + below(source, 900)
    entries = [(row, column, f"{value / 1000:.3f}") for (row, column), value in values.items()]
    return matrix("general", size, sorted(entries))


def graph(nodes: int, edges: list[tuple[int, int, int]]) -> bytes:
    """An undirected graph: its size, then an edge with its weight a line; nodes from 0."""
    lines = [
        "# made by generate.py: nodes and edges, then: node node weight",
        f"{nodes} {len(edges)}",
    ]
    return ("\n".join([*lines, *(f"{a} {b} {weight}" for a, b, weight in edges)]) + "\n").encode()


def grid_graph(side: int = 24) -> bytes:
    """Neighbours on a square grid."""
    source = chance("grid")
    edges = []
    for node in range(side * side):
        if node % side:
            edges.append((node - 1, node, 1 + below(source, 9)))
        if node >= side:
            edges.append((node - side, node, 1 + below(source, 9)))
    return graph(side * side, edges)


def random_graph(nodes: int = 400) -> bytes:
    """Any two nodes, some edges double; the last ten nodes have no way to the others."""
    source = chance("graph")
    edges = []
    for _ in range(2 * nodes):
        a, b = below(source, nodes - 10), below(source, nodes - 10)
        edges.append((a, b, 1 + below(source, 99)))
    edges += [(nodes - 10 + i, nodes - 9 + i, 5) for i in range(9)]
    return graph(nodes, edges)


def lines(values: Iterator[str]) -> bytes:
    """A value a line."""
    return ("\n".join(values) + "\n").encode()


def integers() -> bytes:
    """Whole numbers of both signs in no order."""
    source = chance("integers")
    return lines(str(below(source, 2_000_001) - 1_000_000) for _ in range(2500))


def integer_runs() -> bytes:
    """Runs that rise and fall in turn, with many equal numbers."""
    source = chance("runs")
    values: list[int] = []
    for run in range(40):
        piece = sorted(below(source, 60) * 7 - 100 for _ in range(20 + below(source, 80)))
        values += piece if run % 2 else piece[::-1]
    return lines(map(str, values))


def floats() -> bytes:
    """Numbers around zero."""
    source = chance("floats")
    return lines(f"{100 * gauss(source):.6f}" for _ in range(2000))


def wide_floats() -> bytes:
    """Numbers of all magnitudes, some equal, some zero."""
    source = chance("wide floats")
    kept = [
        (source.random() - 0.5) * 10.0 ** (below(source, 401) - 200) if below(source, 50) else 0.0
        for _ in range(1500)
    ]
    return lines(f"{kept[below(source, len(kept))]:.9e}" for _ in range(2000))


def clusters() -> bytes:
    """Points around four centres."""
    source = chance("clusters")
    centres = ((0, 0), (9, 1), (2, 8), (10, 10))
    points = [centres[below(source, 4)] for _ in range(800)]
    return lines(f"{x + gauss(source):.4f} {y + gauss(source):.4f}" for x, y in points)


def rings() -> bytes:
    """Points on three rings around one centre, which no clustering by distance tells apart."""
    source = chance("rings")
    polar = [(3.0 * (1 + below(source, 3)), math.tau * source.random()) for _ in range(800)]
    return lines(
        f"{r * math.cos(a) + gauss(source) / 5:.4f} {r * math.sin(a) + gauss(source) / 5:.4f}"
        for r, a in polar
    )


MADE: dict[str, Callable[[], bytes]] = {
    "sample-text-prose.txt": prose,
    "sample-dna.fasta": dna,
    "sample-dna-repeats.fasta": dna_repeats,
    "sample-pgm-gradient.pgm": gradient,
    "sample-pgm-shapes.pgm": shapes,
    "sample-matrix-poisson.mtx": poisson,
    "sample-matrix-random.mtx": random_matrix,
    "sample-graph-grid.txt": grid_graph,
    "sample-graph-random.txt": random_graph,
    "sample-integers.txt": integers,
    "sample-integers-runs.txt": integer_runs,
    "sample-floats.txt": floats,
    "sample-floats-wide.txt": wide_floats,
    "sample-points-clusters.txt": clusters,
    "sample-points-rings.txt": rings,
}


def main() -> None:
    """Write every data set into a directory of its own."""
    top = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, make in MADE.items():
        path = top / Path(name).stem / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make())


if __name__ == "__main__":
    main()
