"""Models in a runtime: crops in, probabilities out."""

from fer_ros.core.classification.classifier import Classifier, load_classifier, softmax
from fer_ros.core.classification.config import ClassifierConfig
from fer_ros.core.classification.select import RUNTIMES

__all__ = ['RUNTIMES', 'Classifier', 'ClassifierConfig', 'load_classifier', 'softmax']
