"""Limits for the processes of tests."""


def with_small_files(kibibytes: int) -> list[str]:
    """Return the beginning of a command whose files can have only this size, as on a full disk."""
    return [
        # Coverage could not write its own, larger file either.
        'env',
        '-u',
        'COVERAGE_PROCESS_CONFIG',
        '-u',
        'COVERAGE_PROCESS_START',
        'bash',
        '-c',
        f'trap "" XFSZ; ulimit -f {kibibytes}; exec "$@"',
        'bash',
    ]
