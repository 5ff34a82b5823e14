"""Fixtures of the tests over DDS."""

from __future__ import annotations

from support.robot_fixtures import bring_up, bring_up_once

__all__ = ['bring_up', 'bring_up_once']
