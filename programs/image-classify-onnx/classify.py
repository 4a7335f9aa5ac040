"""Pictures of lines of text, half of them upside down, told apart by a network of PaddleOCR
with ONNX Runtime. The pictures are drawn here, so there is no doubt about what is right."""

import sys
import time
from collections.abc import Iterator

import numpy as np
import onnxruntime

HEIGHT, WIDTH = 48, 192
"""Of the pictures that the network was trained on."""
FONT = {
    "A": "0e11111f111111",
    "B": "1e11111e11111e",
    "C": "0e11101010110e",
    "D": "1e11111111111e",
    "E": "1f10101e10101f",
    "F": "1f10101e101010",
    "G": "0e11101713110f",
    "J": "0702020202120c",
    "K": "11121418141211",
    "L": "1010101010101f",
    "P": "1e11111e101010",
    "R": "1e11111e141211",
    "T": "1f040404040404",
    "U": "1111111111110e",
    "V": "11111111110a04",
    "Y": "11110a04040404",
    "2": "0e11010204081f",
    "4": "02060a121f0202",
    "7": "1f010204080808",
}
"""Letters of 5 x 7 points, a row in two hexadecimal digits; none is the same upside down."""


def letter(name: str) -> np.ndarray:
    rows = bytes.fromhex(FONT[name])
    return np.array([[row >> 4 - column & 1 for column in range(5)] for row in rows], float)


def line(text: str) -> np.ndarray:
    """A grey picture, dark on bright from 1 to 0, with the edges of the letters smoothed."""
    points = np.hstack([np.pad(letter(name), ((2, 2), (1, 1))) for name in text])
    rows = (np.arange(HEIGHT) + 0.5) * points.shape[0] / HEIGHT - 0.5
    columns = (np.arange(WIDTH) + 0.5) * points.shape[1] / WIDTH - 0.5
    across = np.array([np.interp(columns, np.arange(len(row)), row) for row in points])
    return 1 - np.array([np.interp(rows, np.arange(len(c)), c) for c in across.T]).T


def texts(count: int, length: int = 12) -> Iterator[str]:
    names, state = sorted(FONT), 1
    for _ in range(count):
        text = ""
        for _ in range(length):
            state = (state * 1103515245 + 12345) % 2**31
            text += names[(state >> 16) % len(names)]
        yield text


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    """As the network takes them: three colours from -1 to 1; and which are upside down."""
    turned = np.arange(count) % 2 == 1
    grey = np.array([line(text) for text in texts(count)])
    grey[turned] = grey[turned, ::-1, ::-1]
    return np.repeat(grey[:, None], 3, axis=1).astype(np.float32) * 2 - 1, turned


def session(model: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or not all(map(str.isdecimal, arguments[1:])) or arguments[1] == "0":
        print("usage: classify.py MODEL PICTURES THREADS", file=sys.stderr)
        return 2
    count, threads = int(arguments[1]), int(arguments[2])
    network = session(arguments[0], threads)
    images, turned = pictures(count)
    begun = time.perf_counter()
    (chances,) = network.run(None, {network.get_inputs()[0].name: images})
    seconds = time.perf_counter() - begun

    right = int(np.sum((chances[:, 1] > 0.5) == turned))
    for number, text in enumerate(texts(min(count, 8))):
        print(f"{text} upside down {chances[number, 1]:.4f}")
    print(f"right {right} of {count}\naccuracy {right / count:.4f}")
    print(f"seconds {seconds:.6f}\nonnxruntime {onnxruntime.__version__}")
    return 0


sys.exit(main(sys.argv[1:]))
