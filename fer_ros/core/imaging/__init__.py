"""Picture files and uncompressed images, from their bytes to pixels."""
