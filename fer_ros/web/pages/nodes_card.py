"""The card of the dashboard with the nodes of the pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from fer_ros.web.pages.card import Card
from fer_ros.web.state.health import Level, NodeHealth
from fer_ros.web.texts import Texts

#: Explanations of the figures of a node.
NODE_NUMBERS = (
    ('Hz', 'Results of the node per second.'),
    ('ms', 'Time from the capture of a frame until the node has processed it.'),
    (
        'skipped',
        'Frames per second that were replaced with a newer frame before the node could process '
        'them.',
    ),
)


class NodesCard(Card):
    """The state of each node."""

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._rows: dict[str, _Row] = {}
        with ui.element('section').classes('card pipeline'):
            self._title('Pipeline')
            self._no_nodes = ui.label(texts('No node has reported yet.')).classes(
                'quiet nothing live'
            )
            self._table = ui.element('div').classes('nodes live')
            self._lost()
            self._meanings(NODE_NUMBERS)

    def show(self, nodes: Sequence[NodeHealth], now: float, host: str) -> None:
        """Show the nodes at a time on the clock of their reports.

        Args:
            host: This machine. Nodes elsewhere show theirs.
        """
        names = [node.name for node in nodes]
        if list(self._rows) != names:
            self._table.clear()
            with self._table:
                self._rows = {name: _Row(name, self._text) for name in names}
        self._no_nodes.set_visibility(not nodes)
        for node in nodes:
            self._rows[node.name].show(node, now, host)


class _Row:
    """The state of one node."""

    def __init__(self, name: str, texts: Texts) -> None:
        self._text = texts
        with ui.element('div').classes('node'):
            self._dot = ui.element('i').classes('dot')
            ui.label(name).classes('name')
            self._message = ui.label().classes('message')
            self._rate = ui.label().classes('number')
            self._latency = ui.label().classes('number')
            self._skipped = ui.label().classes('number')

    def show(self, node: NodeHealth, now: float, host: str) -> None:
        """Show a report. Figures of a silent node are not current, so they are left out."""
        message, rate, latency, skipped = node.message, node.rate, node.latency, node.skipped
        silent = node.is_silent(now)
        if silent:
            message = self._text.translated(f'silent for {now - node.heard:.0f} s')
            rate, latency, skipped = None, None, 0.0
        is_fine = node.level is Level.OK and not silent
        elsewhere = node.host not in ('', host)
        self._dot.classes(replace=f'dot {"silent" if silent else node.level.value}')
        self._message.set_text(f'{message} ({node.host})' if elsewhere else message)
        self._message.classes(replace='message' if is_fine else 'message loud')
        self._rate.set_text('' if rate is None else f'{rate:.1f} Hz')
        self._latency.set_text('' if latency is None else f'{latency * 1000:.0f} ms')
        self._skipped.set_text(f'{skipped:.1f}/s {self._text("skipped")}' if skipped else '')
