"""Writes the files that repeat the contract and the launch arguments: config/ and pages of docs/.

Run `python -m fer_ros.ros.contract_text` after you change either table. A test compares the files
with the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract.markdown import code, node_services, nodes, parameters, table
from fer_ros.ros.contract.sros2_policy import policy_xml
from fer_ros.ros.contract.text import parameters_yaml
from fer_ros.ros.contract.values import VALUES


def launch_files() -> str:
    """Return a table of the launch files with the nodes they start."""
    return table(
        ('launch file', 'starts'),
        [
            (code(f'{name}.launch.py'), ', '.join(map(code, executables)))
            for name, (_, executables) in LAUNCHES.items()
        ],
    )


def arguments() -> str:
    """Return a table of the launch arguments with the launch files that take them."""
    rows = []
    for argument in ARGUMENTS.values():
        takers = [name for name, (names, _) in LAUNCHES.items() if argument.name in names]
        facts = [
            f'default {code(argument.default)}' if argument.default else 'no default',
            ', '.join(map(code, argument.choices)),
            'all launch files' if len(takers) == len(LAUNCHES) else ' and '.join(takers),
        ]
        said = '; '.join(fact for fact in facts if fact)
        rows.append(
            (code(f'{argument.name}:='), f'{argument.description}<br><small>{said}</small>')
        )
    return table(('argument', 'what it does'), rows)


def values() -> str:
    """Return a table of the values in diagnostics."""
    rows = [(code(name), meaning) for name, meaning in VALUES.items()]
    return table(('value', 'meaning'), rows)


#: The written sections of each page of docs/.
SECTIONS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    'commands.md': {'launch files': launch_files, 'arguments': arguments},
    'parameters.md': {'parameters': parameters},
    'topics.md': {'nodes': nodes, 'services': node_services, 'values': values},
}


def with_sections(page: str, text: str) -> str:
    """Return the text of a page with its sections written again.

    Raises:
        ValueError: The page lacks the lines that mark a section.
    """
    for name, write in SECTIONS[page].items():
        begin = f'<!-- {name}: begin, written by python -m fer_ros.ros.contract_text -->'
        end = f'<!-- {name}: end -->'
        before, found, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found or not found_end:
            raise ValueError(f'{page} lacks the lines {begin} and {end}')
        text = f'{before}{begin}\n\n{write()}\n\n{end}{after}'
    return text


def main() -> None:
    """Write the files in config/ and the sections in docs/ of this checkout."""
    root = Path(__file__).resolve().parents[2]
    (root / 'config' / 'pipeline.yaml').write_text(parameters_yaml(), encoding='utf-8')
    (root / 'config' / 'sros2_policy.xml').write_text(policy_xml(), encoding='utf-8')
    for page in SECTIONS:
        file = root / 'docs' / page
        file.write_text(with_sections(page, file.read_text(encoding='utf-8')), encoding='utf-8')


if __name__ == '__main__':
    main()
