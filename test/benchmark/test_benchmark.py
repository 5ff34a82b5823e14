"""The benchmark with small counts: every figure is measured and named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.waiting import PATIENCE, wait_for

pytest.importorskip('skimage', reason='no scikit-image: its photograph is what is measured on')

from benchmark import (
    __main__,
    annotation,
    comparison,
    crowd,
    edge,
    figures,
    footprint,
    instructions,
    report,
    stages,
)
from benchmark.scenes import HEIGHT, WIDTH, Scene
from benchmark.spread import Spread, milliseconds
from benchmark.truth import Truth
from fer_ros.core.types import Box

#: Names that readers of the file rely on.
NAMES = {
    'speedup_vs_fer',
    'detect_ms',
    'classify_ms',
    'three_process_p50_ms',
    'three_process_p99_ms',
    'single_process_p50_ms',
    'cpu_percent_30hz',
    'ms_per_extra_face',
    'edge_bytes_per_frame',
    'event_delay_ms',
    'rss_mb',
    'startup_s',
    'runtime_install_mb',
}

FLOW = {
    'latency_ms': {'p10': 6.0, 'p50': 7.0, 'p90': 8.0, 'p95': 8.5, 'p99': 9.0, 'count': 30},
    'thirds_ms': [7.0, 7.0, 7.0],
    'detection_ms': 3.0,
    'classification_ms': 0.5,
    'rate': 30.0,
    'cpu_percent': 18.0,
    'rss_mb': [230.0, 231.0],
    'events': 0,
    'startup_s': 1.0,
    'overhead_ms': 3.5,
    'reached_percent': 99.5,
}
RIVALS = {
    'times': {
        'webcam clip': {
            'fer_ros': {'p10': 3.0, 'p50': 3.5, 'p90': 4.0},
            'fer (PyPI)': {'p10': 34.0, 'p50': 35.0, 'p90': 36.0},
        }
    },
    'missing': {'Haar 1.3 + Keras predict': 'ModuleNotFoundError: no keras'},
    'recall': {
        'voc/a.jpg': {
            'fer_ros': {'labelled': 3, 'found': 3, 'false': 0},
            'fer (PyPI)': {'labelled': 3, 'found': 1, 'false': 2},
        }
    },
}


def test_a_small_run_writes_every_figure_and_a_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(stages, 'SIZES', ((320, 240), (WIDTH, HEIGHT)))
    monkeypatch.setattr(stages, 'DETECTORS', ('retinaface',))
    monkeypatch.setattr(crowd, 'COUNTS', (1, 3))
    monkeypatch.setattr(footprint, 'MODULES', ('fer_ros.core.pipeline',))
    parts = ('stages', 'crowd', 'changes', 'footprint')
    assert (
        __main__.main(
            [
                '--parts',
                *parts,
                '--repetitions',
                '2',
                '--event-seconds',
                '1',
                '--output',
                str(tmp_path),
            ]
        )
        == 0
    )
    figures = json.loads((tmp_path / 'bench.json').read_text())
    assert set(figures) >= NAMES
    assert figures['classify_ms'] > 0
    assert figures['runtime_install_mb'] > 10
    assert figures['ms_per_extra_face'] is not None
    assert figures['speedup_vs_fer'] is None
    assert figures['processor']
    page = (tmp_path / 'benchmark.md').read_text()
    assert 'Each further face' in page
    assert '| three processes: latency, p99 |' in capsys.readouterr().out


def test_annotate_is_measured_and_written_on_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(annotation, 'SECONDS', 1)
    monkeypatch.setattr(annotation, 'PART_SECONDS', 1)
    monkeypatch.setattr(annotation, 'SEARCHES', ('fast',))
    cores = os.sched_getaffinity(0)
    measured = annotation.measure('tiny', tmp_path, 1)
    assert os.sched_getaffinity(0) == cores
    values = figures.figures({'annotate': measured})
    assert values['annotate_hz'] > 0
    assert values['annotate_processor_ms'] > 0
    page = report.page({'model': 'tiny', 'machine': {}, 'annotate': measured}, 'images')
    assert 'a video of 1 seconds' in page
    assert '| fast |' in page


def test_a_part_that_fails_is_named_and_the_other_parts_run(tmp_path):
    assert (
        __main__.main(
            [
                '--parts',
                'rivals',
                'footprint',
                '--repetitions',
                '1',
                '--rivals-python',
                str(tmp_path / 'nowhere'),
                '--output',
                str(tmp_path),
            ]
        )
        == 0
    )
    page = (tmp_path / 'benchmark.md').read_text()
    assert '- rivals: FileNotFoundError' in page
    assert json.loads((tmp_path / 'bench.json').read_text())['runtime_install_mb'] > 0


def test_nodes_end_when_the_benchmark_receives_a_signal(tmp_path, monkeypatch):
    pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
    from support.robot import free_domain

    with free_domain() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        benchmark = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'benchmark',
                '--parts',
                'soak',
                '--model',
                'mini_xception',
                '--output',
                str(tmp_path),
            ],
            cwd=__main__.ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            children = Path(f'/proc/{benchmark.pid}/task/{benchmark.pid}/children')
            nodes = wait_for(
                lambda: [
                    pid
                    for pid in children.read_text().split()
                    if b'single_process' in Path(f'/proc/{pid}/cmdline').read_bytes()
                ],
                'node',
            )
            benchmark.terminate()
            assert benchmark.wait(PATIENCE) == 128 + signal.SIGTERM
            # One that had just been started gets the signal from the kernel, a moment later.
            wait_for(
                lambda: not any(Path(f'/proc/{pid}').exists() for pid in nodes),
                f'end of {nodes}',
            )
        finally:
            benchmark.kill()


def test_nodes_are_measured_from_another_process(tmp_path, monkeypatch):
    pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
    from support.robot import free_domain

    from benchmark.nodes import RunningNodes

    monkeypatch.setenv('ROS_LOG_DIR', str(tmp_path))
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    arguments = {'source': 'demo', 'single_process': 'true'}
    with free_domain() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        with RunningNodes(tmp_path, arguments) as nodes:
            flow = nodes.watch(3.0, settling=0.5)
            tasks = []
            create = nodes._executor.create_task
            monkeypatch.setattr(
                nodes._executor, 'create_task', lambda *task: tasks.append(task) or create(*task)
            )
            answers = nodes.answers_ms(1)
            assert len(tasks) == len(answers), 'a question leaves its own end alone behind'
            inactive = nodes.inactive_percent(1.0)
    assert nodes.startup_s > 0
    assert 0 < flow.latency_ms.p50 <= flow.latency_ms.p99
    assert flow.detection_ms > 0
    assert flow.overhead_ms < flow.latency_ms.p50
    assert flow.rss_mb[1] > 50
    assert flow.cpu_percent > 0
    assert flow.reached_percent == 100.0, 'nothing gets lost between direct calls'
    assert len(answers) == 6
    assert min(answers) > 0
    assert inactive >= 0


def test_the_default_settings_are_measured():
    details = {
        'nodes': {
            'runs': {
                'three processes': [FLOW],
                'one process': [FLOW],
                'one process, search economy': [FLOW],
            },
            'flat_out_hz': {'three processes': 200.0, 'one process': 250.0},
            'answers_ms': {'three processes': {'p50': 3.0, 'longest': 30.0}},
            'inactive_percent': {'three processes': 0.5, 'one process': 0.3},
        },
        'rivals': RIVALS,
        'edge': {'bytes_per_frame': 3400.0},
        'soak': {'minutes': 10.0, 'thirds_ms': [5.0, 5.1, 5.2], 'rss_mb': [200.0, 210.0]},
        'delivery': {
            'reached_percent': {
                'no profile': 12.0,
                'no profile, our subscription reliable': 99.0,
                'with config/fastdds.xml': 100.0,
            }
        },
    }
    values = figures.figures(details)
    assert values['speedup_vs_fer'] == 10.0
    assert values['three_process_overhead_ms'] == 3.5
    assert values['edge_bytes_per_frame'] == 3400.0
    assert values['detect_ms'] is None
    met = {row[0]: row[3] for row in (target.row(values) for target in comparison.TARGETS)}
    assert met['one process: overhead in addition to detection and classification, p50'] == 'no'
    assert met['three processes: latency, p99'] == 'yes'
    assert met['detection of a frame in the node, 640x480'] == 'yes'
    assert met['three processes: start to first result'] == 'yes'
    assert met['each further face'] == ''
    assert met['labelled faces found, compared with fer'] == 'yes'
    assert met['long run at 30 Hz: growth of memory'] == 'no'
    assert met['long run at 30 Hz: drift of latency, last third to first'] == 'yes'
    assert met['the same for a driver without a profile, with one documented setting'] == 'yes'
    page = report.page({'model': 'm', 'machine': {}, **details}, 'images')
    assert '| no profile | 12.0 |' in page
    assert 'maximum 30.0 ms' in page


def test_the_page_names_packages_that_could_not_be_compared():
    page = report.page({'model': 'm', 'machine': {}, 'rivals': RIVALS}, 'images')
    assert 'Keras predict could not be run: ModuleNotFoundError' in page
    assert '1 of 3 (+2)' in page


def test_the_page_names_a_detector_and_a_runtime_that_could_not_be_measured():
    stages = {
        'detection': [{'detector': 'yunet', 'not_measured': 'no file'}] * 3,
        'classification': [{'runtime': 'litert', 'not_measured': 'no package'}],
        'other': [],
    }
    page = report._stages(stages)
    assert page.count('- yunet could not be run: no file') == 1
    assert '- litert could not be run: no package' in page


def test_an_unknown_model_is_named_before_a_measurement(tmp_path, capsys):
    assert __main__.main(['--parts', 'stages', '--model', 'nope', '--out', str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "benchmark: no model 'nope'" in told
    assert 'stages ...' not in told


def test_a_box_matches_one_face_at_its_position_only():
    truth = Truth([Box(10, 10, 40, 40), Box(100, 10, 40, 40)])
    assert truth.compare([Box(12, 8, 38, 46), Box(101, 12, 40, 40)]) == (2, 0)
    assert truth.compare([Box(12, 8, 38, 46), Box(11, 9, 38, 46), Box(300, 300, 40, 40)]) == (1, 2)
    assert truth.compare([]) == (0, 0)
    assert Truth(truth.boxes, counted=False).compare([Box(0, 0, 5, 5)]) == (0, 0)


def test_scenes_show_the_requested_number_of_faces():
    scene = Scene()
    assert scene.one_face().shape == (HEIGHT, WIDTH, 3)
    crowd_of_32 = scene.faces(32)
    for row, column in ((0, 0), (3, 7)):
        face = crowd_of_32[115 * row + 30 : 115 * row + 60, 80 * column + 30 : 80 * column + 50]
        assert face.std() > 10, 'nobody is there'
    assert scene.faces(1)[400:, 600:].std(axis=(0, 1)).max() == 0


def test_percentiles_of_a_spread_are_in_order():
    spread = Spread.of(range(101))
    assert (spread.p10, spread.p50, spread.p90, spread.p99, spread.count) == (10, 50, 90, 99, 101)
    assert milliseconds(lambda: None, 5).count == 5
    with pytest.raises(ValueError, match='nothing was measured'):
        Spread.of([])


def test_quick_runs_fewer_parts_and_repetitions_unless_they_are_given():
    options = __main__._parse(['--quick', '--runs', '2'])
    assert 'soak' not in options.parts
    assert (options.runs, options.repetitions) == (2, __main__.QUICK['repetitions'])
    assert __main__._parse([]).parts == tuple(__main__.PARTS)


def test_a_comparison_names_each_change_its_size_and_the_spread():
    table = comparison.changes(
        {'detect_ms': 3.0, 'startup_s': None, 'classify_ms': 2.0},
        {'detect_ms': (2.5, 4.0)},
        {'detect_ms': 6.0, 'startup_s': 1.0, 'classify_ms': None},
    )
    assert table.splitlines()[2:] == ['| detect_ms | 6 | 3 | -50 % | 2.5 to 4 |']


def test_the_test_that_measures_the_bytes_on_the_wire_exists():
    file, name = edge.TEST.split('::')
    assert f'def {name}(' in (edge.ROOT / file).read_text()


def test_instructions_are_counted_for_each_operation(monkeypatch):
    monkeypatch.setattr(instructions.shutil, 'which', lambda name: None)
    assert 'valgrind' in instructions.measure('tiny')['not_measured']
    monkeypatch.undo()
    works = instructions._works('tiny')
    assert tuple(works) == instructions.WORKS
    for work in works.values():
        work()


def test_a_negative_figure_that_falls_has_a_negative_change():
    """For example the difference to fer in false faces."""
    table = comparison.changes({'false': -20.0}, {}, {'false': -10.0})
    assert '| false | -10 | -20 | -100 % |' in table
