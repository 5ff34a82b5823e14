"""The table of the compatibility matrix, in docs/compatibility.md."""

from __future__ import annotations

from collections.abc import Mapping

from matrix_cells import CELLS, NOT_TESTED

BEGIN = '<!-- matrix: begin, written by make matrix -->'
END = '<!-- matrix: end -->'


def outcome(result: Mapping[str, object]) -> str:
    """Return the result column of a cell."""
    if 'not_created' in result:
        return f'**not created**: {result["not_created"]}'
    failed = result['failed']
    skipped = result['skipped']
    assert isinstance(failed, list)
    assert isinstance(skipped, dict)
    failures = f'**{len(failed)} failed**, ' if failed else ''
    return f'{failures}{result["passed"]} passed, {sum(skipped.values())} skipped'


def with_table(page: str, results: Mapping[str, Mapping[str, object]]) -> str:
    """Return the text of docs/compatibility.md with a new table. Raises ValueError."""
    before, found, rest = page.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found or not found_end:
        raise ValueError(f'docs/compatibility.md lacks the lines {BEGIN} and {END}')
    return f'{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}'


def table(results: Mapping[str, Mapping[str, object]]) -> str:
    """Return the table of all cells, followed by the failed and the skipped tests."""
    rows = [
        '| cell | Python | numpy | OpenCV | ROS 2 | tests | result | on |',
        '|---|---|---|---|---|---|---|---|',
    ]
    notes = []
    for cell in CELLS:
        result = results.get(cell.name, {'not_created': 'not run yet', 'when': ''})
        found = {
            'python': cell.python,
            'numpy': cell.numpy,
            'opencv': cell.opencv,
            'ros': '',
            'tests': '',
            **result,
        }
        rows.append(
            f'| {cell.name} | {found["python"]} | {found["numpy"]} | {found["opencv"]} '
            f'| {found["ros"]} | {found["tests"]} | {outcome(result)} | {found["when"]} |'
        )
        failed, skipped = result.get('failed', []), result.get('skipped', {})
        assert isinstance(failed, list)
        assert isinstance(skipped, dict)
        notes += [f'- {cell.name}: failed: `{name}`' for name in failed]
        notes += [f'- {cell.name}: {count} skipped: {reason}' for reason, count in skipped.items()]
    return '\n'.join(
        [
            *rows,
            '',
            *(f'- Not tested: {reason}' for reason in NOT_TESTED),
            '',
            'Skipped tests:',
            '',
            *notes,
        ]
    )
