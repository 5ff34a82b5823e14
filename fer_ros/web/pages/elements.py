"""The elements that draw in the browser. Their code is next to this file, in JavaScript."""

from __future__ import annotations

from typing import Any

from nicegui import ui


class _Drawn(ui.element):
    """An element whose properties are sent when they change."""

    def show(self, **properties: Any) -> None:
        """Show new values; equal ones cost nothing."""
        if any(self._props.get(name) != value for name, value in properties.items()):
            self._props.update(properties)
            self.update()


class BrowserCamera(_Drawn, component='browser_camera.js'):
    """The camera of the person at the page, whose frames this server looks at.

    allowed: False where privacy lets no picture leave its device.
    """


class Heartbeat(_Drawn, component='heartbeat.js'):
    """Says where it stands that the page has lost the server; nothing while it answers.

    Elements of the class live are hidden then, those of the class when-lost are shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on('beat', lambda event: self.show(echo=event.args))


class LivePicture(_Drawn, component='live_picture.js'):
    """The live picture with boxes and labels, over a WebSocket of its own."""


class FaceCards(_Drawn, component='face_cards.js'):
    """A card for each face in view: label, confidence, a bar for each class, attributes.

    faces: dictionaries as made by dashboard.face_card().
    """


class ModelDialog(_Drawn, component='model_dialog.js'):
    """A button that shows the card of the model in use."""


class PipelineControls(_Drawn, component='controls.js'):
    """A card with what people may change; nothing where the operator allows no change."""


class LookBack(_Drawn, component='look_back.js'):
    """The time lines of the last ten minutes, and the events of them as files."""


class TryPicture(_Drawn, component='try_picture.js'):
    """A picture or a video of the person at the page, and what was found on it.

    accept: what the browser offers to choose from. formats: the same in words.
    """
