"""The quantum Fourier transform on the simulator Qulacs: a circuit of rotations and exchanges, held
against what NumPy's transform makes of the same amplitudes, and undone again."""

import math
import sys
import time

import numpy as np
from qulacs import QuantumCircuit, QuantumState
from qulacs.gate import U1, to_matrix_gate


def transform(qubits: int) -> QuantumCircuit:
    """Half turns, quarter turns and so on, each controlled; then the qubits in reverse order."""
    circuit = QuantumCircuit(qubits)
    for target in reversed(range(qubits)):
        circuit.add_H_gate(target)
        for control in reversed(range(target)):
            turn = to_matrix_gate(U1(target, math.pi / 2 ** (target - control)))
            turn.add_control_qubit(control, 1)
            circuit.add_gate(turn)
    for qubit in range(qubits // 2):
        circuit.add_SWAP_gate(qubit, qubits - 1 - qubit)
    return circuit


def amplitudes(count: int) -> np.ndarray:
    """A state with two frequencies in it, of length 1."""
    at = np.arange(count)
    turns = 2j * np.pi * at / count
    wave = np.exp(3 * turns) + 0.5 * np.exp((count // 2 - 1) * turns) + 0.125 * (at % 3)
    return wave / np.linalg.norm(wave)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal() or not 3 <= int(arguments[0]) <= 28:
        print("usage: fourier.py QUBITS (3 to 28)", file=sys.stderr)
        return 2
    qubits = int(arguments[0])
    before = amplitudes(2**qubits)
    state = QuantumState(qubits)
    state.load(before)
    circuit = transform(qubits)
    begun = time.perf_counter()
    circuit.update_quantum_state(state)
    seconds = time.perf_counter() - begun

    after = state.get_vector()
    expected = np.fft.ifft(before, norm="ortho")
    print(f"gates {circuit.get_gate_count()} norm {np.linalg.norm(after):.9f}")
    print(f"as the transform of NumPy: {'yes' if np.allclose(after, expected, 0, 1e-9) else 'NO'}")
    for place in np.sort(np.argsort(-abs(after))[:3]):
        print(f"peak at {place} probability {abs(after[place]) ** 2:.9f}")
    circuit.get_inverse().update_quantum_state(state)
    print(f"undone: {'yes' if np.allclose(state.get_vector(), before, 0, 1e-9) else 'NO'}")
    print(f"seconds {seconds:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
