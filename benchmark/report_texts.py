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

This page is written by `make bench ARGS=--publish`. `make bench` measures again and writes the
same page and `bench.json` to build/. `make bench ARGS=--help` shows how to measure single
parts.

The model is {model}. If other programs use the machine, times differ from run to run. Compare
figures of the same part, such as ratios, and not figures of different days. With `--keep`,
parts can come from different runs."""

TRIED = """\
## Alternatives that were tried

Single measurements on one thread of an AMD EPYC with AVX-512. The int8 model ran on an AMD EPYC
with only AVX2. "a instead of b" means that the alternative takes a and the present solution b.

| alternative | result |
|---|---|
| RetinaFace in OpenVINO, 320x240 | 2.7 instead of 2.9 ms, 1.8 ms in bfloat16; 181 MB more |
| the same with fixed input sizes | 0.16 of 2.8 ms less, but one session for each size |
| the model default in int8, LiteRT | 3.60 instead of 3.57 ms for each face |
| rclpy's EventsExecutor (Jazzy) | ends with a SystemError at the first message with its info |

On one thread of an Intel Xeon with AVX-512, with other work on the machine. Processor time, in
turns with the present solution:

| alternative | result |
|---|---|
| a session of RetinaFace for the close look at a face alone | 0.91 instead of 0.95 ms |
| a session of the model default for one face alone | no difference |
| no overview for what a close look showed before | as many overviews on three clips |
| close look with RetinaFace's strides 16 and 32 | 0.7 instead of 1.0 ms, loses 60 of 218 faces |
| close look with stride 8, in a second session | 0.96 instead of 1.10 ms, the same faces |
| tiles at 0.75, then windows | finds 51 instead of 60 of 61 faces of 24 to 27 pixels |
| windows of 128, not 96, pixels, crowd | 1067 instead of 1026 faces, 22.3 instead of 17.6 ms |
| windows of 64, not 96, pixels, crowd | 1005 instead of 1026 faces, 16.6 instead of 17.6 ms |
| a close look, and an overview of the changed part alone | 3.2 instead of 2.7 ms |
| onnxruntime's only_execute_path_to_fetches | executes everything |

Time of a frame beyond detection and classification, in turns with the present solution. The
programs had a higher priority than the other work on the machine:

| alternative | result |
|---|---|
| one process, Python's switch interval 0.02 or 0.5 ms | 2.36 or 2.35 instead of 2.29 ms |
| three processes, camera_info after its image | 4.48 instead of 4.50 ms |
| head pose with plain numbers, not numpy | 109 instead of 115 µs, the same pose |
| head pose from that of the last frame | 2.4, not 2.8 steps; p95 of the error 0.17, not 0.14° |
| receiving program without services for its parameters | no difference |
| receiving program with a thread instead of rclpy's executor | 0.45 instead of 0.58 ms in it |

Runtimes for the model default: milliseconds for each face on one thread with only AVX2, tenth
percentile. Each row took turns with onnxruntime:

| | one face | eight at once | onnxruntime in the same run |
|---|---|---|---|
| OpenVINO 2026.4 | 5.6 | 3.5 | 4.5, 3.5 |
| MNN 3.6 | 7.0 | 2.6 | 4.5, 3.5 |
| ncnn 20261020, with and without Winograd convolution | 6.9 and 5.5 | | 4.9 |"""

RIVALS = """\
All programs process the same frames of 640x480 pixels with one face, on one core, and take
turns on each frame. The time of a cascade depends on the background. `fer_ros` is the pipeline
as the nodes run it; it searches every frame. With `search economy` it searches for new faces
five times a second. Each clip shows one person. YuNet at full resolution, which is not
compared, gives the position of the face."""

INSTRUCTIONS = """\
valgrind counts them for AVX2 code. They show the effect of a change even on a busy machine."""

NODES = """\
The input is a clip of one moving face, 640x480 pixels, uncompressed. Another process receives
the results. Runs take turns, and the table shows medians over the runs. The nodes measure
detection and classification themselves during the run."""

DELIVERY = """\
Images are counted by sequence numbers, which ROS 2 has from Jazzy on. See
[Troubleshooting](troubleshooting.md#few-or-no-images-of-another-camera-driver-arrive) for the
settings."""

ANNOTATE = """\
`annotate` writes the annotated video and all tables of a video of {seconds} seconds: one moving
face, 640x480 pixels at 30 Hz. It can use two cores. The rate contains the start of its process."""

CHANGES = """\
The smoothing has its default settings, and stamps have a rate of 30 Hz. A change replaces one
picture of FER2013 by another. Only pictures that the model labels clearly and correctly are
used, and each frame is shifted, rotated and lit differently and has its own noise. Add the
latency above to the delay. The still face with camera noise goes through the whole pipeline."""
