"""What every part of the training tools uses: the Keras backend, files, progress bars."""
