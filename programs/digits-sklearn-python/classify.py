"""Handwritten digits told apart by scikit-learn: trained on two of three of the 1797 images that
come with it, asked about the third, and held against what people said they are."""

import sys
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC


def accuracy(said: np.ndarray, truth: np.ndarray) -> str:
    """How many are right, and for each digit how many of it were found."""
    found = [int(np.sum(said[truth == digit] == digit)) for digit in range(10)]
    return f"{sum(found)} of {len(truth)} right, by digit {' '.join(map(str, found))}"


def main(arguments: list[str]) -> int:
    methods = {
        "neighbours": KNeighborsClassifier(n_neighbors=3),
        "support-vectors": SVC(gamma=0.001, C=10.0),
    }
    if len(arguments) != 1 or arguments[0] not in methods:
        print(f"usage: classify.py {'|'.join(methods)}", file=sys.stderr)
        return 2
    images, truth = load_digits(return_X_y=True)
    asked = np.arange(len(truth)) % 3 == 0
    method = methods[arguments[0]]

    begun = time.perf_counter()
    method.fit(images[~asked], truth[~asked])
    trained = time.perf_counter()
    said = method.predict(images[asked])
    ended = time.perf_counter()
    right = int(np.sum(said == truth[asked]))
    print(f"{arguments[0]}: {accuracy(said, truth[asked])}")
    print(f"accuracy {right / len(said):.4f}")
    print(f"train seconds {trained - begun:.6f}\npredict seconds {ended - trained:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
