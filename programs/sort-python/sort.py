"""Three ways to sort a list, which must give the same: by merging, by a heap, and the built-in."""

import sys
import time
import zlib


def numbers(count: int) -> list[int]:
    """Always the same: a linear congruence, of which the low bits are left out."""
    state, values = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state >> 8)
    return values


def merge_sort(values: list[int]) -> list[int]:
    if len(values) < 2:
        return values
    middle = len(values) // 2
    left, right = merge_sort(values[:middle]), merge_sort(values[middle:])
    merged, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


def sift_down(heap: list[int], root: int, end: int) -> None:
    """Let the element at *root* sink to where no child of it is larger."""
    while (child := 2 * root + 1) < end:
        if child + 1 < end and heap[child] < heap[child + 1]:
            child += 1
        if heap[root] >= heap[child]:
            return
        heap[root], heap[child] = heap[child], heap[root]
        root = child


def heap_sort(values: list[int]) -> list[int]:
    heap = list(values)
    for root in range(len(heap) // 2 - 1, -1, -1):
        sift_down(heap, root, len(heap))
    for end in range(len(heap) - 1, 0, -1):
        heap[0], heap[end] = heap[end], heap[0]
        sift_down(heap, 0, end)
    return heap


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal():
        print("usage: sort.py COUNT", file=sys.stderr)
        return 2
    values = numbers(int(arguments[0]))
    for name, way in (("merge", merge_sort), ("heap", heap_sort), ("built-in", sorted)):
        begun = time.perf_counter()
        result = way(values)
        seconds = time.perf_counter() - begun
        digest = zlib.crc32(" ".join(map(str, result)).encode())
        print(f"{name} {len(result)} numbers, crc32 {digest:08x}")
        print(f"{name} seconds {seconds:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
