"""Reports show what they should, also for few pictures and short runs."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.training_runs import make_images

from fer_ros.core.models import ModelStore
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.evaluation.accuracy import evaluate, for_card
from training.evaluation.accuracy import lines as figures_of
from training.evaluation.end_to_end import lines

pytest.importorskip('matplotlib', reason='reports need matplotlib')

from matplotlib.font_manager import fontManager

from training.learning.curves import draw_curves
from training.reports import report
from training.reports.comparison import _add_end_to_end
from training.reports.evaluation import write_report
from training.reports.plots import confusion_figure, sheet_figure
from training.reports.report import Report


@pytest.mark.parametrize('classes', [7, 3])
def test_figures_of_the_present_classes_are_shown_if_a_class_is_missing(
    tmp_path: Path, classes: int
) -> None:
    count = 2 * classes
    data = make_dataset(make_images(count, classes), np.arange(count) % classes, EXPRESSIONS)
    result = evaluate(ModelStore().load_card('tiny'), data, np.zeros(count, bool))
    write_report(tmp_path / 'report.md', {'mine': result})
    text = (tmp_path / 'report.md').read_text()
    assert ('choosing only among the classes of the data' in text) == (classes < 7)
    assert ('| neutral | 0 |  |  |  |' in text) == (classes < 7)
    assert ('neutral (no pictures)' in '\n'.join(figures_of('mine', result.figures))) == (
        classes < 7
    )
    assert ('neutral' in for_card(result.figures)['recall']) == (classes == 7)


def test_a_character_without_a_font_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only = [font for font in fontManager.ttflist if font.name == 'DejaVu Sans']
    monkeypatch.setattr(fontManager, 'ttflist', only)
    report._fonts_with.cache_clear()
    written = Report(tmp_path / 'report.md', 'own')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for name in ('a', 'b'):
            matrix = np.array([[2, 1], [0, 3]])
            written.figure(name, confusion_figure(matrix, ['\u5f00', 'glücklich']), 'confusion')
    report._fonts_with.cache_clear()
    assert capsys.readouterr().out.count('no installed font has \u5f00,') == 1


def test_a_sheet_of_examples_fills_its_picture() -> None:
    figure = sheet_figure({name: [np.zeros((48, 48), np.uint8)] * 8 for name in 'abcdefghijklmn'})
    figure.draw_without_rendering()
    assert figure.axes[0].get_position().height > 0.95


def test_no_accuracy_is_shown_where_no_face_was_found(tmp_path: Path) -> None:
    row = {'shown': 4, 'found': 0.0, 'accuracy': 0.0, 'direct': 0.0, 'points_lost': 0.0}
    figures = {'haar': {'rows': {'24 pixels': row}, 'elsewhere_per_frame': 0.0}}
    assert 'accuracy' not in ' '.join(lines('mine', figures))
    report = Report(tmp_path / 'report.md', 'Report')
    _add_end_to_end(report, [{'model': 'mine', 'end_to_end': figures}])
    report.write()
    assert '| none found |' in (tmp_path / 'report.md').read_text()


def test_the_first_epoch_is_visible(tmp_path: Path) -> None:
    row = {'epoch': 1, 'loss': 1.0, 'accuracy': 0.5, 'rate': 1e-3}
    draw_curves([row], tmp_path / 'one.png')
    picture = cv2.imread(str(tmp_path / 'one.png'))
    assert picture is not None
    colours = picture.reshape(-1, 3).astype(int)
    assert (colours.max(axis=1) - colours.min(axis=1) > 60).sum() > 3 * 15, 'a point in each plot'
