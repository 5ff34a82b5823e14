"""Configuration of the pages: `make docs`, or python -m sphinx -W docs build/docs/html."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / 'docs' / '_ext'), str(ROOT)]

project = 'fer_ros'
copyright = 'the fer_ros developers, Apache-2.0'
(version,) = re.findall('<version>(.+)</version>', (ROOT / 'package.xml').read_text())
release = version

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'fer_docs',
]
exclude_patterns = ['_ext']
source_suffix = {'.md': 'markdown', '.rst': 'restructuredtext'}
show_warning_types = True

myst_heading_anchors = 3
myst_enable_extensions = ['colon_fence', 'deflist']

# Docstrings are in Google style. Attributes become a list of fields, not separate objects.
napoleon_numpy_docstring = False
napoleon_use_ivar = True
autodoc_member_order = 'bysource'
autodoc_default_options = {'members': True}
autoclass_content = 'both'
autodoc_typehints_format = 'short'
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_add_module_names = False
# In docstrings, `this` is code.
default_role = 'code'
# Quotes only, because -- starts an option.
smartquotes_action = 'q'
highlight_language = 'none'
viewcode_line_numbers = True

html_theme = 'furo'
html_title = f'fer_ros {version}'
html_static_path = ['_static']
html_css_files = ['pages.css']
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    'light_css_variables': {
        'color-brand-primary': '#0b5d8a',
        'color-brand-content': '#0b5d8a',
    },
    'dark_css_variables': {
        'color-brand-primary': '#7cc4ee',
        'color-brand-content': '#7cc4ee',
    },
}
