"""The pages for people: the dashboard, the headset view and a page to try, built with NiceGUI.

The elements of elements.py draw everything that changes with each frame, and handle input, in the
browser. They use the API. The rest is Python.
"""

import os
import tempfile

# NiceGUI reads this variable when it is imported. Only modules of this package import NiceGUI, and
# Python runs this file before any of them. The pages store nothing, but NiceGUI reads the folder
# and writes what it has read, so another user must not be able to create it. It is removed at the
# end of the process.
_STORAGE = tempfile.TemporaryDirectory(prefix='fer_ros_web_')
os.environ['NICEGUI_STORAGE_PATH'] = _STORAGE.name
