"""The texts on the page of tables that `make bench` writes."""

from __future__ import annotations

#: Texts of the plots for people who do not see them, by part.
PLOTS = {
    'rivals': 'Milliseconds from frame to labelled faces',
    'nodes': 'Latency of the nodes',
    'crowd': 'Milliseconds per frame by number of faces',
}

HEAD = """\
# Benchmark

`make bench ARGS=--publish` writes this page. `make bench` makes the same measurements, but writes
the page and `bench.json` to build/. `make bench ARGS=--help` shows how to measure single parts.

The model is {model}. If other programs use the machine, times vary from run to run. Therefore,
compare only figures within one part, for example as ratios, and not figures from different days.
With `--keep`, parts can come from different runs."""

TRIED = """\
## Alternatives that were tried

These are single measurements on one thread of an AMD EPYC with AVX-512. The int8 model ran on an
AMD EPYC with only AVX2. "a instead of b" means that the alternative takes a, and the current
solution takes b.

| alternative | result |
|---|---|
| RetinaFace in OpenVINO, 320x240 | 2.7 instead of 2.9 ms, 1.8 ms in bfloat16; needs 181 MB |
| the same with fixed input sizes | saves 0.16 of 2.8 ms; needs one session for each size |
| the model default in int8, LiteRT | 3.60 instead of 3.57 ms for each face |
| rclpy's EventsExecutor (Jazzy) | ends with a SystemError at the first message with its info |

The next table shows the processor time on one thread of an Intel Xeon with AVX-512, with other
work on the machine. Each alternative took turns with the current solution:

| alternative | result |
|---|---|
| a separate RetinaFace session for the close look at a known face | 0.91 instead of 0.95 ms |
| a separate session of the model default for one face | no difference |
| no overview of regions that had a close look | as many overviews on three clips |
| close look with RetinaFace's strides 16 and 32 | 0.7 instead of 1.0 ms; loses 60 of 218 faces |
| close look with stride 8, in a second session | 0.96 instead of 1.10 ms, the same faces |
| tiles at 0.75, then windows | finds 51 instead of 60 of 61 faces of 24 to 27 pixels |
| windows of 128 instead of 96 pixels | 1067 instead of 1026 faces, 22.3 instead of 17.6 ms |
| windows of 64 instead of 96 pixels | 1005 instead of 1026 faces, 16.6 instead of 17.6 ms |
| a close look, and an overview of only the changed part | 3.2 instead of 2.7 ms |
| onnxruntime's only_execute_path_to_fetches | no effect: it executes the whole network |

The next table shows the time of a frame in addition to detection and classification. Each
alternative took turns with the current solution, with a higher priority than the other work on the
machine:

| alternative | result |
|---|---|
| one process, Python's switch interval 0.02 or 0.5 ms | 2.36 or 2.35 instead of 2.29 ms |
| three processes, camera_info after its image | 4.48 instead of 4.50 ms |
| head pose with plain numbers instead of numpy | 109 instead of 115 µs, the same pose |
| head pose from that of the last frame | 2.4 instead of 2.8 steps; p95 error 0.17, not 0.14° |
| receiving program without parameter services | no difference |
| receiving program with a thread instead of rclpy's executor | it takes 0.45 instead of 0.58 ms |

The last table compares runtimes for the model default. It shows milliseconds for each face on one
thread with only AVX2 (tenth percentile). Each runtime took turns with onnxruntime:

| | one face | eight at once | onnxruntime in the same run |
|---|---|---|---|
| OpenVINO 2026.4 | 5.6 | 3.5 | 4.5, 3.5 |
| MNN 3.6 | 7.0 | 2.6 | 4.5, 3.5 |
| ncnn 20261020, with and without Winograd convolution | 6.9 and 5.5 | | 4.9 |"""

RIVALS = """\
All programs process the same frames of 640x480 pixels with one face, on one core, and take
turns on each frame. The time of a cascade depends on the background. `fer_ros` is the pipeline
as the nodes run it, and it searches every frame. With `search economy`, it searches for new faces
five times a second. Each clip shows one person. The true position of the face comes from YuNet at
full resolution, which is not one of the compared programs."""

INSTRUCTIONS = """\
valgrind counts the instructions of AVX2 code. The counts show the effect of a change even on a
busy machine."""

NODES = """\
The input is an uncompressed clip of one moving face with 640x480 pixels. Another process receives
the results. The variants take turns, and the table shows medians over the runs. The nodes
themselves measure detection and classification during the run."""

DELIVERY = """\
Images are counted with sequence numbers, which ROS 2 provides since Jazzy. See
[Troubleshooting](troubleshooting.md#few-or-no-images-of-another-camera-driver-arrive) for the
settings."""

ANNOTATE = """\
`annotate` writes the annotated video and all tables of a video of {seconds} seconds: one moving
face, 640x480 pixels at 30 Hz. It can use two cores. The rate includes the start of its process."""

CHANGES = """\
The smoothing has its default settings, and the frames have stamps at 30 Hz. At each change, one
picture of FER2013 is replaced with another. Only pictures that the model labels clearly and
correctly are used. Each frame is shifted, rotated and lit differently, and has its own noise. The
delay does not include the latency above. The whole pipeline processes the still face with camera
noise."""
