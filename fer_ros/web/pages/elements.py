"""The elements that draw in the browser. Their code is next to this file, in JavaScript."""

from __future__ import annotations

from typing import Any

from nicegui import ui


class _Drawn(ui.element):
    """An element whose properties are sent when they change."""

    def show(self, **properties: Any) -> None:
        """Show new values. Equal values are not sent."""
        if any(self._props.get(name) != value for name, value in properties.items()):
            self._props.update(properties)
            self.update()


class BrowserCamera(_Drawn, component='browser_camera.js'):
    """The camera of the person at the page. This server processes its frames.

    show() takes `allowed`: False if privacy lets no image leave the device.
    """


class Heartbeat(_Drawn, component='heartbeat.js'):
    """Shows that the page has lost the server. It shows nothing while the server answers.

    Elements of the class live are then hidden, and those of the class when-lost are shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on('beat', lambda event: self.show(echo=event.args))


class LivePicture(_Drawn, component='live_picture.js'):
    """The live image with boxes and labels, over a separate WebSocket."""


class FaceCards(_Drawn, component='face_cards.js'):
    """A card for each face in view: label, confidence, a bar for each class, attributes.

    show() takes `faces`: dictionaries from face_card().
    """


class ModelDialog(_Drawn, component='model_dialog.js'):
    """A button that shows the card of the current model."""


class PipelineControls(_Drawn, component='controls.js'):
    """A card with the controls. It is empty if the operator does not allow changes."""


class LookBack(_Drawn, component='look_back.js'):
    """The time lines of the last ten minutes, with their events as files."""


class TryPicture(_Drawn, component='try_picture.js'):
    """A picture or a video of the person at the page, with its results.

    show() takes `accept`, the file types for the browser, and `formats`, the same in words.
    """
