"""Entangled qubits on the simulator Qulacs: amplitudes, samples, and a bound that only quantum
mechanics breaks."""

import math
import sys
import time
from collections import Counter

import qulacs
from qulacs import Observable, QuantumCircuit, QuantumState


def entangled(qubits: int) -> QuantumState:
    """All qubits 0 or all 1, with equal chances: for two the Bell state."""
    circuit = QuantumCircuit(qubits)
    circuit.add_H_gate(0)
    for qubit in range(1, qubits):
        circuit.add_CNOT_gate(qubit - 1, qubit)
    state = QuantumState(qubits)
    circuit.update_quantum_state(state)
    return state


def correlation(first: float, second: float) -> float:
    """Of the two qubits of a Bell state, each measured along a direction in the plane."""
    state = entangled(2)
    circuit = QuantumCircuit(2)
    circuit.add_RotY_gate(0, first)
    circuit.add_RotY_gate(1, second)
    circuit.update_quantum_state(state)
    product = Observable(2)
    product.add_operator(1.0, "Z 0 Z 1")
    return product.get_expectation_value(state)


def bell_sum() -> float:
    """At most 2 for what has its values before it is measured; 2 sqrt 2 here."""
    a, b = (0.0, math.pi / 2), (math.pi / 4, -math.pi / 4)
    terms = [correlation(x, y) for x in a for y in b]
    return terms[0] + terms[1] + terms[2] - terms[3]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not all(map(str.isdecimal, arguments)) or int(arguments[0]) < 2:
        print("usage: bell.py QUBITS SAMPLES", file=sys.stderr)
        return 2
    qubits, samples = map(int, arguments)
    begun = time.perf_counter()
    state = entangled(qubits)
    counts = Counter(state.sampling(samples, 7))
    bound = bell_sum()
    seconds = time.perf_counter() - begun
    amplitudes = state.get_vector()
    print(f"amplitudes {amplitudes[0].real:.9f} {amplitudes[-1].real:.9f}")
    print(f"rest {sum(abs(amplitudes[1:-1]) ** 2):.9f}")
    print(f"samples of other states {samples - counts[0] - counts[2**qubits - 1]}")
    share = counts[0] / samples
    print(f"near one half: {'yes' if abs(share - 0.5) < 3 / math.sqrt(samples) else 'NO'}")
    print(f"bell sum {bound:.9f}\nseconds {seconds:.6f}\nqulacs {qulacs.__version__}")
    return 0


sys.exit(main(sys.argv[1:]))
