"""Writes what repeats the contract and the arguments of bring-ups: config/ and README.md.

`python -m fer_ros.ros.contract_text` writes all anew; a test compares them with the tables.
"""

from __future__ import annotations

from pathlib import Path

from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract.sros2_policy import policy_xml
from fer_ros.ros.contract.text import contract_tables, parameters_yaml

#: Between these lines of README.md stands what this module writes.
TABLE_LIMITS = {
    name: (
        f'<!-- {name}: begin, written by python -m fer_ros.ros.contract_text -->',
        f'<!-- {name}: end -->',
    )
    for name in ('arguments', 'contract')
}


def arguments_table() -> str:
    """Return the table of launch arguments."""
    rows = ['| argument | default | in | |', '|---|---|---|---|']
    for argument in ARGUMENTS.values():
        launches = [name for name, (names, _) in LAUNCHES.items() if argument.name in names]
        where = 'all' if len(launches) == len(LAUNCHES) else ', '.join(launches)
        choices = f' One of {", ".join(argument.choices)}.' if argument.choices else ''
        rows.append(
            f'| `{argument.name}` | {argument.default or "not given"} | {where} '
            f'| {argument.description}{choices} |'
        )
    return '\n'.join(rows)


def with_tables(readme: str) -> str:
    """Return the text of README.md with its tables written anew. Raises ValueError."""
    for name, table in (('arguments', arguments_table()), ('contract', contract_tables())):
        begin, end = TABLE_LIMITS[name]
        before, found, rest = readme.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found or not found_end:
            raise ValueError(f'README.md lacks the lines {begin} and {end}')
        readme = f'{before}{begin}\n\n{table}\n\n{end}{after}'
    return readme


def main() -> None:
    """Write the files in config/ and the tables of README.md of this checkout."""
    root = Path(__file__).resolve().parents[2]
    (root / 'config' / 'pipeline.yaml').write_text(parameters_yaml(), encoding='utf-8')
    (root / 'config' / 'sros2_policy.xml').write_text(policy_xml(), encoding='utf-8')
    readme = root / 'README.md'
    readme.write_text(with_tables(readme.read_text(encoding='utf-8')), encoding='utf-8')


if __name__ == '__main__':
    main()
