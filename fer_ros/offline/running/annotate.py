"""The annotation of one input, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fer_ros.core.errors import FerError, OutputError
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.results.recorded import write_recorded
from fer_ros.offline.running.ahead import ONE_CORE, Cores
from fer_ros.offline.running.annotation import Annotation
from fer_ros.offline.running.journal import Journal
from fer_ros.offline.running.shared_models import SharedModels


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an input.

    Attributes:
        failure: The reason if there are no results, otherwise empty.
        warning: Faults of the results.
        fatal: Whether no other input can succeed either.
        seconds: Processing time.
    """

    frames: int = 0
    failure: str = ''
    warning: str = ''
    fatal: bool = False
    seconds: float = 0.0


class StoppedError(Exception):
    """The results are no longer needed."""


def annotate(
    one: Input,
    output: OutputFolder,
    models: SharedModels,
    cores: Cores = ONE_CORE,
    progress: Callable[[int, int], None] = lambda done, length: None,
) -> Outcome:
    """Write the results of one input, all or none. They do not depend on the number of cores.

    Args:
        progress: Called with the number of processed frames and of all frames (0: unknown). It can
            raise StoppedError.
    """
    start = time.monotonic()
    journal = Journal(output.unfinished(one, models.settings))
    try:
        with output.part() as part:
            if one.recorded:
                frames, warning = write_recorded(one, part, models.settings, progress)
            else:
                frames, warning = Annotation(one, models, cores, progress, journal).write(part)
            part.commit(one)
        journal.remove()
    except OutputError as error:
        return Outcome(failure=str(error), fatal=True)
    except FerError as error:
        return Outcome(failure=str(error))
    except StoppedError:
        raise
    except Exception as error:  # Any error: the other inputs continue.
        return Outcome(failure=f'{type(error).__name__}: {error}')
    return Outcome(frames, warning=warning, seconds=time.monotonic() - start)
