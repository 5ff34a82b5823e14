"""Reports in Markdown and HTML, one module each, and their plots."""
