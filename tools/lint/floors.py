#!/usr/bin/env python3
"""Checks every #include against the floors of the house: a folder uses only floors below it, or its own building.

Usage: floors.py SOURCE_DIR    prints file:line: reason, exits 1 if an include goes up
"""
import pathlib
import re
import sys

# Longest prefix wins. Rooms of one floor may see each other only where the CMake targets allow it.
FLOORS = {
    "protocols": 0, "host/base": 0,
    "device": 1, "host/link": 1, "host/delta": 1,
    # Hosted programs; nothing portable sees them. Fleet and simulator read XML, the fault programs run the simulator's node.
    "device/fleet": 2, "device/sim": 2, "device/qemu/host/faults": 2,
    "host/session": 2, "host/store": 2, "manifests": 2,
    "host/update": 3, "host/walk": 3, "host/jobs": 3,
    "host/gate": 4, "host/rollout": 4, "host/hil": 4,
    "host/api": 5, "host/cli": 5, "host/web": 5, "hil-tests": 5, "tools": 5,
}


def floor(path):
    parts = path.split("/")
    for n in range(len(parts), 0, -1):
        if "/".join(parts[:n]) in FLOORS:
            return FLOORS["/".join(parts[:n])]
    return None


def main(source):
    source = pathlib.Path(source)
    found = includes = 0
    for folder in ("protocols", "device", "manifests", "host"):
        for file in sorted(source.joinpath(folder).rglob("*.[ch]pp")):
            own = file.relative_to(source).as_posix()
            # Tests may reach up: they drive a room through the program a user would run.
            if own.endswith("_test.cpp"):
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = re.match(r'\s*#include "([^"]+)"', line)
                if not match or floor(match[1]) is None:
                    continue
                includes += 1
                if floor(match[1]) > floor(own):
                    found += 1
                    print(f"{own}:{number}: floor {floor(own)} includes {match[1]} of floor {floor(match[1])}")
    print(f"{includes} includes read, {found} go up")
    return 1 if found or not includes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
