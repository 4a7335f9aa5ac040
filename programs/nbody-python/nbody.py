"""Bodies that attract each other, moved step by step so that their energy stays what it was."""

import math
import sys
import time

Body = dict[str, list[float]]


def bodies() -> list[Body]:
    """A heavy one at rest and lighter ones around it, each almost on a circle of its own."""
    made: list[Body] = [{"mass": [1000.0], "at": [0.0, 0.0, 0.0], "speed": [0.0, 0.0, 0.0]}]
    for i in range(1, 7):
        radius, angle, tilt = 10.0 * i, 1.1 * i, 0.05 * i
        swiftness = math.sqrt(1000.0 / radius)
        made.append(
            {
                "mass": [0.5 + 0.25 * i],
                "at": [radius * math.cos(angle), radius * math.sin(angle), tilt * radius],
                "speed": [-swiftness * math.sin(angle), swiftness * math.cos(angle), 0.0],
            }
        )
    return made


def energy(system: list[Body]) -> float:
    total = 0.0
    for i, body in enumerate(system):
        total += body["mass"][0] * sum(v * v for v in body["speed"]) / 2
        for other in system[i + 1 :]:
            distance = math.dist(body["at"], other["at"])
            total -= body["mass"][0] * other["mass"][0] / distance
    return total


def pull(system: list[Body], duration: float) -> None:
    """Change all speeds by what the bodies do to each other in *duration*."""
    for i, body in enumerate(system):
        for other in system[i + 1 :]:
            way = [other["at"][axis] - body["at"][axis] for axis in range(3)]
            strength = duration / math.hypot(*way) ** 3
            for axis in range(3):
                body["speed"][axis] += way[axis] * strength * other["mass"][0]
                other["speed"][axis] -= way[axis] * strength * body["mass"][0]


def move(system: list[Body], duration: float) -> None:
    for body in system:
        for axis in range(3):
            body["at"][axis] += body["speed"][axis] * duration


def step(system: list[Body], duration: float) -> None:
    """Half a pull, a move, half a pull: of second order, and it runs backwards as well."""
    pull(system, duration / 2)
    move(system, duration)
    pull(system, duration / 2)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdecimal():
        print("usage: nbody.py STEPS", file=sys.stderr)
        return 2
    system = bodies()
    before = energy(system)
    begun = time.perf_counter()
    for _ in range(int(arguments[0])):
        step(system, 0.01)
    seconds = time.perf_counter() - begun
    after = energy(system)
    print(f"energy {before:.9f} then {after:.9f}")
    print(f"kept {'yes' if abs(after / before - 1) < 1e-4 else 'NO'}")
    for body in system[1:]:
        print("body at", *(f"{x:.9f}" for x in body["at"]))
    print(f"seconds {seconds:.6f}")
    return 0


sys.exit(main(sys.argv[1:]))
