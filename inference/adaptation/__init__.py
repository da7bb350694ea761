"""Makes the pose network at home with somebody's own cameras: label, fine-tune, measure."""

from inference.adaptation.config import AdaptConfig, AdaptReport, CleanConfig
from inference.adaptation.run import STAGES, adapt
from inference.adaptation.teacher import Teacher

__all__ = ["STAGES", "AdaptConfig", "AdaptReport", "CleanConfig", "Teacher", "adapt"]
