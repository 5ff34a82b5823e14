"""Face detectors behind one interface, and the choice between them."""
