"""Comparison of the output of both models in each runtime, on this and on another machine.

    python scripts/arm64_labels.py              print it as JSON
    python scripts/arm64_labels.py OTHER.json   compare with what another machine printed

Each model is also checked when it is loaded: its card contains probabilities and a tolerance.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import fer_ros
from fer_ros.core.models import ModelStore
from fer_ros.core.sources.portraits import COLLINS, PHOTOGRAPHS

MODELS = ('default', 'tiny')
RUNTIMES = ('litert', 'onnxruntime', 'opencv')


def main() -> int:
    """Print or compare. Return 1 if a label or a probability differs."""
    found = answers()
    if len(sys.argv) < 2:
        print(json.dumps(found))
        return 0
    expected = json.loads(Path(sys.argv[1]).read_text(encoding='utf-8'))
    worst = 0
    for name, answer in found.items():
        tolerance = ModelStore().load_card(name.partition(' ')[0]).check.tolerance
        apart = max(abs(answer[label] - expected[name][label]) for label in answer)
        here, there = map(most_probable, (answer, expected[name]))
        good = here == there and apart <= tolerance
        print(
            f'{platform.machine()} {name:20} {here} {answer[here]:.4f}, there {there} '
            f'{expected[name][there]:.4f}: at most {apart:.6f} apart, '
            f'{"within" if good else "beyond"} {tolerance:g}'
        )
        worst |= not good
    return worst


def answers() -> dict[str, dict[str, float]]:
    """Return model and runtime to the probabilities of the face in a photograph."""
    photograph = PHOTOGRAPHS[COLLINS].load()
    found = {}
    for model in MODELS:
        for runtime in RUNTIMES:
            (face,) = fer_ros.analyze(photograph, model=model, runtime=runtime)
            found[f'{model} {runtime}'] = face.probabilities
    return found


def most_probable(probabilities: dict[str, float]) -> str:
    """Return the label with the highest probability."""
    return max(probabilities, key=lambda label: probabilities[label])


if __name__ == '__main__':
    sys.exit(main())
