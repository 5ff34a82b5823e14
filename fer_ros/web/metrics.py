"""The metrics in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fer_ros.web.state.health import Phase
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream

CONTENT_TYPE = CONTENT_TYPE_LATEST


class _Figures(Collector):
    """Reads the state on request, so nothing is counted twice."""

    def __init__(self, pipeline_state: PipelineState, stream: PictureStream) -> None:
        self._pipeline_state = pipeline_state
        self._stream = stream

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        figures, emotions = self._pipeline_state.figures(), self._pipeline_state.emotions()
        yield CounterMetricFamily('fer_results', 'Processed frames.', figures.results)
        yield CounterMetricFamily('fer_events', 'Events of all types.', figures.events)
        yield GaugeMetricFamily('fer_rate_hertz', 'Results per second.', figures.rate)
        if figures.latency is not None:
            yield GaugeMetricFamily(
                'fer_latency_seconds', 'Median from capture to result.', figures.latency
            )
        yield GaugeMetricFamily(
            'fer_faces', 'Faces in view.', len(emotions.faces) if emotions else 0
        )
        yield GaugeMetricFamily('fer_viewers', 'Clients that view images.', self._stream.viewers)
        yield CounterMetricFamily(
            'fer_pictures_encoded', 'Images encoded for viewers.', self._stream.encoded
        )
        state = self._pipeline_state.situation().phase
        states = GaugeMetricFamily('fer_state', '1 for the current state.', labels=['state'])
        for phase in Phase:
            states.add_metric([phase.value], float(phase is state))
        yield states
        yield from self._nodes()

    def _nodes(self) -> Iterator[Metric]:
        rate = GaugeMetricFamily('fer_node_rate_hertz', 'As the node reports.', labels=['node'])
        latency = GaugeMetricFamily(
            'fer_node_latency_seconds', 'Median, as reported by the node.', labels=['node']
        )
        dropped = CounterMetricFamily(
            'fer_node_dropped_frames', 'Since the start of the node.', labels=['node']
        )
        for node in self._pipeline_state.nodes():
            dropped.add_metric([node.name], node.dropped)
            if node.rate is not None:
                rate.add_metric([node.name], node.rate)
            if node.latency is not None:
                latency.add_metric([node.name], node.latency)
        yield from (rate, latency, dropped)


def metrics(pipeline_state: PipelineState, stream: PictureStream) -> bytes:
    """Return all current metrics as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(pipeline_state, stream))
    return generate_latest(registry)
